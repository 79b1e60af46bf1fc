//! What one cell says, free of context: nothing, a number, a time or a text. Which of these a whole column is, is decided
//! over all its rows in `column_builder`; the calendar is in `time`.

use super::decimal::parse_decimal;
pub use super::time::format_time;
use super::time::parse_time;
pub use crate::numerals::format_number;

/// What one cell says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Nothing: empty, or one of the usual spellings of a missing value.
    Missing,
    /// A finite decimal number.
    Number(f64),
    /// A moment, in microseconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// Anything else, without the white space around it.
    Text(&'a str),
}

/// The spellings of a missing value, in any case, besides the empty cell. `unknown` is not among them: it is a level of
/// many real categories.
const MISSING: [&str; 22] = [
    "-",
    "--",
    "?",
    "na",
    "n/a",
    "#n/a",
    "<na>",
    "nan",
    "-nan",
    "null",
    "(null)",
    "\\n",
    "nil",
    "none",
    "undefined",
    "missing",
    "<null>",
    "#null!",
    "#div/0!",
    "#value!",
    "#ref!",
    "#num!",
];

/// Reads one cell.
///
/// ASCII white space around it does not count. Numbers are finite decimals with an optional sign and exponent; `12%` is
/// 12. Infinities, numbers beyond the range of `f64` and hexadecimal are texts, so that they are reported rather than
/// misread. Times are ISO 8601 dates or date-times with `T` or a space, optional seconds and fraction, `Z`, an offset or
/// neither (then taken as UTC); impossible dates are texts. Missing are the empty cell and, in any case,
/// `-`, `--`, `?`, `NA`, `N/A`, `<NA>`, `NaN`, `-NaN`, `null`, `(null)`, `<null>`, `\N`, `nil`, `None`, `undefined`,
/// `missing`, and what spreadsheets print for an error (`#N/A`, `#DIV/0!`). What only a whole column can tell (marks between
/// thousands, units, dates with the day first) is left to it.
///
/// ```
/// use crash_predictor::table::{Cell, classify};
/// assert_eq!(classify(" 12% "), Cell::Number(12.0));
/// assert_eq!(classify("1970-01-01T00:00:01Z"), Cell::Time(1_000_000));
/// assert_eq!(classify("n/a"), Cell::Missing);
/// assert_eq!(classify("0x1F"), Cell::Text("0x1F"));
/// ```
#[must_use]
#[inline(never)]
pub fn classify(text: &str) -> Cell<'_> {
    let text = text.trim_ascii();
    let Some(&first) = text.as_bytes().first() else {
        return Cell::Missing;
    };
    if first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.') {
        if let Some(number) = parse_number(text) {
            return Cell::Number(number);
        }
        if let Some(time) = parse_time(text) {
            return Cell::Time(time.micros);
        }
    }
    if is_missing(text) {
        return Cell::Missing;
    }
    Cell::Text(text)
}

pub(super) fn is_missing(text: &str) -> bool {
    MISSING
        .iter()
        .any(|spelling| spelling.eq_ignore_ascii_case(text))
}

/// A plain decimal, which may be per cent.
fn parse_number(text: &str) -> Option<f64> {
    let digits = text.strip_suffix('%').map_or(text, str::trim_ascii_end);
    parse_decimal(digits.as_bytes()).map(|found| found.value)
}

/// Words for false and true, in lower case.
const BOOLEAN_PAIRS: [[&str; 2]; 5] = [
    ["false", "true"],
    ["no", "yes"],
    ["off", "on"],
    ["f", "t"],
    ["n", "y"],
];

/// What a word such as `yes` or `OFF` says, in any case; `None` for any other text.
#[must_use]
pub fn truth(text: &str) -> Option<bool> {
    BOOLEAN_PAIRS.iter().find_map(|pair| truth_in(pair, text))
}

/// Whether all texts are words of one pair.
pub(super) fn are_boolean(texts: &[String]) -> bool {
    let all_in = |pair| texts.iter().all(|text| truth_in(pair, text).is_some());
    !texts.is_empty() && BOOLEAN_PAIRS.iter().any(all_in)
}

fn truth_in(pair: &[&str; 2], text: &str) -> Option<bool> {
    let side = pair
        .iter()
        .position(|word| word.eq_ignore_ascii_case(text))?;
    Some(side == 1)
}
