//! Seeded randomness: the only source of it in the crate. PCG XSL RR 128/64 (O'Neill, 2014), whose stream is published and
//! the same on every platform, so that one seed gives one model everywhere.

use rand_core::Rng;
use rand_pcg::Pcg64;

/// A generator that gives the same stream for the same seed and purpose on every platform.
pub struct Random(Pcg64);

impl Random {
    /// Starts the stream of `seed` for one `purpose`; streams of different purposes are independent of each other.
    #[must_use]
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self(Pcg64::new(u128::from(seed), u128::from(purpose)))
    }

    /// A number in [0, 1) with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        /// 2^-53
        const UNIT: f64 = 1.0 / 9_007_199_254_740_992.0;
        (self.0.next_u64() >> 11) as f64 * UNIT
    }

    /// A number in `0..bound` by Lemire's multiplication (its bias, below 2^-32 for our bounds, is of no account here).
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    /// A draw from the standard normal distribution (the polar method; Marsaglia and Bray, 1964).
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * libm::sqrt(-2.0 * libm::log(square) / square);
            }
        }
    }

    /// Draws `n` different numbers of `0..bound`, rising.
    pub fn draw(&mut self, n: usize, bound: usize) -> Vec<usize> {
        // Knuth's selection sampling: each number is taken with the share of what is still wanted in what is left.
        let mut drawn = Vec::with_capacity(n.min(bound));
        for number in 0..bound {
            if self.below(bound - number) < n.saturating_sub(drawn.len()) {
                drawn.push(number);
            }
        }
        drawn
    }

    /// Shuffles in place (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
