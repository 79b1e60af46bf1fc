//! The exponential function without a branch, so that several go side by side in the lanes of vector instructions, where
//! libm's goes one by one: the same bits everywhere, as no operation depends on the machine.

use std::f64::consts::LOG2_E;

/// 1.5 * 2^52: a number added to it is rounded to a whole one, which stands in the lowest bits.
pub(super) const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// ln(2) in two parts, of which the first ends in so many zeros that a whole number below 2^11 times it is exact (Cody and
/// Waite, *Software Manual for the Elementary Functions*, 1980; the digits of fdlibm's `e_exp.c`).
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// 1 over the factorials of the numbers up to the thirteenth: the series of exp(r), whose rest is below 2^-57 where |r| is at
/// most ln(2) / 2.
const TAYLOR: [f64; 14] = [
    1.0,
    1.0,
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];

/// The exponential of a number that is not above 0, to the last digit but one; that of -700 for all below.
#[inline]
pub(super) fn exp_of_negative(x: f64) -> f64 {
    // exp(x) = 2^k exp(r), |r| <= ln(2) / 2.
    let x = if x > -700.0 { x } else { -700.0 };
    let shifted = x * LOG2_E + ROUNDER;
    let k = shifted - ROUNDER;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    // Written out: a loop in the loop over the numbers would keep that from being vectorised.
    let square = r * r;
    let two = |n: usize| TAYLOR[n] + TAYLOR[n + 1] * r;
    let series = ((((((two(12) * square + two(10)) * square + two(8)) * square + two(6))
        * square
        + two(4))
        * square
        + two(2))
        * square)
        + two(0);
    series * f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52))
}
