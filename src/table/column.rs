//! A column of a table: one vector of one type, with missing cells marked inside it. How a column comes to its type is
//! `column_builder`'s.

use std::borrow::Cow;
use std::sync::Arc;

use super::format::Format;
use super::names::{HOST_NAMES, rank};
use super::time_column::speaks_of_time;
use super::value::{Cell, are_boolean, classify, format_number, format_time, truth};

/// The code of a missing cell in [`Values::Category`].
pub const MISSING_CODE: u32 = u32::MAX;
/// The moment of a missing cell in [`Values::Time`].
pub const MISSING_TIME: i64 = i64::MIN;
/// A category has at most so many levels; a column with more is [`Values::Text`].
pub const MAX_LEVELS: usize = 65_536;

/// A column: its name, its unit where the name says it, and its cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The name in the header, made unique.
    pub name: String,
    /// The unit the name says, e.g. `ms` of `latency (ms)`.
    pub unit: Option<String>,
    /// The cells, one for each row of the table.
    pub values: Values,
    /// Cells of another kind than the column's, each with its row, rising. In `values` they are missing; a model that
    /// knows the column as words must find them all the same, whatever rows stand beside them.
    pub strays: Vec<(u32, String)>,
    /// How the cells are written.
    pub format: Format,
}

/// The cells of a column. Equality is that of the bits, so that missing numbers are equal.
#[derive(Debug, Clone)]
pub enum Values {
    /// Numbers; NaN is missing. What is learned from them is learned from the same memory.
    Number(Arc<Vec<f64>>),
    /// Texts, or texts and numbers mixed.
    Category {
        /// For each row the index into `levels`, or [`MISSING_CODE`].
        codes: Vec<u32>,
        /// The different texts, in order of first appearance.
        levels: Vec<String>,
    },
    /// Microseconds since 1970-01-01T00:00:00Z; [`MISSING_TIME`] is missing.
    Time(Vec<i64>),
    /// Free text: more than [`MAX_LEVELS`] different ones, which are not kept.
    Text {
        /// Missing cells.
        n_missing: usize,
        /// All cells.
        n_rows: usize,
    },
    /// Not one value.
    Empty {
        /// All cells.
        n_rows: usize,
    },
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => {
                a.len() == b.len() && a.iter().zip(&**b).all(|(a, b)| a.to_bits() == b.to_bits())
            }
            (
                Self::Category {
                    codes: a,
                    levels: c,
                },
                Self::Category {
                    codes: b,
                    levels: d,
                },
            ) => a == b && c == d,
            (Self::Time(a), Self::Time(b)) => a == b,
            (
                Self::Text {
                    n_missing: a,
                    n_rows: c,
                },
                Self::Text {
                    n_missing: b,
                    n_rows: d,
                },
            ) => a == b && c == d,
            (Self::Empty { n_rows: a }, Self::Empty { n_rows: b }) => a == b,
            _ => false,
        }
    }
}

/// What a column holds, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum ColumnKind {
    /// Numbers.
    Number,
    /// A limited number of different texts.
    Category,
    /// Words of one pair such as yes and no.
    Boolean,
    /// Moments.
    Time,
    /// Free text.
    Text,
    /// No value at all.
    Empty,
}

impl Column {
    /// What the column holds.
    #[must_use]
    pub fn kind(&self) -> ColumnKind {
        match &self.values {
            Values::Number(_) => ColumnKind::Number,
            Values::Category { levels, .. } if self.is_boolean(levels) => ColumnKind::Boolean,
            Values::Category { .. } => ColumnKind::Category,
            Values::Time(_) => ColumnKind::Time,
            Values::Text { .. } => ColumnKind::Text,
            Values::Empty { .. } => ColumnKind::Empty,
        }
    }

    fn is_boolean(&self, levels: &[String]) -> bool {
        match &self.format {
            Format::Words(words) if !words.is_empty() => {
                levels.iter().all(|level| words.truth(level).is_some())
            }
            _ => are_boolean(levels),
        }
    }

    /// What a word says: as the user named it, or else as it usually does.
    #[must_use]
    pub fn truth(&self, text: &str) -> Option<bool> {
        match &self.format {
            Format::Words(words) => words.truth(text),
            _ => truth(text),
        }
    }

