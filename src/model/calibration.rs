//! Probabilities that hold. A model is surest of the rows it learned from; how sure it may be is learned here from rows that
//! it predicted unseen, fold by fold.
//!
//! Three shapes are tried on the log odds: as they are, a line (Platt, 1999, with his smoothed targets), and the isotonic
//! curve (Zadrozny and Elkan, 2002, by pooling adjacent violators), joined by straight lines so that it rises throughout.
//! Then the log odds are drawn towards the base rate as far as the folds ask for it. Each fold is judged by what the others
//! taught. No step changes the ranking, and no answer is 0 or 1.

use serde::Serialize;

use crate::codec::saved;
use crate::order::sort_by_number;

/// From the probability of a model to one that holds: rising throughout, never 0 or 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Calibration {
    /// Half a row in so many keeps a model's 0 and 1 possible to be wrong.
    n_rows: f64,
    shape: Shape,
    /// Share of the log odds that is believed.
    trust: f64,
    /// Makes the mean probability the share of crashes.
    intercept: f64,
}

saved! { struct Calibration { n_rows, shape, trust, intercept } }

/// What becomes of the log odds before they are drawn towards the base rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Shape {
    /// Nothing.
    AsIs,
    /// A line.
    Platt {
        /// Its slope, above 0.
        slope: f64,
        /// Its height at 0.
        intercept: f64,
    },
    /// Straight lines between points `(from, to)`, both rising; beyond them a slope that keeps the order.
    Isotonic(Vec<(f64, f64)>),
}

saved! {
    enum Shape {
        0 = AsIs, 1 = Platt { slope, intercept }, 2 = Isotonic(points),
    }
}

/// One fold of the training rows, predicted by a model that had not seen it.
#[derive(Debug, Clone, Copy)]
pub struct UnseenFold<'a> {
    /// What happened, one entry a row.
    pub y: &'a [bool],
    /// What the model said.
    pub probabilities: &'a [f64],
}

/// Shares of the log odds that are tried, the least first: so little of any model costs less than the promise allows, and
/// keeps its ranking.
const TRUSTS: [f64; 13] = [
    0.01, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0,
];
/// On no fold may the loss be worse than the base rate's by more than this.
const PROMISE: f64 = 1.01;
/// Rows of a fold that are told apart; of more, neighbours are taken together.
const MAX_GROUPS: usize = 500;
/// The least slope of a curve: enough to keep the order, too little to say anything.
const LEAST_SLOPE: f64 = 0.01;
/// Log odds at most: their probability is not yet 1 in its last bit.
const SUREST: f64 = 30.0;
const MAX_STEPS: usize = 50;
const TOLERANCE: f64 = 1e-10;

/// Rows of about the same log odds.
#[derive(Debug, Clone, Copy)]
struct Group {
    odds: f64,
    n_rows: f64,
    crashes: f64,
}

