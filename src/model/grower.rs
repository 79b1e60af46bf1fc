//! One histogram grower for every tree: leaf-wise, the leaf with the largest gain first (Ke et al., *LightGBM*, 2017), or
//! grown out depth first. Boosting gives it the derivatives of the log loss, a forest those of the squared one.
//!
//! Where the user says that a feature may only raise what the tree says, or only lower it: a split of that feature is refused
//! whose sides stand the wrong way round, and half-way between the two is as high, or as low, as anything below either side
//! may go (the basic method of LightGBM, and that of XGBoost).

use super::bins::{BinnedData, Bins, ColumnBins, MISSING_BIN};
use super::gradients::{Bounds, Gradients, Scale, UNBOUNDED, heavier};
use super::pair::{both_sums, running, sums_less, sums_of};
use super::tree::{Child, Side, Split, Tree};
use crate::random::Random;

/// How to grow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GrowParams {
    /// Leaves a tree has at most.
    pub max_leaves: usize,
    /// The least sum of Hessians in a leaf.
    pub min_leaf_weight: f64,
    /// L2 penalty on the leaves, towards `prior`.
    pub lambda: f64,
    /// The value of a leaf of which nothing is known.
    pub prior: f64,
    /// Which leaf is split next.
    pub order: Order,
}

/// Which leaf is split next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The one with the largest gain: the best tree of a given number of leaves.
    LargestGain,
    /// The newest one: the tree is grown out.
    DepthFirst,
}

/// The features a split may ask.
pub enum Features<'a> {
    /// The same ones for the whole tree.
    OfTree(&'a [usize]),
    /// So many, drawn anew for every split.
    DrawnBySplit(usize, &'a mut Random),
}

/// A split must lower the loss by more than rounding could.
const MIN_GAIN: f64 = 1e-9;

/// The packed sums of each bin of each feature.
type Histogram = Vec<[i64; 256]>;

/// A leaf that may still be split.
struct Leaf {
    /// Its rows in the grower's order.
    start: usize,
    end: usize,
    sum: i64,
    /// Its number in the tree.
    number: usize,
    /// The split that points at it and the side, `None` for the root.
    parent: Option<(usize, Side)>,
    bounds: Bounds,
    histogram: Histogram,
    best: Option<Candidate>,
}

/// A split that could be made.
#[derive(Clone, Copy)]
struct Candidate {
    gain: f64,
    feature: usize,
    bin: u8,
    missing: Side,
    left_sum: i64,
}

/// Grows trees on the same rows, keeping its buffers from tree to tree.
pub struct Grower<'a> {
    data: &'a BinnedData,
    n_bins: Vec<usize>,
    params: GrowParams,
    rows: Vec<u32>,
    scratch: Vec<u32>,
    drawn: Histogram,
    gains: Vec<f64>,
    spare: Vec<Histogram>,
}

impl<'a> Grower<'a> {
    /// Prepares to grow on `data`, whose values were binned by `bins`.
    #[must_use]
    pub fn new(data: &'a BinnedData, bins: &Bins, params: GrowParams) -> Self {
        let n_bins = bins.columns().iter().map(ColumnBins::n_bins).collect();
        Self {
            data,
            n_bins,
            params,
            rows: Vec::new(),
            scratch: Vec::new(),
            drawn: Vec::new(),
            gains: vec![0.0; data.n_features()],
            spare: Vec::new(),
        }
    }

    /// Grows one tree on `rows` with the given features; `on_leaf` is told each leaf's value and rows.
    pub fn grow(
        &mut self,
        rows: &[u32],
        gradients: &Gradients,
        features: Features<'_>,
        mut on_leaf: impl FnMut(f64, &[u32]),
    ) -> Tree {
        self.rows.clear();
        self.rows.extend_from_slice(rows);
        let mut growing = Growing {
            gradients,
            features,
            splits: Vec::new(),
            n_leaves: 1,
        };
        let mut leaves = vec![self.root(&mut growing)];
        while growing.n_leaves < self.params.max_leaves {
            let Some(at) = next_leaf(&leaves, self.params.order) else {
                break;
            };
            let leaf = leaves.swap_remove(at);
            let is_last = growing.n_leaves + 1 == self.params.max_leaves;
            let [left, right] = self.split(leaf, &mut growing, is_last);
            leaves.extend([left, right]);
        }
        let mut values = vec![0.0; growing.n_leaves];
        for leaf in leaves {
            let value = gradients.leaf_value(leaf.sum, &self.params, leaf.bounds);
            values[leaf.number] = value;
            on_leaf(value, &self.rows[leaf.start..leaf.end]);
            self.give_back(leaf.histogram);
        }
        Tree {
            splits: growing.splits,
            values,
        }
    }

