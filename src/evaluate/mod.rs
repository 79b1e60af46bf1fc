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
mod verdict;

use serde::Serialize;

use crate::codec::saved;
use crate::numerals::format_fixed;

use alarms::AlarmRule;
use incidents::{IncidentScores, Replay};
use intervals::{Figure, Interval, intervals, of_figure};
use metrics::{ConfusionMatrix, PrCurve, Ranking, RocCurve, Scores};
pub use moments::Moments;
use reliability::{ReliabilityBin, expected_calibration_error, reliability};
use rule::{Rule, RuleOrigin, RuleScores};
use split::{Split, SplitKind};
pub use threshold::{Aim, Threshold};

/// Every figure, with the rows it was measured on.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    /// What was said of rows of neighbouring probabilities and what happened, ten bins of about equal size.
    pub reliability: Vec<ReliabilityBin>,
    /// The mean distance of what was said from what happened over these bins.
    pub expected_calibration_error: f64,
    /// How probabilities become pages.
    pub alarm_rule: AlarmRule,
    /// What the model would have done for those who carry the pager, on the held-out rows; null where the log has no times.
    pub incidents: Option<IncidentScores>,
    /// Where nine of ten draws of each figure of the model lie; a figure that many draws do not have has none.
    pub intervals: Vec<Interval>,
    /// Whether there are too few incidents to tell much from the figures, however good they look.
    pub too_few_incidents: bool,
    /// The user's rule and the best one of at most three conditions, beside the model at the same number of pages.
    pub rules: Vec<RuleScores>,
    /// What the same recipe would score on rows drawn at random; null where the rows were split so.
    pub random_split: Option<RandomSplit>,
    /// The figures of the model that judges a row by itself, on the same rows; null where the model looks at nothing else.
    pub row_alone: Option<Scores>,
    /// What this means, in one or two sentences.
    pub verdict: String,
}

saved! {
    struct Evaluation {
        split, threshold, threshold_reason, confusion, model, baseline, roc, pr, reliability,
        expected_calibration_error, alarm_rule, incidents, intervals, too_few_incidents, rules,
        random_split, row_alone, verdict,
    }
}

/// How the rows were split, and how many fell on each side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// Crashes among the rows learned from: rows of one crash are one incident.
    pub incidents_train: u64,
    /// Crashes among the rows held out.
    pub incidents_test: u64,
}

saved! {
    struct SplitSummary {
        kind, reason, n_train, n_test, n_left_out, positives_train, positives_test, incidents_train,
        incidents_test,
    }
}

/// The figures of a random split, which flatter: a row's neighbours are then learned from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RandomSplit {
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Area under the precision-recall curve.
    pub pr_auc: f64,
    /// Mean negative log-likelihood in nats, as the model says its probabilities without calibration.
    pub log_loss: f64,
    /// The log loss of always saying the crash rate.
    pub base_log_loss: f64,
    /// What the gap between these figures and those of the model is, in words.
    pub message: String,
}

saved! { struct RandomSplit { roc_auc, pr_auc, log_loss, base_log_loss, message } }

/// What is judged, and by what.
pub struct Judged<'a> {
    /// Which rows are held out.
    pub split: &'a Split,
    /// Of all rows whether they crashed.
    pub y: &'a [bool],
    /// When and on which host they were measured.
    pub moments: &'a Moments,
    /// The probabilities of the held-out rows, in their order.
    pub probabilities: &'a [f64],
    /// Training rows and their probabilities, each predicted unseen; no probabilities where they tell nothing apart.
    pub unseen: (&'a [usize], &'a [f64]),
    /// What the threshold is to achieve.
    pub aim: Aim,
    /// Rows that must count of a host's last so many before somebody is paged.
    pub smoothing: (u32, u32),
    /// Of everything drawn.
    pub seed: u64,
}

/// Incidents from which on figures tell something: those held out, and all of them.
const ENOUGH_HELD_OUT: u64 = 5;
/// Incidents in a log from which on something can be learned of them.
pub const ENOUGH_INCIDENTS: u64 = 10;
/// Rows on which it is asked how often a rule would have paged; of more, the last so many.
const REPLAYED_ROWS: usize = 100_000;
/// Bins of the reliability curve.
const RELIABILITY_BINS: usize = 10;

/// Points kept of a curve: more than a chart can show.
const CURVE_POINTS: usize = 200;

