//! How the cells of a column are written, decided over all rows of a log. A model keeps it, so that the same text means
//! the same number wherever it comes from.

use super::decimal::{Marks, parse_under};
use super::units::Unit;
use super::value::truth as usual_truth;

/// How the cells of a column are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Numbers.
    Numbers(NumberFormat),
    /// Moments.
    Times(TimeFormat),
    /// Texts, which stay as they are.
    Words(Words),
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NumberFormat {
    /// The marks in them.
    pub marks: Marks,
    /// The unit they are brought to; none where no cell and no header names a known one.
    pub unit: Option<Unit>,
    /// The unit of a cell that names none, where it is another.
    pub bare_unit: Option<Unit>,
    /// Whether they count up, and are read as what they rise by in a second.
    pub is_rate: bool,
}

/// How moments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeFormat {
    /// What comes first of day and month, where both are numbers and the year is last.
    pub order: DateOrder,
    /// What numbers count since 1970, where they are moments.
    pub epoch: Option<Epoch>,
    /// Whether some name no zone, and were taken as UTC.
    pub is_naive: bool,
    /// Whether some name no year: those of the first row were taken as of 2000.
    pub lacks_year: bool,
    /// Whether some name no date: those of the first row were taken as of 1970-01-01.
    pub lacks_date: bool,
    /// Whether the day is that of one column and the clock that of another.
    pub is_joined: bool,
}

/// What comes first in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// The year, or a month in letters: there is nothing to decide.
    #[default]
    Plain,
    /// The day.
    DayFirst,
    /// The month.
    MonthFirst,
    /// The month, for want of any sign.
    MonthAssumed,
    /// The day, for want of any sign in it: the log is of a country that writes the day first.
    DayAssumed,
}

impl DateOrder {
    /// Whether the day comes first.
    #[must_use]
    pub fn is_day_first(self) -> bool {
        matches!(self, Self::DayFirst | Self::DayAssumed)
    }

    /// Whether nothing in the dates says so.
    #[must_use]
    pub fn is_assumed(self) -> bool {
        matches!(self, Self::MonthAssumed | Self::DayAssumed)
    }
}

/// What an epoch time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Epoch {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
    /// Nothing: it is `YYYYMMDDhhmmss`, or without the seconds or the clock.
    Packed,
}

/// The words for true and false that the user named, exactly as spelt: first those for true, behind a slash those for
/// false, with commas between several. None where the usual ones count; `=` where they do and every cell is a text to the
/// letter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words(pub String);

impl Default for Format {
    fn default() -> Self {
        Self::Words(Words::default())
    }
}

/// A model file holds a format as a text. Models know numbers and words only. Of numbers it holds the decimal mark (`c` for
/// commas where they were found), the mark between thousands and the two units.
impl From<Format> for String {
    fn from(format: Format) -> Self {
        let numbers = match format {
            Format::Numbers(numbers) => numbers,
            Format::Words(Words(words)) => return words,
            Format::Times(_) => return Self::new(),
        };
        let unit = |unit: Option<Unit>| match unit {
            Some(unit) => char::from(b'0' + unit.index() as u8),
            None => NONE,
        };
        let (decimal, group) = match numbers.marks {
            Marks::Point => (NONE, None),
            Marks::Comma => ('c', None),
            Marks::Given { decimal, group } => (decimal, group),
        };
        let codes = [
            decimal,
            group.unwrap_or(NONE),
            unit(numbers.unit),
            unit(numbers.bare_unit),
        ];
        let mut text = NUMBERS.to_owned();
        codes.into_iter().for_each(|code| text.push(code));
        if numbers.is_rate {
            text.push('r');
        }
        text
    }
}

/// Begins the text of a format of numbers; words hold a slash elsewhere.
const NUMBERS: &str = "/";
/// Stands for no mark and no unit; it is a sign and so no mark.
const NONE: char = '-';

impl From<String> for Format {
    fn from(text: String) -> Self {
        let Some(codes) = text.strip_prefix(NUMBERS) else {
            return Self::Words(Words(text));
        };
        let mut codes = codes.chars();
        let mut next = || codes.next().filter(|&code| code != NONE);
        let (decimal, group) = (next(), next());
        let mut unit = || Unit::from_index((next()? as usize).wrapping_sub(usize::from(b'0')));
        let (unit, bare_unit) = (unit(), unit());
        let is_rate = codes.next() == Some('r');
        let marks = match decimal {
            None => Marks::Point,
            Some('c') => Marks::Comma,
            Some(decimal) => Marks::Given { decimal, group },
        };
        Self::Numbers(NumberFormat {
            marks,
            unit,
            bare_unit,
            is_rate,
        })
    }
}

