//! UTF-8 bytes to records by csv-core's state machine, in bounded memory and however the bytes were cut: where each
//! record starts (physical line and byte), its raw bytes and its unescaped fields. Blank lines are no records.
//!
//! A quote that is never closed would swallow the rest of the file. It is noticed at the end of the file, or when its
//! field has grown past the limits; then the lines after the one that opened it are read again, each as a record of its
//! own, so that no byte is read more than twice.

use std::ops::Range;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::fields::Fields;
use super::quotes::{LineCounter, is_line_end, runaway_quote};
use super::records::RecordProblem;

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
    pub(super) problem: Option<RecordProblem>,
}

/// What the scanner is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Records,
    /// Reading lines again, as one record each, up to a position in `pending`.
    Lines {
        until: usize,
    },
    /// Waiting for the end of a record that is over the limit and began at `line`.
    Skip {
        line: u64,
        offset: u64,
        column: usize,
    },
}

#[derive(Debug)]
pub(super) struct Scanner {
    delimiter: u8,
    core: Reader,
    /// Bytes from the start of the record that is being read.
    pending: Vec<u8>,
    /// Where it starts, blank lines before it included.
    start: usize,
    /// Up to here `core` has read.
    position: usize,
    /// Offset of `pending[0]` from the start of the text.
    offset: u64,
    fields: Fields,
    /// Physical line of `pending[start]`.
    line: LineCounter,
    mode: Mode,
    /// No more bytes will come.
    at_end: bool,
}

impl Scanner {
    pub(super) fn new(delimiter: u8) -> Self {
        let mut scanner = Self {
            delimiter,
            core: ReaderBuilder::new().delimiter(delimiter).build(),
            pending: Vec::new(),
            start: 0,
            position: 0,
            offset: 0,
            fields: Fields::new(),
            line: LineCounter::new(),
            mode: Mode::Records,
            at_end: false,
        };
        scanner.reset();
        scanner
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
        if matches!(self.mode, Mode::Skip { .. }) {
            self.line.pass(&self.pending[self.start..self.position]);
            self.start = self.position;
        }
        if let Mode::Lines { until } = &mut self.mode {
            *until -= self.start;
        }
        self.pending.drain(..self.start);
        self.offset += self.start as u64;
        self.position -= self.start;
        self.start = 0;
    }

    pub(super) fn raw(&self, found: &Found) -> &[u8] {
        &self.pending[found.raw.clone()]
    }

    /// The text of all fields, one after the other, and where each ends.
    pub(super) fn fields(&self) -> (&[u8], &[usize]) {
        (self.fields.text(), self.fields.ends())
    }

    /// The next complete record.
    pub(super) fn next(&mut self) -> Option<Found> {
        loop {
            if let Mode::Lines { until } = self.mode {
                match self.next_line(until) {
                    Some(found) => return Some(found),
                    None => self.leave_lines(),
                }
            }
            if self.position == self.pending.len() {
                return None;
            }
            if self.position == self.start {
                self.fields.clear();
            }
            let (result, n_in) = self
                .fields
                .read(&mut self.core, &self.pending[self.position..]);
            self.position += n_in;
            let found = match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return None,
                ReadRecordResult::OutputEndsFull => {
                    self.fields.grow_ends();
                    None
                }
                ReadRecordResult::OutputFull => self.grow_text(),
                ReadRecordResult::Record => self.end_record(),
            };
            if found.is_some() {
                return found;
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
            if matches!(self.mode, Mode::Skip { .. }) {
                return self.end_skip();
            }
            if self.position == self.start {
                return None;
            }
            if !self.fields.end_line(&mut self.core) {
                return self.recover(self.position);
            }
            let found = self.end_record();
            if found.is_some() {
                return found;
            }
        }
    }

    /// Closes the record that ends at `position`; `None` if it was a blank line.
    fn end_record(&mut self) -> Option<Found> {
        if matches!(self.mode, Mode::Skip { .. }) {
            return self.end_skip();
        }
        if self.fields.too_long().is_some()
            && let Some(found) = self.recover(self.position)
        {
            return Some(found);
        }
        let raw = self.content();
        self.line.pass(&self.pending[self.start..raw.start]);
        let line = self.line.line;
        if raw.len() + 1 == self.fields.text_len + self.fields.count() {
            // Every byte is in the text or a delimiter: there are no quotes, hence no line ends inside.
            self.line.pass_content(raw.len());
        } else {
            self.line.pass(&self.pending[raw.clone()]);
        }
        self.line.pass(&self.pending[raw.end..self.position]);
        self.start = self.position;
        self.found(line, raw)
    }

    /// Closes a record over the limit, of which nothing is left but where it began.
    fn end_skip(&mut self) -> Option<Found> {
        let Mode::Skip {
            line,
            offset,
            column,
        } = self.mode
        else {
            return None;
        };
        self.line.pass(&self.pending[self.start..self.position]);
        self.start = self.position;
        self.mode = Mode::Records;
        Some(Found {
            line,
            offset,
            raw: self.start..self.start,
            n_fields: column + 1,
            problem: Some(RecordProblem::FieldTooLong { column }),
        })
    }

