//! Gradient boosting of trees on the log loss (Friedman, 2001; second order as Chen and Guestrin, 2016): each round grows
//! a tree on the derivatives at the current log odds and adds it, shrunk.

use super::bins::{BinnedData, Bins};
use super::compact::WhenAsked;
use super::gradients::Gradients;
use super::grower::{Features, GrowParams, Grower, Order};
use super::logistic::sigmoid;
use super::tree::{Tree, are_gains};
use crate::codec::{Unsaved, saved};
use crate::evaluate::metrics::log_loss;
use crate::random::Random;

/// How to boost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Trees to grow.
    pub n_rounds: usize,
    /// What each tree's leaves are multiplied with.
    pub learning_rate: f64,
    /// Leaves a tree has at most.
    pub max_leaves: usize,
    /// The least sum of p (1 - p) in a leaf.
    pub min_leaf_weight: f64,
    /// L2 penalty on the leaves.
    pub lambda: f64,
    /// Share of the features each tree may ask, drawn at random.
    pub feature_share: f64,
    /// Share of the rows each tree is grown on, drawn at random without replacement (Friedman, *Stochastic gradient
    /// boosting*, 2002); 1 for all of them.
    pub row_share: f64,
}

saved! {
    struct Params {
        n_rounds, learning_rate, max_leaves, min_leaf_weight, lambda, feature_share, row_share,
    }
}

/// Boosted trees.
#[derive(Debug, Clone, PartialEq)]
pub struct Boosting {
    base: f64,
    trees: Vec<Tree>,
    gains: Vec<f64>,
    compact: Unsaved<WhenAsked>,
}

saved! { struct Boosting { base, trees, gains, compact } }

/// Stream number of [`Random`].
const STREAM: u64 = 4;

/// Shares of what the trees say that may be believed. Where times differ, trees are too sure long before they have learned
/// what they can: the losses of the whole alone would break boosting off too early, and calibration mends the rest.
const BELIEVED: [f64; 2] = [1.0, 0.25];
/// The log losses of watched rows, one for each share of what the trees say that may be believed, the whole first.
pub type WatchedLosses = [f64; BELIEVED.len()];

/// A [`Booster`] that was put aside: what it cannot make again, without what it learns from.
pub struct PausedBooster {
    rows: Vec<u32>,
    params: Params,
    random: Random,
    scores: Vec<f64>,
    watched: Vec<u32>,
    watched_losses: Vec<WatchedLosses>,
    model: Boosting,
}

/// Boosting under way, a round at a time, so that several folds can advance side by side.
pub struct Booster<'a> {
    data: &'a BinnedData,
    y: &'a [bool],
    rows: Vec<u32>,
    params: Params,
    grower: Grower<'a>,
    random: Random,
    /// Log odds of every row of `data`; of those not learned from only where `watched`.
    scores: Vec<f64>,
    watched: Vec<u32>,
    watched_labels: Vec<bool>,
    watched_losses: Vec<WatchedLosses>,
    quantised: Gradients,
    model: Boosting,
}

impl<'a> Booster<'a> {
    /// Starts from the log odds of the crash rate of `rows`; the log odds of `watched` rows are kept up to date as well.
    #[must_use]
    pub fn new(
        (data, bins, y): (&'a BinnedData, &Bins, &'a [bool]),
        rows: &[usize],
        watched: &[usize],
        params: Params,
        seed: u64,
    ) -> Self {
        let crashes = rows.iter().filter(|&&row| y[row]).count() as f64;
        // Half a row keeps one class finite.
        let base = libm::log((crashes + 0.5) / (rows.len() as f64 - crashes + 0.5));
        let watched_labels: Vec<bool> = watched.iter().map(|&row| y[row]).collect();
        let at_first = log_loss(&watched_labels, &vec![sigmoid(base); watched.len()]);
        let at_first = [at_first; BELIEVED.len()];
        let start = PausedBooster {
            rows: in_order(rows, data.n_rows()),
            params,
            random: Random::new(seed, STREAM),
            scores: vec![base; data.n_rows()],
            watched: watched.iter().map(|&row| row as u32).collect(),
            watched_losses: vec![at_first],
            model: Boosting {
                base,
                trees: Vec::new(),
                gains: vec![0.0; data.n_features()],
                compact: Unsaved::default(),
            },
        };
        start.resume((data, bins, y))
    }

