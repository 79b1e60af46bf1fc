//! Gradients and Hessians in whole numbers, packed into one `i64`: an update of a histogram is one addition, a sibling is its
//! parent less the smaller child exactly, and no order of summation can matter. Also what a split gains by them (Chen and
//! Guestrin, *XGBoost*, 2016, equation 7), compared without a division.

use std::f64::consts::{LN_2, LOG2_E};

use super::exponential::ROUNDER;
use super::grower::GrowParams;
use super::pair::{
    Pair, Stored, Sums2, abs, add, add_product, both, div, halves_of_both, is_one_above, least,
    load, mul, power_of_two, stored, sub, where_not_negative,
};
use super::tree::Side;

/// The loss's first and second derivatives at every row, quantised.
#[derive(Debug, Clone, Default)]
pub struct Gradients {
    /// The gradient in the upper half and the Hessian, never negative, in the lower.
    pub(super) packed: Vec<i64>,
    probabilities: Vec<f64>,
    gradient_unit: f64,
    hessian_unit: f64,
}

/// Rows whose derivatives are worked out together, in the lanes of vector instructions where there are any.
const LANES: usize = 2 * PAIRS;
const PAIRS: usize = 4;

#[derive(Default)]
struct Lanes {
    scores: [Stored; PAIRS],
    labels: [Stored; PAIRS],
    /// 1, or 0 where there is no row.
    counts: [Stored; PAIRS],
}

impl Gradients {
    /// Takes the derivatives of the log loss at the `scores` of the given rows, quantised as finely as leaves their sums
    /// room in 32 bits; rounding adds half a unit a row at most.
    pub fn of_log_loss(&mut self, rows: &[u32], scores: &[f64], y: &[bool]) {
        self.packed.resize(scores.len(), 0);
        self.probabilities.clear();
        let mut totals = [[[f64::MIN_POSITIVE; 2]; PAIRS]; 2];
        self.probabilities.resize(rows.len(), 0.0);
        for (rows, said) in rows.chunks(LANES).zip(self.probabilities.chunks_mut(LANES)) {
            let mut lanes = Lanes::default();
            for (at, &row) in rows.iter().enumerate() {
                let (pair, half) = (at / 2, at % 2);
                lanes.scores[pair][half] = scores[row as usize];
                lanes.labels[pair][half] = f64::from(y[row as usize]);
                lanes.counts[pair][half] = 1.0;
            }
            let mut probabilities = [[0.0; 2]; PAIRS];
            for pair in 0..PAIRS {
                let p = near_sigmoid(load(&lanes.scores[pair]));
                let (label, counts) = (load(&lanes.labels[pair]), load(&lanes.counts[pair]));
                let [gradients, hessians] = &mut totals;
                let gradient = add_product(load(&gradients[pair]), abs(sub(p, label)), counts);
                let hessian = mul(p, sub(both(1.0), p));
                gradients[pair] = stored(gradient);
                hessians[pair] = stored(add_product(load(&hessians[pair]), hessian, counts));
                probabilities[pair] = stored(p);
            }
            said.copy_from_slice(&probabilities.as_flattened()[..rows.len()]);
        }
        let room = f64::from(i32::MAX) - rows.len() as f64;
        let unit = |totals: [Stored; PAIRS]| totals.as_flattened().iter().sum::<f64>() / room;
        (self.gradient_unit, self.hessian_unit) = (unit(totals[0]), unit(totals[1]));
        let (per_gradient, per_hessian) = (1.0 / self.gradient_unit, 1.0 / self.hessian_unit);
        let (packed, probabilities) = (&mut self.packed[..], &self.probabilities[..rows.len()]);
        for (at, &row) in rows.iter().enumerate() {
            let p = probabilities[at];
            let gradient = whole((p - f64::from(y[row as usize])) * per_gradient);
            packed[row as usize] = (gradient << 32) + whole(p * (1.0 - p) * per_hessian);
        }
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

/// The least and the most that a leaf may say.
pub(super) type Bounds = (f64, f64);

/// The bounds of a leaf that may say anything.
pub(super) const UNBOUNDED: Bounds = (f64::NEG_INFINITY, f64::INFINITY);

impl Gradients {
    /// What a leaf of this sum says within its bounds: the step that lowers the penalised loss most.
    pub(super) fn leaf_value(&self, packed: i64, params: &GrowParams, (low, high): Bounds) -> f64 {
        let sums = self.unpack(packed);
        let weight = sums.hessian + params.lambda;
        let value = (params.lambda * params.prior - sums.gradient) / weight.max(f64::MIN_POSITIVE);
        value.max(low).min(high)
    }
}

/// Sums of the derivatives over some rows.
pub(super) struct Sums {
    pub gradient: f64,
    pub hessian: f64,
}

/// A leaf's sums in whole numbers, and the penalties in their unit: what a gain is worked out with, thousands of times.
///
/// Of sides with gradients l and r and penalised weights a and b, which add up to w whatever the split, the gain l^2 / a + r^2 / b
/// is (l w - (l + r) a)^2 / (a b w) and (l + r)^2 / w. Compared is the first without its 1 / w, so that the right side need not be
/// worked out.
pub(super) struct Scale {
    whole: i64,
    gradient: f64,
    weight: f64,
    /// The product of both sides' weights where the lighter one is as light as it may be: the larger it is the less they
    /// differ. Of use where the leaf is heavy enough for two.
    least: f64,
    min_leaf_weight: f64,
    lambda: f64,
    unit: f64,
}

impl Scale {
    pub fn new(whole: i64, gradients: &Gradients, params: &GrowParams) -> Self {
        let lambda = params.lambda / gradients.hessian_unit;
        let min_leaf_weight = params.min_leaf_weight / gradients.hessian_unit;
        let (gradient, hessian) = halves(whole);
        let weight = hessian + lambda + lambda;
        let lightest = min_leaf_weight + lambda;
        let unit = gradients.gradient_unit * gradients.gradient_unit / gradients.hessian_unit;
        Self {
            whole,
            gradient,
            weight,
            least: lightest * (weight - lightest),
            min_leaf_weight,
            lambda,
            unit: unit / weight,
        }
    }

    /// The gain of the leaf as it is: what a split must exceed.
    pub fn without_split(&self) -> f64 {
        self.gradient * self.gradient * self.lambda / (self.weight - self.lambda)
    }

    /// What both sides gain together where the left one has this sum; 0 where a side is too light.
    #[inline(always)]
    pub fn gain(&self, left: i64) -> f64 {
        let (gradient, hessian) = halves(left);
        let left_weight = hessian + self.lambda;
        let product = left_weight * (self.weight - left_weight);
        let apart = gradient * self.weight - self.gradient * left_weight;
        if product < self.least {
            return 0.0;
        }
        apart * apart / product
    }

    /// Whether one of two left sides gains more than `best`: asked thousands of times, hence without a division.
    #[inline(always)]
    pub fn is_one_above(&self, left: Sums2, best: f64) -> bool {
        let (gradients, hessians) = halves_of_both(left);
        let left_weights = add(hessians, both(self.lambda));
        let products = mul(left_weights, sub(both(self.weight), left_weights));
        let apart = sub(
            mul(gradients, both(self.weight)),
            mul(both(self.gradient), left_weights),
        );
        let wanted = mul(both(best), products);
        is_one_above(mul(apart, apart), wanted, products, both(self.least))
    }

    /// What a split gains over none.
    pub fn in_units_of_the_loss(&self, gain: f64, without: f64) -> f64 {
        (gain - without) * self.unit
    }
}

/// Gains of leaves that say no more and no less than they may: slower, for trees that keep to directions.
pub(super) struct Bounded<'a> {
    scale: &'a Scale,
    gradients: &'a Gradients,
    params: &'a GrowParams,
    bounds: Bounds,
}

impl Scale {
    pub fn within<'a>(
        &'a self,
        gradients: &'a Gradients,
        params: &'a GrowParams,
        bounds: Bounds,
    ) -> Bounded<'a> {
        Bounded {
            scale: self,
            gradients,
            params,
            bounds,
        }
    }
}

