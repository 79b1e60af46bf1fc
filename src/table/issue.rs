//! What could not be read or is odd, with its place: a bad row is data, not an error. [`Issues`] counts all of them, keeps
//! the first hundred by line, and keeps the books: rows read = rows used + rows rejected.

use std::fmt;

use crate::text::parted;

use super::format::DateOrder;
use super::role::Aside;

/// How many issues are kept with their place; all are counted.
const MAX_KEPT: usize = 100;
/// How many characters of a cell an issue shows.
const MAX_CELL_CHARS: usize = 80;

/// What is odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueCode {
    /// A row has more or fewer fields than the header. The row is rejected.
    FieldCount {
        /// Fields in the header.
        expected: usize,
        /// Fields in the row.
        found: usize,
    },
    /// A cell is not valid in the file's encoding. The row is rejected.
    Encoding,
    /// A row is not UTF-8 and was taken for Windows-1252; so is every other one like it.
    AssumedEncoding,
    /// A quote is opened and not closed. The row is rejected; the lines after it are read.
    UnclosedQuote,
    /// A line is no part of the table, and was left out. It is no row.
    LeftOut(Aside),
    /// A cell goes on after its closing quote; it was read as it stands.
    StrayQuote,
    /// A cell in a column of numbers is not a number. The cell is missing.
    BadNumber,
    /// A cell in a column of times is not a time. The cell is missing.
    BadTime,
    /// A row has no label.
    MissingLabel,
    /// A row's label is neither of the two values.
    BadLabel,
    /// A cell holds a NUL byte. The row is rejected.
    NulByte,
    /// A field is longer than [`MAX_FIELD_BYTES`](super::MAX_FIELD_BYTES). The row is rejected.
    FieldTooLong,
    /// A row is longer than the user allows. It is rejected.
    RowTooLong,
    /// A row belongs to no time and host: it names no metric, or says again what one before it said. It is rejected.
    NotPlaced,
    /// A log is longer than what is kept of it: blocks of rows, drawn by chance.
    Sampled {
        /// Rows that are kept.
        kept: u64,
        /// Rows that could be read.
        of: u64,
    },
    /// A header of other names, or of the same in another order: the rows behind it go by these.
    OtherHeader,
    /// A file of several begins here; its lines count on from those before.
    FileBegins,
    /// A column has the name of one before it, and was given another.
    DuplicateHeader {
        /// Its new name.
        renamed: String,
    },
    /// A column has no name, and was given one.
    EmptyHeader {
        /// Its new name.
        renamed: String,
    },
    /// A column is read as words, though most of its cells begin as numbers do, or its name speaks of time.
    ReadAsWords,
    /// All dates of a column can begin with the day or with the month; which one was taken.
    AmbiguousDates(DateOrder),
    /// All cells of a column say the same.
    ConstantColumn,
    /// No cell of a column holds a value.
    NoValidValues,
}

