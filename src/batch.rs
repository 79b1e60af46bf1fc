//! A whole log scored: CSV in, CSV out, in pieces and in bounded memory. Every row keeps its bytes as they were and gets
//! its probability and prediction behind them; a row that cannot be read keeps its line and gets two empty fields.

use std::sync::Arc;

use serde::Serialize;

use crate::drift::{ColumnDrift, Drift};
use crate::error::{Error, Result};
use crate::evaluate::alarms::AlarmRule;
use crate::features::{Coverage, Feed, Warning, WarningCode};
use crate::monitor::{Page, Pager};
use crate::predictor::{CrashPredictor, check_threshold};
use crate::schema::OUTPUT_COLUMNS;
use crate::table::{
    self, Dialect, Expected, IssueReport, Issues, LineEnd, Rates, ReadOptions, Record,
    RecordReader, RecordRole, RowFate, Table, TableBuilder, format_number, place_of,
};

/// How to score.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(default, rename_all = "camelCase")]
pub struct ScoreOptions {
    /// Probability from which on a crash is predicted; the model's where left out.
    pub threshold: Option<f64>,
    /// Whether to note when somebody would be paged, as a `Monitor` does: `pages` tells it.
    pub watch: bool,
    /// How the log is written.
    #[serde(flatten)]
    pub read: ReadOptions,
}

/// What was scored, and what was odd.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct ScoreSummary {
    /// Rows of data.
    pub rows_read: u64,
    /// Rows that got a probability.
    pub rows_scored: u64,
    /// Rows that could not be read.
    pub rows_unreadable: u64,
    /// Rows predicted to crash.
    pub crashes: u64,
    /// Pages raised; null where the log was not watched.
    pub pages: Option<u64>,
    /// What could not be read, and where.
    pub issues: IssueReport,
    /// What makes the answers less sure than they look.
    pub warnings: Vec<Warning>,
    /// How far each column has moved from the training rows, the farthest first; none for fewer than 200 rows.
    pub drift: Vec<ColumnDrift>,
}

/// Rows predicted at a time: enough to work on whole columns, few enough to hold.
const BATCH_ROWS: usize = 4_096;
/// Bytes of rows that wait at most, so that long rows do not add up.
const BATCH_BYTES: usize = 4 << 20;

/// Scores a log in pieces.
pub struct CsvScorer {
    reader: RecordReader,
    rows: Rows,
    failure: Option<Error>,
}

/// Everything behind the records: the rows that wait, and what was counted.
struct Rows {
    predictor: Arc<CrashPredictor>,
    threshold: f64,
    layout: Option<Layout>,
    /// Names of earlier predictions, which are replaced.
    replaced: Vec<String>,
    waiting: Waiting,
    builder: TableBuilder,
    issues: Issues,
    coverage: Coverage,
    drift: Drift,
    /// What counters last said.
    rates: Rates,
    /// The last rows of each host: windows reach back over batches.
    feed: Feed,
    crashes: u64,
    pager: Option<Pager>,
    /// Rows that came before any header could be read.
    n_before_header: u64,
    /// Whether the header of a table that is not the file's was written.
    has_header: bool,
    out: Vec<u8>,
}

/// How rows are written.
struct Layout {
    dialect: Dialect,
    /// For each column whether it is an earlier prediction, which is dropped.
    replaced: Vec<bool>,
}

/// Rows whose probabilities are not known yet, ready to have them appended.
#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// For each row the end of its bytes, and whether it can be scored.
    rows: Vec<(usize, RowFate)>,
}

