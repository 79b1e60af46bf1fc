//! How a log is written, and what the user says of it. What the user does not say, `detect` finds.

use super::decode::Encoding;
use super::syntax::{Spacing, Syntax};
use super::time::TimeForm;
use super::time_forms::parse_form;
use crate::{Error, Result};

/// What a user may say of a log; what is absent is found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct ReadOptions {
    /// The delimiter, one ASCII character.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub delimiter: Option<String>,
    /// Whether the first line holds the names of the columns.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub header: Option<bool>,
    /// The quote, one ASCII character.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub quote: Option<String>,
    /// What lines that say nothing start with, one ASCII character.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub comment: Option<String>,
    /// How numbers are written, by an example with decimals, such as `1.234,5`; `1234,5` has nothing between thousands.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub numbers: Option<String>,
    /// What comes first in dates such as 03/04/2026, by an example: `31/12/2026` or `12/31/2026`.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub dates: Option<String>,
    /// The words for true and those for false, exactly as spelt, instead of the usual ones, such as `ja,1/nein,0`.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub booleans: Option<String>,
    /// Whether rows and columns stay as they are where a log has a column for each host or a row for each metric.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub as_is: bool,
    /// Columns that count up, such as `http_requests_total`: they are read as what they rise by in a second, host by host.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub rates: Vec<String>,
    /// Columns whose cells are texts to the letter, whatever they look like: `007` of an id stays what it is.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub as_text: Vec<String>,
    /// Columns of numbers; cells that are none are missing, however many they are.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub as_number: Vec<String>,
    /// Columns of times; cells that are none are missing, however many they are. Numbers count since 1970.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub as_time: Vec<String>,
    /// MiB that the columns of a table may take; of a longer log whole blocks of rows are kept, drawn by chance. 96 where left
    /// out; 0 for no end.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub max_table_mib: Option<u32>,
    /// Bytes a row may have; a longer one is rejected. 16 MiB where left out.
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub max_row_bytes: Option<u32>,
}

/// [`ReadOptions`] that can be followed.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckedOptions {
    pub(super) delimiter: Option<u8>,
    pub(super) header: Option<bool>,
    pub(super) quote: Option<u8>,
    pub(super) comment: Option<u8>,
    pub(super) max_row_bytes: usize,
    /// Whether the text is a table as it stands.
    pub(super) is_table: bool,
    /// Whether the day comes first in dates.
    pub(super) day_first: Option<bool>,
}

impl ReadOptions {
    /// # Errors
    /// [`Error::BadOption`] if one of the characters is not one ASCII character, or one that means something else.
    pub(super) fn check(&self) -> Result<CheckedOptions> {
        let said = [&self.delimiter, &self.quote, &self.comment];
        let example = self.dates.as_deref().and_then(parse_form);
        let checked = CheckedOptions {
            day_first: example.map(|date| date.form == TimeForm::DayFirst),
            delimiter: one_byte("delimiter", self.delimiter.as_deref())?,
            header: self.header,
            quote: one_byte("quote", self.quote.as_deref())?,
            comment: one_byte("comment", self.comment.as_deref())?,
            max_row_bytes: self.max_row_bytes.unwrap_or(u32::MAX) as usize,
            is_table: self.as_is || self.header.is_some() || said.iter().any(|of| of.is_some()),
        };
        if checked.delimiter == Some(checked.quote.unwrap_or(b'"')) {
            return Err(not_one_byte("delimiter", self.delimiter.as_deref()));
        }
        Ok(checked)
    }
}

fn one_byte(option: &'static str, said: Option<&str>) -> Result<Option<u8>> {
    match said.map(str::as_bytes) {
        None => Ok(None),
        Some(&[byte]) if byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | 0) => Ok(Some(byte)),
        Some(_) => Err(not_one_byte(option, said)),
    }
}

fn not_one_byte(option: &'static str, said: Option<&str>) -> Error {
    Error::BadOption {
        option,
        found: format!("\"{}\"", said.unwrap_or_default()),
        expected: "one ASCII character other than a line end or one that is used already",
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

/// What the rows of a log are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Layout {
    /// Rows as they stand.
    Rows,
    /// There is a column for each metric and host, whose labels are in the header.
    Series,
    /// There is a row for each metric.
    Long,
    /// There are tables below each other, as `sar -A` prints them.
    Sections,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Dialect {
    /// Whether each line is a JSON object, which is read as the row of a CSV file.
    pub json_lines: bool,
    /// Between fields; always ASCII.
    pub delimiter: char,
    /// Whether any number of spaces and tabs is one delimiter, as in columns that are aligned.
    pub spaced: bool,
    /// Around fields that hold a delimiter or a line end; inside them it is doubled.
    pub quote: char,
    /// What else makes a quote a part of the text, if anything does: a backslash.
    pub escape: Option<char>,
    /// What lines that say nothing start with, if there are any.
    pub comment: Option<char>,
    /// Lines before the table.
    pub preamble_lines: u32,
    /// Whether the table begins with the names of the columns.
    pub header: bool,
    /// Lines the names are spread over.
    pub header_lines: u32,
    /// How the text is encoded.
    pub encoding: Encoding,
    /// How lines end.
    pub line_end: LineEnd,
    /// What its rows were before they became rows of one time and host.
    pub layout: Layout,
}

impl Default for Dialect {
    /// Comma, double quote, header, UTF-8, LF.
    fn default() -> Self {
        Self {
            json_lines: false,
            delimiter: ',',
            spaced: false,
            quote: '"',
            escape: None,
            comment: None,
            preamble_lines: 0,
            header: true,
            header_lines: 1,
            encoding: Encoding::Utf8,
            line_end: LineEnd::Lf,
            layout: Layout::Rows,
        }
    }
}

impl Dialect {
    /// The delimiter as the byte it is.
    #[must_use]
    pub fn delimiter_byte(&self) -> u8 {
        u8::try_from(self.delimiter).unwrap_or(b',')
    }

    /// The number of the first line that is scanned: the header of JSON lines is none of theirs.
    pub(super) fn first_line(&self) -> u64 {
        u64::from(!self.json_lines)
    }

    /// The quote as the byte it is.
    #[must_use]
    pub fn quote_byte(&self) -> u8 {
        u8::try_from(self.quote).unwrap_or(b'"')
    }

    /// Writes one more field behind others, in quotes where it needs them.
    pub fn write_field(&self, field: &[u8], out: &mut Vec<u8>) {
        let (delimiter, quote) = (self.delimiter_byte(), self.quote_byte());
        let is_special =
            |byte: &u8| *byte == delimiter || *byte == quote || matches!(byte, b'\n' | b'\r');
        if !field.iter().any(is_special) {
            out.extend_from_slice(field);
            return;
        }
        out.push(quote);
        for &byte in field {
            out.push(byte);
            if byte == quote {
                out.push(quote);
            }
        }
        out.push(quote);
    }

    pub(super) fn of(syntax: &Syntax) -> Self {
        let escape = (syntax.escape != syntax.quote).then_some(char::from(syntax.escape));
        Self {
            delimiter: char::from(syntax.delimiter),
            spaced: syntax.spacing == Spacing::Delimits,
            quote: char::from(syntax.quote),
            escape,
            comment: syntax.comment.map(char::from),
            ..Self::default()
        }
    }
}
