//! How a log is written: its delimiter, found from the first 64 KiB, its line ends, and what the user said instead.

use super::decode::Encoding;
use super::header::is_decimal_comma;
use super::records::IsWhole;
use super::scan::Scanner;
use super::value::{Cell, classify};
use crate::{Error, Result};

/// Delimiters that are found by themselves, the likeliest first.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What a user may say of a log; what is absent is found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct ReadOptions {
    /// The delimiter, one ASCII character.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub delimiter: Option<String>,
    /// Whether the first line holds the names of the columns.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub header: Option<bool>,
}

/// [`ReadOptions`] that can be followed.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckedOptions {
    pub(super) delimiter: Option<u8>,
    pub(super) header: Option<bool>,
}

impl ReadOptions {
    /// # Errors
    /// [`Error::BadOption`] if the delimiter is not one ASCII character, or one that means something else.
    pub(super) fn check(&self) -> Result<CheckedOptions> {
        let delimiter = match self.delimiter.as_deref().map(str::as_bytes) {
            None => None,
            Some(&[byte]) if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => {
                Some(byte)
            }
            Some(_) => {
                return Err(Error::BadOption {
                    option: "delimiter",
                    found: format!("{:?}", self.delimiter.as_deref().unwrap_or_default()),
                    expected: "one ASCII character other than a quote or a line end",
                });
            }
        };
        Ok(CheckedOptions {
            delimiter,
            header: self.header,
        })
    }
}

/// The line ends of a log's first 64 KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum LineEnd {
    /// Unix.
    #[serde(rename = "LF")]
    Lf,
    /// Windows.
    #[serde(rename = "CRLF")]
    CrLf,
    /// Old Macintosh.
    #[serde(rename = "CR")]
    Cr,
    /// Several of these.
    #[serde(rename = "mixed")]
    Mixed,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Dialect {
    /// Between fields; always ASCII.
    pub delimiter: char,
    /// Around fields that hold a delimiter or a line end; inside them it is doubled.
    pub quote: char,
    /// Whether the first record holds the names of the columns.
    pub header: bool,
    /// How the text is encoded.
    pub encoding: Encoding,
    /// How lines end.
    pub line_end: LineEnd,
}

impl Default for Dialect {
    /// Comma, double quote, header, UTF-8, LF.
    fn default() -> Self {
        Self {
            delimiter: ',',
            quote: '"',
            header: true,
            encoding: Encoding::Utf8,
            line_end: LineEnd::Lf,
        }
    }
}

impl Dialect {
    /// The delimiter as the byte it is.
    #[must_use]
    pub fn delimiter_byte(&self) -> u8 {
        u8::try_from(self.delimiter).unwrap_or(b',')
    }
}

/// Finds delimiter and line ends from a log's first bytes. The header is decided later, by the first record.
pub(super) fn detect(head: &[u8], is_whole: IsWhole, delimiter: Option<u8>) -> Dialect {
    let found = delimiter.unwrap_or_else(|| best_delimiter(head, is_whole));
    Dialect {
        delimiter: char::from(found),
        line_end: line_end(head),
        ..Dialect::default()
    }
}

/// The candidate with the highest score; of equals the likelier one.
fn best_delimiter(head: &[u8], is_whole: IsWhole) -> u8 {
    let mut best = (CANDIDATES[0], f64::NEG_INFINITY);
    for candidate in CANDIDATES {
        let score = Sample::read(head, is_whole, candidate).score();
        if score > best.1 {
            best = (candidate, score);
        }
    }
    best.0
}

/// What a log's first bytes look like with one delimiter.
#[derive(Debug, Default)]
struct Sample {
    /// Fields of the first record: rows of another width would be rejected.
    width: usize,
    n_records: usize,
    n_of_width: usize,
    n_cells: usize,
    typed: f64,
}

impl Sample {
    fn read(head: &[u8], is_whole: IsWhole, delimiter: u8) -> Self {
        let mut sample = Self::default();
        let mut scanner = Scanner::new(delimiter);
        let fed: Result<()> = scanner.feed(head, |scanner| {
            while let Some(found) = scanner.next() {
                sample.add(scanner, found.problem.is_none());
            }
            Ok(())
        });
        // A file cut at 64 KiB ends in half a record, which says nothing.
        while fed.is_ok() && is_whole == IsWhole::Yes {
            let Some(found) = scanner.next_at_end() else {
                break;
            };
            sample.add(&scanner, found.problem.is_none());
        }
        sample
    }

    fn add(&mut self, scanner: &Scanner, is_sound: bool) {
        self.n_records += 1;
        if !is_sound {
            return;
        }
        let (text, ends) = scanner.fields();
        if self.width == 0 {
            self.width = ends.len();
        }
        self.n_of_width += usize::from(ends.len() == self.width);
        let mut start = 0;
        for &end in ends {
            self.typed += weight(&text[start..end]);
            start = end;
        }
        self.n_cells += ends.len();
    }

    /// Share of rows that would be read, times how much the cells look like values, times a little for more columns.
    /// One column is what is left when no candidate splits the rows evenly.
    fn score(&self) -> f64 {
        const ONE_COLUMN: f64 = 0.01;
        if self.n_cells == 0 {
            return 0.0;
        }
        let even = self.n_of_width as f64 / self.n_records as f64;
        if self.width < 2 {
            return even * ONE_COLUMN;
        }
        let width = self.width as f64;
        even * (self.typed / self.n_cells as f64) * (1.0 - 1.0 / (width * width))
    }
}

/// How much a cell looks like a value rather than like several with a delimiter that was not recognised.
fn weight(cell: &[u8]) -> f64 {
    let Ok(text) = std::str::from_utf8(cell) else {
        return 0.1;
    };
    match classify(text) {
        Cell::Text(text) if is_decimal_comma(text) => 1.0,
        Cell::Text(text) if text.bytes().any(|byte| CANDIDATES.contains(&byte)) => 0.1,
        Cell::Text(_) => 0.9,
        _ => 1.0,
    }
}

/// Line ends outside quotes. Quotes inside a field hide some, which does not change the kind.
fn line_end(head: &[u8]) -> LineEnd {
    let (mut lf, mut crlf, mut cr) = (false, false, false);
    let mut quoted = false;
    let mut before = 0;
    for (index, &byte) in head.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
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
