//! What a record is: names, a row, or no part of the table. The records before it tell.

use std::collections::HashMap;

use super::dialect::Dialect;
use super::fields::Bounds;
use super::header::can_be_name;
use super::records::{MARK, Record};
use super::value::{Cell, classify};

/// What begins a line that sums up, where rows begin with their time.
const SUMMARIES: [&[u8]; 9] = [
    b"average", b"avg", b"mean", b"total", b"sum", b"min", b"minimum", b"max", b"maximum",
];

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
    /// It belongs to no section of what `sar` printed, though it looks like a row: it is rejected.
    Stray,
    /// A title of `sar` whose date may be two: the month was taken to come first.
    MonthFirst,
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
    /// The header, where its second field starts, and its names in small letters.
    header: Vec<u8>,
    header_tail: usize,
    order: Vec<String>,
    names: HashMap<String, u32>,
    /// The [`look`] of each.
    looks: u64,
    /// Fields of the first header or row.
    width: Option<usize>,
    /// Rows behind the last header start with a digit.
    starts_with_digit: Option<bool>,
    /// The first row behind a header did not read like names.
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

    /// Finds headers that come again, those of other names, and lines that sum up.
    pub(super) fn look_at(&mut self, record: &mut Record<'_>) {
        let width = *self.width.get_or_insert(record.n_fields);
        if record.role == RecordRole::Header {
            self.note_header(record);
            return;
        }
        let first = record.fields().next().unwrap_or_default();
        if record.n_fields == width && self.is_header(record.text, tail(record), width) {
            record.role = RecordRole::Aside(Aside::RepeatedHeader);
        } else if self.is_summary(first) {
            record.role = RecordRole::Aside(Aside::Summary);
        } else if self.may_name(first) && self.is_other_header(record) {
            let former = std::mem::take(&mut self.order);
            self.note_header(record);
            if self.order == former {
                record.role = RecordRole::Aside(Aside::RepeatedHeader);
                return;
            }
            record.role = RecordRole::OtherHeader;
            record.width = None;
            self.width = Some(record.n_fields);
            self.starts_with_digit = None;
        } else if self.starts_with_digit.is_none() {
            self.starts_with_digit = Some(starts_with_digit(first));
            self.says_numbers |= !reads_like_names(record);
        }
    }

    fn note_header(&mut self, record: &Record<'_>) {
        self.header = record.text.to_vec();
        self.header_tail = tail(record);
        self.order = record.fields().map(plain_name).collect();
        self.names.clear();
        self.looks = 0;
        for name in &self.order {
            self.names.insert(name.clone(), 0);
            self.looks |= look(name.as_bytes());
        }
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
        self.starts_with_digit == Some(true)
            && !starts_with_digit(first)
            && (first.ends_with(b":")
                || SUMMARIES
                    .iter()
                    .any(|word| first.eq_ignore_ascii_case(word)))
    }

    /// Whether a record that starts with this field may be something else than a row: few rows start so.
    #[inline(always)]
    fn may_name(&self, first: &[u8]) -> bool {
        let Some(&byte) = first.first() else {
            return false;
        };
        if byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.') {
            return false;
        }
        self.starts_with_digit != Some(false)
            || self.looks & look(first) != 0
            || first.starts_with(MARK)
    }

    /// Whether a record is a header of other names: nothing but words where rows hold numbers, and half of them, two at least,
    /// are names so far. The first of those is among them, or there are as many fields as before. Where rows begin with a digit,
    /// and this with the first name, that is enough, except for words between spaces, which may be a sentence.
    fn is_other_header(&self, record: &Record<'_>) -> bool {
        let is_as_wide = self.width == Some(record.n_fields);
        let (mut n_known, mut first_at) = (0, None);
        for (index, field) in record.fields().enumerate() {
            let name = plain_name(field);
            let can_name = can_be_name(&name) && !matches!(classify(&name), Cell::Missing);
            if !can_name || std::str::from_utf8(field).is_err() {
                return false;
            }
            n_known += usize::from(self.names.contains_key(&name));
            if self.order.first() == Some(&name) {
                first_at = Some(index);
            }
        }
        let begins_alike = first_at == Some(0) && self.starts_with_digit != Some(false);
        let is_long = is_as_wide || record.n_fields > 2;
        let is_alike = begins_alike && is_long && !record.dialect.spaced;
        let shares = n_known > 1 && 2 * n_known >= record.n_fields;
        let is_shared = shares && (first_at.is_some() || is_as_wide);
        let is_usable = record.n_fields == record.bounds.len() && !record.dialect.json_lines;
        self.says_numbers && is_usable && record.n_fields > 1 && (is_alike || is_shared)
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

/// One bit of a name's length and first letter, small or not: a row whose first field has none of a header's bits is none.
#[inline(always)]
fn look(name: &[u8]) -> u64 {
    let first = name.first().map_or(0, |byte| byte | 0x20);
    1 << ((name.len() * 13 + usize::from(first)) & 63)
}

/// A name as another header may spell it.
fn plain_name(field: &[u8]) -> String {
    let name = String::from_utf8_lossy(field);
    name.trim_ascii()
        .trim_start_matches('#')
        .to_ascii_lowercase()
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
