//! Finds how a log is written from its first 64 KiB: the way of reading them that gives the most even rows of cells that
//! look like values, and where in them the table begins.

mod sample;

use sample::Sample;

use super::dialect::{CheckedOptions, Dialect, LineEnd};
use super::records::IsWhole;
use super::syntax::{Spacing, Syntax};

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

impl Plan {
    /// For the CSV that objects are translated to. Their first line is the second then: the header's number is 0.
    pub(super) fn of_json_lines(width: usize) -> Self {
        Self {
            syntax: Syntax::new(b','),
            dialect: Dialect {
                json_lines: true,
                ..Dialect::default()
            },
            width: Some(width),
            first_line: 0,
            header_line: None,
        }
    }
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
        let is_usual = USUAL.contains(&delimiter) || holds(text, delimiter);
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
    if holds(text, b'\\') && text.windows(2).any(|pair| pair == [b'\\', quote]) {
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

#[inline(never)]
fn holds(text: &[u8], byte: u8) -> bool {
    text.contains(&byte)
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
    // Most logs have none, which is found out sooner.
    holds(text, quote)
        && (text.first() == Some(&quote) || text.windows(2).any(opens))
        && text.windows(2).any(closes)
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
