//! How far the figures could lie elsewhere: intervals by the block bootstrap (Künsch, 1989). Neighbouring rows resemble
//! each other, and the rows of one crash are one event; so stretches of a host's time are drawn, never cut through an
//! incident, and every figure is worked out again on each draw.

use serde::Serialize;

use crate::codec::saved;
use crate::order::sort_by_number;
use crate::random::Random;

use super::incidents::{Outcome, Replay};
use super::metrics::{ConfusionMatrix, log_loss};

/// Where nine of ten draws of a figure lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Interval {
    /// Which figure.
    pub figure: Figure,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

saved! { struct Interval { figure, low, high } }

/// What intervals are given of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Figure {
    /// Crashes among the rows predicted to crash.
    Precision,
    /// Share of the crash rows that were predicted.
    Recall,
    /// Harmonic mean of precision and recall.
    F1,
    /// Area under the ROC curve.
    RocAuc,
    /// Area under the precision-recall curve.
    PrAuc,
    /// Mean negative log-likelihood in nats.
    LogLoss,
    /// By how much the base rate's log loss is worse, in nats: below 0 where the model's is.
    LogLossGain,
    /// Mean squared distance of the probabilities from what happened.
    Brier,
    /// Share of the rows whose prediction was right.
    Accuracy,
    /// Mean of the shares of the crashes and of the calm rows whose prediction was right.
    BalancedAccuracy,
    /// Correlation of what was predicted with what happened (Matthews).
    Mcc,
    /// Share of the crashes that were caught.
    CaughtShare,
    /// The median of the warnings in minutes.
    MedianWarning,
    /// False pages a week.
    FalsePagesPerWeek,
    /// Share of the pages that belong to a crash.
    PagePrecision,
}

saved! {
    enum Figure {
        0 = Precision, 1 = Recall, 2 = F1, 3 = RocAuc, 4 = PrAuc, 5 = LogLoss, 6 = LogLossGain,
        7 = Brier, 8 = Accuracy, 9 = BalancedAccuracy, 10 = Mcc, 11 = CaughtShare,
        12 = MedianWarning, 13 = FalsePagesPerWeek, 14 = PagePrecision,
    }
}

/// All of them, those of pages last.
const FIGURES: [Figure; 15] = [
    Figure::Precision,
    Figure::Recall,
    Figure::F1,
    Figure::RocAuc,
    Figure::PrAuc,
    Figure::LogLoss,
    Figure::LogLossGain,
    Figure::Brier,
    Figure::Accuracy,
    Figure::BalancedAccuracy,
    Figure::Mcc,
    Figure::CaughtShare,
    Figure::MedianWarning,
    Figure::FalsePagesPerWeek,
    Figure::PagePrecision,
];
/// Those that need no rows that follow each other in time.
const N_OF_ROWS: usize = 11;
const N_DRAWS: usize = 300;
/// Stretches that are drawn from, about; hosts that are many are one each.
const N_BLOCKS: usize = 50;
/// Of the draws, so many lie below and above the interval.
const TAIL: f64 = 0.05;
/// A figure must exist in so many draws: the others say that it might well not.
const LEAST_DRAWS: usize = N_DRAWS / 2;
const DRAW_STREAM: u64 = 12;

/// What a draw counts a block for.
#[derive(Clone, Default)]
struct Block {
    n_rows: f64,
    confusion: [u64; 4],
    log_loss: f64,
    base_loss: f64,
    brier: f64,
    incidents: f64,
    caught: f64,
    pages: f64,
    true_pages: f64,
}

/// The blocks, and what must be put in order again for each draw.
struct Drawn {
    blocks: Vec<Block>,
    /// By falling probability: the probability, its block, whether it is a crash's.
    ranked: Vec<(f64, u32, bool)>,
    /// By length: the warning and its block.
    warnings: Vec<(f64, u32)>,
    weeks_per_row: f64,
}

