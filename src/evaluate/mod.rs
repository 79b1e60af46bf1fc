//! How good a model is on rows it has not seen, beside what always predicting the base rate would get.

pub mod alarms;
pub mod incidents;
pub mod intervals;
pub mod metrics;
mod moments;
mod parts;
pub mod reliability;
pub mod rule;
pub mod split;
pub mod threshold;

use serde::Serialize;

use crate::codec::{Decode, Encode};
use crate::numerals::format_fixed;

use metrics::{ConfusionMatrix, PrCurve, Ranking, RocCurve, Scores};
pub use moments::Moments;
use split::{Split, SplitKind};
pub use threshold::Threshold;

/// Every figure, with the rows it was measured on.
#[derive(Debug, Clone, PartialEq, Serialize, Encode, Decode)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    /// How the rows were split, and how many fell on each side.
    pub split: SplitSummary,
    /// Probability from which on a crash is predicted.
    pub threshold: f64,
    /// Where the threshold comes from, in words.
    pub threshold_reason: String,
    /// The held-out rows by what was predicted and what happened.
    pub confusion: ConfusionMatrix,
    /// The model's figures on the held-out rows.
    pub model: Scores,
    /// The figures of always predicting the crash rate of the training rows, on the same held-out rows.
    pub baseline: Scores,
    /// The ROC curve on the held-out rows.
    pub roc: RocCurve,
    /// The precision-recall curve on the held-out rows.
    pub pr: PrCurve,
    /// What this means, in one or two sentences.
    pub verdict: String,
}

/// How the rows were split, and how many fell on each side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Encode, Decode)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct SplitSummary {
    /// How the rows were split.
    pub kind: SplitKind,
    /// Why so, in words.
    pub reason: String,
    /// Rows learned from.
    pub n_train: u64,
    /// Rows held out.
    pub n_test: u64,
    /// Rows on neither side, so that the two stand apart: too near a held-out row in time, or of its incident.
    pub n_left_out: u64,
    /// Rows learned from that crashed.
    pub positives_train: u64,
    /// Rows held out that crashed.
    pub positives_test: u64,
}

/// Points kept of a curve: more than a chart can show.
const CURVE_POINTS: usize = 200;

impl Evaluation {
    /// Evaluates `probabilities` of the held-out rows of `split`, in their order; `y` has all rows.
    #[must_use]
    pub fn new(split: &Split, y: &[bool], probabilities: &[f64], threshold: Threshold) -> Self {
        let crashed = |rows: &[usize]| rows.iter().map(|&row| y[row]).collect::<Vec<bool>>();
        let count = |labels: &[bool]| labels.iter().filter(|&&crashed| crashed).count() as u64;
        let (train, test) = (crashed(&split.train), crashed(&split.test));
        let base_rate = count(&train) as f64 / train.len() as f64;
        let baseline = Scores::new(&test, &vec![base_rate; test.len()], threshold::NEVER);
        let ranking = Ranking::new(&test, probabilities);
        let model = Scores::from_ranking(&ranking, (&test, probabilities), threshold.value);
        let confusion = ConfusionMatrix::new(&test, probabilities, threshold.value);
        Self {
            split: SplitSummary {
                kind: split.kind,
                reason: split.reason.clone(),
                n_train: train.len() as u64,
                n_test: test.len() as u64,
                n_left_out: (y.len() - train.len() - test.len()) as u64,
                positives_train: count(&train),
                positives_test: count(&test),
            },
            threshold: threshold.value,
            threshold_reason: threshold.reason,
            verdict: verdict(&confusion, &model, &baseline),
            confusion,
            model,
            baseline,
            roc: ranking.roc_curve(CURVE_POINTS),
            pr: ranking.pr_curve(CURVE_POINTS),
        }
    }
}

impl Evaluation {
    /// Whether the figures are numbers and the curves whole: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let (roc, pr) = (&self.roc, &self.pr);
        let curves = [
            &roc.false_positive_rate,
            &roc.true_positive_rate,
            &pr.recall,
            &pr.precision,
        ];
        roc.false_positive_rate.len() == roc.true_positive_rate.len()
            && pr.recall.len() == pr.precision.len()
            && curves
                .into_iter()
                .flatten()
                .all(|share| (0.0..=1.0).contains(share))
            && self.model.are_finite()
            && self.baseline.are_finite()
    }
}

/// What the figures mean, in words that claim no more than they show.
fn verdict(confusion: &ConfusionMatrix, model: &Scores, baseline: &Scores) -> String {
    let ConfusionMatrix {
        true_positives: caught,
        false_positives: false_alarms,
        ..
    } = confusion;
    let crashes = caught + confusion.false_negatives;
    if model.log_loss >= baseline.log_loss {
        return format!(
            "Do not rely on this model: on rows it had not seen, its probabilities are no better than always saying \
             the crash rate (log loss {} against {}).",
            format_fixed(model.log_loss, 4),
            format_fixed(baseline.log_loss, 4)
        );
    }
    let gain = 100.0 * (1.0 - model.log_loss / baseline.log_loss);
    format!(
        "On rows it had not seen, it would have caught {caught} of {crashes} crash rows with {false_alarms} false \
         alarms; its probabilities are {} % better than always saying the crash rate.",
        format_fixed(gain, 0)
    )
}
