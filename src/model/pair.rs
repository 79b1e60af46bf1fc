//! Two numbers that are worked on at a time: by SIMD in wasm, where the compiler does not find it by itself, and elsewhere by
//! the same operations in the same order.
//!
//! The wasm is compiled to be small, where nothing is inlined or unrolled for speed alone; hence `inline(always)`.

pub(super) use lanes::*;

/// Two numbers in memory.
pub(super) type Stored = [f64; 2];

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    /// Two numbers.
    pub type Pair = [f64; 2];

    macro_rules! operation {
        ($($name:ident $operator:tt),*) => {$(
            #[inline(always)]
            pub fn $name(a: Pair, b: Pair) -> Pair {
                [a[0] $operator b[0], a[1] $operator b[1]]
            }
        )*};
    }
    operation!(add +, sub -, mul *, div /);

    #[inline(always)]
    pub const fn both(number: f64) -> Pair {
        [number; 2]
    }

    #[inline(always)]
    pub fn load(pair: &[f64; 2]) -> Pair {
        *pair
    }

    #[inline(always)]
    pub fn stored(pair: Pair) -> [f64; 2] {
        pair
    }

    #[inline(always)]
    pub fn abs(pair: Pair) -> Pair {
        pair.map(f64::abs)
    }

    /// Each of `a` that is less than that of `b`, which is taken else.
    #[inline(always)]
    pub fn least(a: Pair, b: Pair) -> Pair {
        [0, 1].map(|at| if a[at] < b[at] { a[at] } else { b[at] })
    }

    /// Each of `a` that is more than that of `b`, which is taken else.
    #[inline(always)]
    pub fn most(a: Pair, b: Pair) -> Pair {
        [0, 1].map(|at| if a[at] > b[at] { a[at] } else { b[at] })
    }

    /// Each of `a` that is a number; of `b` where it is none.
    #[inline(always)]
    pub fn where_number(a: Pair, b: Pair) -> Pair {
        [0, 1].map(|at| if a[at].is_nan() { b[at] } else { a[at] })
    }

    /// Of `a` where `z` is not negative, of `b` where it is.
    #[inline(always)]
    pub fn where_not_negative(z: Pair, a: Pair, b: Pair) -> Pair {
        [0, 1].map(|at| if z[at] >= 0.0 { a[at] } else { b[at] })
    }

    /// Two packed sums.
    pub type Sums2 = [i64; 2];

    /// The sums up to the first and up to the second of two more after the second of `before`.
    #[inline(always)]
    pub fn running(before: Sums2, sums: &[i64; 2]) -> Sums2 {
        let first = before[1] + sums[0];
        [first, first + sums[1]]
    }

    #[inline(always)]
    pub fn sums_of(sums: Sums2) -> [i64; 2] {
        sums
    }

    #[inline(always)]
    pub fn both_sums(sum: i64) -> Sums2 {
        [sum; 2]
    }

    /// `a` less `b`.
    #[inline(always)]
    pub fn sums_less(a: &[i64; 2], b: &[i64; 2]) -> [i64; 2] {
        [a[0] - b[0], a[1] - b[1]]
    }

    /// The upper halves of two sums, and the lower ones, which are below 2^31.
    #[inline(always)]
    pub fn halves_of_both(sums: Sums2) -> (Pair, Pair) {
        let halves = |half: fn(i64) -> i32| sums.map(|sum| f64::from(half(sum)));
        (halves(|sum| (sum >> 32) as i32), halves(|sum| sum as i32))
    }

    /// Whether one is `a` > `b` and `c` >= `d`.
    #[inline(always)]
    pub fn is_one_above(a: Pair, b: Pair, c: Pair, d: Pair) -> bool {
        (a[0] > b[0] && c[0] >= d[0]) || (a[1] > b[1] && c[1] >= d[1])
    }

    /// 2 to the whole numbers in the lowest bits.
    #[inline(always)]
    pub fn power_of_two(pair: Pair) -> Pair {
        pair.map(|exponent| f64::from_bits((exponent.to_bits() << 52).wrapping_add(1023 << 52)))
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use std::arch::wasm32::{
        f64x2, f64x2_abs, f64x2_add, f64x2_convert_low_i32x4, f64x2_div, f64x2_eq,
        f64x2_extract_lane, f64x2_ge, f64x2_gt, f64x2_mul, f64x2_pmax, f64x2_pmin, f64x2_sub,
        i32x4_shuffle, i64x2, i64x2_add, i64x2_extract_lane, i64x2_shl, i64x2_shuffle, i64x2_splat,
        i64x2_sub, v128, v128_and, v128_any_true, v128_bitselect,
    };

    pub type Pair = v128;

    macro_rules! operation {
        ($($name:ident $instruction:ident),*) => {$(
            #[inline(always)]
            pub fn $name(a: Pair, b: Pair) -> Pair {
                $instruction(a, b)
            }
        )*};
    }
    operation!(add f64x2_add, sub f64x2_sub, mul f64x2_mul, div f64x2_div);

    #[inline(always)]
    pub const fn both(number: f64) -> Pair {
        f64x2(number, number)
    }

    #[inline(always)]
    pub fn load(pair: &[f64; 2]) -> Pair {
        f64x2(pair[0], pair[1])
    }

    #[inline(always)]
    pub fn stored(pair: Pair) -> [f64; 2] {
        [f64x2_extract_lane::<0>(pair), f64x2_extract_lane::<1>(pair)]
    }

    #[inline(always)]
    pub fn abs(pair: Pair) -> Pair {
        f64x2_abs(pair)
    }

    #[inline(always)]
    pub fn least(a: Pair, b: Pair) -> Pair {
        f64x2_pmin(b, a)
    }

    #[inline(always)]
    pub fn most(a: Pair, b: Pair) -> Pair {
        f64x2_pmax(b, a)
    }

    #[inline(always)]
    pub fn where_number(a: Pair, b: Pair) -> Pair {
        v128_bitselect(a, b, f64x2_eq(a, a))
    }

    #[inline(always)]
    pub fn where_not_negative(z: Pair, a: Pair, b: Pair) -> Pair {
        v128_bitselect(a, b, f64x2_ge(z, both(0.0)))
    }

    pub type Sums2 = v128;

    #[inline(always)]
    pub fn running(before: Sums2, sums: &[i64; 2]) -> Sums2 {
        let sums = i64x2(sums[0], sums[1]);
        let moved = i64x2_shuffle::<0, 2>(i64x2_splat(0), sums);
        let before = i64x2_shuffle::<1, 1>(before, before);
        i64x2_add(i64x2_add(sums, moved), before)
    }

    #[inline(always)]
    pub fn sums_of(sums: Sums2) -> [i64; 2] {
        [i64x2_extract_lane::<0>(sums), i64x2_extract_lane::<1>(sums)]
    }

    #[inline(always)]
    pub fn both_sums(sum: i64) -> Sums2 {
        i64x2_splat(sum)
    }

    #[inline(always)]
    pub fn sums_less(a: &[i64; 2], b: &[i64; 2]) -> [i64; 2] {
        sums_of(i64x2_sub(i64x2(a[0], a[1]), i64x2(b[0], b[1])))
    }

    #[inline(always)]
    pub fn halves_of_both(sums: Sums2) -> (Pair, Pair) {
        let (upper, lower) = (
            i32x4_shuffle::<1, 3, 1, 3>(sums, sums),
            i32x4_shuffle::<0, 2, 0, 2>(sums, sums),
        );
        (
            f64x2_convert_low_i32x4(upper),
            f64x2_convert_low_i32x4(lower),
        )
    }

    #[inline(always)]
    pub fn is_one_above(a: Pair, b: Pair, c: Pair, d: Pair) -> bool {
        v128_any_true(v128_and(f64x2_gt(a, b), f64x2_ge(c, d)))
    }

    #[inline(always)]
    pub fn power_of_two(pair: Pair) -> Pair {
        i64x2_add(i64x2_shl(pair, 52), i64x2_splat(1023 << 52))
    }
}

/// The sum and the product of two more.
#[inline(always)]
pub(super) fn add_product(sum: Pair, a: Pair, b: Pair) -> Pair {
    add(sum, mul(a, b))
}

/// Both together.
#[inline(always)]
pub(super) fn sum(pair: Pair) -> f64 {
    let [first, second] = stored(pair);
    first + second
}