impl Format {
    /// What a text says as a number of a column so written; `None` where it is none.
    #[must_use]
    pub fn number(&self, text: &str) -> Option<f64> {
        let Self::Numbers(format) = self else {
            return None;
        };
        let (value, unit) = parse_under(text, format.marks)?;
        format.convert(value, unit)
    }

    /// Whether the user says that the column holds texts, which are to stay as they are.
    pub(crate) fn is_to_the_letter(&self) -> bool {
        matches!(self, Self::Words(words) if words.is_to_the_letter())
    }

    /// The same in words, as far as it is not a matter of course.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let parts = match self {
            Self::Numbers(format) => format.parts(),
            Self::Times(format) => format.parts(),
            Self::Words(_) => return None,
        };
        let mut sentence = String::new();
        for part in parts.into_iter().flatten() {
            if !sentence.is_empty() {
                sentence.push_str("; ");
            }
            sentence.push_str(part);
        }
        (!sentence.is_empty()).then_some(sentence)
    }
}

impl NumberFormat {
    /// A number of a cell in the column's unit; `None` where the cell's unit measures something else. Per cent is a manner
    /// of writing: in a column without a unit `12%` is 12.
    pub(super) fn convert(self, value: f64, unit: Option<Unit>) -> Option<f64> {
        match (unit.or(self.bare_unit), self.unit) {
            (None, _) => Some(value),
            (Some(unit), Some(to)) => {
                (unit.dimension() == to.dimension()).then(|| unit.convert(value, to))
            }
            (Some(unit), None) => unit.is_percent().then_some(value),
        }
    }

    /// The numbers of a column so written in the unit of this one; `None` where they are in it, or in none of its kind.
    #[must_use]
    pub fn brought_from(self, other: Self, values: &[f64]) -> Option<Vec<f64>> {
        let (from, to) = (other.unit?, self.unit?);
        let differ = from != to && from.dimension() == to.dimension();
        differ.then(|| {
            values
                .iter()
                .map(|&value| from.convert(value, to))
                .collect()
        })
    }

    /// A number of a column so written in the unit of this one.
    pub(super) fn bring(self, other: Self, value: f64) -> f64 {
        match (other.unit, self.unit) {
            (Some(from), Some(to)) if from != to && from.dimension() == to.dimension() => {
                from.convert(value, to)
            }
            _ => value,
        }
    }

    fn parts(self) -> [Option<&'static str>; 5] {
        let marks = match self.marks {
            Marks::Point => None,
            Marks::Comma => Some("decimal commas"),
            Marks::Given { .. } => Some("the marks you named"),
        };
        let bare = self.bare_unit.map(|_| "numbers without a unit are bytes");
        let rate = self.is_rate.then_some("what it rises by in a second");
        [marks, bare, rate, None, None]
    }
}

impl TimeFormat {
    fn parts(self) -> [Option<&'static str>; 5] {
        let order = match self.order {
            DateOrder::Plain => None,
            DateOrder::DayFirst => Some("the day first"),
            DateOrder::MonthFirst => Some("the month first"),
            DateOrder::MonthAssumed => Some("the month first, though nothing in it says so"),
            DateOrder::DayAssumed => Some("the day first, though nothing in it says so"),
        };
        let epoch = self.epoch.map(|epoch| match epoch {
            Epoch::Seconds => "seconds since 1970",
            Epoch::Millis => "milliseconds since 1970",
            Epoch::Micros => "microseconds since 1970",
            Epoch::Nanos => "nanoseconds since 1970",
            Epoch::Packed => "year, month, day and clock without marks",
        });
        let year = self
            .lacks_year
            .then_some("no year: the first is taken as 2000");
        let date = match (self.is_joined, self.lacks_date) {
            (true, _) => Some("the day of one column, the clock of another"),
            (_, true) => Some("no date: the first is taken as 1970-01-01"),
            _ => None,
        };
        let zone = self.is_naive.then_some("no zone: taken as UTC");
        [order, epoch, year, date, zone]
    }
}

impl Words {
    /// What a word says: as the user named it, or else as it usually does.
    #[must_use]
    pub fn truth(&self, text: &str) -> Option<bool> {
        if self.is_empty() {
            return usual_truth(text);
        }
        let mut is_true = true;
        for words in self.0.split('/') {
            if words.split(',').any(|word| word == text) {
                return Some(is_true);
            }
            is_true = false;
        }
        None
    }

    /// Whether the usual words count.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty() || self.is_to_the_letter()
    }

    /// The words of a column that the user says holds texts.
    pub(super) fn to_the_letter() -> Self {
        Self("=".to_owned())
    }

    pub(super) fn is_to_the_letter(&self) -> bool {
        self.0 == "="
    }
}