impl Calibration {
    /// Learns from at least two folds, those of one time together.
    #[must_use]
    pub fn fit(folds: &[UnseenFold<'_>]) -> Self {
        Self::fit_and_judge(folds).0
    }

    /// The same, and the probabilities of each fold as the other folds teach them, the kind of shape and the trust included:
    /// what a model is worth once it is calibrated.
    #[must_use]
    pub fn fit_and_judge(folds: &[UnseenFold<'_>]) -> (Self, Vec<Vec<f64>>) {
        let n_rows = folds.iter().map(|fold| fold.y.len()).sum::<usize>() as f64;
        let groups: Vec<Vec<Group>> = folds.iter().map(|fold| group(fold, n_rows)).collect();
        let trials: Vec<Vec<Trial>> = (0..groups.len()).map(|held| tries(&groups, held)).collect();
        let taught = |(kind, trust): (Kind, f64), groups: &[Group]| {
            let shape = Shape::fit(kind, groups);
            Self {
                n_rows,
                trust,
                intercept: intercept(&shape.applied(groups), trust),
                shape,
            }
        };
        let judged = (0..folds.len()).map(|held| {
            let others: Vec<&Vec<Trial>> = (0..trials.len())
                .filter(|&fold| fold != held)
                .map(|fold| &trials[fold])
                .collect();
            let by_others = taught(choose(&others), &without(&groups, held));
            let mut probabilities = folds[held].probabilities.to_vec();
            by_others.apply_to(&mut probabilities);
            probabilities
        });
        let judged = judged.collect();
        let all: Vec<&Vec<Trial>> = trials.iter().collect();
        (taught(choose(&all), &groups.concat()), judged)
    }

    /// The probability that holds where the model says `probability`.
    #[must_use]
    pub fn apply(&self, probability: f64) -> f64 {
        let odds = self.shape.apply(log_odds(probability, self.n_rows));
        sigmoid((self.intercept + self.trust * odds).clamp(-SUREST, SUREST))
    }

    /// The same for each of `probabilities`, in place.
    pub fn apply_to(&self, probabilities: &mut [f64]) {
        for probability in probabilities {
            *probability = self.apply(*probability);
        }
    }

    /// The same for rows of another crash rate, as it came to `to` from that of the folds, `from`; both above 0 and below 1.
    #[must_use]
    pub fn anchored(mut self, from: f64, to: f64) -> Self {
        self.intercept += self.shift(from, to);
        self
    }

    /// By how much the log odds move where the crash rate does: what is not believed of the model's own is the base rate's.
    #[must_use]
    pub fn shift(&self, from: f64, to: f64) -> f64 {
        let slope = match self.shape {
            Shape::Platt { slope, .. } => slope,
            Shape::AsIs | Shape::Isotonic(_) => 1.0,
        };
        let moved = libm::log(to / (1.0 - to)) - libm::log(from / (1.0 - from));
        (1.0 - self.trust * slope).max(0.0) * moved
    }

    /// Whether it rises throughout: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let rises = |pair: &[(f64, f64)]| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1;
        let shape = match &self.shape {
            Shape::AsIs => true,
            Shape::Platt { slope, intercept } => *slope > 0.0 && (slope + intercept).is_finite(),
            Shape::Isotonic(points) => {
                let all_finite = points.iter().all(|(from, to)| (from + to).is_finite());
                let ends = points.first().zip(points.last());
                let spans = ends.is_some_and(|(a, b)| (b.0 - a.0 + (b.1 - a.1)).is_finite());
                spans && all_finite && points.windows(2).all(rises)
            }
        };
        let is_share = self.trust > 0.0 && self.trust <= 1.0;
        shape && is_share && self.n_rows >= 1.0 && (self.n_rows + self.intercept).is_finite()
    }

    /// What becomes of the log odds before they are drawn towards the base rate.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Share of the log odds that is believed: 1 where they hold on every fold, near 0 where there is no signal.
    #[must_use]
    pub fn trust(&self) -> f64 {
        self.trust
    }
}

/// The kinds of [`Shape`], the simplest first.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    AsIs,
    Platt,
    Isotonic,
}

const KINDS: [Kind; 3] = [Kind::AsIs, Kind::Platt, Kind::Isotonic];

/// How one kind does on a fold, after the other folds taught it: its loss for each of [`TRUSTS`], and the base rate's.
struct Trial {
    losses: Vec<f64>,
    base: f64,
}

fn tries(groups: &[Vec<Group>], held: usize) -> Vec<Trial> {
    let others = without(groups, held);
    KINDS
        .into_iter()
        .map(|kind| {
            let shape = Shape::fit(kind, &others);
            let (taught, asked) = (shape.applied(&others), shape.applied(&groups[held]));
            let loss = |trust: f64| mean_loss(&asked, trust, intercept(&taught, trust));
            Trial {
                losses: TRUSTS.iter().map(|&trust| loss(trust)).collect(),
                base: loss(0.0),
            }
        })
        .collect()
}

/// The groups of all folds but one.
fn without(groups: &[Vec<Group>], held: usize) -> Vec<Group> {
    [&groups[..held], &groups[held + 1..]].concat().concat()
}

/// The kind and the trust. Of each kind the trust whose gain over the base rate is the largest less one standard error, among
/// those that keep the promise on every fold; then the simplest kind within one standard error of the best (as among
/// candidates).
fn choose(trials: &[&Vec<Trial>]) -> (Kind, f64) {
    let trusted: Vec<usize> = (0..KINDS.len())
        .map(|kind| most_trust(trials, kind))
        .collect();
    let losses = |kind: usize| -> Vec<f64> {
        let of = |fold: &&Vec<Trial>| fold[kind].losses[trusted[kind]];
        trials.iter().map(of).collect()
    };
    let mean_of = |kind: usize| mean_and_error(&losses(kind)).0;
    let mut best = 0;
    for kind in 1..KINDS.len() {
        if mean_of(kind) < mean_of(best) {
            best = kind;
        }
    }
    let is_good = |kind: &usize| {
        let pairs = losses(*kind).into_iter().zip(losses(best));
        let behind: Vec<f64> = pairs.map(|(loss, best)| loss - best).collect();
        let (mean, error) = mean_and_error(&behind);
        mean <= error
    };
    let kind = (0..KINDS.len()).find(is_good).unwrap_or(best);
    (KINDS[kind], TRUSTS[trusted[kind]])
}

