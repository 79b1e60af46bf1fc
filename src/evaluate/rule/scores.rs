//! A rule beside the model, on the same rows and incidents, at the same number of pages: who pages more catches more, so only
//! then one is better than the other.

use serde::Serialize;

use crate::codec::saved;

use crate::evaluate::Judged;
use crate::evaluate::alarms::AlarmRule;
use crate::evaluate::incidents::IncidentScores;
use crate::evaluate::metrics::{ConfusionMatrix, Ranking};
use crate::evaluate::threshold::{at_most_pages, at_most_rows};

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum RuleOrigin {
    /// The user typed it.
    Yours,
    /// The best of at most three conditions that was found on the training rows.
    Best,
}

saved! { enum RuleOrigin { 0 = Yours, 1 = Best } }

/// What a rule is worth on the held-out rows, beside the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct RuleScores {
    /// The rule as it can be typed.
    pub text: String,
    /// Where it comes from.
    pub origin: RuleOrigin,
    /// The held-out rows by whether the rule fired and what happened.
    pub confusion: ConfusionMatrix,
    /// What it would have done for those who carry the pager; null where the log has no times.
    pub incidents: Option<IncidentScores>,
    /// The threshold from which on the model pages at most as often; where the log has no times, flags as many rows at most.
    pub model_threshold: f64,
    /// The held-out rows by what the model says at that threshold and what happened.
    pub model_confusion: ConfusionMatrix,
    /// What the model would have done at that threshold.
    pub model_incidents: Option<IncidentScores>,
    /// Which of both is better, in words.
    pub message: String,
}

saved! {
    struct RuleScores {
        text, origin, confusion, incidents, model_threshold, model_confusion, model_incidents,
        message,
    }
}

/// From so much on a rule has fired.
pub(crate) const FIRED: f64 = 0.5;

impl RuleScores {
    /// Compares a rule that fires on the held-out rows as `fires` says, whose labels are `test`, with the model, which does
    /// `own` from its own threshold on.
    pub(crate) fn new(
        judged: &Judged<'_>,
        (test, own): (&[bool], Option<&IncidentScores>),
        (text, origin): (String, RuleOrigin),
        fires: &[bool],
    ) -> Self {
        let fired: Vec<f64> = fires.iter().map(|&fires| f64::from(fires)).collect();
        let confusion = ConfusionMatrix::new(test, &fired, FIRED);
        let ranking = Ranking::new(test, judged.probabilities);
        let flagged = confusion.true_positives + confusion.false_positives;
        let mut scores = Self {
            text,
            origin,
            confusion,
            incidents: None,
            model_threshold: at_most_rows(&ranking, flagged),
            model_confusion: confusion,
            model_incidents: None,
            message: String::new(),
        };
        if judged.moments.has_time() {
            let replay = judged.replay(test, &fired);
            let of_rule = replay.scores(&replay.outcome(&judged.alarm_rule(FIRED)));
            let replay = judged.replay(test, judged.probabilities);
            let rule = judged.alarm_rule(FIRED);
            let threshold = at_most_pages(&replay, &ranking, rule, of_rule.pages as f64);
            let rule = AlarmRule { threshold, ..rule };
            scores.model_threshold = threshold;
            scores.model_incidents = Some(replay.scores(&replay.outcome(&rule)));
            scores.incidents = Some(of_rule);
        }
        scores.model_confusion =
            ConfusionMatrix::new(test, judged.probabilities, scores.model_threshold);
        scores.message = scores.words(own);
        scores
    }

    /// What both do, and the model from its own threshold on.
    fn words(&self, own: Option<&IncidentScores>) -> String {
        let whose = match self.origin {
            RuleOrigin::Yours => "Your rule",
            RuleOrigin::Best => "The best rule of at most three conditions",
        };
        let caught = |of: &IncidentScores| {
            let pages = if of.pages == 1 { "page" } else { "pages" };
            format!(
                "{} of {} crashes with {} {pages}, {} for nothing",
                of.caught, of.incidents, of.pages, of.false_pages
            )
        };
        match (&self.incidents, &self.model_incidents) {
            (Some(rule), Some(model)) => {
                let mut said = format!(
                    "{whose} catches {}. With no more pages the model catches {}",
                    caught(rule),
                    caught(model)
                );
                // A rule that hardly ever pages says little of the model.
                if let Some(own) = own
                    && own.pages > rule.pages
                {
                    said += "; from its own threshold on it catches ";
                    said += &caught(own);
                }
                said + "."
            }
            _ => format!(
                "{whose} catches {} crash rows with {} false alarms; flagging no more rows, the model catches {} with {}.",
                self.confusion.true_positives,
                self.confusion.false_positives,
                self.model_confusion.true_positives,
                self.model_confusion.false_positives
            ),
        }
    }

    /// The figures of pages, where there are any.
    pub(crate) fn incidents(&self) -> impl Iterator<Item = &IncidentScores> {
        self.incidents.iter().chain(&self.model_incidents)
    }
}
