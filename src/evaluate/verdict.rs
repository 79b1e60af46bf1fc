//! The figures in plain words: what can be promised on what evidence, or that nothing can.

use super::Evaluation;
use super::intervals::Figure;
use super::split::SplitKind;
use crate::numerals::format_fixed;

impl Evaluation {
    /// One verdict on top of the figures, that claims no more than they show.
    pub(super) fn verdict_of(&self, tells_apart: bool) -> String {
        if !tells_apart {
            return "This log cannot predict its crashes: nothing in it was reliably better than always saying the crash rate, so \
                    no row is told from another and nobody is paged."
                .to_owned();
        }
        let (model, base) = (self.model.log_loss, self.baseline.log_loss);
        let mut said = self.caught_words();
        let is_sure = self
            .interval(Figure::LogLossGain)
            .is_some_and(|gain| gain.low > 0.0);
        let gain = 100.0 * (1.0 - model / base);
        if gain > 0.0 {
            let gain = match gain < 0.5 {
                true => "less than 1".to_owned(),
                false => format_fixed(gain, 0),
            };
            said += &format!(
                " Its probabilities are {gain} % better than always saying the crash rate{}.",
                if is_sure { "" } else { ", which may be chance" }
            );
        } else {
            said += " Do not rely on its probabilities: they are no better than always saying the crash rate.";
        }
        if self.too_few_incidents {
            said = format!(
                "Too few crashes to tell: {} to learn from and {} to check on. {said}",
                self.split.incidents_train, self.split.incidents_test
            );
        }
        if self.split.kind == SplitKind::Random {
            said += " The rows were split at random, which flatters: expect less of times to come.";
        }
        said
    }

    /// What would have been caught, and at what price.
    fn caught_words(&self) -> String {
        let Some(of) = &self.incidents else {
            let caught = self.confusion.true_positives;
            return format!(
                "On rows it had not seen, it would have caught {caught} of {} crash rows with {} false alarms.",
                caught + self.confusion.false_negatives,
                self.confusion.false_positives
            );
        };
        let warning = match &of.warning_minutes {
            Some(minutes) if minutes.median > 0.0 => {
                format!(
                    ", half of the warnings {} minutes ahead or more",
                    format_fixed(minutes.median, 0)
                )
            }
            _ => String::new(),
        };
        format!(
            "On rows it had not seen, somebody would have been paged for {} of {} crashes{warning}, and {} times a week for \
             nothing.",
            of.caught,
            of.incidents,
            format_fixed(of.false_pages_per_week, 1)
        )
    }
}