/// Draws stretches of the rows of `replay`, of which `outcome` tells the pages; a crash is predicted from `threshold` up, and
/// `base_rate` is what the model is compared to. A figure that many draws do not have has no interval.
#[must_use]
pub fn intervals(
    replay: &Replay,
    outcome: Option<&Outcome>,
    (threshold, base_rate): (f64, f64),
    seed: u64,
) -> Vec<Interval> {
    let drawn = Drawn::new(replay, outcome, threshold, base_rate);
    let n_figures = if outcome.is_some() {
        FIGURES.len()
    } else {
        N_OF_ROWS
    };
    let mut random = Random::new(seed, DRAW_STREAM);
    let mut draws: Vec<Vec<(f64, u32)>> = vec![Vec::new(); n_figures];
    let mut times = vec![0; drawn.blocks.len()];
    for _ in 0..N_DRAWS {
        times.fill(0);
        (0..times.len()).for_each(|_| times[random.below(drawn.blocks.len())] += 1);
        for (draws, figure) in draws.iter_mut().zip(drawn.figures(&times)) {
            draws.extend(figure.map(|figure| (figure, 0)));
        }
    }
    let all = FIGURES.into_iter().zip(&mut draws);
    all.filter_map(|(figure, draws)| Interval::of(figure, draws))
        .collect()
}

/// The interval of a figure, where there is one.
#[must_use]
pub fn of_figure(intervals: &[Interval], figure: Figure) -> Option<Interval> {
    intervals.iter().find(|of| of.figure == figure).copied()
}

impl Interval {
    fn of(figure: Figure, draws: &mut [(f64, u32)]) -> Option<Self> {
        sort_by_number(draws);
        let below = (draws.len() as f64 * TAIL) as usize;
        (draws.len() >= LEAST_DRAWS).then(|| Self {
            figure,
            low: draws[below].0,
            high: draws[draws.len() - 1 - below].0,
        })
    }

    /// Whether the ends are numbers in order: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.low <= self.high && (self.high - self.low).is_finite()
    }
}

impl Drawn {
    fn new(replay: &Replay, outcome: Option<&Outcome>, threshold: f64, base_rate: f64) -> Self {
        let (rows, starts) = (replay.rows(), block_starts(replay));
        let mut blocks = vec![Block::default(); starts.len()];
        let mut order: Vec<(f64, u32)> = Vec::with_capacity(rows.len());
        for (at, (row, &crashed)) in rows.iter().zip(replay.y()).enumerate() {
            let block = &mut blocks[block_of(&starts, at)];
            let distance = row.probability - f64::from(crashed);
            block.n_rows += 1.0;
            block.confusion
                [usize::from(crashed) * 2 + usize::from(row.probability >= threshold)] += 1;
            block.log_loss += log_loss(&[crashed], &[row.probability]);
            block.base_loss += log_loss(&[crashed], &[base_rate]);
            block.brier += distance * distance;
            order.push((row.probability, at as u32));
        }
        sort_by_number(&mut order);
        let ranked = order.iter().rev().map(|&(probability, at)| {
            let at = at as usize;
            (probability, block_of(&starts, at) as u32, replay.y()[at])
        });
        let ranked = ranked.collect();
        let block_at = |host: u32, moment: i64| {
            let after = rows.partition_point(|row| (row.host, row.moment) <= (host, moment));
            block_of(&starts, after.saturating_sub(1))
        };
        let pages = outcome.map_or(&[][..], |of| &of.pages);
        let is_true = outcome.map_or(&[][..], |of| &of.is_true);
        for (page, &is_true) in pages.iter().zip(is_true) {
            let block = &mut blocks[block_at(page.host, page.start)];
            block.pages += 1.0;
            block.true_pages += f64::from(is_true);
        }
        let mut warnings = Vec::new();
        let of_incidents = outcome.map_or(&[][..], |of| &of.warnings);
        for (incident, warning) in replay.incidents().iter().zip(of_incidents) {
            let at = block_at(incident.host, incident.from);
            blocks[at].incidents += 1.0;
            blocks[at].caught += f64::from(warning.is_some());
            warnings.extend(warning.map(|warning| (warning, at as u32)));
        }
        sort_by_number(&mut warnings);
        Self {
            blocks,
            ranked,
            warnings,
            weeks_per_row: replay.weeks() / rows.len().max(1) as f64,
        }
    }

