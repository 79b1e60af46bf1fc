//! Two numbers that are worked on at a time: by SIMD in wasm, where the compiler does not find it by itself, and elsewhere by
//! the same operations in the same order.

pub(super) use lanes::{ZERO, add_product, load, sum};

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    pub const ZERO: [f64; 2] = [0.0; 2];

    #[inline]
    pub fn load(pair: &[f64; 2]) -> [f64; 2] {
        *pair
    }

    #[inline]
    pub fn add_product(sum: [f64; 2], a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
        [sum[0] + a[0] * b[0], sum[1] + a[1] * b[1]]
    }

    #[inline]
    pub fn sum(pair: [f64; 2]) -> f64 {
        pair[0] + pair[1]
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use std::arch::wasm32::{f64x2, f64x2_add, f64x2_extract_lane, f64x2_mul, v128};

    pub const ZERO: v128 = f64x2(0.0, 0.0);

    #[inline]
    pub fn load(pair: &[f64; 2]) -> v128 {
        f64x2(pair[0], pair[1])
    }

    #[inline]
    pub fn add_product(sum: v128, a: v128, b: v128) -> v128 {
        f64x2_add(sum, f64x2_mul(a, b))
    }

    #[inline]
    pub fn sum(pair: v128) -> f64 {
        f64x2_extract_lane::<0>(pair) + f64x2_extract_lane::<1>(pair)
    }
}
