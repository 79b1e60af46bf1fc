//! UTF-8 bytes to records, in bounded memory and however the bytes were cut: where each record starts (physical line and
//! byte), its raw bytes and its fields. Blank lines are no records. `lanes` finds the bytes that mean something; between
//! them nothing is looked at.
//!
//! A quote that is never closed would swallow the rest of the file. It is noticed at the end of the file, at a closing
//! quote in the middle of a later line, or when its field has grown past the limits; then the record is read again with that
//! quote as a character like any other. A later quote that opens a field would have closed it, so that no byte is read more
//! than three times.

mod quotes;
mod rows;

pub(super) use rows::Rows;

use std::ops::Range;

use super::fields::{Bounds, Escape, Fields, MAX_FIELD_BYTES, MAX_RECORD_BYTES, TooLong};
use super::lanes::{BLOCK, Needles};
use super::lines::{LineCounter, is_line_end};
use super::records::RecordProblem;
use super::syntax::{Spacing, Syntax};

/// How much is copied in at a time, which bounds the memory a large chunk costs.
const PIECE: usize = 64 << 10;

/// A record that was found; its bytes are in the scanner until the next call.
#[derive(Debug)]
pub(super) struct Found {
    /// Physical line of its first byte.
    pub(super) line: u64,
    /// Offset of its first byte from the start of the text.
    pub(super) offset: u64,
    /// Its place in `Scanner::pending`, without the line end.
    pub(super) raw: Range<usize>,
    /// Fields, also those past `MAX_COLUMNS`, which are not kept.
    pub(super) n_fields: usize,
    /// A comment line, of which nothing is a field.
    pub(super) is_comment: bool,
    /// The first field in which a closing quote is followed by more.
    pub(super) stray_quote: Option<usize>,
    pub(super) problem: Option<RecordProblem>,
}

/// Where in a record the scanner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In a field without quotes, or before one.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind the closing quote at this place.
    Closed(usize),
}

/// A record over the limit, of which nothing is left but where it began.
#[derive(Debug, Clone, Copy)]
struct Skipped {
    line: u64,
    offset: u64,
    column: usize,
}

/// A quote that takes in more than it was meant to: from it on, quotes are characters until the line ends.
#[derive(Debug, Clone, Copy)]
struct Runaway {
    opened: usize,
    problem: RecordProblem,
}

/// Places are in `pending`, those of `fields` in the record.
#[derive(Debug)]
pub(super) struct Scanner {
    syntax: Syntax,
    needles: Needles,
    /// Bytes from the start of the record that is being read.
    pending: Vec<u8>,
    /// Where it starts.
    start: usize,
    /// Up to here the bytes were read.
    position: usize,
    /// Needles that were found and not read yet, as bits from `block` on, and how far they were searched for.
    mask: u64,
    block: usize,
    searched: usize,
    state: State,
    /// Where the text of the field starts.
    field: usize,
    /// Something between the quotes of this field is escaped.
    escapes: bool,
    /// A byte that is meant literally.
    literal: usize,
    /// The first line end between the quotes of this field.
    line_end: Option<usize>,
    /// There are line ends inside the record.
    has_lines: bool,
    fields: Fields,
    /// The fields of plain rows, and where such rows are looked for again.
    cells: Vec<Bounds>,
    rough: usize,
    /// The first field in which a closing quote is followed by more.
    stray_quote: Option<usize>,
    /// Offset of `pending[0]` from the start of the text.
    offset: u64,
    /// Physical line of `pending[start]`.
    line: LineCounter,
    runaway: Option<Runaway>,
    skipped: Option<Skipped>,
    /// No more bytes will come.
    at_end: bool,
}

impl Scanner {
    /// A scanner of a text whose first line has this number.
    pub(super) fn new(syntax: Syntax, first_line: u64) -> Self {
        Self {
            needles: Needles::new(syntax.needles()),
            syntax,
            pending: Vec::new(),
            start: 0,
            position: 0,
            mask: 0,
            block: 0,
            searched: 0,
            state: State::Plain,
            field: 0,
            escapes: false,
            literal: usize::MAX,
            line_end: None,
            has_lines: false,
            fields: Fields::default(),
            cells: Vec::new(),
            rough: 0,
            stray_quote: None,
            offset: 0,
            line: LineCounter::at(first_line),
            runaway: None,
            skipped: None,
            at_end: false,
        }
    }

    /// Takes bytes in pieces; `on_piece` is called after each, to take the records out with [`next`](Self::next).
    pub(super) fn feed<E>(
        &mut self,
        bytes: &[u8],
        mut on_piece: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        for piece in bytes.chunks(PIECE) {
            self.compact();
            self.pending.extend_from_slice(piece);
            on_piece(self)?;
        }
        Ok(())
    }