impl CsvScorer {
    /// Starts scoring with `predictor`.
    ///
    /// # Errors
    /// `BadOption` where an option is out of range.
    pub fn new(predictor: impl Into<Arc<CrashPredictor>>, options: &ScoreOptions) -> Result<Self> {
        let predictor = predictor.into();
        let threshold = options.threshold.unwrap_or(predictor.threshold());
        check_threshold(threshold)?;
        let rule = AlarmRule {
            threshold,
            ..predictor.alarm_rule()
        };
        let expected = Expected::new(&options.read)?.with_formats(predictor.formats());
        let rows = Rows {
            rates: expected.rates(),
            threshold,
            layout: None,
            replaced: Vec::new(),
            waiting: Waiting::default(),
            builder: TableBuilder::expecting(expected),
            issues: Issues::default(),
            coverage: Coverage::new(predictor.spec()),
            drift: Drift::default(),
            feed: Feed::default(),
            crashes: 0,
            pager: options.watch.then(|| Pager::new(rule)),
            n_before_header: 0,
            has_header: false,
            out: Vec::new(),
            predictor,
        };
        Ok(Self {
            reader: RecordReader::new(&options.read)?,
            rows,
            failure: None,
        })
    }

    /// Reads the next bytes, cut anywhere, and returns what is ready of the output.
    ///
    /// # Errors
    /// `NotCsv`, `Encoding`, `TooManyColumns`, and `MissingColumns` where the log has none of the model's columns.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<u8>> {
        self.note(|reader, rows| reader.push(chunk, &mut |record| rows.take(record)))
    }

    /// Ends the log and returns the rest of the output.
    ///
    /// # Errors
    /// As [`push`](Self::push), and `Empty` or `NoRows`.
    pub fn finish(&mut self) -> Result<Vec<u8>> {
        self.note(|reader, rows| {
            reader.finish(&mut |record| rows.take(record))?;
            rows.flush()?;
            let rejected = match rows.layout {
                Some(_) => rows.issues.rows_rejected(),
                None => rows.n_before_header,
            };
            match (rows.issues.rows_used(), rejected) {
                (0, 0) if rows.layout.is_none() => Err(Error::Empty),
                (0, rejected) => Err(Error::NoRows { rejected }),
                _ => Ok(()),
            }
        })
    }

    /// The pages raised by the rows read so far, without those told before; none where the log is not watched. How the log is
    /// written is found from what came before it is first asked for pages, where that is less than 64 KiB: a log that grows
    /// slowly is watched from its third line on.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn pages(&mut self) -> Result<Vec<Page>> {
        self.failure.clone().map_or(Ok(()), Err)?;
        let Self { reader, rows, .. } = self;
        if rows.pager.is_some() {
            let settled = reader.settle(&mut |record| rows.take(record));
            let is_begun = rows.layout.is_some();
            let told = settled.and_then(|()| if is_begun { rows.flush() } else { Ok(()) });
            self.failure = told.clone().err();
            told?;
        }
        Ok(rows.pager.as_mut().map(Pager::take).unwrap_or_default())
    }

    /// Works on, unless it failed before: what follows a failure would be read as a log of its own.
    fn note(
        &mut self,
        work: impl FnOnce(&mut RecordReader, &mut Rows) -> Result<()>,
    ) -> Result<Vec<u8>> {
        self.failure.clone().map_or(Ok(()), Err)?;
        let done = work(&mut self.reader, &mut self.rows);
        self.failure = done.clone().err();
        done.map(|()| std::mem::take(&mut self.rows.out))
    }

    /// What was scored so far, and what was odd.
    #[must_use]
    pub fn summary(&self) -> ScoreSummary {
        let Rows {
            issues,
            coverage,
            drift,
            predictor,
            replaced,
            crashes,
            pager,
            ..
        } = &self.rows;
        let replaced = replaced.iter().map(|name| replaced_warning(name));
        ScoreSummary {
            rows_read: issues.rows_read(),
            rows_scored: issues.rows_used(),
            rows_unreadable: issues.rows_rejected(),
            crashes: *crashes,
            pages: pager.as_ref().map(Pager::n_pages),
            issues: issues.to_report(),
            warnings: replaced
                .chain(coverage.warnings(predictor.spec()))
                .collect(),
            drift: predictor.moved(drift),
        }
    }
}