impl Evaluation {
    /// Evaluates the probabilities of the held-out rows.
    #[must_use]
    pub fn new(judged: &Judged<'_>) -> Self {
        let Judged {
            split,
            y,
            moments,
            probabilities,
            ..
        } = *judged;
        let crashed = |rows: &[usize]| rows.iter().map(|&row| y[row]).collect::<Vec<bool>>();
        let count = |labels: &[bool]| labels.iter().filter(|&&crashed| crashed).count() as u64;
        let (train, test) = (crashed(&split.train), crashed(&split.test));
        let base_rate = count(&train) as f64 / train.len() as f64;
        let baseline = Scores::new(&test, &vec![base_rate; test.len()], threshold::NEVER);
        let ranking = Ranking::new(&test, probabilities);
        let (threshold, incidents_train) = judged.threshold(&train);
        let alarm_rule = judged.alarm_rule(threshold.value);
        let model = Scores::from_ranking(&ranking, (&test, probabilities), threshold.value);
        let confusion = ConfusionMatrix::new(&test, probabilities, threshold.value);
        let replay = moments.replay(&split.test, &test, probabilities);
        let outcome = moments.has_time().then(|| replay.outcome(&alarm_rule));
        let incidents_test = replay.incidents().len() as u64;
        let reliability = reliability(&test, probabilities, RELIABILITY_BINS);
        let mut evaluation = Self {
            split: SplitSummary {
                kind: split.kind,
                reason: split.reason.clone(),
                n_train: train.len() as u64,
                n_test: test.len() as u64,
                n_left_out: (y.len() - train.len() - test.len()) as u64,
                positives_train: count(&train),
                positives_test: count(&test),
                incidents_train,
                incidents_test,
            },
            threshold: threshold.value,
            threshold_reason: threshold.reason,
            verdict: String::new(),
            confusion,
            model,
            baseline,
            roc: ranking.roc_curve(CURVE_POINTS),
            pr: ranking.pr_curve(CURVE_POINTS),
            expected_calibration_error: expected_calibration_error(&reliability),
            reliability,
            alarm_rule,
            incidents: outcome.as_ref().map(|outcome| replay.scores(outcome)),
            intervals: intervals(
                &replay,
                outcome.as_ref(),
                (threshold.value, base_rate),
                judged.seed,
            ),
            too_few_incidents: incidents_test < ENOUGH_HELD_OUT
                || incidents_train + incidents_test < ENOUGH_INCIDENTS,
            rules: Vec::new(),
            random_split: None,
            row_alone: None,
        };
        evaluation.verdict = evaluation.verdict_of(ranking.steps().len() > 1);
        evaluation
    }

    /// Adds a rule, which fires on the held-out rows as `fires` says, beside the model at the same number of pages.
    pub(crate) fn add_rule(
        &mut self,
        judged: &Judged<'_>,
        (rule, origin): (&Rule, RuleOrigin),
        fires: &[bool],
    ) {
        let test: Vec<bool> = judged.split.test.iter().map(|&row| judged.y[row]).collect();
        let scores = RuleScores::new(
            judged,
            (&test, self.incidents.as_ref()),
            (rule.to_string(), origin),
            fires,
        );
        self.rules.push(scores);
    }

    /// Adds what a random split says of the same recipe: the labels of its held-out rows and their probabilities.
    pub(crate) fn add_random_split(&mut self, y: &[bool], probabilities: &[f64]) {
        let ranking = Ranking::new(y, probabilities);
        let rate = y.iter().filter(|&&crashed| crashed).count() as f64 / y.len().max(1) as f64;
        let pr_auc = ranking.average_precision();
        let [at_random, held_out] = [pr_auc, self.model.pr_auc].map(|area| format_fixed(area, 2));
        let gap = if pr_auc > self.model.pr_auc && at_random != held_out {
            "What lies between is knowledge of rows of the same minutes or host, which nobody has of what is to come."
        } else {
            "Rows of the same minutes or host give nothing away here."
        };
        let message = format!(
            "On rows drawn at random the same recipe has a PR AUC of {at_random}, on rows held out as above {held_out}. {gap}"
        );
        self.random_split = Some(RandomSplit {
            roc_auc: ranking.roc_auc(),
            pr_auc,
            log_loss: metrics::log_loss(y, probabilities),
            base_log_loss: metrics::log_loss(y, &vec![rate; y.len()]),
            message,
        });
    }

    /// Adds the figures of the model that judges a row by itself.
    pub(crate) fn add_row_alone(&mut self, judged: &Judged<'_>, probabilities: &[f64]) {
        let test: Vec<bool> = judged.split.test.iter().map(|&row| judged.y[row]).collect();
        self.row_alone = Some(Scores::new(&test, probabilities, self.threshold));
    }