    /// By how much the splits of each feature lowered the loss in all trees so far, twice.
    #[must_use]
    pub fn gains(&self) -> &[f64] {
        &self.gains
    }

    fn root(&mut self, growing: &mut Growing<'_>) -> Leaf {
        let sum = self
            .rows
            .iter()
            .map(|&row| growing.gradients.packed[row as usize])
            .sum();
        let mut leaf = Leaf {
            start: 0,
            end: self.rows.len(),
            sum,
            number: 0,
            parent: None,
            bounds: UNBOUNDED,
            histogram: self.empty_histogram(growing),
            best: None,
        };
        self.count(&mut leaf, growing);
        leaf.best = self.best_split(&leaf, growing);
        leaf
    }

    /// Room to count all features; none where each split counts those it draws.
    fn empty_histogram(&mut self, growing: &Growing<'_>) -> Histogram {
        if matches!(growing.features, Features::DrawnBySplit(..)) {
            return Histogram::new();
        }
        let mut histogram = self.spare.pop().unwrap_or_default();
        histogram.clear();
        histogram.resize(self.data.n_features(), [0; 256]);
        histogram
    }

    fn give_back(&mut self, histogram: Histogram) {
        if !histogram.is_empty() {
            self.spare.push(histogram);
        }
    }

    /// Adds the leaf's rows to its histogram: the inner loop of all training.
    fn count(&self, leaf: &mut Leaf, growing: &Growing<'_>) {
        if leaf.histogram.is_empty() {
            return;
        }
        let n_features = self.data.n_features();
        let (packed, rows) = (&growing.gradients.packed[..], self.data.rows());
        let histogram = &mut leaf.histogram[..n_features];
        for &row in &self.rows[leaf.start..leaf.end] {
            let packed = packed[row as usize];
            let start = row as usize * n_features;
            for feature in 0..n_features {
                histogram[feature][usize::from(rows[start + feature])] += packed;
            }
        }
    }

    /// Splits a leaf at its best candidate. The children of the last split need not know how they would go on.
    fn split(&mut self, leaf: Leaf, growing: &mut Growing<'_>, is_last: bool) -> [Leaf; 2] {
        let candidate = leaf.best.expect("only a leaf with a candidate is chosen");
        self.gains[candidate.feature] += candidate.gain;
        let at = growing.splits.len();
        let number = growing.n_leaves;
        growing.n_leaves += 1;
        growing.point(leaf.parent, at as Child);
        let split = Split {
            feature: candidate.feature as u16,
            bin: candidate.bin,
            missing: candidate.missing,
            left: !(leaf.number as Child),
            right: !(number as Child),
        };
        growing.splits.push(split);
        let middle = self.partition(leaf.start, leaf.end, &split);
        let bounds = self.bounds_of_sides(&leaf, &candidate, growing.gradients);
        let child = |(start, end), sum, number, side: Side| Leaf {
            start,
            end,
            sum,
            number,
            parent: Some((at, side)),
            bounds: bounds[usize::from(side == Side::Right)],
            histogram: Vec::new(),
            best: None,
        };
        let mut left = child(
            (leaf.start, middle),
            candidate.left_sum,
            leaf.number,
            Side::Left,
        );
        let mut right = child(
            (middle, leaf.end),
            leaf.sum - candidate.left_sum,
            number,
            Side::Right,
        );
        if is_last {
            self.give_back(leaf.histogram);
        } else {
            let left_is_smaller = middle - leaf.start <= leaf.end - middle;
            let (small, large) = if left_is_smaller {
                (&mut left, &mut right)
            } else {
                (&mut right, &mut left)
            };
            self.share(leaf.histogram, small, large, growing);
        }
        [left, right]
    }

