//! A log to a [`Table`], pushed in chunks or all at once; and a hand-typed row to a table of one row by the same road.

use super::builder::TableBuilder;
use super::column::{Column, ColumnKind};
use super::column_builder::Place;
use super::day_and_clock::join;
use super::dialect::{Dialect, ReadOptions};
use super::expected::Expected;
use super::format::{Format, TimeFormat};
use super::issue::{Issue, IssueCode, Issues};
use super::rates::Rates;
use super::records::RecordReader;
use super::value::format_number;
use crate::{Error, Result};

/// MiB that the columns of a table take where the user says nothing: training needs a few times as much.
const TABLE_MIB: u32 = 96;

/// Reads a log that comes in chunks. However it is cut, the table is the same.
///
/// ```
/// use crash_predictor::table::{LogReader, ReadOptions};
/// let mut reader = LogReader::new(&ReadOptions::default())?;
/// reader.push(b"cpu,crashed\n9")?;
/// reader.push(b"7,1\n12,0\n")?;
/// assert_eq!(reader.finish()?.n_rows(), 2);
/// # Ok::<(), crash_predictor::Error>(())
/// ```
#[derive(Debug)]
pub struct LogReader {
    records: RecordReader,
    builder: TableBuilder,
    rates: Rates,
    /// Whether a file was named.
    is_begun: bool,
    /// The first error: a reader that failed stays failed.
    failure: Option<Error>,
}

impl LogReader {
    /// A reader with these options.
    ///
    /// # Errors
    /// [`Error::BadOption`]
    pub fn new(options: &ReadOptions) -> Result<Self> {
        let expected = Expected::new(options)?;
        Ok(Self {
            records: RecordReader::new(options)?,
            rates: expected.rates(),
            builder: TableBuilder::expecting(expected)
                .at_most(options.max_table_mib.unwrap_or(TABLE_MIB)),
            is_begun: false,
            failure: None,
        })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Error::NotCsv`], [`Error::TooManyColumns`], or [`Error::Encoding`] in the header.
    pub fn push(&mut self, chunk: &[u8]) -> Result<()> {
        self.check()?;
        let Self {
            records, builder, ..
        } = self;
        let pushed = records.push_to(chunk, builder);
        self.note(pushed)
    }

    /// Says that what follows is a file of this name: of several that are read one after the other and put together by time.
    /// Lines count on from file to file. Where the files have no column that names the host and their times overlap, the
    /// name is the host.
    ///
    /// ```
    /// use crash_predictor::table::{LogReader, ReadOptions};
    /// let mut reader = LogReader::new(&ReadOptions::default())?;
    /// for (name, csv) in [("web-1", "time,cpu\n2026-01-01,97\n2026-01-02,12\n"), ("web-2", "time,cpu\n2026-01-01,5\n2026-01-02,7\n")] {
    ///     reader.begin_file(name)?;
    ///     reader.push(csv.as_bytes())?;
    /// }
    /// let table = reader.finish()?;
    /// assert_eq!(table.column("host").and_then(|host| host.level_at(1)).as_deref(), Some("web-2"));
    /// # Ok::<(), crash_predictor::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn begin_file(&mut self, name: &str) -> Result<()> {
        if self.is_begun {
            self.end_file()?;
        }
        self.is_begun = true;
        let line = self.records.begin_file();
        self.builder.begin_file(name, line);
        Ok(())
    }

    fn end_file(&mut self) -> Result<()> {
        self.check()?;
        let Self {
            records, builder, ..
        } = self;
        let finished = records.finish_to(builder);
        self.note(finished)
    }

    /// The table of all rows.
    ///
    /// # Errors
    /// As [`push`](Self::push), [`Error::Empty`] and [`Error::NoRows`].
    pub fn finish(mut self) -> Result<Table> {
        self.end_file()?;
        let mut table = self.builder.finish(self.records.dialect());
        let rejected = table.issues.rows_rejected();
        if table.columns.is_empty() && rejected == 0 {
            return Err(Error::Empty);
        }
        if table.n_rows() == 0 {
            return Err(Error::NoRows { rejected });
        }
        if !self.rates.apply(&mut table) {
            return Err(Error::BadOption {
                option: "rates",
                found: "a log without a column of times".to_owned(),
                expected: "counters of a log that has one",
            });
        }
        table.report_columns();
        Ok(table)
    }

    fn check(&self) -> Result<()> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    fn note(&mut self, result: Result<()>) -> Result<()> {
        self.failure = result.clone().err();
        result
    }
}