fn most_trust(trials: &[&Vec<Trial>], kind: usize) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for trust in 0..TRUSTS.len() {
        let folds = || trials.iter().map(|fold| &fold[kind]);
        let gains: Vec<f64> = folds().map(|of| of.base - of.losses[trust]).collect();
        let (mean, error) = mean_and_error(&gains);
        let is_kept = folds().all(|of| of.losses[trust] <= PROMISE * of.base);
        if is_kept && mean - error > best.1 {
            best = (trust, mean - error);
        }
    }
    best.0
}

#[inline(never)]
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|of| (of - mean) * (of - mean)).sum();
    (mean, libm::sqrt(squares / (count - 1.0).max(1.0) / count))
}

impl Shape {
    fn fit(kind: Kind, groups: &[Group]) -> Self {
        match kind {
            Kind::AsIs => Self::AsIs,
            Kind::Platt => platt(groups),
            Kind::Isotonic => isotonic(groups),
        }
    }

    fn apply(&self, odds: f64) -> f64 {
        match self {
            Self::AsIs => odds,
            Self::Platt { slope, intercept } => intercept + slope * odds,
            Self::Isotonic(points) => along(points, odds),
        }
    }

    fn applied(&self, groups: &[Group]) -> Vec<Group> {
        let apply = |group: &Group| Group {
            odds: self.apply(group.odds),
            ..*group
        };
        groups.iter().map(apply).collect()
    }
}

/// Newton steps on the two coefficients; the smoothed targets keep them finite.
#[inline(never)]
fn platt(groups: &[Group]) -> Shape {
    let (n_rows, crashes) = totals(groups);
    let high = (crashes + 1.0) / (crashes + 2.0);
    let low = 1.0 / (n_rows - crashes + 2.0);
    let (mut slope, mut intercept) = (0.0, libm::log((crashes + 1.0) / (n_rows - crashes + 1.0)));
    for _ in 0..MAX_STEPS {
        // The gradient, and the upper half of the Hessian with a little weight decay against a flat one.
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
        for group in groups {
            let p = sigmoid(intercept + slope * group.odds);
            let target = high * group.crashes + low * (group.n_rows - group.crashes);
            let (error, weight) = (group.n_rows * p - target, group.n_rows * p * (1.0 - p));
            g0 += error;
            g1 += error * group.odds;
            h00 += weight;
            h01 += weight * group.odds;
            h11 += weight * group.odds * group.odds;
        }
        let determinant = h00 * h11 - h01 * h01;
        if determinant <= 0.0 {
            break;
        }
        let step0 = (h11 * g0 - h01 * g1) / determinant;
        let step1 = (h00 * g1 - h01 * g0) / determinant;
        // Far from the solution a full step may overshoot.
        let shorter = 1.0 / libm::fabs(step0).max(libm::fabs(step1)).max(1.0);
        intercept -= shorter * step0;
        slope -= shorter * step1;
        if libm::fabs(step0) + libm::fabs(step1) < TOLERANCE {
            break;
        }
    }
    Shape::Platt {
        slope: slope.max(LEAST_SLOPE),
        intercept,
    }
}

/// Pools neighbours until the crash rate rises from block to block (Ayer et al., 1955). A block stands at its mean log odds
/// and, half a crash added to both sides, its crash rate.
#[inline(never)]
fn isotonic(groups: &[Group]) -> Shape {
    let mut order: Vec<(f64, u32)> = groups.iter().map(|of| of.odds).zip(0..).collect();
    sort_by_number(&mut order);
    let mut blocks: Vec<Group> = Vec::new();
    for (_, at) in order {
        let mut block = groups[at as usize];
        while let Some(last) = blocks.last() {
            if last.odds < block.odds && last.crashes * block.n_rows < block.crashes * last.n_rows {
                break;
            }
            block = pooled(last, &block);
            blocks.pop();
        }
        blocks.push(block);
    }
    let point = |block: &Group| {
        let calm = block.n_rows - block.crashes;
        (block.odds, libm::log((block.crashes + 0.5) / (calm + 0.5)))
    };
    let mut points: Vec<(f64, f64)> = Vec::new();
    for (from, to) in blocks.iter().map(point) {
        // The half crash may turn two blocks of few rows around.
        let least = points
            .last()
            .map_or(f64::NEG_INFINITY, |&(before, height)| {
                height + LEAST_SLOPE * (from - before)
            });
        points.push((from, to.max(least)));
    }
    Shape::Isotonic(points)
}