    /// Puts the boosting aside, so that it need not hold on to what it learns from.
    #[must_use]
    pub fn pause(self) -> PausedBooster {
        PausedBooster {
            rows: self.rows,
            params: self.params,
            random: self.random,
            scores: self.scores,
            watched: self.watched,
            watched_losses: self.watched_losses,
            model: self.model,
        }
    }

    /// The first `n_rounds` of the trees so far, without what their splits gained.
    #[must_use]
    pub fn into_first(self, n_rounds: usize) -> Boosting {
        let mut model = self.model;
        model.trees.truncate(n_rounds);
        model
    }

    /// Grows `n_rounds` more trees, each followed by the log loss of the watched rows.
    pub fn advance(&mut self, n_rounds: usize) {
        for _ in 0..n_rounds {
            self.round();
            let losses = BELIEVED.map(|share| self.watched_loss(share));
            self.watched_losses.push(losses);
        }
    }

    /// The log loss of the watched rows where this share of what the trees say is believed.
    fn watched_loss(&self, share: f64) -> f64 {
        let base = self.model.base;
        let probability = |&row: &u32| sigmoid(base + share * (self.scores[row as usize] - base));
        let probabilities: Vec<f64> = self.watched.iter().map(probability).collect();
        log_loss(&self.watched_labels, &probabilities)
    }

    /// Grows trees, `params.n_rounds` at most, until the log loss of the watched rows has not fallen for `patience` rounds;
    /// keeps those of the round with the least.
    #[must_use]
    pub fn stop_early(mut self, patience: usize) -> Boosting {
        let (mut best_round, mut gains) = (0, self.model.gains.clone());
        for round in 1..=self.params.n_rounds {
            self.advance(1);
            if self.watched_losses[round][0] < self.watched_losses[best_round][0] {
                best_round = round;
                gains.copy_from_slice(self.grower.gains());
            } else if round >= best_round + patience {
                break;
            }
        }
        let mut model = self.model;
        model.trees.truncate(best_round);
        Boosting { gains, ..model }
    }

    /// Grows one more tree.
    fn round(&mut self) {
        let share = self.params.row_share;
        let (drawn, left_out): (Vec<u32>, Vec<u32>) = if share < 1.0 {
            let random = &mut self.random;
            self.rows.iter().partition(|_| random.uniform() < share)
        } else {
            Default::default()
        };
        let rows = if share < 1.0 { &drawn } else { &self.rows };
        self.quantised.of_log_loss(rows, &self.scores, self.y);
        let n_features = self.data.n_features();
        let n_drawn = libm::ceil(n_features as f64 * self.params.feature_share) as usize;
        let features = self.random.draw(n_drawn.max(1), n_features);
        let (scores, rate) = (&mut self.scores, self.params.learning_rate);
        let mut tree = self.grower.grow(
            rows,
            &self.quantised,
            Features::OfTree(&features),
            |value, rows| {
                rows.iter()
                    .for_each(|&row| scores[row as usize] += rate * value);
            },
        );
        tree.scale(rate);
        for &row in left_out.iter().chain(&self.watched) {
            self.scores[row as usize] += tree.value(self.data.row(row as usize));
        }
        self.model.trees.push(tree);
    }

    /// The probability of a row that is learned from or watched.
    #[must_use]
    pub fn probability(&self, row: usize) -> f64 {
        sigmoid(self.scores[row])
    }

    /// The probability of the watched rows, in their order.
    pub fn watched_probabilities(&self) -> impl Iterator<Item = f64> {
        self.watched
            .iter()
            .map(|&row| self.probability(row as usize))
    }

    /// The log losses of the watched rows after each number of rounds so far, beginning with none; 0 where nothing is watched.
    #[must_use]
    pub fn watched_losses(&self) -> &[WatchedLosses] {
        &self.watched_losses
    }