impl Bounded<'_> {
    /// What one leaf gains by what it says.
    pub fn gain_of_one(&self, packed: i64) -> f64 {
        self.value_and_gain(packed).1 / self.scale.unit
    }

    /// What both sides gain together where the left one has this sum; nothing where a side is too light or they stand the
    /// wrong way round.
    pub fn gain(&self, left: i64, sign: f64) -> f64 {
        let right = self.scale.whole - left;
        let is_light = halves(left).1.min(halves(right).1) < self.scale.min_leaf_weight;
        let (left_value, left_gain) = self.value_and_gain(left);
        let (right_value, right_gain) = self.value_and_gain(right);
        let is_refused = is_light || sign * (right_value - left_value) < 0.0;
        if is_refused {
            return f64::NEG_INFINITY;
        }
        (left_gain + right_gain) / self.scale.unit
    }

    /// What a leaf says, and by how much that lowers the penalised loss, twice.
    fn value_and_gain(&self, packed: i64) -> (f64, f64) {
        let GrowParams { lambda, prior, .. } = *self.params;
        let sums = self.gradients.unpack(packed);
        let value = self.gradients.leaf_value(packed, self.params, self.bounds);
        let slope = 2.0 * (sums.gradient - lambda * prior) + (sums.hessian + lambda) * value;
        (value, -value * slope)
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
#[inline(always)]
fn halves(packed: i64) -> (f64, f64) {
    (f64::from((packed >> 32) as i32), f64::from(packed as u32))
}

/// The nearest whole number; of numbers below 2^51.
#[inline(always)]
fn whole(value: f64) -> i64 {
    (value + ROUNDER).to_bits() as i64 - ROUNDER.to_bits() as i64
}

/// What the powers of r from the seventh down are multiplied with in the series of exp(r).
const TAYLOR: [f64; 8] = [
    1.0 / 5040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
    1.0,
    1.0,
];

/// The logistic function of two numbers to eight digits, which is more than is left of it when it is quantised.
#[inline(always)]
fn near_sigmoid(z: Pair) -> Pair {
    // exp(-|z|) = 2^k exp(r), |r| <= ln(2) / 2; nothing below exp(-700) is needed.
    let x = sub(both(0.0), least(abs(z), both(700.0)));
    let shifted = add_product(both(ROUNDER), x, both(LOG2_E));
    let r = sub(x, mul(sub(shifted, both(ROUNDER)), both(LN_2)));
    // Written out: what is compiled to be small unrolls no loop.
    let next = |sum, term: usize| add_product(both(TAYLOR[term]), sum, r);
    let high = next(next(next(both(TAYLOR[0]), 1), 2), 3);
    let series = next(next(next(next(high, 4), 5), 6), 7);
    let small = mul(series, power_of_two(shifted));
    let far = div(small, add(both(1.0), small));
    where_not_negative(z, sub(both(1.0), far), far)
}