impl IssueCode {
    /// A stable name for programs to branch on.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::FieldCount { .. } => "FieldCount",
            Self::Encoding => "Encoding",
            Self::AssumedEncoding => "AssumedEncoding",
            Self::UnclosedQuote => "UnclosedQuote",
            Self::StrayQuote => "StrayQuote",
            Self::LeftOut(_) => "LeftOut",
            Self::BadNumber => "BadNumber",
            Self::BadTime => "BadTime",
            Self::MissingLabel => "MissingLabel",
            Self::BadLabel => "BadLabel",
            Self::NulByte => "NulByte",
            Self::FieldTooLong => "FieldTooLong",
            Self::RowTooLong => "RowTooLong",
            Self::NotPlaced => "NotPlaced",
            Self::FileBegins => "FileBegins",
            Self::OtherHeader => "OtherHeader",
            Self::Sampled { .. } => "Sampled",
            Self::DuplicateHeader { .. } => "DuplicateHeader",
            Self::EmptyHeader { .. } => "EmptyHeader",
            Self::ReadAsWords => "ReadAsWords",
            Self::AmbiguousDates(_) => "AmbiguousDates",
            Self::ConstantColumn => "ConstantColumn",
            Self::NoValidValues => "NoValidValues",
        }
    }

    /// What may be done about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::FieldCount { .. } => {
                "quote cells that hold the delimiter, and give every row as many cells as the header"
            }
            Self::Encoding | Self::AssumedEncoding => "save the log as UTF-8",
            Self::UnclosedQuote | Self::StrayQuote => {
                "close the quote, or double it where it belongs to the text"
            }
            Self::LeftOut(_) | Self::OtherHeader => "nothing, unless it was meant to be a row",
            Self::BadNumber => "leave the cell empty where there is no measurement",
            Self::BadTime => "write times in one form, such as 2024-01-31T23:59:00Z",
            Self::MissingLabel => "fill the label in, or leave the row out",
            Self::BadLabel => "name which value means a crash, or correct the cell",
            Self::NulByte => "the file may be damaged; copy or export it again",
            Self::Sampled { .. } => "allow a larger table where there is memory for it",
            Self::FileBegins => "count lines of this file from here",
            Self::NotPlaced => "nothing, unless it was meant to say something new",
            Self::RowTooLong => "allow longer rows, or look for a line end that is missing",
            Self::FieldTooLong => "look for a quote that is not closed, or leave the column out",
            Self::DuplicateHeader { .. } | Self::EmptyHeader { .. } => {
                "give every column a name of its own"
            }
            Self::ReadAsWords => "nothing, if these are names; otherwise say asNumber or asTime",
            Self::AmbiguousDates(_) => "say it by dates: 31/12/2026 or 12/31/2026",
            Self::ConstantColumn | Self::NoValidValues => "leave the column out",
        }
    }
}

/// One thing that is odd, and where. `Display` says it in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// What is odd.
    pub code: IssueCode,
    /// Physical line, the first being 1; `None` where it concerns a whole column.
    pub line: Option<u64>,
    /// Column, the first being 1.
    pub column: Option<u32>,
    /// The column's name.
    pub column_name: Option<String>,
    /// The cell, cut to 80 characters.
    pub cell: Option<String>,
}

impl Issue {
    /// An issue of a whole line.
    #[must_use]
    pub fn at_line(code: IssueCode, line: u64) -> Self {
        Self {
            code,
            line: Some(line),
            column: None,
            column_name: None,
            cell: None,
        }
    }

    /// An issue of a whole column; `index` counts from 0.
    #[must_use]
    pub fn of_column(code: IssueCode, index: usize, name: &str) -> Self {
        Self {
            code,
            line: None,
            column: None,
            column_name: None,
            cell: None,
        }
        .in_column(index, name)
    }

    /// The same issue in a column; `index` counts from 0.
    #[must_use]
    pub fn in_column(mut self, index: usize, name: &str) -> Self {
        self.column = u32::try_from(index + 1).ok();
        self.column_name = Some(name.to_owned());
        self
    }

    /// The same issue with the cell it is about.
    #[must_use]
    pub fn with_cell(mut self, cell: &str) -> Self {
        self.cell = Some(cut(cell, MAX_CELL_CHARS));
        self
    }

    /// By line and column; what concerns a whole column comes last.
    fn order(&self) -> (u64, u32) {
        (self.line.unwrap_or(u64::MAX), self.column.unwrap_or(0))
    }
}

