//! A random forest (Breiman, 2001) on the same bins and the same grower as boosting: every tree grows out on a bootstrap
//! sample, each split asking a few features drawn anew, and a leaf holds the crash rate of its rows. A forest's
//! probability is the mean over its trees.

use super::bins::{BinnedData, Bins};
use super::compact::WhenAsked;
use super::gradients::Gradients;
use super::grower::{Features, GrowParams, Grower, Order};
use super::tree::{Tree, are_gains};
use crate::codec::{Unsaved, saved};
use crate::random::Random;

/// How to grow a forest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Trees to grow.
    pub n_trees: usize,
    /// The least rows of the bootstrap sample in a leaf.
    pub min_leaf_rows: u32,
    /// Leaves a tree has at most.
    pub max_leaves: usize,
}

saved! { struct Params { n_trees, min_leaf_rows, max_leaves } }

/// How many of so many features each split asks: the square root, rounded up.
pub(crate) fn n_asked(n_features: usize) -> usize {
    libm::ceil(libm::sqrt(n_features as f64)) as usize
}

impl Default for Params {
    fn default() -> Self {
        Self {
            n_trees: 100,
            min_leaf_rows: 5,
            max_leaves: 1 << 14,
        }
    }
}

/// Trees whose mean is the probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    trees: Vec<Tree>,
    gains: Vec<f64>,
    out_of_bag: Option<f64>,
    compact: Unsaved<WhenAsked>,
}

saved! { struct Forest { trees, gains, out_of_bag, compact } }

/// Stream number of [`Random`] for the features that splits ask.
const STREAM: u64 = 5;
/// Stream number of [`Random`] for the bootstrap samples: one of its own, so that they can be drawn once more.
const SAMPLE_STREAM: u64 = 8;
/// Rows of the whole sample's crash rate added to each leaf, so that no leaf is certain by chance.
const PRIOR_ROWS: f64 = 1.0;

impl Forest {
    /// Grows a forest on the given rows.
    #[must_use]
    pub fn fit(
        (data, bins, y): (&BinnedData, &Bins, &[bool]),
        rows: &[usize],
        params: Params,
        seed: u64,
    ) -> Self {
        let mut random = Random::new(seed, STREAM);
        let mut sample = Random::new(seed, SAMPLE_STREAM);
        let crashes = rows.iter().filter(|&&row| y[row]).count() as f64;
        let grow = GrowParams {
            max_leaves: params.max_leaves,
            min_leaf_weight: f64::from(params.min_leaf_rows),
            lambda: PRIOR_ROWS,
            prior: crashes / rows.len() as f64,
            order: Order::DepthFirst,
        };
        let mut grower = Grower::new(data, bins, grow);
        let n_drawn = n_asked(data.n_features());
        let (mut weights, mut gradients) = (vec![0u32; data.n_rows()], Gradients::default());
        let mut tree = |_| {
            draw_sample(&mut sample, rows, &mut weights);
            gradients.of_labels(y, &weights);
            let drawn: Vec<u32> = rows
                .iter()
                .filter(|&&row| weights[row] > 0)
                .map(|&row| row as u32)
                .collect();
            grower.grow(
                &drawn,
                &gradients,
                Features::DrawnBySplit(n_drawn, &mut random),
                |_, _| {},
            )
        };
        let trees = (0..params.n_trees).map(&mut tree).collect();
        Self {
            trees,
            gains: grower.gains().to_vec(),
            out_of_bag: None,
            compact: Unsaved::default(),
        }
    }

    /// The same forest with its [out-of-bag score](Self::out_of_bag_log_loss): of one that was grown on these rows with this
    /// seed.
    #[must_use]
    pub fn scored(self, (data, y): (&BinnedData, &[bool]), rows: &[usize], seed: u64) -> Self {
        let mut sample = Random::new(seed, SAMPLE_STREAM);
        let mut weights = vec![0u32; data.n_rows()];
        // Of each row what the trees say that did not see it, and how many these are.
        let mut said = vec![(0.0, 0.0); data.n_rows()];
        for tree in &self.trees {
            draw_sample(&mut sample, rows, &mut weights);
            for (row, (sum, count)) in said.iter_mut().enumerate() {
                if weights[row] == 0 {
                    *sum += tree.value(data.row(row));
                    *count += 1.0;
                }
            }
        }
        let (mut loss, mut n_rows) = (0.0, 0.0);
        for &row in rows {
            let (sum, count) = said[row];
            if count > 0.0 {
                // Neither is 0: the prior keeps every leaf from being certain.
                let given = if y[row] { sum } else { count - sum };
                loss -= libm::log(given / count);
                n_rows += 1.0;
            }
        }
        Self {
            out_of_bag: (n_rows > 0.0).then(|| loss / n_rows),
            ..self
        }
    }

    /// The log loss in nats of the rows it was grown on, each predicted by the trees whose bootstrap sample left it out
    /// (Breiman, 2001, 3.1); `None` where no row was left out by any, and before it is [scored](Self::scored).
    #[must_use]
    pub fn out_of_bag_log_loss(&self) -> Option<f64> {
        self.out_of_bag
    }

    /// The probability of a crash for each row.
    #[must_use]
    pub fn predict_proba(&self, data: &BinnedData) -> Vec<f64> {
        let mut sums = vec![0.0; data.n_rows()];
        self.compact.0.add_to(&mut sums, &self.trees, data);
        sums.iter_mut()
            .for_each(|sum| *sum /= self.trees.len() as f64);
        sums
    }

    /// By how much the splits of each feature lowered the squared loss, twice.
    #[must_use]
    pub fn gains(&self) -> &[f64] {
        &self.gains
    }

    /// The trees.
    #[must_use]
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Whether the trees are sound and their leaves probabilities: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self, n_features: usize) -> bool {
        let sound = |tree: &Tree| {
            tree.is_consistent(n_features)
                && tree
                    .values()
                    .iter()
                    .all(|value| (0.0..=1.0).contains(value))
        };
        !self.trees.is_empty()
            && self
                .out_of_bag
                .is_none_or(|loss| loss.is_finite() && loss >= 0.0)
            && are_gains(&self.gains, n_features)
            && self.trees.iter().all(sound)
    }
}

/// Draws as many of the rows as there are, with replacement: how often each was drawn.
fn draw_sample(random: &mut Random, rows: &[usize], weights: &mut [u32]) {
    weights.fill(0);
    for _ in rows {
        weights[rows[random.below(rows.len())]] += 1;
    }
}
