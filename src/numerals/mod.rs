//! Numbers from and to text, exactly: the nearest `f64` of a text, the shortest text of an `f64`, and texts of so many
//! decimals. std's ways for the same are 33 kB of wasm, a third of it a table of powers; whole numbers of any size need none.

mod read;
mod write;

pub use read::rounded;
pub use write::{format_fixed, format_number};

/// Stored bits of an `f64`'s mantissa; the first is not stored.
const MANTISSA: i32 = 52;

/// A whole number of any size, its lowest 32 bits first, the highest not zero.
struct Whole(Vec<u32>);

impl Whole {
    fn new(value: u64) -> Self {
        let mut whole = Self(vec![value as u32, (value >> 32) as u32]);
        whole.strip();
        whole
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn multiply_by_ten(&mut self, times: u32) {
        for _ in 0..times {
            self.multiply_add(10, 0);
        }
    }

    fn multiply_add(&mut self, factor: u32, addend: u32) {
        let mut carry = u64::from(addend);
        for word in &mut self.0 {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn shift(&mut self, n_bits: u32) {
        for _ in 0..n_bits / 31 {
            self.multiply_add(1 << 31, 0);
        }
        self.multiply_add(1 << (n_bits % 31), 0);
    }

    fn n_bits(&self) -> i32 {
        let last = self.0.last().map_or(0, |last| 32 - last.leading_zeros());
        last as i32 + 32 * (self.0.len() as i32 - 1)
    }

    fn is_below(&self, other: &Self) -> bool {
        if self.0.len() != other.0.len() {
            return self.0.len() < other.0.len();
        }
        let differs = (0..self.0.len())
            .rev()
            .find(|&at| self.0[at] != other.0[at]);
        differs.is_some_and(|at| self.0[at] < other.0[at])
    }

    /// The first bits of the quotient by `under`, of which it is less than twice as much; the rest is left, moved up as often.
    fn divide(&mut self, under: &Self, n_bits: u32) -> u64 {
        let mut quotient = 0;
        for _ in 0..n_bits {
            let fits = !self.is_below(under);
            if fits {
                self.subtract(under);
            }
            self.shift(1);
            quotient = quotient << 1 | u64::from(fits);
        }
        quotient
    }

    /// Takes away a number that is not larger.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for (at, word) in self.0.iter_mut().enumerate() {
            let other = other.0.get(at).copied().unwrap_or(0);
            let (less, below) = word.overflowing_sub(other);
            let (less, below_too) = less.overflowing_sub(u32::from(borrow));
            (*word, borrow) = (less, below || below_too);
        }
        self.strip();
    }

    fn strip(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}
