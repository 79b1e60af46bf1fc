//! Figures of merit of probabilities against what happened. Depends on nothing of ours but sorting. Definitions are scikit-learn's;
//! the positive class is the crash.
//!
//! Figures that rank rows come from one sort, the [`Ranking`]; the others are sums over the rows in their order.

use serde::Serialize;

use crate::codec::saved;
use crate::order::sort_by_number;

/// Rows counted by what was predicted and what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct ConfusionMatrix {
    /// Crashes that were predicted.
    pub true_positives: u64,
    /// Calm rows that were predicted to crash: false alarms.
    pub false_positives: u64,
    /// Calm rows that were predicted calm.
    pub true_negatives: u64,
    /// Crashes that were missed.
    pub false_negatives: u64,
}

saved! {
    struct ConfusionMatrix {
        true_positives, false_positives, true_negatives, false_negatives,
    }
}

impl ConfusionMatrix {
    /// Counts rows; a crash is predicted where the probability is at least `threshold`.
    #[must_use]
    pub fn new(y: &[bool], probabilities: &[f64], threshold: f64) -> Self {
        let mut counts = Self {
            true_positives: 0,
            false_positives: 0,
            true_negatives: 0,
            false_negatives: 0,
        };
        for (&crashed, &probability) in y.iter().zip(probabilities) {
            match (crashed, probability >= threshold) {
                (true, true) => counts.true_positives += 1,
                (false, true) => counts.false_positives += 1,
                (false, false) => counts.true_negatives += 1,
                (true, false) => counts.false_negatives += 1,
            }
        }
        counts
    }

    /// Crashes among the rows predicted to crash; `None` where none was.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        let predicted = self.true_positives + self.false_positives;
        (predicted > 0).then(|| self.true_positives as f64 / predicted as f64)
    }

    /// Share of the crashes that were predicted; 0 where there was none.
    #[must_use]
    pub fn recall(&self) -> f64 {
        ratio(
            self.true_positives,
            self.true_positives + self.false_negatives,
        )
    }

    /// Harmonic mean of precision and recall; 0 where nothing was predicted.
    #[must_use]
    pub fn f1(&self) -> f64 {
        let both = 2 * self.true_positives;
        ratio(both, both + self.false_positives + self.false_negatives)
    }

    /// Share of the rows whose prediction was right.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        let right = self.true_positives + self.true_negatives;
        ratio(right, right + self.false_positives + self.false_negatives)
    }

    /// Mean of the shares of the crashes and of the calm rows whose prediction was right; of one class alone its share.
    #[must_use]
    pub fn balanced_accuracy(&self) -> f64 {
        let negatives = self.true_negatives + self.false_positives;
        let specificity = ratio(self.true_negatives, negatives);
        match (self.true_positives + self.false_negatives, negatives) {
            (0, _) => specificity,
            (_, 0) => self.recall(),
            _ => (self.recall() + specificity) / 2.0,
        }
    }

    /// Correlation of what was predicted with what happened (Matthews, 1975); 0 where either is constant.
    #[must_use]
    pub fn mcc(&self) -> f64 {
        let [tp, fp, tn, fn_] = [
            self.true_positives,
            self.false_positives,
            self.true_negatives,
            self.false_negatives,
        ]
        .map(|count| count as f64);
        let product = (tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_);
        if product == 0.0 {
            0.0
        } else {
            (tp * tn - fp * fn_) / libm::sqrt(product)
        }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// The rows by falling probability, rows of equal probability taken together: everything a threshold can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    steps: Vec<Step>,
    positives: u64,
    negatives: u64,
}

/// What is predicted to crash when the threshold is this probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The threshold: a probability that occurs.
    pub threshold: f64,
    /// Crashes at or above the threshold.
    pub true_positives: u64,
    /// Calm rows at or above the threshold.
    pub false_positives: u64,
}