/// The first `max` characters of a text, with an ellipsis where it was cut.
pub(super) fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", parted(text, end).0),
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        match (&self.column_name, self.column) {
            (Some(name), _) if !name.is_empty() => write!(f, "column \"{name}\" ")?,
            (_, Some(column)) => write!(f, "column {column} ")?,
            _ => write!(f, "the row ")?,
        }
        let cell = self.cell.as_deref().unwrap_or_default();
        match &self.code {
            IssueCode::FieldCount { expected, found } => {
                let verb = if found < expected {
                    "is missing"
                } else {
                    "is one too many"
                };
                write!(
                    f,
                    "{verb}: the row has {found} fields, the header {expected}"
                )
            }
            IssueCode::Encoding => {
                write!(f, "holds bytes that are not text in the file's encoding")
            }
            IssueCode::AssumedEncoding => {
                write!(f, "is not UTF-8; it was read as Windows-1252: \"{cell}\"")
            }
            IssueCode::UnclosedQuote => write!(f, "opens a quote that is never closed"),
            IssueCode::StrayQuote => {
                write!(
                    f,
                    "goes on after its closing quote; it was read as \"{cell}\""
                )
            }
            IssueCode::LeftOut(what) => write!(f, "{}", what_it_is(*what)),
            IssueCode::BadNumber => write!(f, "holds \"{cell}\", not a number"),
            IssueCode::BadTime => write!(f, "holds \"{cell}\", not a date and time"),
            IssueCode::MissingLabel => write!(f, "holds no label"),
            IssueCode::BadLabel => write!(f, "holds \"{cell}\", which is neither label"),
            IssueCode::NulByte => write!(f, "holds a NUL byte"),
            IssueCode::Sampled { kept, of } => write!(
                f,
                "begins a log of {of} rows, of which {kept} are kept: whole blocks, drawn by chance with a fixed seed"
            ),
            IssueCode::OtherHeader => write!(
                f,
                "names the columns anew; the rows behind it go by these names"
            ),
            IssueCode::FileBegins => write!(f, "is the first of \"{cell}\""),
            IssueCode::NotPlaced => {
                write!(
                    f,
                    "names no metric, says nothing, or says again what one before it said"
                )
            }
            IssueCode::RowTooLong => write!(f, "is longer than you allow"),
            IssueCode::FieldTooLong => write!(f, "holds a field longer than 1 MiB"),
            IssueCode::DuplicateHeader { renamed } => {
                write!(
                    f,
                    "has the name of a column before it; it is called \"{renamed}\" here"
                )
            }
            IssueCode::EmptyHeader { renamed } => {
                write!(f, "has no name; it is called \"{renamed}\" here")
            }
            IssueCode::ReadAsWords => write!(
                f,
                "is read as words: \"{cell}\" is no number and no time that is known"
            ),
            IssueCode::AmbiguousDates(order) => {
                let first = if order.is_day_first() { "day" } else { "month" };
                write!(
                    f,
                    "may have the day or the month first; the {first} was taken"
                )
            }
            IssueCode::ConstantColumn => write!(f, "says the same in every row"),
            IssueCode::NoValidValues => write!(f, "holds no value in any row"),
        }
    }
}

fn what_it_is(aside: Aside) -> &'static str {
    match aside {
        Aside::Preamble => "comes before the table; it was left out",
        Aside::Comment => "is a comment; it was left out",
        Aside::RepeatedHeader => "is the header once more; it was left out",
        Aside::Summary => "sums up the rows before it; it was left out",
        Aside::Stray => "fits no header of sar above it; it was left out",
        Aside::MonthFirst => {
            "is of a day that may be two, of which that with the month first was taken; say it by `dates`"
        }
    }
}

/// All issues of a log: the first hundred by line, the number of each code, and what became of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issues {
    kept: Vec<Issue>,
    /// Sorted by name; there are few, and a map is kilobytes of wasm.
    counts: Vec<(&'static str, u64)>,
    rows_used: u64,
    rows_rejected: u64,
    rows_set_aside: u64,
}

impl Issues {
    /// Counts an issue, and keeps it if it is among the first hundred by line.
    pub fn add(&mut self, issue: Issue) {
        self.count(issue.code.name());
        self.keep(issue);
    }

    fn keep(&mut self, issue: Issue) {
        let place = self
            .kept
            .partition_point(|kept| kept.order() <= issue.order());
        if place < MAX_KEPT {
            self.kept.insert(place, issue);
            self.kept.truncate(MAX_KEPT);
        }
    }

    /// Whether an issue at this line could be among those kept: ask before building one in a loop over many rows.
    #[must_use]
    pub fn keeps(&self, line: u64) -> bool {
        self.kept.len() < MAX_KEPT
            || self
                .kept
                .last()
                .is_some_and(|last| line <= last.line.unwrap_or(u64::MAX))
    }

    /// Counts an issue that [`keeps`](Self::keeps) said would not be kept.
    pub fn count(&mut self, name: &'static str) {
        self.count_many(name, 1);
    }

    fn count_many(&mut self, name: &'static str, more: u64) {
        match self.counts.binary_search_by_key(&name, |(known, _)| known) {
            Ok(at) => self.counts[at].1 += more,
            Err(at) => self.counts.insert(at, (name, more)),
        }
    }

    /// Counts rows as read and used.
    pub fn use_rows(&mut self, n_rows: u64) {
        self.rows_used += n_rows;
    }