    /// All figures where each block counts so many times, in the order of [`FIGURES`].
    fn figures(&self, times: &[u64]) -> [Option<f64>; FIGURES.len()] {
        let mut sum = Block::default();
        for (block, &times) in self.blocks.iter().zip(times) {
            let weight = times as f64;
            for (sum, count) in sum.confusion.iter_mut().zip(block.confusion) {
                *sum += times * count;
            }
            sum.n_rows += weight * block.n_rows;
            sum.log_loss += weight * block.log_loss;
            sum.base_loss += weight * block.base_loss;
            sum.brier += weight * block.brier;
            sum.incidents += weight * block.incidents;
            sum.caught += weight * block.caught;
            sum.pages += weight * block.pages;
            sum.true_pages += weight * block.true_pages;
        }
        let [
            true_negatives,
            false_positives,
            false_negatives,
            true_positives,
        ] = sum.confusion;
        let confusion = ConfusionMatrix {
            true_positives,
            false_positives,
            true_negatives,
            false_negatives,
        };
        let has_crash = true_positives + false_negatives > 0;
        let (roc_auc, pr_auc) = self.areas(times);
        let ratio = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let weeks = sum.n_rows * self.weeks_per_row;
        [
            confusion.precision(),
            has_crash.then(|| confusion.recall()),
            has_crash.then(|| confusion.f1()),
            roc_auc,
            pr_auc,
            ratio(sum.log_loss, sum.n_rows),
            ratio(sum.base_loss - sum.log_loss, sum.n_rows),
            ratio(sum.brier, sum.n_rows),
            Some(confusion.accuracy()),
            Some(confusion.balanced_accuracy()),
            Some(confusion.mcc()),
            ratio(sum.caught, sum.incidents),
            self.median_warning(times),
            ratio(sum.pages - sum.true_pages, weeks),
            ratio(sum.true_pages, sum.pages),
        ]
    }

    /// The areas under the ROC and the precision-recall curve, as [`super::metrics::Ranking`] has them.
    fn areas(&self, times: &[u64]) -> (Option<f64>, Option<f64>) {
        let (mut tp, mut fp, mut before_tp, mut before_fp) = (0, 0, 0, 0);
        let (mut twice, mut precisions) = (0u64, 0.0);
        for (at, &(probability, block, crashed)) in self.ranked.iter().enumerate() {
            let count = times[block as usize];
            tp += if crashed { count } else { 0 };
            fp += if crashed { 0 } else { count };
            let is_last = self
                .ranked
                .get(at + 1)
                .is_none_or(|next| next.0 != probability);
            if is_last && (tp, fp) != (before_tp, before_fp) {
                twice += (tp + before_tp) * (fp - before_fp);
                precisions += (tp - before_tp) as f64 * (tp as f64 / (tp + fp) as f64);
                (before_tp, before_fp) = (tp, fp);
            }
        }
        let roc_auc = twice as f64 / (2.0 * tp as f64 * fp as f64);
        let pr_auc = precisions / tp as f64;
        (
            (tp > 0 && fp > 0).then_some(roc_auc),
            (tp > 0).then_some(pr_auc),
        )
    }

    fn median_warning(&self, times: &[u64]) -> Option<f64> {
        let count = |warning: &(f64, u32)| times[warning.1 as usize];
        let half = self.warnings.iter().map(count).sum::<u64>().div_ceil(2);
        let mut counted = 0;
        let reached = self.warnings.iter().find(|warning| {
            counted += count(warning);
            counted >= half && count(warning) > 0
        });
        reached.map(|warning| warning.0)
    }
}

/// The first row of each block.
fn block_starts(replay: &Replay) -> Vec<usize> {
    let rows = replay.rows();
    let length = rows.len().div_ceil(N_BLOCKS);
    let is_inside = |at: usize| {
        let row = rows[at];
        let next = replay
            .incidents()
            .partition_point(|of| (of.host, of.from) < (row.host, row.moment));
        let before = next.checked_sub(1).map(|before| replay.incidents()[before]);
        before.is_some_and(|of| of.host == row.host && of.to >= row.moment)
    };
    let mut starts = vec![0];
    let mut start = 0;
    for at in 1..rows.len() {
        if rows[at].host != rows[at - 1].host || (at - start >= length && !is_inside(at)) {
            start = at;
            starts.push(at);
        }
    }
    starts
}

fn block_of(starts: &[usize], row: usize) -> usize {
    starts.partition_point(|&start| start <= row) - 1
}