impl Ranking {
    /// Sorts the rows; `y` and `probabilities` have one entry a row.
    #[must_use]
    pub fn new(y: &[bool], probabilities: &[f64]) -> Self {
        let pairs = probabilities.iter().zip(y);
        let mut order: Vec<(f64, u32)> = pairs
            .map(|(&probability, &crashed)| (probability, u32::from(crashed)))
            .collect();
        sort_by_number(&mut order);
        let (mut steps, mut tp, mut fp) = (Vec::<Step>::new(), 0, 0);
        for (threshold, crashed) in order.into_iter().rev() {
            if crashed == 1 {
                tp += 1
            } else {
                fp += 1
            }
            let step = Step {
                threshold,
                true_positives: tp,
                false_positives: fp,
            };
            match steps.last_mut() {
                Some(last) if last.threshold == threshold => *last = step,
                _ => steps.push(step),
            }
        }
        Self {
            steps,
            positives: tp,
            negatives: fp,
        }
    }

    /// The thresholds, highest first, with what each predicts.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Rows that crashed.
    #[must_use]
    pub fn positives(&self) -> u64 {
        self.positives
    }

    /// Area under the ROC curve: the probability that a crash ranks above a calm row, ties counting half
    /// (Mann and Whitney, 1947); 0.5 where one class is absent.
    #[must_use]
    pub fn roc_auc(&self) -> f64 {
        if self.positives == 0 || self.negatives == 0 {
            return 0.5;
        }
        // Twice the area in whole numbers: exact, so no order of summation can matter.
        let (mut twice, mut tp, mut fp) = (0u128, 0u64, 0u64);
        for step in &self.steps {
            twice += u128::from(tp + step.true_positives) * u128::from(step.false_positives - fp);
            (tp, fp) = (step.true_positives, step.false_positives);
        }
        twice as f64 / (2.0 * self.positives as f64 * self.negatives as f64)
    }

    /// Area under the precision-recall curve as scikit-learn's `average_precision_score` has it: the mean of the
    /// precisions at each threshold, weighted by the gain in recall; 0 where there was no crash.
    #[must_use]
    pub fn average_precision(&self) -> f64 {
        let (mut sum, mut before) = (0.0, 0);
        for step in &self.steps {
            let gain = (step.true_positives - before) as f64;
            let predicted = (step.true_positives + step.false_positives) as f64;
            sum += gain * (step.true_positives as f64 / predicted);
            before = step.true_positives;
        }
        if self.positives == 0 {
            0.0
        } else {
            sum / self.positives as f64
        }
    }

    /// The ROC curve from (0, 0) to (1, 1), thinned to at most `max_points` steps.
    #[must_use]
    pub fn roc_curve(&self, max_points: usize) -> RocCurve {
        let mut curve = RocCurve {
            false_positive_rate: vec![0.0],
            true_positive_rate: vec![0.0],
        };
        for step in self.thinned(max_points) {
            curve
                .false_positive_rate
                .push(ratio(step.false_positives, self.negatives));
            curve
                .true_positive_rate
                .push(ratio(step.true_positives, self.positives));
        }
        curve
    }

    /// The precision-recall curve by rising recall, thinned to at most `max_points` steps.
    #[must_use]
    pub fn pr_curve(&self, max_points: usize) -> PrCurve {
        let mut curve = PrCurve {
            recall: Vec::new(),
            precision: Vec::new(),
        };
        for step in self.thinned(max_points) {
            curve
                .recall
                .push(ratio(step.true_positives, self.positives));
            curve.precision.push(ratio(
                step.true_positives,
                step.true_positives + step.false_positives,
            ));
        }
        curve
    }

    /// Every n-th step and the last one.
    fn thinned(&self, max_points: usize) -> impl Iterator<Item = &Step> {
        let stride = self.steps.len().div_ceil(max_points.max(1)).max(1);
        let last = self.steps.len().saturating_sub(1);
        self.steps
            .iter()
            .enumerate()
            .filter(move |(i, _)| i % stride == 0 || *i == last)
            .map(|(_, step)| step)
    }
}

/// Points of the ROC curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct RocCurve {
    /// Share of the calm rows that raise a false alarm, rising.
    pub false_positive_rate: Vec<f64>,
    /// Share of the crashes that are predicted.
    pub true_positive_rate: Vec<f64>,
}

