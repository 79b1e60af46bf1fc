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

    /// Of `a` where `z` is not negative, of `b` where it is.
    #[inline(always)]
    pub fn where_not_negative(z: Pair, a: Pair, b: Pair) -> Pair {
        [0, 1].map(|at| if z[at] >= 0.0 { a[at] } else { b[at] })
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
        f64x2, f64x2_abs, f64x2_add, f64x2_div, f64x2_extract_lane, f64x2_ge, f64x2_mul,
        f64x2_pmin, f64x2_sub, i64x2_add, i64x2_shl, i64x2_splat, v128, v128_bitselect,
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
    pub fn where_not_negative(z: Pair, a: Pair, b: Pair) -> Pair {
        v128_bitselect(a, b, f64x2_ge(z, both(0.0)))
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
