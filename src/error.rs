//! The only error type that leaves the crate. An `Err` means that the request as a whole cannot be done; a bad row is
//! data and becomes an [`Issue`](crate::table::Issue).

/// What went wrong with a request, with what the user needs to mend it.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The file holds no bytes, or blank lines only.
    #[error(
        "the file is empty; choose a CSV log with a header line and one row for each measurement"
    )]
    Empty,
    /// A header was read, and not one usable row.
    #[error(
        "the log holds no usable rows ({rejected} could not be read); it needs one row for each measurement"
    )]
    NoRows {
        /// Rows that were read and rejected.
        rejected: u64,
    },
    /// The bytes are of another kind of file.
    #[error("this is {found}, not a CSV log; {advice}")]
    NotCsv {
        /// What the bytes look like, e.g. `a zip archive`.
        found: &'static str,
        /// What to do about it.
        advice: &'static str,
    },
    /// The text is in an encoding that cannot be read.
    #[error("byte {offset} is not {expected} text; save the log as UTF-8 and try again")]
    Encoding {
        /// The encoding that was expected.
        expected: &'static str,
        /// Offset of the first bad byte from the start of the file.
        offset: u64,
    },
    /// More columns than can be handled.
    #[error(
        "{found} columns are too many, at most {limit} can be used; leave out those that say nothing of a crash"
    )]
    TooManyColumns {
        /// Columns in the header.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// No column looks like a label, and none was named.
    #[error(
        "no column says whether the server crashed; name it as the label{}",
        hint(candidates)
    )]
    NoLabel {
        /// Columns with exactly two values, which might be it.
        candidates: Vec<String>,
    },
    /// An option names a column that is not in the log.
    #[error(
        "there is no column \"{column}\" for `{option}`; the log has {}",
        list(available)
    )]
    UnknownColumn {
        /// The name as given.
        column: String,
        /// The option that named it.
        option: &'static str,
        /// The names there are.
        available: Vec<String>,
    },
    /// The positive value does not occur in the label column.
    #[error(
        "\"{positive}\" does not occur in the label column \"{column}\"; it holds {}",
        list(found)
    )]
    UnknownPositive {
        /// The label column.
        column: String,
        /// The value as given.
        positive: String,
        /// The values there are, the most frequent first.
        found: Vec<String>,
    },
    /// The label column cannot serve as one.
    #[error(
        "the label column \"{column}\" {problem}; name a column with one value for a crash and another for none"
    )]
    BadLabel {
        /// The label column.
        column: String,
        /// What is wrong with it, e.g. `holds 812 different values`.
        problem: String,
    },
    /// Every row has the same label, so that there is nothing to tell apart.
    #[error(
        "all {rows} rows of the label column \"{column}\" hold \"{value}\"; a log with crashes and without is needed"
    )]
    OneClass {
        /// The label column.
        column: String,
        /// The only value.
        value: String,
        /// Rows with a label.
        rows: usize,
    },
    /// Too few rows of one class to train on some and evaluate on others.
    #[error(
        "{found} rows {what} are too few to learn from and to check on; at least {needed} are needed"
    )]
    TooFewRows {
        /// Which rows, e.g. `with a crash`.
        what: &'static str,
        /// Rows there are.
        found: usize,
        /// Rows needed.
        needed: usize,
    },
    /// No column is left to learn from.
    #[error(
        "no column is left to learn from: every one is the label, time, host, constant, empty or ignored"
    )]
    NoFeatures,
    /// Not one of the model's columns is given.
    #[error(
        "none of the model's columns is given ({}); is it the right log?",
        list(needed)
    )]
    MissingColumns {
        /// The model's columns.
        needed: Vec<String>,
    },
    /// An option's value is out of range or of the wrong kind.
    #[error("`{option}` is {found}; it takes {expected}")]
    BadOption {
        /// The option.
        option: &'static str,
        /// The value as given.
        found: String,
        /// What it takes.
        expected: &'static str,
    },
    /// The options as a whole are not of the documented shape.
    #[error("the options cannot be used: {problem}")]
    BadOptions {
        /// What is amiss.
        problem: String,
    },
    /// An option that there is not.
    #[error("there is no option \"{name}\"; there are {}", list(known))]
    UnknownOption {
        /// The name as given.
        name: String,
        /// The options there are.
        known: Vec<String>,
    },
    /// The list of incidents cannot be joined with the log.
    #[error(
        "the list of incidents cannot be used: {problem}; it needs a column \"start\", and may have \"end\" and \"host\""
    )]
    BadIncidents {
        /// What is amiss.
        problem: &'static str,
    },
    /// A rule cannot be understood.
    #[error(
        "character {position} of the rule: expected {expected}, found {}",
        said(found)
    )]
    BadRule {
        /// Where, in characters from 1.
        position: usize,
        /// What could stand there.
        expected: &'static str,
        /// What stands there; empty at the end.
        found: String,
    },
    /// A row of numbers has the wrong length.
    #[error("{found} values were given; the model has {expected} columns")]
    RowLength {
        /// Values given.
        found: usize,
        /// Features of the model.
        expected: usize,
    },
    /// The caller asked for training to stop.
    #[error("training was cancelled")]
    Cancelled,
    /// The Newton steps of the logistic regression failed.
    #[error(
        "the logistic regression did not converge within {iterations} steps; a column may hold extreme values"
    )]
    NotConverged {
        /// Newton steps made.
        iterations: usize,
    },
    /// The bytes are not a model file.
    #[error("this is not a crash-predictor model file")]
    NotAModel,
    /// The model file is of another version of the format.
    #[error("the model file has format version {found}; this program reads version {supported}")]
    ModelVersion {
        /// Version in the file.
        found: u16,
        /// Version this crate writes and reads.
        supported: u16,
    },
    /// The model file is shorter or longer than it says.
    #[error(
        "the model file holds {found} bytes of {expected}; it was cut off or something was added"
    )]
    ModelTruncated {
        /// Bytes the header announces.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// The checksum does not fit the bytes.
    #[error("the model file is damaged: its checksum does not fit; use another copy")]
    ModelChecksum,
    /// The bytes decode, and what they say makes no sense.
    #[error("the model file is damaged: {problem}")]
    ModelInvalid {
        /// The first check that failed.
        problem: &'static str,
    },
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A stable name for programs to branch on; the message is for people and may change.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::NoRows { .. } => "NoRows",
            Self::NotCsv { .. } => "NotCsv",
            Self::Encoding { .. } => "Encoding",
            Self::TooManyColumns { .. } => "TooManyColumns",
            Self::NoLabel { .. } => "NoLabel",
            Self::UnknownColumn { .. } => "UnknownColumn",
            Self::UnknownPositive { .. } => "UnknownPositive",
            Self::BadLabel { .. } => "BadLabel",
            Self::OneClass { .. } => "OneClass",
            Self::TooFewRows { .. } => "TooFewRows",
            Self::NoFeatures => "NoFeatures",
            Self::MissingColumns { .. } => "MissingColumns",
            Self::BadOption { .. } | Self::BadOptions { .. } => "BadOption",
            Self::UnknownOption { .. } => "UnknownOption",
            Self::BadIncidents { .. } => "BadIncidents",
            Self::BadRule { .. } => "BadRule",
            Self::RowLength { .. } => "RowLength",
            Self::Cancelled => "Cancelled",
            Self::NotConverged { .. } => "NotConverged",
            Self::NotAModel => "NotAModel",
            Self::ModelVersion { .. } => "ModelVersion",
            Self::ModelTruncated { .. } => "ModelTruncated",
            Self::ModelChecksum => "ModelChecksum",
            Self::ModelInvalid { .. } => "ModelInvalid",
        }
    }
}

/// How many names a message lists before it says how many more there are.
const MAX_LISTED: usize = 10;

fn said(found: &str) -> String {
    if found.is_empty() {
        "nothing more".to_owned()
    } else {
        format!("\"{found}\"")
    }
}

fn list(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(MAX_LISTED)
        .map(|name| format!("\"{name}\""))
        .collect();
    match names.len().saturating_sub(MAX_LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn hint(candidates: &[String]) -> String {
    if candidates.is_empty() {
        return String::new();
    }
    format!(" (columns with two values: {})", list(candidates))
}
