//! What a log's first bytes look like, read in one way.

use super::{Head, Plan, USUAL, line_end};
use crate::table::dialect::{CheckedOptions, Dialect};
use crate::table::header::{can_be_name, is_decimal_comma};
use crate::table::records::IsWhole;
use crate::table::scan::{Found, Scanner};
use crate::table::syntax::Syntax;
use crate::table::value::{Cell, classify};

/// So many records say how a log is written.
const MAX_RECORDS: usize = 500;

/// A record of the sample.
#[derive(Debug, Clone, Copy)]
struct Row {
    line: u64,
    width: usize,
    /// Its last field is empty: perhaps there is one delimiter too many.
    ends_empty: bool,
    is_sharp: bool,
    is_sound: bool,
    /// Blank lines come before it.
    is_apart: bool,
    /// No cell is a number or a time.
    can_be_header: bool,
    /// No cell starts with a digit either.
    is_wordy: bool,
}

impl Row {
    fn has_width(&self, width: usize) -> bool {
        self.width == width || self.ends_empty && self.width == width + 1
    }
}

/// What a log's first bytes look like, read in one way.
#[derive(Debug)]
pub(super) struct Sample {
    syntax: Syntax,
    rows: Vec<Row>,
    n_cells: usize,
    typed: f64,
    /// Records that as a whole are one date and time.
    n_times: usize,
    /// The line after the last record.
    next_line: u64,
}

impl Sample {
    pub(super) fn read(head: Head<'_>, syntax: Syntax) -> Self {
        let mut sample = Self {
            syntax,
            rows: Vec::new(),
            n_cells: 0,
            typed: 0.0,
            n_times: 0,
            next_line: 1,
        };
        let mut scanner = Scanner::new(syntax, 1);
        // The end of the sample ends the reading of it.
        let fed: Result<(), ()> = scanner.feed(head.text, |scanner| {
            while let Some(found) = scanner.next() {
                sample.add(scanner, &found)?;
            }
            Ok(())
        });
        // A file cut at 64 KiB ends in half a record, which says nothing.
        while fed.is_ok() && head.is_whole == IsWhole::Yes {
            let Some(found) = scanner.next_at_end() else {
                break;
            };
            if sample.add(&mut scanner, &found).is_err() {
                break;
            }
        }
        sample
    }

    /// Fails when it has seen enough.
    fn add(&mut self, scanner: &mut Scanner, found: &Found) -> Result<(), ()> {
        let (raw, text, bounds) = scanner.fields(found);
        let is_sharp = raw.trim_ascii_start().starts_with(b"#");
        let sharp_alone = is_sharp && bounds.first().is_some_and(|&(start, end)| end - start == 1);
        let width = found.n_fields - usize::from(sharp_alone);
        let mut can_be_header = !found.is_comment;
        let mut is_wordy = can_be_header;
        for &(start, end) in bounds {
            let cell = &text[start as usize..end as usize];
            self.typed += weight(cell);
            can_be_header &= is_name(cell);
            is_wordy &= !cell.first().is_some_and(u8::is_ascii_digit);
        }
        // Fields that are not kept for their number are empty, as far as anybody knows.
        self.typed += (found.n_fields.max(bounds.len()) - bounds.len()) as f64;
        self.n_cells += found.n_fields.max(bounds.len());
        let is_time = |text| matches!(classify(text), Cell::Time(_));
        self.n_times += usize::from(std::str::from_utf8(raw).is_ok_and(is_time));
        let lines = raw.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.rows.push(Row {
            line: found.line,
            width,
            ends_empty: bounds.last().is_some_and(|&(start, end)| start == end),
            is_sharp,
            is_sound: found.problem.is_none(),
            is_apart: found.line > self.next_line,
            can_be_header,
            is_wordy: is_wordy && can_be_header,
        });
        self.next_line = found.line + lines + 1;
        if self.rows.len() < MAX_RECORDS {
            Ok(())
        } else {
            Err(())
        }
    }

    /// How many sound records have a width.
    fn count(&self, width: usize) -> usize {
        let has_width = |row: &&Row| row.is_sound && !row.is_sharp && row.has_width(width);
        self.rows.iter().filter(has_width).count()
    }

    /// The width of most records; of equals the first's.
    fn usual_width(&self) -> usize {
        let mut best = (0, 0);
        let mut before = None;
        for row in &self.rows {
            if before.replace(row.width) == Some(row.width) {
                continue;
            }
            let n = self.count(row.width);
            if n > best.0 {
                best = (n, row.width);
            }
        }
        best.1
    }

    /// The width that rows are to have: the first record's, or that of most.
    fn width(&self) -> usize {
        let first = self
            .rows
            .iter()
            .find(|row| !row.is_sharp)
            .map_or(0, |row| row.width);
        let usual = self.usual_width();
        let is_alone = self.count(first) <= 1 + self.rows.len() / 20;
        if (first < usual || is_alone) && self.score_of(usual) > self.score_of(first) {
            usual
        } else {
            first
        }
    }

    pub(super) fn score(&self) -> f64 {
        self.score_of(self.width())
    }

