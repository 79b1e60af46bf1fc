//! Records to the columns of a table: the first record gives the names, every other one a cell to each column or, if it
//! cannot be read, an issue. One builder reads a whole log; a scorer makes one for each batch of rows.

mod columns;

use std::sync::Arc;

use super::column_builder::{ColumnBuilder, Place};
use super::day_and_clock::join;
use super::decimal::Shape as Written;
use super::dialect::Dialect;
use super::expected::Expected;
use super::header::Header;
use super::issue::{Issue, IssueCode, Issues, cut};
use super::number_column::UsualMarks;
use super::reader::Table;
use super::records::{Record, RecordProblem, Sink};
use super::reshape::{Shape, put_together, show};
use super::role::{Aside, RecordRole};
use super::sampling::Sampling;
use super::scan::Rows;
use crate::Result;

/// How many rows the preview shows.
const PREVIEW_ROWS: usize = 20;
/// Bytes of a cell, be it a number, a time or a code.
const CELL_BYTES: usize = 8;
/// How many characters of a cell the preview shows.
const PREVIEW_CHARS: usize = 200;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFate {
    /// It gave the columns their names.
    Header,
    /// It is a row of the table.
    Used,
    /// It is an issue.
    Rejected,
    /// It is no part of the table.
    LeftOut,
}

/// Collects records into a table.
#[derive(Debug, Default)]
pub struct TableBuilder {
    /// What was read of the header, until there are names.
    header: Header,
    /// Empty until the first sound record.
    names: Vec<String>,
    columns: Vec<ColumnBuilder>,
    lines: Vec<u32>,
    issues: Issues,
    preview: Vec<Vec<String>>,
    expected: Expected,
    /// What rows are to be made of those of the file.
    shape: Option<Arc<Shape>>,
    /// Whether the names of the file that is read are still to come.
    is_named: bool,
    /// For each field of the file that is read its column; empty where it has the columns of the first.
    fields: Vec<usize>,
    /// The files that are put together, each with its first line.
    files: Vec<(String, u64)>,
    sampling: Sampling,
    max_bytes: usize,
}

impl TableBuilder {
    /// A builder that takes the names of its columns from the first record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same for columns of which something is known.
    #[must_use]
    pub fn expecting(expected: Expected) -> Self {
        Self {
            expected,
            ..Self::default()
        }
    }

    /// The same for a table of so many MiB at most.
    #[must_use]
    pub fn at_most(mut self, mib: u32) -> Self {
        self.max_bytes = (mib as usize).saturating_mul(1 << 20);
        self
    }

    /// A builder for more rows of the same log, whose header has been read.
    #[must_use]
    pub fn next(&self) -> Self {
        let mut next = Self {
            names: self.names.clone(),
            shape: self.shape.clone(),
            is_named: true,
            fields: self.fields.clone(),
            ..Self::expecting(self.expected.clone())
        };
        next.begin();
        next
    }

    /// Says that a file of this name begins at this line.
    pub(super) fn begin_file(&mut self, name: &str, line: u64) {
        let issue = Issue::at_line(IssueCode::FileBegins, line);
        self.issues.add(issue.with_cell(name));
        self.files.push((name.to_owned(), line));
        self.is_named = false;
    }

    /// Whether the rows of the table are not those of the file.
    #[must_use]
    pub fn reshapes(&self) -> bool {
        self.shape.is_some()
    }

    /// Whether a table of its rows would have so many. What belongs together may lie anywhere in a log of one row for each
    /// metric: of that all rows are needed.
    #[must_use]
    pub fn is_full(&self, n_rows: usize) -> bool {
        let n_made = match self.shape.as_deref() {
            None => 1,
            Some(Shape::Series(series)) => series.hosts.len(),
            Some(Shape::Long(_)) => 0,
        };
        self.n_rows() * n_made >= n_rows
    }