    /// The record that ends at `position`, without the blank lines before it and its line end.
    fn content(&self) -> Range<usize> {
        let bytes = &self.pending[self.start..self.position];
        let n_blank = bytes.iter().take_while(|&&byte| is_line_end(byte)).count();
        let begin = self.start + n_blank;
        let ended = self.position > begin && is_line_end(self.pending[self.position - 1]);
        begin..self.position - usize::from(ended)
    }

    fn found(&self, line: u64, raw: Range<usize>) -> Option<Found> {
        let n_fields = self.fields.count();
        if n_fields <= 1 && self.pending[raw.clone()].trim_ascii().is_empty() {
            return None;
        }
        let problem = self.fields.too_long();
        let problem = problem.map(|column| RecordProblem::FieldTooLong { column });
        let offset = self.offset + raw.start as u64;
        Some(Found {
            line,
            offset,
            raw,
            n_fields,
            problem,
        })
    }

    /// The text of the record has outgrown its room: makes more, or gives the record up.
    fn grow_text(&mut self) -> Option<Found> {
        if matches!(self.mode, Mode::Skip { .. }) {
            self.fields.text_len = 0;
            return None;
        }
        if self.fields.grow_text() {
            return None;
        }
        let read = &self.pending[..self.position];
        let last = read.iter().rposition(|&byte| is_line_end(byte));
        if let Some(found) = self.recover(last.map_or(0, |last| last + 1)) {
            return Some(found);
        }
        let begin = self.content().start;
        self.line.pass(&self.pending[self.start..begin]);
        self.start = begin;
        self.mode = Mode::Skip {
            line: self.line.line,
            offset: self.offset + begin as u64,
            column: self.fields.count(),
        };
        self.fields.text_len = 0;
        None
    }

    /// Gives up the record that ends at `position` for a quote that runs away, and goes back to the line after the one
    /// that opened it. The lines up to `until` will be read one by one. `None` if no quote runs away, or there is no
    /// line to go back to while more bytes may come.
    fn recover(&mut self, until: usize) -> Option<Found> {
        let content = self.content();
        let raw = &self.pending[content.start..self.position];
        let runaway = runaway_quote(raw, self.delimiter)?;
        if runaway.line_end.is_none() && !self.at_end {
            return None;
        }
        let line_end = runaway.line_end.map(|end| content.start + end);
        self.line.pass(&self.pending[self.start..content.start]);
        let line = self.line.line;
        let opened = content.start + runaway.opened;
        self.line.pass(&self.pending[content.start..opened]);
        let quote_line = self.line.line;
        let end = line_end.unwrap_or(self.position);
        let next = (end + 1).min(self.position);
        self.line.pass(&self.pending[opened..next]);
        self.start = next;
        self.position = next;
        self.fields.clear();
        self.mode = Mode::Lines { until };
        Some(Found {
            line,
            offset: self.offset + content.start as u64,
            raw: content.start..end,
            n_fields: runaway.column + 1,
            problem: Some(RecordProblem::UnclosedQuote {
                line: quote_line,
                column: runaway.column,
            }),
        })
    }

    /// The next line before `until` as a record of its own.
    fn next_line(&mut self, until: usize) -> Option<Found> {
        while self.start < until {
            let bytes = &self.pending[self.start..until];
            let n_bytes = bytes
                .iter()
                .position(|&byte| is_line_end(byte))
                .unwrap_or(bytes.len());
            let raw = self.start..self.start + n_bytes;
            let next = (raw.end + 1).min(until);
            let line = self.line.line;
            self.line.pass(&self.pending[self.start..next]);
            self.start = next;
            self.position = next;
            let closed = n_bytes == 0 || self.read_line(raw.clone());
            let Some(mut found) = self.found(line, raw.clone()).filter(|_| n_bytes > 0) else {
                continue;
            };
            if !closed {
                let column = runaway_quote(&self.pending[raw], self.delimiter)
                    .map_or(0, |runaway| runaway.column);
                found.problem = Some(RecordProblem::UnclosedQuote { line, column });
            }
            return Some(found);
        }
        None
    }

    /// Reads one line's fields; says whether its quotes were closed.
    fn read_line(&mut self, raw: Range<usize>) -> bool {
        self.reset();
        let mut position = raw.start;
        while position < raw.end {
            let (result, n_in) = self
                .fields
                .read(&mut self.core, &self.pending[position..raw.end]);
            position += n_in;
            match result {
                ReadRecordResult::OutputEndsFull => self.fields.grow_ends(),
                ReadRecordResult::OutputFull if !self.fields.grow_text() => break,
                _ => {}
            }
        }
        self.fields.end_line(&mut self.core)
    }

    fn leave_lines(&mut self) {
        self.mode = Mode::Records;
        self.position = self.start;
        self.reset();
    }

    /// Readies `core` for another record. It is given a blank line, as a reader that has seen nothing drops a byte order
    /// mark, and only if the chunk is long enough. (A built reader cannot be cloned instead: its copy is broken.)
    fn reset(&mut self) {
        self.core.reset();
        self.core.read_record(b"\n", &mut [0], &mut [0]);
        self.fields.clear();
    }
}