    /// Between what the left and the right side may say. Where the feature has a direction each keeps to its half.
    fn bounds_of_sides(
        &self,
        leaf: &Leaf,
        candidate: &Candidate,
        gradients: &Gradients,
    ) -> [Bounds; 2] {
        let sign = self.sign(candidate.feature);
        let value = |sum| gradients.leaf_value(sum, &self.params, leaf.bounds);
        let left = value(candidate.left_sum);
        let right = value(leaf.sum - candidate.left_sum);
        let middle = left + (right - left) / 2.0;
        let (low, high) = leaf.bounds;
        if sign > 0.0 {
            [(low, middle), (middle, high)]
        } else if sign < 0.0 {
            [(middle, high), (low, middle)]
        } else {
            [leaf.bounds; 2]
        }
    }

    fn sign(&self, feature: usize) -> f64 {
        self.data.signs().get(feature).copied().unwrap_or(0.0)
    }

    /// Counts the smaller child; the larger one is the parent less the smaller.
    fn share(
        &mut self,
        parent: Histogram,
        small: &mut Leaf,
        large: &mut Leaf,
        growing: &mut Growing<'_>,
    ) {
        small.histogram = self.empty_histogram(growing);
        self.count(small, growing);
        large.histogram = parent;
        if let Features::OfTree(features) = growing.features {
            for &feature in features {
                let (large, _) = large.histogram[feature].as_chunks_mut::<2>();
                let (small, _) = small.histogram[feature].as_chunks::<2>();
                for pair in 0..large.len() {
                    large[pair] = sums_less(&large[pair], &small[pair]);
                }
            }
        }
        for leaf in [small, large] {
            leaf.best = self.best_split(leaf, growing);
            if leaf.best.is_none() {
                let histogram = std::mem::take(&mut leaf.histogram);
                self.give_back(histogram);
            }
        }
    }

    /// Brings the rows that go left to the front, each side keeping its order; returns where the right side starts.
    fn partition(&mut self, start: usize, end: usize, split: &Split) -> usize {
        let column = self.data.column(split.feature.into());
        // Turned on by one the bin of missing values is the first: then they go left.
        let turn = u8::from(split.missing == Side::Left);
        let rows = &mut self.rows[start..end];
        self.scratch.resize(rows.len(), 0);
        let scratch = &mut self.scratch[..rows.len()];
        let mut n_left = 0;
        // Every row is written to both sides and counted on one: a branch would be guessed wrong half of the time.
        for at in 0..rows.len() {
            let row = rows[at];
            let goes_left = column[row as usize].wrapping_add(turn) <= split.bin + turn;
            rows[n_left] = row;
            scratch[at - n_left] = row;
            n_left += usize::from(goes_left);
        }
        let n_right = rows.len() - n_left;
        rows[n_left..].copy_from_slice(&scratch[..n_right]);
        start + n_left
    }

    /// The split of the leaf that lowers the loss most, if any lowers it; its histogram is counted.
    fn best_split(&mut self, leaf: &Leaf, growing: &mut Growing<'_>) -> Option<Candidate> {
        if growing.gradients.unpack(leaf.sum).hessian < 2.0 * self.params.min_leaf_weight {
            return None;
        }
        let n_features = self.data.n_features();
        match &mut growing.features {
            Features::OfTree(features) => {
                self.best_of(leaf, growing.gradients, (features, &leaf.histogram))
            }
            Features::DrawnBySplit(n_drawn, random) => {
                let drawn = random.draw(*n_drawn, n_features);
                self.count_drawn(leaf, growing.gradients, &drawn);
                self.best_of(leaf, growing.gradients, (&drawn, &self.drawn))
            }
        }
    }

    /// Counts the drawn features alone: less work than sharing histograms of all features between parent and child.
    fn count_drawn(&mut self, leaf: &Leaf, gradients: &Gradients, drawn: &[usize]) {
        self.drawn.clear();
        self.drawn.resize(drawn.len(), [0; 256]);
        let n_features = self.data.n_features();
        let (packed, rows) = (&gradients.packed[..], self.data.rows());
        let histogram = &mut self.drawn[..drawn.len()];
        for &row in &self.rows[leaf.start..leaf.end] {
            let packed = packed[row as usize];
            let start = row as usize * n_features;
            for place in 0..drawn.len() {
                histogram[place][usize::from(rows[start + drawn[place]])] += packed;
            }
        }
    }

