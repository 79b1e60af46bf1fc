//! Decimals of any length and exponent as the nearest `f64`. Slow, and needed for few numbers of few logs: the usual ones are
//! read where they are found.

use super::{MANTISSA, Whole};

/// Digits that decide; what is behind them can only break a tie (a tie of two `f64` has at most 767 digits).
const MAX_DIGITS: usize = 770;
/// Beyond, every number of so many digits is no `f64` or zero.
const MAX_EXPONENT: i64 = 400 + MAX_DIGITS as i64;
/// Bits of the quotient, more than any `f64` holds.
const BITS: i32 = 64;
/// Binary exponents of the largest and the smallest normal `f64`.
const MAX_POWER: i32 = 1023;
const MIN_POWER: i32 = -1022;

/// The `f64` nearest to a decimal of digits with an optional sign, point and exponent, ties to even; `None` where it is none,
/// or beyond the range.
pub fn rounded(text: &[u8]) -> Option<f64> {
    let is_negative = text.first() == Some(&b'-');
    let unsigned = &text[usize::from(matches!(text.first(), Some(b'-' | b'+')))..];
    let mark = unsigned.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (digits, exponent) = match mark {
        Some(mark) => (&unsigned[..mark], whole(&unsigned[mark + 1..])?),
        None => (unsigned, 0),
    };
    let mut number = Whole::new(0);
    let (mut n_taken, mut n_digits, mut n_fraction, mut in_fraction) = (0, 0, 0, false);
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                n_digits += 1;
                n_fraction += i64::from(in_fraction);
                if n_taken < MAX_DIGITS {
                    number.multiply_add(10, u32::from(byte - b'0'));
                    n_taken += usize::from(!number.is_zero());
                } else {
                    // One that is not zero stands for all that follow.
                    n_fraction -= 1;
                    if byte != b'0' {
                        number.0[0] |= 1;
                    }
                }
            }
            b'.' if !in_fraction => in_fraction = true,
            _ => return None,
        }
    }
    if n_digits == 0 {
        return None;
    }
    let size = nearest(number, exponent - n_fraction)?;
    Some(if is_negative { -size } else { size })
}

/// A whole number with an optional sign, large ones cut to what is large enough.
fn whole(text: &[u8]) -> Option<i64> {
    let is_negative = text.first() == Some(&b'-');
    let digits = &text[usize::from(matches!(text.first(), Some(b'-' | b'+')))..];
    let mut value = 0_i64;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i64::from(byte - b'0')).min(i64::MAX / 16);
    }
    let value = if is_negative { -value } else { value };
    (!digits.is_empty()).then_some(value)
}

/// The `f64` nearest to `number` times ten to the power of `exponent`.
fn nearest(number: Whole, exponent: i64) -> Option<f64> {
    if number.is_zero() || exponent < -MAX_EXPONENT {
        return Some(0.0);
    }
    if exponent > MAX_EXPONENT {
        return None;
    }
    let (mut over, mut under) = (number, Whole::new(1));
    let scaled = if exponent < 0 { &mut under } else { &mut over };
    scaled.multiply_by_ten(exponent.unsigned_abs() as u32);
    // Both with their highest bits in one place: the quotient is then at least one half and below two.
    let mut power = over.n_bits() - under.n_bits();
    let behind = if power < 0 { &mut over } else { &mut under };
    behind.shift(power.unsigned_abs());
    if over.is_below(&under) {
        over.shift(1);
        power -= 1;
    }
    if power > MAX_POWER {
        return None;
    }
    let quotient = u128::from(over.divide(&under, BITS as u32));
    // Below the normal numbers the bits become fewer, down to none.
    let n_kept = (MANTISSA + 1 - (MIN_POWER - power).max(0)).max(-1);
    let n_cut = BITS - n_kept;
    let (kept, cut, half) = (
        quotient >> n_cut,
        quotient & ((1 << n_cut) - 1),
        1 << (n_cut - 1),
    );
    let is_tie = cut == half && over.is_zero();
    let up = cut > half || cut == half && !is_tie || is_tie && kept & 1 == 1;
    // What is carried out of the mantissa goes on in the exponent.
    let stored = kept as u64 + u64::from(up);
    let bits = stored + (((power.max(MIN_POWER) - MIN_POWER) as u64) << MANTISSA);
    let value = f64::from_bits(bits);
    value.is_finite().then_some(value)
}
