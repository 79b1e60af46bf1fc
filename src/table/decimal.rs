//! Numbers as texts. Most are plain decimals, and [`parse_short`] is where reading a log spends its time; the others have
//! commas, marks between thousands, a unit or a currency, and what some of them say only the whole column can tell:
//! `1,234` is one and a bit in half of the world, and over a thousand in the other.

use std::ops::Range;

use crate::numerals::rounded;
use crate::text::parted;

use super::units::{Unit, unit_in_cell};

/// A plain decimal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Decimal {
    pub(super) value: f64,
    /// One to three digits, a point and three more, as in `1.234`: a thousand where the comma is the decimal mark.
    pub(super) is_grouped: bool,
}

/// Powers of ten that are exact.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];
/// More digits could overflow 64 bits.
const MAX_DIGITS: usize = 19;

/// Reads what most cells are: digits with a point or none, at most eight bytes, and a minus or none before them. `cell` is
/// where it is in a text. What is `None` may be a number all the same.
///
/// All bytes are looked at together, as those of one word: the digits of cells are too few and too unlike for a loop.
#[inline(always)]
pub(super) fn parse_short(text: &[u8], cell: Range<usize>) -> Option<Decimal> {
    const EVERY: u64 = 0x0101_0101_0101_0101;
    const LOW: u64 = EVERY * 0x7f;
    let is_negative = text.get(cell.start) == Some(&b'-');
    let start = cell.start + usize::from(is_negative);
    let bytes = text.get(start..)?.first_chunk()?;
    let n_bytes = cell.end - start;
    if !(1..=8).contains(&n_bytes) {
        return None;
    }
    // The first byte is the lowest; zeros come before it, and what is behind the cell goes out at the top.
    let word = (u64::from_le_bytes(*bytes) ^ (EVERY * u64::from(b'0'))) << (64 - 8 * n_bytes);
    // The high bit of the byte that is a point, as in `lanes`.
    let other = word ^ (EVERY * u64::from(b'.' ^ b'0'));
    let point = !(((other & LOW) + LOW) | other | LOW);
    let before = (point >> 7).wrapping_sub(1);
    let (shift, n_fraction) = match point {
        0 => (0, 0),
        _ => (8, point.leading_zeros() as usize / 8),
    };
    // What is before the point takes its place.
    let digits = ((word & before) << shift) | (word & !(before << 8 | 0xff));
    let is_number = (digits.wrapping_add(EVERY * (0x7f - 9)) | digits) & (EVERY << 7) == 0;
    if !is_number || n_bytes * 8 == shift {
        return None;
    }
    // Neighbours are put together: to two digits, to four and to eight.
    let pairs = digits * 10 + (digits >> 8);
    let (even, odd) = (pairs & 0xff_0000_00ff, (pairs >> 16) & 0xff_0000_00ff);
    let mantissa = even
        .wrapping_mul(100 + (1_000_000 << 32))
        .wrapping_add(odd.wrapping_mul(1 + (10_000 << 32)))
        >> 32;
    let size = mantissa as u32 as f64 / POWERS[n_fraction];
    let value = if is_negative { -size } else { size };
    Some(Decimal {
        value: value + 0.0,
        is_grouped: n_fraction == 3 && (5..=7).contains(&n_bytes) && bytes[0] != b'0',
    })
}

/// As [`parse_decimal`], of a text that may be anything.
#[inline(never)]
pub(super) fn parse_plain(text: &[u8]) -> Option<Decimal> {
    match text.first()? {
        b'0'..=b'9' | b'+' | b'-' | b'.' => parse_decimal(text),
        _ => None,
    }
}

/// Reads a finite decimal with an optional sign, point and exponent, correctly rounded.
///
/// Up to 2^53 a mantissa is exact, and so is a power of ten up to 22: their quotient is rounded once (Clinger's fast path).
/// Everything else is left to exact arithmetic.
#[inline(never)]
pub(super) fn parse_decimal(bytes: &[u8]) -> Option<Decimal> {
    let start = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let mut mantissa = 0_u64;
    let mut at = start;
    let mut n_fraction = 0;
    let mut point = None;
    while let Some(&byte) = bytes.get(at) {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        } else if byte == b'.' && point.is_none() {
            point = Some(at);
        } else {
            return parse_slowly(bytes);
        }
        at += 1;
    }
    let mut n_digits = at - start;
    if let Some(point) = point {
        n_fraction = at - point - 1;
        n_digits -= 1;
    }
    let leads_zeros = bytes.get(start) == Some(&b'0') && n_digits > n_fraction + 1;
    let is_exact = mantissa <= 1 << 53 && n_digits <= MAX_DIGITS;
    if n_digits == 0 || !is_exact || (leads_zeros && start == 1) {
        return parse_slowly(bytes);
    }
    let size = mantissa as f64 / POWERS[n_fraction];
    let value = if bytes[0] == b'-' { -size } else { size };
    let n_whole = n_digits - n_fraction;
    Some(Decimal {
        // One zero: a minimum of both is another one natively than in wasm.
        value: value + 0.0,
        is_grouped: n_fraction == 3 && (1..=3).contains(&n_whole) && bytes[start] != b'0',
    })
}