    /// Drops the bytes of records that have been taken out.
    fn compact(&mut self) {
        if self.skipped.is_some() {
            self.drop_read();
        }
        let n = self.start;
        self.pending.drain(..n);
        self.offset += n as u64;
        self.start = 0;
        self.position -= n;
        self.field -= n;
        self.rough = self.rough.saturating_sub(n);
        self.literal = self.literal.checked_sub(n).unwrap_or(usize::MAX);
        self.line_end = self.line_end.map(|place| place.saturating_sub(n));
        if let State::Closed(place) = &mut self.state {
            *place = place.saturating_sub(n);
        }
        if let Some(runaway) = &mut self.runaway {
            runaway.opened = runaway.opened.saturating_sub(n);
        }
        self.look_from(self.position);
    }

    pub(super) fn raw(&self, found: &Found) -> &[u8] {
        &self.pending[found.raw.clone()]
    }

    /// The text of the fields of the record found last, and where each is in it.
    pub(super) fn fields(&mut self, found: &Found) -> (&[u8], &[u8], &[Bounds]) {
        let raw = &self.pending[found.raw.clone()];
        let escape = Escape {
            quote: self.syntax.quote,
            escape: self.syntax.escape,
        };
        let (text, bounds) = self.fields.resolve(raw, escape);
        (raw, text, bounds)
    }

    /// The next complete record.
    pub(super) fn next(&mut self) -> Option<Found> {
        if self.position == self.start {
            self.fields.clear();
        }
        loop {
            let Some(place) = self.next_needle() else {
                if self.is_over_a_limit() {
                    continue;
                }
                return None;
            };
            let byte = self.pending[place];
            self.position = place + 1;
            let Some(ended) = self.read(place, byte) else {
                self.unread(place);
                return None;
            };
            if ended {
                self.position = self.behind_line_end(place);
                if let Some(found) = self.end_record(place) {
                    return Some(found);
                }
            }
        }
    }

    /// The next record when no more bytes will come.
    pub(super) fn next_at_end(&mut self) -> Option<Found> {
        self.at_end = true;
        loop {
            if let Some(found) = self.next() {
                return Some(found);
            }
            if self.start == self.pending.len() && self.skipped.is_none() {
                return None;
            }
            self.position = self.pending.len();
            if self.state == State::Quoted && self.skipped.is_none() {
                self.run_away(self.field - 1, self.fields.count());
                continue;
            }
            let found = self.end_record(self.position);
            if found.is_some() {
                return found;
            }
        }
    }

    /// The place of the next byte that means something.
    #[inline(always)]
    fn next_needle(&mut self) -> Option<usize> {
        while self.mask == 0 {
            if !self.search_block() {
                return None;
            }
        }
        let place = self.block + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(place)
    }

    /// Searches the next bytes, if there are any. Looks no further than a record may be long, so that what becomes of a
    /// longer one does not depend on how the bytes were cut.
    #[inline(never)]
    fn search_block(&mut self) -> bool {
        let limit = self.pending.len().min(self.start + MAX_RECORD_BYTES);
        if self.searched >= limit {
            self.position = limit;
            return false;
        }
        self.block = self.searched;
        self.searched = limit.min(self.block + BLOCK);
        self.mask = self.needles.find(&self.pending[self.block..self.searched]);
        true
    }

    /// The place behind the line end that was found last, at this place. The LF of a CRLF that has not come yet will be a
    /// blank line.
    #[inline]
    fn behind_line_end(&mut self, place: usize) -> usize {
        let ends = self.pending[place..].starts_with(b"\r\n") && self.next_needle().is_some();
        place + 1 + usize::from(ends)
    }

    /// Has the needle that was found last, at this place, be found again.
    fn unread(&mut self, place: usize) {
        self.mask |= 1 << (place - self.block);
        self.position = place;
    }

    /// Has the search go on at this place.
    fn look_from(&mut self, place: usize) {
        self.mask = 0;
        self.searched = place;
    }

    /// Reads a byte that means something; says whether it ended the record. `None` if that takes the byte after it, which
    /// has not come yet.
    #[inline]
    fn read(&mut self, place: usize, byte: u8) -> Option<bool> {
        match self.state {
            State::Plain if self.syntax.is_delimiter(byte) => self.end_plain(place),
            State::Plain if is_line_end(byte) => return Some(true),
            State::Plain => self.open_quote(place, byte),
            State::Quoted => return self.read_quoted(place, byte),
            State::Closed(_) if is_line_end(byte) => return Some(true),
            State::Closed(closed) if self.syntax.is_delimiter(byte) => {
                self.end_quoted(closed, place);
                self.state = State::Plain;
            }
            State::Closed(closed) => self.close_again(closed, place, byte)?,
        }
        Some(false)
    }

