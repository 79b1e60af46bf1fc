//! Quotes: where they open and close a field, what a quote in a field is, and the one that takes in more than it was meant to.

use super::{Runaway, Scanner, State};
use crate::table::lines::is_line_end;
use crate::table::records::RecordProblem;
use crate::table::syntax::{Spacing, Syntax};

impl Scanner {
    pub(super) fn end_quoted(&mut self, closed: usize, end: usize) {
        let start = std::mem::replace(&mut self.field, end + 1);
        let rest = &self.pending[closed + 1..end];
        if !rest.trim_ascii().is_empty() {
            self.stray_quote.get_or_insert(self.fields.count());
        }
        let drops_rest = self.syntax.spacing == Spacing::Dropped && rest.trim_ascii().is_empty();
        if !self.escapes && (rest.is_empty() || drops_rest) {
            self.push(start, closed);
        } else if self.skipped.is_none() {
            let end = if drops_rest { closed } else { end };
            let place = |place| place - self.start;
            self.fields
                .push_odd(place(start), place(closed), place(end));
        }
    }

    /// A quote means something at the start of a field only.
    pub(super) fn open_quote(&mut self, place: usize, byte: u8) {
        let before = &self.pending[self.field..place];
        let is_first = before.is_empty()
            || (self.syntax.spacing == Spacing::Dropped && before.trim_ascii().is_empty());
        let is_literal = self.runaway.is_some_and(|runaway| runaway.opened <= place)
            || self.syntax.comment == self.pending.get(self.start).copied();
        if byte == self.syntax.quote && is_first && !is_literal {
            self.state = State::Quoted;
            self.field = place + 1;
            self.escapes = false;
            self.line_end = None;
        }
    }

    pub(super) fn read_quoted(&mut self, place: usize, byte: u8) -> Option<bool> {
        let Syntax { quote, escape, .. } = self.syntax;
        if is_line_end(byte) {
            self.line_end.get_or_insert(place);
            self.has_lines = true;
            return Some(self.skipped.is_some());
        }
        if place == self.literal {
            return Some(false);
        }
        if byte == escape && byte != quote {
            self.literal = place + 1;
            self.escapes = true;
        } else if byte == quote {
            let next = self.byte_at(place + 1)?;
            if next == Some(quote) {
                self.literal = place + 1;
                self.escapes = true;
            } else if next == Some(b' ') || self.ends_field(next) || self.line_end.is_none() {
                self.state = State::Closed(place);
            } else if self.skipped.is_none() {
                self.run_away(self.field - 1, self.fields.count());
            }
        }
        Some(false)
    }

    /// A quote behind a closing one: if the field ends there, it is the closing one, and the other belongs to the text. In
    /// `"a" "b"` it is not: there both are a pair.
    pub(super) fn close_again(&mut self, closed: usize, place: usize, byte: u8) -> Option<()> {
        if byte == self.syntax.quote {
            let next = self.byte_at(place + 1)?;
            let between = &self.pending[closed + 1..place];
            let is_pair = between.starts_with(b" ") && between.contains(&byte);
            if self.ends_field(next) && !is_pair {
                self.state = State::Closed(place);
                self.escapes = true;
                self.stray_quote.get_or_insert(self.fields.count());
            }
        }
        Some(())
    }

    /// The byte there, if the text goes on so far; `None` if it has not come yet.
    fn byte_at(&self, place: usize) -> Option<Option<u8>> {
        let byte = self.pending.get(place).copied();
        (byte.is_some() || self.at_end).then_some(byte)
    }

    fn ends_field(&self, next: Option<u8>) -> bool {
        next.is_none_or(|byte| is_line_end(byte) || self.syntax.is_delimiter(byte))
    }

    /// Goes back to the start of the record, to read the quote at `opened` and those after it as characters.
    pub(super) fn run_away(&mut self, opened: usize, column: usize) {
        let mut line = self.line;
        line.pass(&self.pending[self.start..opened]);
        let line = line.line;
        self.runaway = Some(Runaway {
            opened,
            problem: RecordProblem::UnclosedQuote { line, column },
        });
        self.fields.clear();
        self.position = self.start;
        self.begin_record();
        self.look_from(self.start);
    }
}