/// A plus before leading zeros is a dialling code (`+0049`), and no number.
#[inline(never)]
fn parse_slowly(bytes: &[u8]) -> Option<Decimal> {
    let is_plain =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    let is_code = matches!(bytes, [b'+', b'0', b'0'..=b'9', ..]);
    if is_code || !bytes.iter().all(is_plain) {
        return None;
    }
    Some(Decimal {
        value: rounded(bytes)? + 0.0,
        is_grouped: false,
    })
}

/// The marks in a column's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Marks {
    /// A decimal point; commas, spaces and apostrophes between thousands.
    #[default]
    Point,
    /// A decimal comma; points, spaces and apostrophes between thousands.
    Comma,
    /// What the user said.
    Given {
        /// The decimal mark.
        decimal: char,
        /// The mark between thousands; none where there is none.
        group: Option<char>,
    },
}

/// A number that is not a plain decimal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OddNumber {
    pub(super) value: f64,
    pub(super) shape: Shape,
    pub(super) unit: Option<Unit>,
}

/// Under which marks a number is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Under any marks the same.
    Either,
    /// `1.234`: a thousand times as much under commas.
    Thousandths,
    /// `1,234`: a thousandth of it under commas.
    Thousands,
    /// Under points only.
    Point,
    /// Under commas only.
    Comma,
    /// `1.234.567`: under commas only, though of versions and addresses, too, so that it is no evidence for them.
    Points,
}

impl Shape {
    /// What a number of this shape says under known marks; `None` where it is none. A thousandth of a whole number is
    /// rounded once, and a thousand times `1.234` is whole: both are what reading the text would give.
    pub(super) fn under(self, value: f64, marks: Marks) -> Option<f64> {
        let commas = marks == Marks::Comma;
        match self {
            Self::Either => Some(value),
            Self::Thousandths if commas => Some(libm::rint(value * 1000.0)),
            Self::Thousands if commas => Some(value / 1000.0),
            Self::Thousandths | Self::Thousands => Some(value),
            Self::Point => (!commas).then_some(value),
            Self::Comma | Self::Points => commas.then_some(value),
        }
    }
}

/// Reads a number with marks, a unit or a currency sign: under given marks, or else under any.
pub(super) fn parse_odd(text: &str, given: Option<Marks>) -> Option<OddNumber> {
    let mut digits = Digits::default();
    let rest = digits.take(text, given).trim_ascii();
    if given.is_none() && rest.bytes().any(|byte| byte.is_ascii_digit()) {
        return parse_duration(text);
    }
    let is_currency = |c: char| matches!(c, '$' | '€' | '£' | '¥' | '₪');
    let unit = if rest.chars().all(is_currency) {
        None
    } else {
        Some(unit_in_cell(rest)?)
    };
    let (value, shape) = match given {
        None => digits.read()?,
        Some(_) => (digits.under(b'.', b',')?, Shape::Either),
    };
    Some(OddNumber { value, shape, unit })
}

/// Reads a time of several units, from the longest on, in seconds: `1d 2h`, `1h2m3.5s`, `10 min 5 s`.
#[inline(never)]
fn parse_duration(text: &str) -> Option<OddNumber> {
    let second = unit_in_cell("s")?;
    let (mut rest, mut value, mut last) = (text, 0.0, f64::INFINITY);
    while !rest.is_empty() {
        let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
        let n_number = rest.bytes().take_while(is_number).count();
        let (number, tail) = parted(rest, n_number);
        let tail = tail.trim_ascii_start();
        let is_unit = |byte: &u8| !(is_number(byte) || *byte == b' ');
        let (unit, tail) = parted(tail, tail.bytes().take_while(is_unit).count());
        let unit = unit_in_cell(unit).filter(|unit| unit.dimension() == second.dimension())?;
        let seconds = unit.convert(1.0, second);
        if seconds >= last {
            return None;
        }
        value += unit.convert(parse_decimal(number.as_bytes())?.value, second);
        last = seconds;
        rest = tail.trim_ascii_start();
    }
    Some(OddNumber {
        value,
        shape: Shape::Either,
        unit: Some(second),
    })
}

/// Reads a number under known marks.
pub(super) fn parse_under(text: &str, marks: Marks) -> Option<(f64, Option<Unit>)> {
    let odd = parse_odd(text, matches!(marks, Marks::Given { .. }).then_some(marks))?;
    Some((odd.shape.under(odd.value, marks)?, odd.unit))
}

/// A longer number is none.
const MAX_LEN: usize = 48;