    /// Counts a row as read and rejected, for the reason given.
    pub fn reject_row(&mut self, issue: Issue) {
        self.rows_rejected += 1;
        self.add(issue);
    }

    /// Sets rows aside that were counted as used: there is no room for them.
    pub fn set_aside_rows(&mut self, n_rows: u64) {
        self.rows_used -= n_rows;
        self.rows_set_aside += n_rows;
    }

    /// Rejects a row that was counted as used.
    pub fn unuse_row(&mut self, issue: Issue) {
        self.rows_used -= 1;
        self.reject_row(issue);
    }

    /// Adds the issues and the rows of another part of the same log.
    pub fn absorb(&mut self, other: Self) {
        self.rows_used += other.rows_used;
        self.rows_rejected += other.rows_rejected;
        self.rows_set_aside += other.rows_set_aside;
        for (name, count) in other.counts {
            self.count_many(name, count);
        }
        other.kept.into_iter().for_each(|issue| self.keep(issue));
    }

    /// The first hundred issues by line; those of whole columns come last.
    #[must_use]
    pub fn kept(&self) -> &[Issue] {
        &self.kept
    }

    /// How many issues there are of a code, by its [`name`](IssueCode::name).
    #[must_use]
    pub fn count_of(&self, name: &str) -> u64 {
        let found = self.counts.iter().find(|(known, _)| *known == name);
        found.map_or(0, |(_, count)| *count)
    }

    /// How many issues there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// Rows of data in the log, used or not.
    #[must_use]
    pub fn rows_read(&self) -> u64 {
        self.rows_used + self.rows_rejected + self.rows_set_aside
    }

    /// Rows that could be read and are not kept, for want of room.
    #[must_use]
    pub fn rows_set_aside(&self) -> u64 {
        self.rows_set_aside
    }

    /// Rows in the table.
    #[must_use]
    pub fn rows_used(&self) -> u64 {
        self.rows_used
    }

    /// Rows that could not be read.
    #[must_use]
    pub fn rows_rejected(&self) -> u64 {
        self.rows_rejected
    }

    /// The report for people and for JavaScript.
    #[must_use]
    pub fn to_report(&self) -> IssueReport {
        IssueReport {
            total: self.total(),
            rows_read: self.rows_read(),
            rows_used: self.rows_used,
            rows_rejected: self.rows_rejected,
            rows_set_aside: self.rows_set_aside,
            kept: self.kept.iter().map(ReportedIssue::from).collect(),
            counts: self
                .counts
                .iter()
                .map(|&(code, count)| IssueCount { code, count })
                .collect(),
        }
    }
}

/// [`Issues`] as they are reported.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct IssueReport {
    /// How many issues there are.
    pub total: u64,
    /// Rows of data in the log: used, rejected and set aside.
    pub rows_read: u64,
    /// Rows in the table.
    pub rows_used: u64,
    /// Rows that could not be read.
    pub rows_rejected: u64,
    /// Rows that could be read and are not kept, for want of room.
    pub rows_set_aside: u64,
    /// The first hundred by line.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Issue[]"))]
    pub kept: Vec<ReportedIssue>,
    /// How many there are of each code, by name.
    pub counts: Vec<IssueCount>,
}

/// How many issues there are of one code.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct IssueCount {
    /// The code's name.
    pub code: &'static str,
    /// How many there are.
    pub count: u64,
}

/// An [`Issue`] as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(
    target_arch = "wasm32",
    derive(tsify::Tsify),
    tsify(missing_as_null, rename = "Issue")
)]
pub struct ReportedIssue {
    /// The code's name.
    pub code: &'static str,
    /// Physical line, the first being 1; null where it concerns a whole column.
    pub line: Option<u64>,
    /// Column, the first being 1.
    pub column: Option<u32>,
    /// The column's name.
    pub column_name: Option<String>,
    /// The cell, cut to 80 characters.
    pub cell: Option<String>,
    /// The issue in a sentence.
    pub message: String,
    /// What may be done about it.
    pub hint: &'static str,
}

impl From<&Issue> for ReportedIssue {
    fn from(issue: &Issue) -> Self {
        Self {
            code: issue.code.name(),
            line: issue.line,
            column: issue.column,
            column_name: issue.column_name.clone(),
            cell: issue.cell.clone(),
            message: issue.to_string(),
            hint: issue.code.hint(),
        }
    }
}