    /// The names of the columns; empty until the first sound record.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Rows taken so far.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.lines.len()
    }

    /// Takes a record.
    ///
    /// # Errors
    /// [`Error::TooManyColumns`] or [`Error::Encoding`] if the header cannot be read, [`Error::UnknownColumn`] if it lacks a
    /// column of which the user says something.
    pub fn take(&mut self, record: &Record<'_>) -> Result<RowFate> {
        if let RecordRole::Aside(what) = record.role {
            let issue = Issue::at_line(IssueCode::LeftOut(what), record.line);
            let issue = issue.with_cell(&String::from_utf8_lossy(record.raw));
            if what == Aside::Stray {
                return Ok(self.reject(issue));
            }
            self.issues.add(issue);
            return Ok(RowFate::LeftOut);
        }
        if let Some(problem) = record.problem {
            return Ok(self.reject(self.issue_of(problem, record)));
        }
        if record.role == RecordRole::OtherHeader {
            let issue = Issue::at_line(IssueCode::OtherHeader, record.line);
            self.issues
                .add(issue.with_cell(&String::from_utf8_lossy(record.raw)));
            self.is_named = false;
        }
        if !self.is_named {
            self.header.add(record)?;
            if record.role == RecordRole::Header
                && self.header.n_lines < record.dialect.header_lines
            {
                return Ok(RowFate::Header);
            }
            let names = std::mem::take(&mut self.header).into_names(record, &mut self.issues);
            self.is_named = true;
            if self.names.is_empty() {
                self.shape = Shape::of(&names, &self.expected).map(Arc::new);
                self.expected.check(&names, self.shape.as_deref())?;
                self.names = names;
                self.begin();
            } else if record.role != RecordRole::Row {
                // A part of a rotated log may lack the header.
                self.match_names(names)?;
            }
        }
        if record.is_first_windows_1252 {
            let is_ascii = |field: &[u8]| field.is_ascii();
            let issue = self.first_bad(record, IssueCode::AssumedEncoding, is_ascii);
            self.issues.add(issue);
        }
        if let Some(index) = record.stray_quote {
            let issue = self.issue_at(IssueCode::StrayQuote, record.line, index);
            let cell = record.fields().nth(index).unwrap_or_default();
            self.issues
                .add(issue.with_cell(&String::from_utf8_lossy(cell)));
        }
        if matches!(record.role, RecordRole::Header | RecordRole::OtherHeader) {
            return Ok(RowFate::Header);
        }
        Ok(match self.check(record) {
            Ok(text) => self.use_row(record, text),
            Err(issue) => self.reject(issue),
        })
    }

    fn reject(&mut self, issue: Issue) -> RowFate {
        self.issues.reject_row(issue);
        RowFate::Rejected
    }

    fn issue_of(&self, problem: RecordProblem, record: &Record<'_>) -> Issue {
        match problem {
            RecordProblem::UnclosedQuote { line, column } => {
                let issue = self.issue_at(IssueCode::UnclosedQuote, line, column);
                issue.with_cell(&String::from_utf8_lossy(last_line(record.raw)))
            }
            RecordProblem::FieldTooLong { column } => {
                self.issue_at(IssueCode::FieldTooLong, record.line, column)
            }
            RecordProblem::RowTooLong => {
                let issue = Issue::at_line(IssueCode::RowTooLong, record.line);
                issue.with_cell(&String::from_utf8_lossy(record.raw))
            }
        }
    }

    fn issue_at(&self, code: IssueCode, line: u64, index: usize) -> Issue {
        let name = self.names.get(self.column_of(index));
        let name = name.map_or("", String::as_str);
        let mut issue = Issue::at_line(code, line).in_column(index, name);
        if name.is_empty() {
            issue.column_name = None;
        }
        issue
    }

    /// The record's text, if its row can be used.
    fn check<'a>(&self, record: &Record<'a>) -> std::result::Result<&'a str, Issue> {
        let (expected, found) = (self.width(), record.n_fields);
        if expected != found {
            let code = IssueCode::FieldCount { expected, found };
            let index = expected.min(found);
            let issue = self.issue_at(code, record.line, index);
            return Err(match record.fields().nth(index) {
                Some(extra) => issue.with_cell(&String::from_utf8_lossy(extra)),
                None => issue,
            });
        }
        if record.text.contains(&0) {
            return Err(self.first_bad(record, IssueCode::NulByte, |field| !field.contains(&0)));
        }
        let text = std::str::from_utf8(record.text).ok();
        text.ok_or_else(|| {
            self.first_bad(record, IssueCode::Encoding, |field| {
                std::str::from_utf8(field).is_ok()
            })
        })
    }

    fn first_bad(
        &self,
        record: &Record<'_>,
        code: IssueCode,
        is_good: impl Fn(&[u8]) -> bool,
    ) -> Issue {
        let bad = record
            .fields()
            .enumerate()
            .find(|(_, field)| !is_good(field));
        match bad {
            None => Issue::at_line(code, record.line),
            Some((index, field)) => self
                .issue_at(code, record.line, index)
                .with_cell(&String::from_utf8_lossy(field)),
        }
    }

    fn use_row(&mut self, record: &Record<'_>, text: &str) -> RowFate {
        self.issues.use_rows(1);
        let (_, is_kept) = self.sampling.next_rows(self.lines.len(), 1);
        if !is_kept {
            self.issues.set_aside_rows(1);
            return RowFate::Used;
        }
        if self.fields.is_empty() {
            for (column, &(start, end)) in self.columns.iter_mut().zip(record.bounds) {
                column.push(text.get(start as usize..end as usize).unwrap_or_default());
            }
        } else {
            self.use_fields(record, text);
        }
        if self.preview.len() < PREVIEW_ROWS {
            let cells = record
                .fields()
                .map(|field| cut(&String::from_utf8_lossy(field), PREVIEW_CHARS));
            self.preview.push(cells.collect());
        }
        self.add_lines(record.line, 1);
        RowFate::Used
    }

    /// Notes the lines of rows that were added to the columns, and makes room for more.
    fn add_lines(&mut self, first: u64, n_rows: usize) {
        for line in first..first + n_rows as u64 {
            self.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        }
        let is_full = self.lines.len() > self.sampling.max_rows && !self.sampling.is_least();
        if self.sampling.max_rows > 0 && is_full {
            self.drop_rows();
        }
    }

    /// The cells of a file that has not all columns, or has them in another order.
    #[inline(never)]
    fn use_fields(&mut self, record: &Record<'_>, text: &str) {
        let n_rows = self.lines.len() + 1;
        for (&at, &(start, end)) in self.fields.iter().zip(record.bounds) {
            self.columns[at].push(text.get(start as usize..end as usize).unwrap_or_default());
        }
        for column in &mut self.columns {
            column.fill(n_rows);
        }
    }

    /// The table of the rows taken. Cells that do not fit their column become issues.
    #[must_use]
    pub fn finish(self, dialect: Dialect) -> Table {
        let Self {
            names,
            columns,
            lines,
            mut issues,
            preview,
            expected,
            shape,
            files,
            sampling,
            ..
        } = self;
        if sampling.has_dropped() {
            let code = IssueCode::Sampled {
                kept: lines.len() as u64,
                of: sampling.n_rows(),
            };
            issues.add(Issue::at_line(code, 1));
        }
        let usual = usual_marks(&columns, &dialect);
        let mut columns: Vec<_> = columns
            .into_iter()
            .zip(names)
            .enumerate()
            .map(|(index, (mut column, name))| {
                column.assume(usual);
                let name = match &shape {
                    Some(shape) => shape.name(index, &name).to_owned(),
                    None => name,
                };
                column.finish(
                    name,
                    Place {
                        index,
                        lines: &lines,
                    },
                    &mut issues,
                )
            })
            .collect();
        join(&mut columns);
        let mut table = Table {
            columns,
            lines,
            issues,
            dialect,
            preview,
        };
        if sampling.has_dropped() {
            show(&mut table);
        }
        let table = match shape {
            Some(shape) => shape.apply(table, &expected),
            None => table,
        };
        if files.len() > 1 {
            put_together(&files, table, &expected)
        } else {
            table
        }
    }
}