/// A cell of a hand-typed row.
#[derive(Debug, Clone, PartialEq)]
pub enum OwnedCell {
    /// A number; NaN is missing.
    Number(f64),
    /// A text, read as a cell of a log would be.
    Text(String),
    /// True or false, as the words `true` and `false`.
    Boolean(bool),
    /// Nothing.
    Missing,
}

/// Rows of a log in typed columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) lines: Vec<u32>,
    pub(super) issues: Issues,
    pub(super) dialect: Dialect,
    pub(super) preview: Vec<Vec<String>>,
}

impl Table {
    /// Reads a whole log.
    ///
    /// ```
    /// use crash_predictor::table::{ReadOptions, Table};
    /// let table = Table::from_csv(b"cpu;crashed\n97;yes\n12;no\n", &ReadOptions::default())?;
    /// assert_eq!(table.dialect().delimiter, ';');
    /// assert_eq!(table.columns()[1].level_at(0).as_deref(), Some("yes"));
    /// # Ok::<(), crash_predictor::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`LogReader::new`] and [`LogReader::finish`].
    pub fn from_csv(bytes: &[u8], options: &ReadOptions) -> Result<Self> {
        let mut reader = LogReader::new(options)?;
        reader.push(bytes)?;
        reader.finish()
    }

    /// A table of one row from names and cells; texts are read as cells of a log are, where something is expected of its
    /// columns.
    #[must_use]
    pub fn from_cells(cells: Vec<(String, OwnedCell)>, expected: &Expected) -> Self {
        let lines = vec![1];
        let mut issues = Issues::default();
        issues.use_rows(1);
        let mut columns = Vec::with_capacity(cells.len());
        let mut preview = Vec::with_capacity(cells.len());
        for (index, (name, cell)) in cells.into_iter().enumerate() {
            let mut builder = expected.column(&name);
            let text = match cell {
                OwnedCell::Number(number) => {
                    builder.push_number(number);
                    if number.is_nan() {
                        String::new()
                    } else {
                        format_number(number)
                    }
                }
                OwnedCell::Text(text) => text,
                OwnedCell::Boolean(word) => word.to_string(),
                OwnedCell::Missing => String::new(),
            };
            if builder.is_empty() {
                builder.push(&text);
            }
            columns.push(builder.finish(
                name,
                Place {
                    index,
                    lines: &lines,
                },
                &mut issues,
            ));
            preview.push(text);
        }
        join(&mut columns);
        Self {
            columns,
            lines,
            issues,
            dialect: Dialect::default(),
            preview: vec![preview],
        }
    }

    /// Rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.lines.len()
    }

    /// The columns in the log's order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// What to say where it has no column of a name that `option` gave.
    pub(crate) fn unknown_column(&self, name: &str, option: &'static str) -> Error {
        let columns = self.columns.iter();
        Error::UnknownColumn {
            column: name.to_owned(),
            option,
            available: columns.map(|column| column.name.clone()).collect(),
        }
    }

    /// The physical line each row starts on, the first being 1.
    #[must_use]
    pub fn lines(&self) -> &[u32] {
        &self.lines
    }

    /// What could not be read or is odd.
    #[must_use]
    pub fn issues(&self) -> &Issues {
        &self.issues
    }

    /// How the log is written.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The first 20 rows, cells as text, each cut to 200 characters.
    #[must_use]
    pub fn preview(&self) -> &[Vec<String>] {
        &self.preview
    }

    /// Reports columns that say nothing, or the same in every row, words in the place of numbers, and open dates. In a single row every
    /// column would.
    fn report_columns(&mut self) {
        if self.n_rows() < 2 {
            return;
        }
        for (index, column) in self.columns.iter().enumerate() {
            if let Format::Times(TimeFormat { order, .. }) = column.format
                && order.is_assumed()
            {
                let code = IssueCode::AmbiguousDates(order);
                self.issues.add(Issue::of_column(code, index, &column.name));
            }
            let code = if column.kind() == ColumnKind::Empty {
                IssueCode::NoValidValues
            } else if column.is_constant() {
                IssueCode::ConstantColumn
            } else {
                IssueCode::ReadAsWords
            };
            let mut issue = Issue::of_column(code, index, &column.name);
            if issue.code == IssueCode::ReadAsWords {
                let Some(cell) = column.cell_not_read(index, &self.preview) else {
                    continue;
                };
                issue = issue.with_cell(cell);
            }
            self.issues.add(issue);
        }
    }
}