fn pooled(a: &Group, b: &Group) -> Group {
    let n_rows = a.n_rows + b.n_rows;
    let odds = (a.odds * a.n_rows + b.odds * b.n_rows) / n_rows;
    Group {
        // Equal ones stay so in every bit.
        odds: if a.odds == b.odds { a.odds } else { odds },
        n_rows,
        crashes: a.crashes + b.crashes,
    }
}

/// The height at `from` of the lines that join `points`.
fn along(points: &[(f64, f64)], from: f64) -> f64 {
    let after = points.partition_point(|point| point.0 <= from);
    match (after.checked_sub(1).map(|at| points[at]), points.get(after)) {
        (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * ((from - x0) / (x1 - x0)),
        (Some((x, y)), None) => y + LEAST_SLOPE * (from - x),
        (None, Some((x, y))) => y - LEAST_SLOPE * (x - from),
        (None, None) => from,
    }
}

/// The height at which the mean probability is the share of crashes: Newton steps of at most 1, since the curve flattens.
#[inline(never)]
fn intercept(groups: &[Group], trust: f64) -> f64 {
    let (n_rows, crashes) = totals(groups);
    // Half a row keeps a rate that was never seen possible.
    let wanted = (crashes + 0.5) / (n_rows + 1.0) * n_rows;
    let mut height = libm::log(wanted / (n_rows - wanted));
    if trust == 0.0 {
        return height;
    }
    for _ in 0..MAX_STEPS {
        let (mut sum, mut slope) = (0.0, 0.0);
        for group in groups {
            let p = sigmoid(height + trust * group.odds);
            sum += group.n_rows * p;
            slope += group.n_rows * p * (1.0 - p);
        }
        let step = ((sum - wanted) / slope.max(f64::MIN_POSITIVE)).clamp(-1.0, 1.0);
        height -= step;
        if libm::fabs(step) < TOLERANCE {
            break;
        }
    }
    height
}

#[inline(never)]
fn mean_loss(groups: &[Group], trust: f64, intercept: f64) -> f64 {
    let mut sum = 0.0;
    for group in groups {
        let odds = intercept + trust * group.odds;
        sum += group.crashes * softplus(-odds) + (group.n_rows - group.crashes) * softplus(odds);
    }
    sum / totals(groups).0
}

fn totals(groups: &[Group]) -> (f64, f64) {
    let add = |sum: (f64, f64), of: &Group| (sum.0 + of.n_rows, sum.1 + of.crashes);
    groups.iter().fold((0.0, 0.0), add)
}

/// The rows of a fold by rising log odds, equal ones together, and neighbours where there are very many.
fn group(fold: &UnseenFold<'_>, n_rows: f64) -> Vec<Group> {
    let pairs = fold.probabilities.iter().zip(fold.y);
    let mut order: Vec<(f64, u32)> = pairs
        .map(|(&p, &crashed)| (log_odds(p, n_rows), u32::from(crashed)))
        .collect();
    sort_by_number(&mut order);
    let least = order.len().div_ceil(MAX_GROUPS) as f64;
    let mut groups: Vec<Group> = Vec::new();
    for (odds, crashed) in order {
        let row = Group {
            odds,
            n_rows: 1.0,
            crashes: f64::from(crashed),
        };
        match groups.last_mut() {
            Some(last) if last.odds == odds || last.n_rows < least => *last = pooled(last, &row),
            _ => groups.push(row),
        }
    }
    groups
}

#[inline(never)]
fn log_odds(probability: f64, n_rows: f64) -> f64 {
    libm::log((probability * n_rows + 0.5) / ((1.0 - probability) * n_rows + 0.5))
}

#[inline(never)]
fn sigmoid(odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-odds))
}

/// The loss of a calm row at these log odds, without overflow.
#[inline(never)]
fn softplus(odds: f64) -> f64 {
    odds.max(0.0) + libm::log1p(libm::exp(-libm::fabs(odds)))
}