    /// Rows of the column.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        match &self.values {
            Values::Number(numbers) => numbers.len(),
            Values::Category { codes, .. } => codes.len(),
            Values::Time(times) => times.len(),
            Values::Text { n_rows, .. } | Values::Empty { n_rows } => *n_rows,
        }
    }

    /// Whether a cell has a value that is kept.
    #[must_use]
    pub fn has_value(&self, row: usize) -> bool {
        !self.is_missing(row)
    }

    /// Rows without a value.
    #[must_use]
    pub fn n_missing(&self) -> usize {
        match &self.values {
            Values::Text { n_missing, .. } => *n_missing,
            _ => {
                let mut n_missing = 0;
                for row in 0..self.n_rows() {
                    n_missing += usize::from(self.is_missing(row));
                }
                n_missing
            }
        }
    }

    /// The cell as a level of a category, whatever the column's kind: a text as it is, a number as [`format_number`] and
    /// a time as [`format_time`] spell it. `None` where it is missing, not kept, or past the end.
    #[must_use]
    pub fn level_at(&self, row: usize) -> Option<Cow<'_, str>> {
        match &self.values {
            Values::Number(numbers) => {
                let number = *numbers.get(row)?;
                (!number.is_nan()).then(|| Cow::Owned(format_number(number)))
            }
            Values::Time(times) => {
                let time = *times.get(row)?;
                (time != MISSING_TIME).then(|| Cow::Owned(format_time(time)))
            }
            Values::Category { codes, levels } => level(levels, *codes.get(row)? as usize),
            Values::Text { .. } | Values::Empty { .. } => None,
        }
    }

    /// The cell as a number, whatever the column's kind: a part of a log may hold too few numbers for its columns to be
    /// ones. `None` where it is missing, not a number, not kept, or past the end.
    #[must_use]
    pub fn number_at(&self, row: usize) -> Option<f64> {
        match &self.values {
            Values::Number(numbers) => numbers.get(row).copied().filter(|number| !number.is_nan()),
            Values::Category { codes, levels } => {
                match classify(levels.get(*codes.get(row)? as usize)?) {
                    Cell::Number(number) => Some(number),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether there are values and all of them are the same. Missing cells do not count.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        match &self.values {
            Values::Number(numbers) => {
                all_same(numbers.iter().copied().filter(|number| !number.is_nan()))
            }
            Values::Time(times) => all_same(times.iter().filter(|&&time| time != MISSING_TIME)),
            Values::Category { levels, .. } => levels.len() == 1,
            Values::Text { .. } | Values::Empty { .. } => false,
        }
    }

    /// The first text of a column of words that was likely meant to hold numbers or times: three in four different ones
    /// begin with a digit, or its name speaks of time and as many have a digit anywhere. Hosts, addresses, versions and what the user
    /// says is text are words. Of free text there is a preview.
    #[inline(never)]
    pub(super) fn cell_not_read<'a>(
        &'a self,
        index: usize,
        preview: &'a [Vec<String>],
    ) -> Option<&'a str> {
        let is_words = matches!(self.kind(), ColumnKind::Category | ColumnKind::Text);
        if !is_words || self.format.is_to_the_letter() || rank(HOST_NAMES, &self.name).is_some() {
            return None;
        }
        let is_time = speaks_of_time(&self.name);
        let levels = match &self.values {
            Values::Category { levels, .. } => Some(levels),
            _ => None,
        };
        let n_texts = levels.map_or(preview.len(), |levels| levels.len());
        let (mut n_like, mut first) = (0, None);
        for at in 0..n_texts {
            let text = match levels {
                Some(levels) => &levels[at],
                None => preview[at].get(index)?,
            };
            n_like += usize::from(is_like_number(text.as_bytes(), is_time));
            if first.is_none() && matches!(classify(text), Cell::Text(_)) {
                first = Some(text.as_str());
            }
        }
        first.filter(|_| n_like * 4 >= n_texts * 3)
    }
}

/// Whether a text begins with a digit or a sign and is no address and no version, which have several points; or has a digit
/// anywhere, where any will do.
fn is_like_number(text: &[u8], any: bool) -> bool {
    let (mut n_digits, mut n_points) = (0, 0);
    for byte in text {
        n_digits += usize::from(byte.is_ascii_digit());
        n_points += usize::from(*byte == b'.');
    }
    let begins = matches!(text, [b'0'..=b'9', ..] | [b'+' | b'-', b'0'..=b'9', ..]);
    if any {
        n_digits > 0
    } else {
        begins && n_points < 2
    }
}

fn level(levels: &[String], code: usize) -> Option<Cow<'_, str>> {
    levels.get(code).map(|level| Cow::Borrowed(level.as_str()))
}

fn all_same<T: PartialEq>(mut items: impl Iterator<Item = T>) -> bool {
    items
        .next()
        .is_some_and(|first| items.all(|item| item == first))
}
