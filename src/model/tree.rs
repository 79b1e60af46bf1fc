//! A tree as it is asked: questions to bins, and what each leaf adds. How it comes about is `grower`'s.

use serde::Serialize;

use crate::codec::saved;

use super::bins::MISSING_BIN;

/// A grown tree. Nodes point forward only, so that every walk ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The splits; the first is the root. A tree without one is a single leaf.
    pub(super) splits: Vec<Split>,
    /// What each leaf adds.
    pub(super) values: Vec<f64>,
}

saved! { struct Tree { splits, values } }

/// A question to one feature's bin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Index of the feature.
    pub feature: u16,
    /// Bins up to this one go left.
    pub bin: u8,
    /// Where rows without a value go.
    pub missing: Side,
    /// The next node on the left.
    pub left: Child,
    /// The next node on the right.
    pub right: Child,
}

saved! { struct Split { feature, bin, missing, left, right } }

/// A side of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// With the lower bins.
    Left,
    /// With the higher bins.
    Right,
}

saved! { enum Side { 0 = Left, 1 = Right } }

/// What follows a split: another one where not negative, otherwise the leaf `!child`.
pub type Child = i32;

impl Tree {
    /// What the tree says of a row of bins.
    #[must_use]
    #[inline]
    pub fn value(&self, row: &[u8]) -> f64 {
        let mut at: Child = if self.splits.is_empty() { !0 } else { 0 };
        while at >= 0 {
            let split = &self.splits[at as usize];
            at = if split.goes_left(row[usize::from(split.feature)]) {
                split.left
            } else {
                split.right
            };
        }
        self.values[!at as usize]
    }

    /// Multiplies what every leaf adds.
    pub(super) fn scale(&mut self, by: f64) {
        self.values.iter_mut().for_each(|value| *value *= by);
    }

    /// The splits, the root first.
    #[must_use]
    pub fn splits(&self) -> &[Split] {
        &self.splits
    }

    /// What each leaf adds.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Whether every walk ends in a leaf with a finite value and each node has one way to it: what a file from elsewhere
    /// must satisfy.
    #[must_use]
    pub fn is_consistent(&self, n_features: usize) -> bool {
        let n_splits = self.splits.len();
        if self.values.len() != n_splits + 1 {
            return false;
        }
        // Splits, then leaves; as many as there are children and the root, so that none is led to twice where all are led to.
        let mut is_led_to = vec![false; n_splits + self.values.len()];
        is_led_to[0] = true;
        for (at, split) in self.splits.iter().enumerate() {
            for child in [split.left, split.right] {
                let node = match usize::try_from(child) {
                    Ok(next) if next <= at || next >= n_splits => return false,
                    Ok(next) => next,
                    Err(_) => n_splits + !child as usize,
                };
                let Some(is_led_to) = is_led_to.get_mut(node) else {
                    return false;
                };
                *is_led_to = true;
            }
        }
        let asks_well =
            |split: &Split| split.bin < MISSING_BIN && usize::from(split.feature) < n_features;
        is_led_to.iter().all(|led_to| *led_to)
            && self.values.iter().all(|value| value.is_finite())
            && self.splits.iter().all(asks_well)
    }
}

impl Split {
    #[inline]
    pub(super) fn goes_left(&self, bin: u8) -> bool {
        bin <= self.bin || (bin == MISSING_BIN && self.missing == Side::Left)
    }
}

/// Whether these can be the gains of so many features: what a file from elsewhere must satisfy.
pub(super) fn are_gains(gains: &[f64], n_features: usize) -> bool {
    gains.len() == n_features && gains.iter().all(|gain| gain.is_finite() && *gain >= 0.0)
}
