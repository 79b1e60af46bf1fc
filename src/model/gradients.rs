//! Gradients and Hessians in whole numbers, packed into one `i64`: an update of a histogram is one addition, a sibling is its
//! parent less the smaller child exactly, and no order of summation can matter. Also what a split gains by them (Chen and
//! Guestrin, *XGBoost*, 2016, equation 7), compared without a division.

use super::grower::GrowParams;
use super::tree::Side;

/// The loss's first and second derivatives at every row, quantised.
#[derive(Debug, Clone, Default)]
pub struct Gradients {
    /// The gradient in the upper half and the Hessian, never negative, in the lower.
    pub(super) packed: Vec<i64>,
    gradient_unit: f64,
    hessian_unit: f64,
}

impl Gradients {
    /// Quantises as finely as leaves the sums over any of the rows room in 32 bits; rounding adds half a unit a row at most.
    pub fn quantise(&mut self, gradients: &[f64], hessians: &[f64]) {
        let room = f64::from(i32::MAX) - gradients.len() as f64;
        let total = |values: &[f64]| {
            values
                .iter()
                .fold(f64::MIN_POSITIVE, |sum, value| sum + libm::fabs(*value))
        };
        self.gradient_unit = total(gradients) / room;
        self.hessian_unit = total(hessians) / room;
        let (per_gradient, per_hessian) = (1.0 / self.gradient_unit, 1.0 / self.hessian_unit);
        self.packed.clear();
        self.packed
            .extend(gradients.iter().zip(hessians).map(|(gradient, hessian)| {
                let gradient = (gradient * per_gradient).round_ties_even() as i64;
                (gradient << 32) + (hessian * per_hessian).round_ties_even() as i64
            }));
    }

    /// Takes labels that count as many times as their weights: the squared loss around 0, in whole numbers as it is.
    pub fn of_labels(&mut self, y: &[bool], weights: &[u32]) {
        (self.gradient_unit, self.hessian_unit) = (1.0, 1.0);
        self.packed.clear();
        self.packed
            .extend(y.iter().zip(weights).map(|(&crashed, &weight)| {
                let gradient = if crashed { -i64::from(weight) } else { 0 };
                (gradient << 32) + i64::from(weight)
            }));
    }

    /// The sums that a packed one stands for.
    #[inline]
    pub(super) fn unpack(&self, packed: i64) -> Sums {
        let (gradient, hessian) = halves(packed);
        Sums {
            gradient: gradient * self.gradient_unit,
            hessian: hessian * self.hessian_unit,
        }
    }
}

/// Sums of the derivatives over some rows.
pub(super) struct Sums {
    pub gradient: f64,
    pub hessian: f64,
}

/// A gain before it is divided: comparing two of them takes two multiplications, which is faster than a division for each.
#[derive(Clone, Copy)]
pub(super) struct Fraction {
    numerator: f64,
    /// Not negative.
    denominator: f64,
}

impl Fraction {
    #[inline]
    pub fn is_above(self, other: Self) -> bool {
        self.numerator * other.denominator > other.numerator * self.denominator
    }
}

/// A leaf's sums in whole numbers, and the penalties in their unit: what a gain is worked out with, thousands of times.
pub(super) struct Scale {
    whole: i64,
    min_leaf_weight: f64,
    lambda: f64,
    unit: f64,
}

impl Scale {
    pub fn new(whole: i64, gradients: &Gradients, params: &GrowParams) -> Self {
        let lambda = params.lambda / gradients.hessian_unit;
        Self {
            whole,
            min_leaf_weight: params.min_leaf_weight / gradients.hessian_unit,
            lambda,
            unit: gradients.gradient_unit * gradients.gradient_unit / gradients.hessian_unit,
        }
    }

    /// The gain of the leaf as it is: what a split must exceed.
    #[inline]
    pub fn without_split(&self) -> Fraction {
        let (gradient, hessian) = halves(self.whole);
        Fraction {
            numerator: gradient * gradient,
            denominator: hessian + self.lambda,
        }
    }

    /// What both sides gain together where the left one has this sum; 0 where a side is too light.
    #[inline]
    pub fn gain(&self, left: i64) -> Fraction {
        let ((left_gradient, left_hessian), (right_gradient, right_hessian)) =
            (halves(left), halves(self.whole - left));
        if left_hessian.min(right_hessian) < self.min_leaf_weight {
            return Fraction {
                numerator: 0.0,
                denominator: 1.0,
            };
        }
        let (left_weight, right_weight) = (left_hessian + self.lambda, right_hessian + self.lambda);
        Fraction {
            numerator: left_gradient * left_gradient * right_weight
                + right_gradient * right_gradient * left_weight,
            denominator: left_weight * right_weight,
        }
    }

    /// What a split gains over none.
    pub fn in_units_of_the_loss(&self, gain: Fraction) -> f64 {
        let without = self.without_split();
        (gain.numerator / gain.denominator - without.numerator / without.denominator) * self.unit
    }
}

/// The side with the larger Hessian: that of most rows.
#[inline]
pub(super) fn heavier(left: i64, whole: i64) -> Side {
    if halves(left).1 >= halves(whole - left).1 {
        Side::Left
    } else {
        Side::Right
    }
}

/// The gradient and the Hessian of a packed sum, in their whole numbers.
#[inline]
fn halves(packed: i64) -> (f64, f64) {
    (f64::from((packed >> 32) as i32), f64::from(packed as u32))
}