    /// Ends a field without quotes, or with one that is a character.
    #[inline]
    fn end_plain(&mut self, end: usize) {
        let mut start = std::mem::replace(&mut self.field, end + 1);
        if self.syntax.spacing != Spacing::Kept {
            if self.syntax.spacing == Spacing::Delimits && start == end {
                return;
            }
            let spaces = self.pending[start..end].iter();
            start += spaces.take_while(|&&byte| byte == b' ').count();
            if self.syntax.spacing == Spacing::Delimits && self.is_half_of_day(start, end) {
                return self.fields.end_last(end - self.start);
            }
        }
        self.push(start, end);
    }

    #[inline]
    fn push(&mut self, start: usize, end: usize) {
        if self.skipped.is_none() {
            self.fields.push(start - self.start, end - self.start);
        }
    }

    /// The physical line that is to be read next.
    pub(super) fn line(&self) -> u64 {
        self.line.line
    }

    /// Whether a field is the `AM` of `12:10:01 AM` at the start of a record, where spaces are delimiters.
    #[inline(never)]
    fn is_half_of_day(&self, start: usize, end: usize) -> bool {
        matches!(&self.pending[start..end], b"AM" | b"PM")
            && self.skipped.is_none()
            && self.fields.count() == 1
            && self.pending[self.start..start].contains(&b':')
    }

    /// Closes the record that ends at `end`; `None` if it was a blank line, or must be read again.
    fn end_record(&mut self, end: usize) -> Option<Found> {
        if let Some(skipped) = self.skipped.take() {
            return Some(self.end_skipped(skipped));
        }
        let runs = self.syntax.spacing == Spacing::Delimits && self.fields.count() > 0;
        match self.state {
            State::Closed(closed) => self.end_quoted(closed, end),
            State::Plain if runs && self.field == end => {}
            State::Plain | State::Quoted => self.end_plain(end),
        }
        let raw = self.start..end;
        let too_long = if raw.len() > MAX_FIELD_BYTES {
            self.fields.too_long(&self.pending[raw.clone()])
        } else {
            None
        };
        if let Some(TooLong {
            column,
            start,
            has_lines: true,
        }) = too_long
            && self.runaway.is_none()
        {
            self.run_away(self.start + start - 1, column);
            return None;
        }
        let stray_quote = self.stray_quote.take();
        let runaway = self.runaway.take().map(|runaway| runaway.problem);
        let found = Found {
            line: self.line.line,
            offset: self.offset + self.start as u64,
            n_fields: self.fields.count(),
            stray_quote,
            is_comment: self.syntax.comment.is_some()
                && self.syntax.comment == self.pending[raw.clone()].first().copied(),
            problem: runaway
                .or(too_long.map(|TooLong { column, .. }| RecordProblem::FieldTooLong { column })),
            raw,
        };
        self.pass_record(end);
        let may_be_blank = found.n_fields <= 1 || self.syntax.delimiter == b' ';
        if may_be_blank && self.raw(&found).trim_ascii().is_empty() {
            self.fields.clear();
            return None;
        }
        Some(found)
    }

    /// Counts the lines of the record that ends at `end`, and readies for the next.
    fn pass_record(&mut self, end: usize) {
        if self.has_lines {
            self.line.pass(&self.pending[self.start..end]);
        } else {
            self.line.pass_content(end - self.start);
        }
        self.line.pass(&self.pending[end..self.position]);
        self.start = self.position;
        self.begin_record();
    }

    fn begin_record(&mut self) {
        self.state = State::Plain;
        self.field = self.start;
        self.literal = usize::MAX;
        self.has_lines = false;
        self.stray_quote = None;
    }

    fn end_skipped(&mut self, skipped: Skipped) -> Found {
        self.line.pass(&self.pending[self.start..self.position]);
        self.start = self.position;
        self.begin_record();
        self.fields.clear();
        Found {
            line: skipped.line,
            offset: skipped.offset,
            raw: self.start..self.start,
            n_fields: skipped.column + 1,
            is_comment: false,
            stray_quote: None,
            problem: Some(RecordProblem::FieldTooLong {
                column: skipped.column,
            }),
        }
    }

    /// What was read ends inside a record: whether that has to be given up, so that there is more to read.
    fn is_over_a_limit(&mut self) -> bool {
        let is_full = self.position == self.start + MAX_RECORD_BYTES;
        if self.skipped.is_some() {
            if is_full {
                self.drop_read();
            }
            return is_full;
        }
        let is_long = self.position.saturating_sub(self.field) > MAX_FIELD_BYTES;
        if self.state == State::Quoted && self.line_end.is_some() && (is_full || is_long) {
            self.run_away(self.field - 1, self.fields.count());
            return true;
        }
        if is_full {
            self.skipped = Some(Skipped {
                line: self.line.line,
                offset: self.offset + self.start as u64,
                column: self.fields.count(),
            });
            self.runaway = None;
            self.drop_read();
        }
        is_full
    }

    /// Gives up what was read of a record over the limit.
    fn drop_read(&mut self) {
        self.line.pass(&self.pending[self.start..self.position]);
        self.start = self.position;
        self.field = self.field.max(self.start);
    }
}