    /// The probability of the watched rows after the first `n_rounds` of the rounds so far: bit for bit what it was then.
    #[must_use]
    pub fn watched_probabilities_after(&self, n_rounds: usize) -> Vec<f64> {
        let trees = &self.model.trees[..n_rounds.min(self.model.trees.len())];
        let score = |&row: &u32| {
            let bins = self.data.row(row as usize);
            let add = |score, tree: &Tree| score + tree.value(bins);
            trees.iter().fold(self.model.base, add)
        };
        self.watched.iter().map(|row| sigmoid(score(row))).collect()
    }

    /// The trees so far, none of which was grown before a pause: what splits gained is not kept over one.
    #[must_use]
    pub fn into_model(self) -> Boosting {
        let gains = self.grower.gains().to_vec();
        Boosting {
            gains,
            ..self.model
        }
    }
}

impl PausedBooster {
    /// Goes on with what the boosting was begun with.
    #[must_use]
    pub fn resume<'a>(self, (data, bins, y): (&'a BinnedData, &Bins, &'a [bool])) -> Booster<'a> {
        let grow = GrowParams {
            max_leaves: self.params.max_leaves,
            min_leaf_weight: self.params.min_leaf_weight,
            lambda: self.params.lambda,
            prior: 0.0,
            order: Order::LargestGain,
        };
        let label = |&row: &u32| y[row as usize];
        Booster {
            data,
            y,
            grower: Grower::new(data, bins, grow),
            watched_labels: self.watched.iter().map(label).collect(),
            quantised: Gradients::default(),
            rows: self.rows,
            params: self.params,
            random: self.random,
            scores: self.scores,
            watched: self.watched,
            watched_losses: self.watched_losses,
            model: self.model,
        }
    }
}

impl Boosting {
    /// Boosts `params.n_rounds` trees on the given rows.
    #[must_use]
    pub fn fit(
        learn: (&BinnedData, &Bins, &[bool]),
        rows: &[usize],
        params: Params,
        seed: u64,
    ) -> Self {
        let mut booster = Booster::new(learn, rows, &[], params, seed);
        (0..params.n_rounds).for_each(|_| booster.round());
        booster.into_model()
    }

    /// Boosts on the given rows until the log loss of the `watched` ones, best the latest, has not fallen for `patience`
    /// rounds, or `params.n_rounds` are grown; keeps the trees up to the least loss.
    #[must_use]
    pub fn fit_until(
        learn: (&BinnedData, &Bins, &[bool]),
        (rows, watched): (&[usize], &[usize]),
        params: Params,
        (seed, patience): (u64, usize),
    ) -> Self {
        Booster::new(learn, rows, watched, params, seed).stop_early(patience)
    }

    /// The probability of a crash for each row.
    #[must_use]
    pub fn predict_proba(&self, data: &BinnedData) -> Vec<f64> {
        let mut scores = vec![self.base; data.n_rows()];
        self.compact.0.add_to(&mut scores, &self.trees, data);
        scores.iter_mut().for_each(|score| *score = sigmoid(*score));
        scores
    }

    /// By how much the splits of each feature lowered the loss, twice.
    #[must_use]
    pub fn gains(&self) -> &[f64] {
        &self.gains
    }

    /// The log odds before the first tree.
    #[must_use]
    pub fn base(&self) -> f64 {
        self.base
    }

    /// The trees.
    #[must_use]
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Whether the trees are sound: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self, n_features: usize) -> bool {
        self.base.is_finite()
            && are_gains(&self.gains, n_features)
            && self.trees.iter().all(|tree| tree.is_consistent(n_features))
    }
}

/// The rows in the order of the data, whatever theirs was.
fn in_order(rows: &[usize], n_rows: usize) -> Vec<u32> {
    let mut is_learned = vec![false; n_rows];
    rows.iter().for_each(|&row| is_learned[row] = true);
    (0..n_rows as u32)
        .filter(|&row| is_learned[row as usize])
        .collect()
}