    /// Share of rows that would be read, times how much the cells look like values, times a little for more columns.
    /// One column is what is left when no way of reading splits the rows evenly.
    fn score_of(&self, width: usize) -> f64 {
        const ONE_COLUMN: f64 = 0.01;
        /// Times and addresses hold so many.
        const COLONS: usize = 5;
        if self.n_cells == 0 {
            return 0.0;
        }
        let n_rows = self.rows.iter().filter(|row| !row.is_sharp).count().max(1);
        let even = self.count(width) as f64 / n_rows as f64;
        let is_unlikely = match self.syntax.delimiter {
            b':' => width < COLONS,
            b' ' => self.n_times * 2 >= n_rows,
            _ => false,
        };
        if width < 2 || is_unlikely {
            return even * ONE_COLUMN;
        }
        let columns = width as f64;
        even * (self.typed / self.n_cells as f64) * (1.0 - 1.0 / (columns * columns))
    }

    pub(super) fn into_plan(mut self, head: Head<'_>, options: &CheckedOptions) -> Plan {
        let width = self.width();
        let header_line = self.find_comments(width);
        let first = self.first_of_table(width, options);
        let first_line = match self.rows.get(first) {
            Some(row) if first > 0 => row.line,
            _ => 1,
        };
        let header_lines = match header_line {
            Some(_) => 1,
            None => self.header_lines(first, width),
        };
        let dialect = Dialect {
            line_end: line_end(head.text, self.syntax.quote),
            preamble_lines: u32::try_from(first_line - 1).unwrap_or(u32::MAX),
            header_lines,
            ..Dialect::of(&self.syntax)
        };
        Plan {
            syntax: self.syntax,
            dialect,
            width: (width > 1).then_some(width),
            first_line,
            header_line,
        }
    }

    /// Finds out whether lines that start with `#` are comments, and takes those from the sample. Returns the line of the
    /// last one before the table if it holds names for its columns.
    fn find_comments(&mut self, width: usize) -> Option<u64> {
        let first = self.rows.iter().position(|row| !row.is_sharp)?;
        if self.syntax.comment.is_some() || width < 2 || !self.rows.iter().any(|row| row.is_sharp) {
            return None;
        }
        let fits = |row: &&Row| row.is_sharp && row.has_width(width);
        if self.rows[first..].iter().any(|row| fits(&row)) {
            return None;
        }
        let names = self.rows[..first].last().filter(fits);
        // A header whose first name starts with the sign is a comment to nobody.
        let line = names.map(|row| row.line);
        let mut rest = self.rows[first..].iter();
        if names.is_some() && first == 1 && rest.all(|row| row.can_be_header || row.is_sharp) {
            return None;
        }
        let header_line = line.filter(|_| !self.rows[first].can_be_header);
        self.syntax.comment = Some(b'#');
        self.rows.retain(|row| !row.is_sharp);
        header_line
    }

    /// The record the table begins with. What comes before it is much narrower, or set apart by a blank line.
    fn first_of_table(&self, width: usize, options: &CheckedOptions) -> usize {
        if width < 2
            || options.header == Some(false)
                && self.rows.first().is_some_and(|row| row.has_width(width))
        {
            return 0;
        }
        // A title may happen to have as many words as the table has columns.
        let is_title = |at: usize| {
            let next = self.rows.get(at + 1);
            next.is_some_and(|next| next.is_apart && !next.has_width(width))
        };
        let starts = |&at: &usize| self.rows[at].has_width(width) && !is_title(at);
        let Some(first) = (0..self.rows.len()).find(starts) else {
            return 0;
        };
        let before = &self.rows[..first];
        let apart = (1..=first).rev().find(|&index| self.rows[index].is_apart);
        let narrow = before
            .iter()
            .rposition(|row| row.width <= width / 2)
            .map(|last| last + 1);
        apart.max(narrow).unwrap_or(0)
    }

    /// How many records the names are spread over: those that hold words only, where all rows hold values.
    fn header_lines(&self, first: usize, width: usize) -> u32 {
        const MAX_LINES: usize = 3;
        const NEEDED_ROWS: usize = 2;
        let rows = &self.rows[first.min(self.rows.len())..];
        let is_names = |row: &&Row| row.is_wordy && row.has_width(width);
        let n = rows.iter().take_while(is_names).count();
        let has_values = |row: &Row| !row.can_be_header;
        if (2..=MAX_LINES).contains(&n)
            && rows.len() >= n + NEEDED_ROWS
            && rows[n..].iter().all(has_values)
        {
            n as u32
        } else {
            1
        }
    }
}

fn is_name(cell: &[u8]) -> bool {
    std::str::from_utf8(cell).map_or(true, can_be_name)
}

/// How much a cell looks like a value rather than like several with a delimiter that was not recognised.
fn weight(cell: &[u8]) -> f64 {
    let Ok(text) = std::str::from_utf8(cell) else {
        return 0.1;
    };
    match classify(text) {
        Cell::Text(text) if is_decimal_comma(text) => 1.0,
        Cell::Text(text) if text.bytes().any(|byte| USUAL.contains(&byte)) => 0.1,
        Cell::Text(_) => 0.9,
        _ => 1.0,
    }
}