impl Rows {
    fn take(&mut self, record: &Record<'_>) -> Result<()> {
        let is_other = record.role == RecordRole::OtherHeader;
        if is_other {
            self.flush()?;
            self.has_header = false;
        }
        let fate = self.builder.take(record)?;
        if (self.layout.is_none() || is_other) && !self.builder.names().is_empty() {
            let names = self.builder.field_names();
            for name in &names {
                if OUTPUT_COLUMNS.contains(&name.as_str()) {
                    place_of(name, &mut self.replaced);
                }
            }
            self.layout = Some(Layout::new(record.dialect, &names));
        }
        let is_aside = matches!(record.role, RecordRole::Aside(_));
        if is_aside && record.dialect.layout == table::Layout::Sections {
            return Ok(());
        }
        if self.builder.reshapes() {
            // What is written is the table that the file was made into.
            self.waiting = Waiting::default();
            return if self.builder.is_full(BATCH_ROWS) {
                self.flush()
            } else {
                Ok(())
            };
        }
        match (&self.layout, fate) {
            (Some(layout), RowFate::Header) => layout.write_header(record, &mut self.out),
            (None, RowFate::Header) => {
                // A header of several lines: the last one gets the names of what is appended.
                self.out.extend_from_slice(record.raw);
                end_row(&record.dialect, [b"", b""], &mut self.out);
            }
            (None, RowFate::LeftOut) => {
                self.out.extend_from_slice(record.raw);
                self.out.extend_from_slice(line_end(&record.dialect));
            }
            (layout, _) => {
                let is_row = layout.is_none() && fate == RowFate::Rejected;
                self.n_before_header += u64::from(is_row);
                self.waiting.push(record, layout.as_ref(), fate);
            }
        }
        let full = self.waiting.rows.len() >= BATCH_ROWS || self.waiting.bytes.len() >= BATCH_BYTES;
        if full { self.flush() } else { Ok(()) }
    }

    /// Predicts the rows that wait and writes them.
    fn flush(&mut self) -> Result<()> {
        let Some(layout) = &self.layout else {
            self.waiting.write_unreadable(&mut self.out);
            return Ok(());
        };
        let reshapes = self.builder.reshapes();
        let next = self.builder.next();
        let mut table = std::mem::replace(&mut self.builder, next).finish(layout.dialect);
        // Without times they are missing, which the coverage says.
        let _ = self.rates.apply(&mut table);
        self.issues.absorb(table.issues().clone());
        let probabilities = match table.n_rows() {
            0 => Vec::new(),
            _ => self.predictor.predict_counting(
                &table,
                &mut self.feed,
                (&mut self.coverage, Some(&mut self.drift)),
            )?,
        };
        if let Some(pager) = &mut self.pager {
            pager.note(&self.predictor, &table, &probabilities);
        }
        if reshapes {
            if !self.has_header && table.n_rows() > 0 {
                self.has_header = true;
                write_row(&table, None, &mut self.out);
                end_row(
                    &layout.dialect,
                    OUTPUT_COLUMNS.map(str::as_bytes),
                    &mut self.out,
                );
            }
            for row in 0..table.n_rows() {
                write_row(&table, Some(row), &mut self.waiting.bytes);
                let end = self.waiting.bytes.len();
                self.waiting.rows.push((end, RowFate::Used));
            }
        }
        let mut probabilities = probabilities.into_iter();
        let mut start = 0;
        for (end, fate) in std::mem::take(&mut self.waiting.rows) {
            self.out.extend_from_slice(&self.waiting.bytes[start..end]);
            start = end;
            if fate == RowFate::LeftOut {
                self.out.extend_from_slice(line_end(&layout.dialect));
                continue;
            }
            let probability = if fate == RowFate::Used {
                probabilities.next()
            } else {
                None
            };
            let prediction = probability.map(|probability| probability >= self.threshold);
            self.crashes += u64::from(prediction == Some(true));
            let cells = [
                probability.map(format_number).unwrap_or_default(),
                prediction
                    .map(|crash| u8::from(crash).to_string())
                    .unwrap_or_default(),
            ];
            let cells = [cells[0].as_bytes(), cells[1].as_bytes()];
            end_row(&layout.dialect, cells, &mut self.out);
        }
        self.waiting.bytes.clear();
        Ok(())
    }
}