    /// The interval of a figure of the model, where there is one.
    #[must_use]
    pub fn interval(&self, figure: Figure) -> Option<Interval> {
        of_figure(&self.intervals, figure)
    }
}

impl Judged<'_> {
    pub(crate) fn alarm_rule(&self, threshold: f64) -> AlarmRule {
        let (needed, of) = self.smoothing;
        AlarmRule {
            needed,
            of,
            ..self.moments.alarm_rule(threshold)
        }
    }

    pub(crate) fn replay(&self, y: &[bool], probabilities: &[f64]) -> Replay {
        self.moments.replay(&self.split.test, y, probabilities)
    }

    /// Of rules that were found on the training rows, best first, the one to take for those who carry the pager: it catches the
    /// most crashes with no more pages a week than the model has from `threshold` on. One that pages on the held-out rows too,
    /// whatever it catches there, goes before those that never do: beside these there is nothing to compare. The first one
    /// where none catches any so, or where the log has no times. `fires` says of a rule and rows where it is true.
    pub(crate) fn best_rule(
        &self,
        rules: Vec<Rule>,
        threshold: f64,
        fires: &dyn Fn(&Rule, &[usize]) -> Vec<bool>,
    ) -> Option<Rule> {
        if !self.moments.has_time() {
            return rules.into_iter().next();
        }
        let paged = |rows: &[usize], says: &[f64], threshold| {
            let y: Vec<bool> = rows.iter().map(|&row| self.y[row]).collect();
            let replay = self.moments.replay(rows, &y, says);
            let scores = replay.scores(&replay.outcome(&self.alarm_rule(threshold)));
            (scores.pages as f64 / replay.weeks(), scores.caught)
        };
        let (rows, unseen) = self.unseen;
        let (most, _) = paged(&rows[..unseen.len()], unseen, threshold);
        let of_rule = |rule: &Rule, rows: &[usize]| {
            let rows = &rows[rows.len().saturating_sub(REPLAYED_ROWS)..];
            let fired: Vec<f64> = fires(rule, rows).into_iter().map(f64::from).collect();
            paged(rows, &fired, rule::FIRED)
        };
        let (mut best, mut worth) = (0, (false, 0));
        for (at, rule) in rules.iter().enumerate() {
            let (pages, caught) = of_rule(rule, &self.split.train);
            if pages <= most && caught > 0 && (true, caught) > worth {
                let this = (of_rule(rule, &self.split.test).0 > 0.0, caught);
                if this > worth {
                    (best, worth) = (at, this);
                }
            }
        }
        rules.into_iter().nth(best)
    }

    /// The threshold, and the incidents among the training rows, whose labels are `train`.
    fn threshold(&self, train: &[bool]) -> (Threshold, u64) {
        let moments = self.moments;
        let learned = moments.replay(&self.split.train, train, &vec![0.0; train.len()]);
        let (rows, unseen) = self.unseen;
        let rows = &rows[..unseen.len()];
        let y: Vec<bool> = rows.iter().map(|&row| self.y[row]).collect();
        let ranking = Ranking::new(&y, unseen);
        let replay = moments.replay(rows, &y, unseen);
        let rule = self.alarm_rule(threshold::NEVER);
        let threshold = self
            .aim
            .threshold(&replay, &ranking, rule, moments.has_time());
        (threshold, learned.incidents().len() as u64)
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
        // What is no number makes none of the sum.
        let mut sum = self.expected_calibration_error;
        for bin in &self.reliability {
            sum += bin.predicted + bin.observed;
        }
        if let Some(of) = &self.random_split {
            sum += of.roc_auc + of.pr_auc + of.log_loss + of.base_log_loss;
        }
        for rule in &self.rules {
            sum += rule.model_threshold;
        }
        sum.is_finite()
            && roc.false_positive_rate.len() == roc.true_positive_rate.len()
            && pr.recall.len() == pr.precision.len()
            && curves
                .into_iter()
                .flatten()
                .all(|share| (0.0..=1.0).contains(share))
            && self.alarm_rule.is_consistent()
            && self.alarm_rule.threshold == self.threshold
            && self.intervals.iter().all(Interval::is_consistent)
            && self
                .incidents
                .iter()
                .chain(self.rules.iter().flat_map(RuleScores::incidents))
                .all(IncidentScores::is_consistent)
            && [
                Some(&self.model),
                Some(&self.baseline),
                self.row_alone.as_ref(),
            ]
            .into_iter()
            .flatten()
            .all(Scores::are_finite)
    }
}