impl Sink for TableBuilder {
    fn take(&mut self, record: &Record<'_>) -> Result<()> {
        self.take(record).map(drop)
    }

    /// Once names and preview are there, and as long as each field has the column of its place.
    fn width(&self) -> Option<usize> {
        let is_plain =
            self.is_named && self.fields.is_empty() && self.preview.len() == PREVIEW_ROWS;
        is_plain.then_some(self.names.len())
    }

    fn take_rows(&mut self, rows: &Rows<'_>) {
        self.issues.use_rows(rows.n_rows as u64);
        let mut start = 0;
        while start < rows.n_rows {
            let n_before = self.lines.len();
            let (n_rows, are_kept) = self.sampling.next_rows(n_before, rows.n_rows - start);
            let end = start + n_rows;
            if are_kept {
                for (index, column) in self.columns.iter_mut().enumerate() {
                    column.push_cells(rows, index, start..end);
                }
                self.add_lines(rows.line + start as u64, n_rows);
            } else {
                self.issues.set_aside_rows(n_rows as u64);
            }
            start = end;
        }
    }
}

/// How numbers are written where a column does not show it: as in any that does. Where commas are no delimiters, decimal
/// points are a sign, too, and points between thousands.
fn usual_marks(columns: &[ColumnBuilder], dialect: &Dialect) -> UsualMarks {
    let any = |mark| columns.iter().any(|column| column.speaks(mark));
    if any(Written::Comma) {
        UsualMarks::Commas
    } else if dialect.delimiter != ';' || any(Written::Point) {
        UsualMarks::Points
    } else if any(Written::Points) {
        UsualMarks::Commas
    } else {
        UsualMarks::Semicolons
    }
}

/// The line of a record on which a quote was opened is its last: what comes after is other records.
fn last_line(raw: &[u8]) -> &[u8] {
    let start = raw.iter().rposition(|&byte| matches!(byte, b'\n' | b'\r'));
    &raw[start.map_or(0, |end| end + 1)..]
}
