//! Bytes to a typed [`Table`]: what a CSV log says, before anybody asks what it means.
//!
//! The flow is `decode` (bytes to UTF-8) -> `detect` (the dialect, found from the first 64 KiB) -> `scan` and `records`
//! (records with their physical line, plain rows many at a time; `role` says which are rows; JSON lines and what `sar` prints
//! are made into records by `json_lines` and `sar`) -> `builder` (header, then cells to their columns) ->
//! `decimal`, `units`, `time` and `time_forms` (what one cell says) -> `number_column`, `time_column` and `column` (what a
//! whole column is; its `format` is how it was written) -> `reshape` (to one row for each time and host, where a log is laid
//! out in another way). Whatever could not be read is an [`Issue`] with its line and column.
//! No machine learning here: which column is the label is `schema`'s question.

mod builder;
mod column;
mod column_builder;
mod column_stats;
mod day_and_clock;
mod decimal;
mod decode;
mod detect;
mod dialect;
mod expected;
mod fields;
mod format;
mod header;
mod issue;
mod json_lines;
mod lanes;
mod levels;
mod lines;
mod names;
mod number_column;
mod plain;
mod rates;
mod reader;
mod records;
mod reshape;
mod role;
mod sampling;
mod sar;
mod scan;
mod series;
mod syntax;
mod time;
mod time_column;
mod time_forms;
mod units;
mod value;

pub use builder::{RowFate, TableBuilder};
pub use column::{Column, ColumnKind, MAX_LEVELS, MISSING_CODE, MISSING_TIME, Values};
pub use column_builder::{ColumnBuilder, Place};
pub use column_stats::same_value;
pub use decimal::Marks;
pub use decode::Encoding;
pub use dialect::{Dialect, Layout, LineEnd, ReadOptions};
pub use expected::Expected;
pub use fields::{MAX_COLUMNS, MAX_FIELD_BYTES, MAX_RECORD_BYTES};
pub use format::{DateOrder, Epoch, Format, NumberFormat, TimeFormat, Words};
pub use header::unit_of;
pub use issue::{Issue, IssueCode, IssueCount, IssueReport, Issues, ReportedIssue};
pub(crate) use names::{HOST_NAMES, normalise, place_in, rank};
pub use plain::PlainCsv;
pub use rates::Rates;
pub use reader::{LogReader, OwnedCell, Table};
pub use records::{Record, RecordProblem, RecordReader};
pub use role::{Aside, RecordRole};
pub(crate) use series::place_of;
pub use units::Unit;
pub use value::{Cell, classify, format_number, format_time, truth};