    /// The best split among some features; `histograms` are of all features, or of just these.
    fn best_of(
        &self,
        leaf: &Leaf,
        gradients: &Gradients,
        (features, histograms): (&[usize], &Histogram),
    ) -> Option<Candidate> {
        let whole = leaf.sum;
        let scale = Scale::new(whole, gradients, &self.params);
        let bounded = scale.within(gradients, &self.params, leaf.bounds);
        let is_free = self.data.signs().is_empty();
        let without = if is_free {
            scale.without_split()
        } else {
            bounded.gain_of_one(whole)
        };
        let mut best = Best {
            gain: without,
            candidate: None,
        };
        let is_of_all = histograms.len() == self.data.n_features();
        for (place, &feature) in features.iter().enumerate() {
            let bins = &histograms[if is_of_all { feature } else { place }];
            let missing = bins[usize::from(MISSING_BIN)];
            let sides: &[Option<Side>] = if missing == 0 {
                &[None]
            } else {
                &[Some(Side::Right), Some(Side::Left)]
            };
            let sign = self.sign(feature);
            for &side in sides {
                // Without missing values on it the last bin would leave the right side empty.
                let n_bins = self.n_bins[feature] - usize::from(side != Some(Side::Right));
                let before = if side == Some(Side::Left) { missing } else { 0 };
                let mut left_sums = both_sums(before);
                let (pairs, _) = bins.as_chunks::<2>();
                for first in 0..n_bins.div_ceil(2) {
                    left_sums = running(left_sums, &pairs[first]);
                    if is_free && !scale.is_one_above(left_sums, best.gain) {
                        continue;
                    }
                    let left_sums = sums_of(left_sums);
                    for half in 0..2 {
                        let (bin, left_sum) = (2 * first + half, left_sums[half]);
                        let gain = if is_free {
                            scale.gain(left_sum)
                        } else {
                            bounded.gain(left_sum, sign)
                        };
                        // An empty bin gains what the one before it does.
                        if gain > best.gain && bin < n_bins && bins[bin] != 0 {
                            best = Best {
                                gain,
                                candidate: Some((feature, bin as u8, side, left_sum)),
                            };
                        }
                    }
                }
            }
        }
        let (feature, bin, side, left_sum) = best.candidate?;
        // Where no value was missing, one that is will go where most rows go: nothing is known of it.
        let missing = side.unwrap_or_else(|| heavier(left_sum, whole));
        let gain = scale.in_units_of_the_loss(best.gain, without);
        let candidate = Candidate {
            gain,
            feature,
            bin,
            missing,
            left_sum,
        };
        (gain > MIN_GAIN).then_some(candidate)
    }
}

/// The best split so far: its feature, bin, side of missing values where there are any, and left sum.
struct Best {
    gain: f64,
    candidate: Option<(usize, u8, Option<Side>, i64)>,
}

/// What a tree in the making consists of.
struct Growing<'a> {
    gradients: &'a Gradients,
    features: Features<'a>,
    splits: Vec<Split>,
    n_leaves: usize,
}

impl Growing<'_> {
    /// Makes a split's child the split `to` instead of a leaf.
    fn point(&mut self, parent: Option<(usize, Side)>, to: Child) {
        match parent {
            Some((at, Side::Left)) => self.splits[at].left = to,
            Some((at, Side::Right)) => self.splits[at].right = to,
            None => {}
        }
    }
}

fn next_leaf(leaves: &[Leaf], order: Order) -> Option<usize> {
    match order {
        Order::LargestGain => largest_gain(leaves),
        Order::DepthFirst => leaves.iter().rposition(|leaf| leaf.best.is_some()),
    }
}

fn largest_gain(leaves: &[Leaf]) -> Option<usize> {
    let gain = |at: usize| leaves[at].best.map(|best| best.gain);
    (0..leaves.len())
        .filter(|&at| gain(at).is_some())
        .max_by(|&a, &b| {
            let order = gain(a)
                .partial_cmp(&gain(b))
                .unwrap_or(std::cmp::Ordering::Equal);
            // Of equal gains the older leaf: swaps in the vector must not decide.
            order.then_with(|| leaves[b].number.cmp(&leaves[a].number))
        })
}
