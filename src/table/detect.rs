//! Finds how a log is written from its first 64 KiB: the way of reading them that gives the most even rows of cells that
//! look like values, and where in them the table begins.

use super::dialect::{CheckedOptions, Dialect, LineEnd};
use super::header::is_decimal_comma;
use super::records::IsWhole;
use super::scan::{Found, Scanner};
use super::syntax::{Spacing, Syntax};
use super::value::{Cell, classify};

/// Delimiters that are found by themselves, the likeliest first, and how likely they are: where two ways of reading give
/// rows that are as even, the likelier one is right.
const DELIMITERS: [(u8, Spacing, f64); 11] = [
    (b',', Spacing::Kept, 1.0),
    (b';', Spacing::Kept, 1.0),
    (b'\t', Spacing::Kept, 1.0),
    (b'|', Spacing::Kept, 1.0),
    (b' ', Spacing::Delimits, 0.8),
    (b' ', Spacing::Kept, 0.79),
    (0x1f, Spacing::Kept, 0.7),
    (b'^', Spacing::Kept, 0.7),
    (b'~', Spacing::Kept, 0.7),
    (b'+', Spacing::Kept, 0.5),
    (b':', Spacing::Kept, 0.1),
];
/// A cell that holds one of these was cut at the wrong place, or not at all.
const USUAL: &[u8] = b",;\t|";
/// So many records say how a log is written.
const MAX_RECORDS: usize = 500;

/// How a log is written, and where its table is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) syntax: Syntax,
    pub(super) dialect: Dialect,
    /// Fields of its rows, where they are even.
    pub(super) width: Option<usize>,
    /// The physical line of the first record that belongs to the table.
    pub(super) first_line: u64,
    /// The line of a comment that holds the names.
    pub(super) header_line: Option<u64>,
}

/// What a log's first bytes are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head<'a> {
    pub(super) text: &'a [u8],
    pub(super) is_whole: IsWhole,
}

/// Finds how the log is written.
pub(super) fn detect(head: Head<'_>, options: &CheckedOptions) -> Plan {
    let mut best: Option<(f64, Sample)> = None;
    for syntax in ways_to_read(head.text, options) {
        let sample = Sample::read(head, syntax.0);
        let score = sample.score() * syntax.1;
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, sample));
        }
    }
    let sample = best.map_or_else(
        || Sample::read(head, Syntax::new(b',')),
        |(_, sample)| sample,
    );
    sample.into_plan(head, options)
}

/// Every way of reading that the bytes give reason for.
fn ways_to_read(text: &[u8], options: &CheckedOptions) -> Vec<(Syntax, f64)> {
    let mut ways = Vec::new();
    for &(delimiter, spacing, likely) in &DELIMITERS {
        let is_usual = USUAL.contains(&delimiter) || text.contains(&delimiter);
        if options
            .delimiter
            .map_or(is_usual, |given| given == delimiter)
        {
            add_ways(text, options, (delimiter, spacing, likely), &mut ways);
        }
    }
    if let Some(given) = options.delimiter
        && ways.is_empty()
    {
        add_ways(text, options, (given, Spacing::Kept, 1.0), &mut ways);
    }
    ways
}

/// The ways of reading with one delimiter, and how likely each is.
fn add_ways(
    text: &[u8],
    options: &CheckedOptions,
    (delimiter, spacing, likely): (u8, Spacing, f64),
    ways: &mut Vec<(Syntax, f64)>,
) {
    let quote = options.quote.unwrap_or(b'"');
    let usual = Syntax {
        spacing,
        quote,
        escape: quote,
        comment: options.comment,
        ..Syntax::new(delimiter)
    };
    // Where another way explains no more than the usual one, the usual one it is.
    ways.push((usual, likely));
    if spacing == Spacing::Kept && has_spaces_after(text, delimiter) {
        let spacing = Spacing::Dropped;
        ways.push((Syntax { spacing, ..usual }, likely * 1.001));
    }
    if text.windows(2).any(|pair| pair == [b'\\', quote]) {
        let escape = b'\\';
        ways.push((Syntax { escape, ..usual }, likely * 1.001));
    }
    let single = options.quote.is_none() && has_quotes(text, delimiter, b'\'');
    if single && !has_quotes(text, delimiter, b'"') {
        let (quote, escape) = (b'\'', b'\'');
        ways.push((
            Syntax {
                quote,
                escape,
                ..usual
            },
            likely * 1.002,
        ));
    }
}

/// Whether nearly every delimiter comes with a space behind it.
fn has_spaces_after(text: &[u8], delimiter: u8) -> bool {
    let (mut n, mut n_spaced) = (0, 0);
    for pair in text.windows(2).filter(|pair| pair[0] == delimiter) {
        n += 1;
        n_spaced += usize::from(pair[1] == b' ');
    }
    delimiter != b' ' && n_spaced > 2 && n_spaced * 10 >= n * 9
}

/// Whether a quote begins fields and ends fields.
fn has_quotes(text: &[u8], delimiter: u8, quote: u8) -> bool {
    let is_edge = |byte: u8| byte == delimiter || matches!(byte, b'\n' | b'\r' | b' ');
    let opens = |pair: &[u8]| is_edge(pair[0]) && pair[1] == quote;
    let closes = |pair: &[u8]| pair[0] == quote && is_edge(pair[1]);
    (text.first() == Some(&quote) || text.windows(2).any(opens)) && text.windows(2).any(closes)
}

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
struct Sample {
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
    fn read(head: Head<'_>, syntax: Syntax) -> Self {
        let mut sample = Self {
            syntax,
            rows: Vec::new(),
            n_cells: 0,
            typed: 0.0,
            n_times: 0,
            next_line: 1,
        };
        let mut scanner = Scanner::new(syntax);
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
        for row in &self.rows {
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

    fn score(&self) -> f64 {
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

    fn into_plan(mut self, head: Head<'_>, options: &CheckedOptions) -> Plan {
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
        let Some(first) = self.rows.iter().position(|row| row.has_width(width)) else {
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
    std::str::from_utf8(cell).map_or(true, super::header::can_be_name)
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

/// Line ends outside quotes. Quotes inside a field hide some, which does not change the kind.
fn line_end(head: &[u8], quote: u8) -> LineEnd {
    let (mut lf, mut crlf, mut cr) = (false, false, false);
    let mut quoted = false;
    let mut before = 0;
    for (index, &byte) in head.iter().enumerate() {
        match byte {
            _ if byte == quote => quoted = !quoted,
            b'\n' if !quoted && before == b'\r' => crlf = true,
            b'\n' if !quoted => lf = true,
            b'\r' if !quoted => cr |= head.get(index + 1).is_some_and(|&next| next != b'\n'),
            _ => {}
        }
        before = byte;
    }
    // A single CR at the very end may be half of a CRLF; alone it says CR.
    match (lf, crlf, cr) {
        (_, false, false) if !lf && before == b'\r' => LineEnd::Cr,
        (_, false, false) => LineEnd::Lf,
        (false, true, false) => LineEnd::CrLf,
        (false, false, true) => LineEnd::Cr,
        _ => LineEnd::Mixed,
    }
}
