//! Numbers as text. Every text nearer to an `f64` than to its neighbours reads back as it; of these the one of the fewest
//! digits is its shortest (Steele and White, *How to print floating-point numbers accurately*, 1990), found here among the
//! multiples of ever smaller powers of ten.

use crate::text::parted;

use super::{MANTISSA, Whole};

/// Numbers of this size and above are written with an exponent, as are those below [`SMALL`].
const LARGE: f64 = 1e21;
/// See [`LARGE`].
const SMALL: f64 = 1e-5;
/// From here on a number is not rounded: with five places more it would leave 64 bits.
const MAX_FIXED: f64 = 1e12;
/// Digits that are worked with: seventeen are always enough, and one more tells how to round them.
const N_DIGITS: i32 = 18;
/// Powers of ten that a mantissa can be multiplied with in 128 bits.
const MAX_TENS: i32 = 21;

/// The shortest digits that read back as the same `f64`, with an exponent below 1e-5 and from 1e21 on. Both zeros are `0`.
#[must_use]
pub fn format_number(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    if !number.is_finite() {
        let name = if number > 0.0 { "inf" } else { "-inf" };
        return if number.is_nan() { "NaN" } else { name }.to_owned();
    }
    let size = number.abs();
    let (digits, exponent) = shortest_digits(size);
    let digits = digits.to_string();
    let mut text = if number < 0.0 { "-" } else { "" }.to_owned();
    if (SMALL..LARGE).contains(&size) {
        push_plain(&mut text, &digits, exponent);
    } else {
        push_plain(&mut text, &digits, 1 - digits.len() as i32);
        text.push('e');
        text.push_str(&(exponent + digits.len() as i32 - 1).to_string());
    }
    text
}

/// A number rounded to so many places behind the point, up to five; one just in the middle goes to the even side. From 1e12
/// on it is written as by [`format_number`].
#[must_use]
pub fn format_fixed(number: f64, places: usize) -> String {
    let size = number.abs();
    if number.is_nan() || size >= MAX_FIXED {
        return format_number(number);
    }
    let (mantissa, power) = parts(size);
    let (value, is_exact) = scaled(mantissa, power, places as i32 + 1);
    let (below, rest) = (value / 10, value % 10);
    let is_middle = rest == 5 && is_exact;
    let up = if is_middle { below % 2 == 1 } else { rest >= 5 };
    let rounded = below + u64::from(up);
    let digits = format!("{rounded:0>width$}", width = places + 1);
    let mut text = if number < 0.0 { "-" } else { "" }.to_owned();
    push_plain(&mut text, &digits, -(places as i32));
    text
}

/// Digits times ten to the power of `exponent`, without one.
fn push_plain(text: &mut String, digits: &str, exponent: i32) {
    let point = digits.len() as i32 + exponent;
    if point <= 0 {
        text.push_str("0.");
        (point..0).for_each(|_| text.push('0'));
        text.push_str(digits);
    } else if exponent < 0 {
        let (whole, fraction) = parted(digits, point as usize);
        text.push_str(whole);
        text.push('.');
        text.push_str(fraction);
    } else {
        text.push_str(digits);
        (0..exponent).for_each(|_| text.push('0'));
    }
}

/// The shortest digits of a positive number, and the power of ten they are multiplied with.
fn shortest_digits(size: f64) -> (u64, i32) {
    let (mantissa, power) = parts(size);
    // In quarters of the last bit the middles to both neighbours are whole; at a power of two the lower one is nearer.
    let is_edge = mantissa == 1 << MANTISSA && power > parts(f64::MIN_POSITIVE).1;
    let (mantissa, power) = (4 * mantissa, power - 2);
    let highest_bit = 63 - mantissa.leading_zeros() as i32 + power;
    let mut tens = libm::floor(f64::from(highest_bit) * core::f64::consts::LOG10_2) as i32;
    if scaled(mantissa, power, N_DIGITS - 1 - tens).0 >= 10_u64.pow(N_DIGITS as u32) {
        tens += 1;
    }
    let exponent = tens - (N_DIGITS - 1);
    let (low, low_is_exact) = scaled(mantissa - if is_edge { 1 } else { 2 }, power, -exponent);
    let (high, high_is_exact) = scaled(mantissa + 2, power, -exponent);
    let (value, _) = scaled(mantissa, power, -exponent);
    // A middle itself reads back as the neighbour whose mantissa is even.
    let is_even = mantissa % 8 == 0;
    let least = low + u64::from(!(low_is_exact && is_even));
    let most = high - u64::from(high_is_exact && !is_even);
    let mut unit = 10_u64.pow(N_DIGITS as u32);
    let mut zeros = N_DIGITS;
    while zeros > 1 && least.div_ceil(unit) * unit > most {
        unit /= 10;
        zeros -= 1;
    }
    // Of several multiples the nearest.
    let nearest = (value + unit / 2) / unit;
    let digits = nearest.clamp(least.div_ceil(unit), most / unit);
    (digits, exponent + zeros)
}

/// Mantissa and power of two of a number that is not negative.
fn parts(size: f64) -> (u64, i32) {
    let bits = size.to_bits();
    let (stored, field) = (bits & ((1 << MANTISSA) - 1), (bits >> MANTISSA) as i32);
    (
        stored | u64::from(field > 0) << MANTISSA,
        field.max(1) - 1075,
    )
}

/// A mantissa times powers of two and of ten, below 2^63: what is before the point, and whether that is all.
fn scaled(mantissa: u64, power: i32, tens: i32) -> (u64, bool) {
    if power <= 0 && (0..=MAX_TENS).contains(&tens) {
        let product = u128::from(mantissa) * 10_u128.pow(tens as u32);
        let whole = product.checked_shr(power.unsigned_abs()).unwrap_or(0);
        return (
            whole as u64,
            whole.checked_shl(power.unsigned_abs()) == Some(product),
        );
    }
    let (mut over, mut under) = (Whole::new(mantissa), Whole::new(1));
    let by_ten = if tens < 0 { &mut under } else { &mut over };
    by_ten.multiply_by_ten(tens.unsigned_abs());
    let by_two = if power < 0 { &mut under } else { &mut over };
    by_two.shift(power.unsigned_abs());
    under.shift(63);
    let whole = over.divide(&under, 64);
    (whole, over.is_zero())
}
