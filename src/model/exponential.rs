//! The exponential function without a branch, so that several go side by side in the lanes of vector instructions, where
//! libm's goes one by one: the same bits everywhere, as no operation depends on the machine.

use std::f64::consts::LOG2_E;

use super::pair::{Pair, add_product, both, least, mul, power_of_two, sub};

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

/// The exponentials of two numbers that are at least 0 with their signs turned, to the last digit but one; that of -700 for
/// all beyond 700.
#[inline(always)]
pub(super) fn exp_of_minus(z: Pair) -> Pair {
    // exp(x) = 2^k exp(r), |r| <= ln(2) / 2.
    let x = sub(both(0.0), least(z, both(700.0)));
    let shifted = add_product(both(ROUNDER), x, both(LOG2_E));
    let k = sub(shifted, both(ROUNDER));
    let r = sub(sub(x, mul(k, both(LN_2_HIGH))), mul(k, both(LN_2_LOW)));
    let square = mul(r, r);
    // Written out: what is compiled to be small unrolls no loop.
    let two = |n: usize| add_product(both(TAYLOR[n]), both(TAYLOR[n + 1]), r);
    let high = add_product(two(8), add_product(two(10), two(12), square), square);
    let low = add_product(two(4), add_product(two(6), high, square), square);
    let series = add_product(two(0), add_product(two(2), low, square), square);
    mul(series, power_of_two(shifted))
}