saved! { struct RocCurve { false_positive_rate, true_positive_rate } }

/// Points of the precision-recall curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct PrCurve {
    /// Share of the crashes that are predicted, rising.
    pub recall: Vec<f64>,
    /// Crashes among the rows predicted to crash.
    pub precision: Vec<f64>,
}

saved! { struct PrCurve { recall, precision } }

/// Mean negative log-likelihood in nats, probabilities clipped to [e, 1 - e] with e = 2^-52 as scikit-learn does.
#[must_use]
pub fn log_loss(y: &[bool], probabilities: &[f64]) -> f64 {
    let sum: f64 = y
        .iter()
        .zip(probabilities)
        .map(|(&crashed, &probability)| {
            let clipped = probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
            -libm::log(if crashed { clipped } else { 1.0 - clipped })
        })
        .sum();
    mean(sum, y.len())
}

/// Mean squared distance of the probabilities from what happened (Brier, 1950).
#[must_use]
pub fn brier(y: &[bool], probabilities: &[f64]) -> f64 {
    let square = |(&crashed, &probability): (&bool, &f64)| {
        let distance = probability - f64::from(crashed);
        distance * distance
    };
    mean(y.iter().zip(probabilities).map(square).sum(), y.len())
}

fn mean(sum: f64, count: usize) -> f64 {
    if count == 0 { 0.0 } else { sum / count as f64 }
}

/// All figures of one model on one set of rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct Scores {
    /// Crashes among the rows predicted to crash; `None` where none was.
    pub precision: Option<f64>,
    /// Share of the crashes that were predicted.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Share of the rows whose prediction was right.
    pub accuracy: f64,
    /// Mean of the shares of the crashes and of the calm rows whose prediction was right.
    pub balanced_accuracy: f64,
    /// Correlation of what was predicted with what happened (Matthews).
    pub mcc: f64,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Area under the precision-recall curve (average precision).
    pub pr_auc: f64,
    /// Mean negative log-likelihood in nats.
    pub log_loss: f64,
    /// Mean squared distance of the probabilities from what happened.
    pub brier: f64,
}

saved! {
    struct Scores {
        precision, recall, f1, accuracy, balanced_accuracy, mcc, roc_auc, pr_auc, log_loss, brier,
    }
}

impl Scores {
    /// Whether every figure is a number.
    #[must_use]
    pub fn are_finite(&self) -> bool {
        let Self {
            precision,
            recall,
            f1,
            accuracy,
            balanced_accuracy,
            mcc,
            roc_auc,
            pr_auc,
            log_loss,
            brier,
        } = self;
        let of_a_threshold = [recall, f1, accuracy, balanced_accuracy, mcc];
        let of_the_probabilities = [roc_auc, pr_auc, log_loss, brier];
        of_a_threshold
            .into_iter()
            .chain(of_the_probabilities)
            .chain(precision)
            .all(|figure| figure.is_finite())
    }

    /// Scores `probabilities` against `y`, predicting a crash from `threshold` up.
    #[must_use]
    pub fn new(y: &[bool], probabilities: &[f64], threshold: f64) -> Self {
        Self::from_ranking(
            &Ranking::new(y, probabilities),
            (y, probabilities),
            threshold,
        )
    }

    /// The same, with a ranking of the rows that was made already.
    #[must_use]
    pub fn from_ranking(
        ranking: &Ranking,
        (y, probabilities): (&[bool], &[f64]),
        threshold: f64,
    ) -> Self {
        let confusion = ConfusionMatrix::new(y, probabilities, threshold);
        Self {
            precision: confusion.precision(),
            recall: confusion.recall(),
            f1: confusion.f1(),
            accuracy: confusion.accuracy(),
            balanced_accuracy: confusion.balanced_accuracy(),
            mcc: confusion.mcc(),
            roc_auc: ranking.roc_auc(),
            pr_auc: ranking.average_precision(),
            log_loss: log_loss(y, probabilities),
            brier: brier(y, probabilities),
        }
    }
}