/// The bytes of a number without its unit: signs, digits, exponent, and as marks `.`, `,`, `'` and a space for all of them.
/// Given marks are a point and a comma here, and there are no others.
struct Digits {
    bytes: [u8; MAX_LEN],
    len: usize,
}

impl Default for Digits {
    fn default() -> Self {
        Self {
            bytes: [0; MAX_LEN],
            len: 0,
        }
    }
}

impl Digits {
    /// Takes the digits and marks at the start of a text behind a currency sign; returns what is left.
    fn take<'a>(&mut self, text: &'a str, given: Option<Marks>) -> &'a str {
        for (at, c) in text.char_indices() {
            let next = &text.as_bytes()[at + c.len_utf8()..];
            let byte = match (c, given) {
                ('0'..='9' | '+' | '-', _) => c as u8,
                ('e' | 'E', _) if is_exponent(next) => b'e',
                (_, Some(Marks::Given { decimal, .. })) if c == decimal => b'.',
                (_, Some(Marks::Given { group, .. }))
                    if Some(c) == group && next.first().is_some_and(u8::is_ascii_digit) =>
                {
                    b','
                }
                ('.' | ',', None) => c as u8,
                ('\'' | '’', None) if self.len > 0 => b'\'',
                (' ' | '\u{a0}' | '\u{202f}' | '\u{2009}', None) if self.len > 0 => b' ',
                ('$' | '€' | '£' | '¥' | '₪' | ' ', _) if self.len == 0 => continue,
                _ => return parted(text, at).1,
            };
            if self.len == MAX_LEN {
                return text;
            }
            self.bytes[self.len] = byte;
            self.len += 1;
        }
        ""
    }

    fn digits(&self) -> &[u8] {
        self.bytes[..self.len].trim_ascii_end()
    }

    fn count(&self, mark: u8) -> usize {
        self.digits().iter().filter(|byte| **byte == mark).count()
    }

    /// What the digits say, and under which marks.
    fn read(&self) -> Option<(f64, Shape)> {
        let (points, commas) = (self.count(b'.'), self.count(b','));
        let group = if self.count(b' ') > 0 { b' ' } else { b'\'' };
        let has_group = self.count(group) > 0;
        if commas == 0 && (points == 0 || has_group) {
            let shape = if points == 0 {
                Shape::Either
            } else {
                Shape::Point
            };
            return Some((self.under(b'.', group)?, shape));
        }
        if has_group {
            return Some((self.under(b',', group)?, Shape::Comma));
        }
        if let Some(value) = self.under(b'.', b',') {
            let shape = match (points, commas) {
                (1, 0) if self.is_grouped() => Shape::Thousandths,
                (0, 1) => Shape::Thousands,
                _ => Shape::Point,
            };
            return Some((value, shape));
        }
        let shape = if commas == 0 {
            Shape::Points
        } else {
            Shape::Comma
        };
        Some((self.under(b',', b'.')?, shape))
    }

    fn is_grouped(&self) -> bool {
        parse_decimal(self.digits()).is_some_and(|found| found.is_grouped)
    }

    /// Reads the digits under given marks: groups are of three digits, the first one may have fewer and no leading zero.
    fn under(&self, decimal: u8, group: u8) -> Option<f64> {
        let mut plain = [0_u8; MAX_LEN];
        let mut len = 0;
        // Digits since the last mark, marks between thousands, and whether the whole number is over.
        let (mut n_digits, mut n_groups, mut is_over) = (0, 0, false);
        let digits = self.digits();
        for (at, &byte) in digits.iter().enumerate() {
            let ends = byte == decimal || byte == b'e';
            if !is_over && (byte == group || ends) {
                let leads = plain.iter().find(|byte| byte.is_ascii_digit());
                let fits = match n_groups {
                    0 => ends || ((1..=3).contains(&n_digits) && leads != Some(&b'0')),
                    _ => n_digits == 3,
                };
                if !fits {
                    return None;
                }
                n_digits = 0;
                n_groups += usize::from(byte == group);
            }
            is_over |= ends;
            if byte == group {
                if is_over {
                    return None;
                }
                continue;
            }
            // A comma needs decimals behind it.
            if byte == b',' && (decimal != b',' || at + 1 == digits.len()) {
                return None;
            }
            n_digits += usize::from(byte.is_ascii_digit());
            plain[len] = match byte {
                b'.' if decimal != b'.' => return None,
                _ if byte == decimal => b'.',
                _ => byte,
            };
            len += 1;
        }
        if n_groups > 0 && !is_over && n_digits != 3 {
            return None;
        }
        parse_decimal(&plain[..len]).map(|found| found.value)
    }
}

/// Whether digits follow, after a sign or none.
fn is_exponent(rest: &[u8]) -> bool {
    let digit = match rest {
        [b'+' | b'-', digit, ..] | [digit, ..] => digit,
        [] => return false,
    };
    digit.is_ascii_digit()
}
