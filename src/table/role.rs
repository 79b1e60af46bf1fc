//! What a record is: names, a row, or no part of the table. The records before it tell.

use super::dialect::Dialect;
use super::fields::{Bounds, MAX_COLUMNS};
use super::header::can_be_name;
use super::records::Record;
use super::value::{Cell, classify};

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordRole {
    /// The names of the columns, or one line of them.
    Header,
    /// Names again, of other columns or in another order: what follows goes by them.
    OtherHeader,
    /// A row of data.
    Row,
    /// No part of the table.
    Aside(Aside),
}

/// What a line that is no part of the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// It comes before the table.
    Preamble,
    /// It starts with the character that comments start with.
    Comment,
    /// The header once more.
    RepeatedHeader,
    /// It sums up the rows before it: `Average:`.
    Summary,
    /// It does not fit the header above it, in what `sar` prints.
    Stray,
}

/// What is known of the header.
#[derive(Debug, Clone, Copy)]
pub(super) enum HeaderState {
    /// No sound record has come yet; `Some` is what the user said.
    Awaited(Option<bool>),
    /// So many of its lines are still to come.
    Begun(u32),
    Passed,
}

/// What of the records before tells what the next one is.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The header, where its second field starts, and its names.
    header: Vec<u8>,
    header_tail: usize,
    names: Vec<Vec<u8>>,
    /// Fields of the first header or row.
    width: Option<usize>,
    /// Rows start with a digit.
    starts_with_digit: Option<bool>,
    /// The first row, or the first behind another header, does not read like names.
    says_numbers: bool,
}

/// Takes the sign of a comment from the names in one.
pub(super) fn strip_sharp(record: &mut Record<'_>) {
    let Some((&(start, end), rest)) = record.bounds.split_first() else {
        return;
    };
    if end - start == 1 {
        record.bounds = rest;
        record.n_fields -= 1;
    }
}

impl HeaderState {
    /// Whether all records that come are rows.
    pub(super) fn is_passed(self) -> bool {
        matches!(self, Self::Passed)
    }

    /// What a record is. The first one that is sound decides whether there is a header.
    pub(super) fn role(&mut self, record: &Record<'_>, dialect: &mut Dialect) -> RecordRole {
        if let Self::Awaited(said) = *self {
            dialect.header = said.unwrap_or_else(|| reads_like_names(record));
            if !dialect.header {
                dialect.header_lines = 0;
            }
            *self = Self::Begun(dialect.header_lines);
        }
        match self {
            Self::Begun(lines @ 1..) => {
                *lines -= 1;
                RecordRole::Header
            }
            _ => {
                *self = Self::Passed;
                RecordRole::Row
            }
        }
    }
}

impl Seen {
    /// One delimiter too many at the end of a row makes no field.
    pub(super) fn drop_empty_end(&self, record: &mut Record<'_>) {
        if let Some((&(start, end), rest)) = record.bounds.split_last()
            && start == end
            && record.width.or(self.width) == Some(rest.len())
        {
            record.bounds = rest;
            record.n_fields = rest.len();
            let delimiter = record.dialect.delimiter_byte();
            record.raw = record.raw.strip_suffix(&[delimiter]).unwrap_or(record.raw);
        }
    }

    /// Finds headers that come again and lines that sum up.
    pub(super) fn look_at(&mut self, record: &mut Record<'_>) {
        let width = *self.width.get_or_insert(record.n_fields);
        if record.role == RecordRole::Header {
            self.note_header(record);
            return;
        }
        let first = record.fields().next().unwrap_or_default();
        if self.starts_with_digit.is_none() {
            self.starts_with_digit = Some(starts_with_digit(first));
            self.says_numbers |= !reads_like_names(record);
        }
        if record.n_fields == width && self.is_header(record.text, tail(record), width) {
            record.role = RecordRole::Aside(Aside::RepeatedHeader);
        } else if self.is_summary(first) {
            record.role = RecordRole::Aside(Aside::Summary);
        } else if self.may_name(first) && self.is_other_header(record) {
            record.role = RecordRole::OtherHeader;
            record.width = None;
            self.width = Some(record.n_fields);
            self.starts_with_digit = None;
            self.note_header(record);
        }
    }

    fn note_header(&mut self, record: &Record<'_>) {
        self.header = record.text.to_vec();
        self.header_tail = tail(record);
        self.names = record.fields().map(<[u8]>::to_vec).collect();
    }

    /// Whether all records of so many fields are rows that pass [`is_row`](Self::is_row): a row has been looked at.
    pub(super) fn has_rows_of(&self, width: usize) -> bool {
        self.width == Some(width) && self.starts_with_digit.is_some()
    }

    /// Whether a record as wide as the first is a row of data; where its fields are in a text, in which it comes last.
    pub(super) fn is_row(&self, text: &[u8], fields: &[Bounds]) -> bool {
        let (start, end) = (fields[0].0 as usize, fields[0].1 as usize);
        let tail = fields.get(1).map_or(end, |second| second.0 as usize) - start;
        !self.may_name(&text[start..end]) && !self.is_header(&text[start..], tail, fields.len())
    }

    fn is_summary(&self, first: &[u8]) -> bool {
        first.ends_with(b":") && self.starts_with_digit == Some(true) && !starts_with_digit(first)
    }

    /// Whether a record that starts with this field may be something else than a row: few rows start so.
    fn may_name(&self, first: &[u8]) -> bool {
        let is_word = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        self.starts_with_digit == Some(true) && first.first().is_some_and(is_word)
            || self.names.first().is_some_and(|name| name == first)
    }

    /// Whether a record is a header of other names: nothing but words where rows hold numbers, the first of them or two among
    /// the names so far.
    fn is_other_header(&self, record: &Record<'_>) -> bool {
        let (mut n_known, mut is_first) = (0, true);
        for field in record.fields() {
            let is_known = self.names.iter().any(|name| name == field);
            n_known += if is_first && is_known {
                2
            } else {
                usize::from(is_known)
            };
            is_first = false;
            let can_name = |cell| can_be_name(cell) && !matches!(classify(cell), Cell::Missing);
            if !std::str::from_utf8(field).is_ok_and(can_name) {
                return false;
            }
        }
        self.says_numbers && n_known > 1 && (2..=MAX_COLUMNS).contains(&record.n_fields)
    }

    /// Whether a record is the header once more. The first of many fields may differ: `sar` writes the time there.
    fn is_header(&self, text: &[u8], tail: usize, n_fields: usize) -> bool {
        const MANY: usize = 4;
        let same_tail = text.get(tail..) == self.header.get(self.header_tail..);
        let is_word = |text: &[u8]| text.iter().any(u8::is_ascii_alphabetic);
        same_tail && is_word(&text[tail..]) && (n_fields >= MANY || text == self.header)
    }
}

fn starts_with_digit(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
}

/// Where the second field of a record starts in its text.
fn tail(record: &Record<'_>) -> usize {
    let second = record.bounds.get(1);
    second.map_or(record.text.len(), |&(start, _)| start as usize)
}

/// Cells that are not UTF-8 are no numbers; the header they make is refused later.
fn reads_like_names(record: &Record<'_>) -> bool {
    let mut cells = record.fields().map(std::str::from_utf8);
    cells.all(|cell| cell.map_or(true, can_be_name))
}