impl Waiting {
    /// A row before the header is known can only be one that cannot be read.
    fn push(&mut self, record: &Record<'_>, layout: Option<&Layout>, fate: RowFate) {
        match layout {
            Some(layout) if fate != RowFate::LeftOut => layout.write_row(record, &mut self.bytes),
            _ => self.bytes.extend_from_slice(record.raw),
        }
        self.rows.push((self.bytes.len(), fate));
    }

    /// Writes rows that came before any header could be read, as they were.
    fn write_unreadable(&mut self, out: &mut Vec<u8>) {
        let mut start = 0;
        for (end, _) in self.rows.drain(..) {
            out.extend_from_slice(&self.bytes[start..end]);
            out.push(b'\n');
            start = end;
        }
        self.bytes.clear();
    }
}

impl Layout {
    fn new(dialect: Dialect, names: &[String]) -> Self {
        let replaced = names
            .iter()
            .map(|name| OUTPUT_COLUMNS.contains(&name.as_str()))
            .collect();
        Self { dialect, replaced }
    }

    fn write_header(&self, record: &Record<'_>, out: &mut Vec<u8>) {
        self.write_row(record, out);
        end_row(&self.dialect, OUTPUT_COLUMNS.map(str::as_bytes), out);
    }

    /// The row as it was, or without the columns that are replaced. One that is too short is filled up, so that what is
    /// appended stands under its header; so is one too long to be kept, which is left empty.
    fn write_row(&self, record: &Record<'_>, out: &mut Vec<u8>) {
        let n_kept = self.replaced.iter().filter(|replaced| !**replaced).count();
        let is_whole = record.problem.is_none() && record.n_fields == self.replaced.len();
        if !is_whole || n_kept == self.replaced.len() {
            out.extend_from_slice(record.raw);
            let n_written = if record.raw.is_empty() {
                1
            } else {
                record.n_fields
            };
            let n_short = n_kept.saturating_sub(n_written);
            (0..n_short).for_each(|_| append(&self.dialect, b"", out));
            return;
        }
        let kept = record
            .fields()
            .zip(&self.replaced)
            .filter(|(_, replaced)| !**replaced);
        for (index, (field, _)) in kept.enumerate() {
            if index > 0 {
                out.push(self.dialect.delimiter_byte());
            }
            self.dialect.write_field(field, out);
        }
    }
}

fn replaced_warning(name: &str) -> Warning {
    Warning {
        code: WarningCode::ReplacedColumn,
        column: Some(name.to_owned()),
        message: format!(
            "the log already had a column \"{name}\"; it was replaced by this prediction"
        ),
    }
}

/// Writes a row of a table that is not the file's, or its header, without columns that are replaced.
fn write_row(table: &Table, row: Option<usize>, out: &mut Vec<u8>) {
    let dialect = table.dialect();
    let mut is_first = true;
    for column in table.columns() {
        if OUTPUT_COLUMNS.contains(&column.name.as_str()) {
            continue;
        }
        let text = match row {
            Some(row) => column.level_at(row).unwrap_or_default(),
            None => column.name.as_str().into(),
        };
        if !is_first {
            out.push(dialect.delimiter_byte());
        }
        is_first = false;
        let is_lost = text.is_empty() && dialect.spaced;
        dialect.write_field(if is_lost { b"-" } else { text.as_bytes() }, out);
    }
}

/// Ends a row by what is appended to it.
fn end_row(dialect: &Dialect, cells: [&[u8]; 2], out: &mut Vec<u8>) {
    cells
        .into_iter()
        .for_each(|cell| append(dialect, cell, out));
    out.extend_from_slice(line_end(dialect));
}

/// Appends a cell. Where any number of spaces is one delimiter, an empty one would not be seen.
fn append(dialect: &Dialect, cell: &[u8], out: &mut Vec<u8>) {
    out.push(dialect.delimiter_byte());
    let is_lost = cell.is_empty() && dialect.spaced;
    out.extend_from_slice(if is_lost { b"-" } else { cell });
}

fn line_end(dialect: &Dialect) -> &'static [u8] {
    if dialect.line_end == LineEnd::CrLf {
        b"\r\n"
    } else {
        b"\n"
    }
}
