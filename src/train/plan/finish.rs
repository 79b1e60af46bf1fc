//! The end of a training: the fit on all rows, and what the checks on the held-out ones say.

use std::sync::Arc;

use crate::drift::Reference;
use crate::error::{Error, Result};
use crate::evaluate::rule::{Rule, RuleOrigin, best_rules};
use crate::evaluate::split::FoldRows;
use crate::evaluate::{Evaluation, Judged};
use crate::features::{Dataset, FeatureSpec};
use crate::model::CalibratedModel;
use crate::predictor::CrashPredictor;
use crate::provenance::Provenance;
use crate::schema::Role;
use crate::table::Table;

use super::Plan;
use crate::train::candidates::crash_rate;
use crate::train::choice::Choice;
use crate::train::learner::{Sees, fit_on};

/// What is learned from all rows.
pub(super) struct Refit {
    spec: FeatureSpec,
    model: CalibratedModel,
    /// The model that judges a row by itself, where the other looks at the minutes before it.
    plain: Option<CalibratedModel>,
    reference: Reference,
    /// By how much its log odds stand above those of the model that was checked, as far as the crash rate moved them.
    shift: f64,
}

impl Plan {
    /// Fits the chosen model on all rows, or on those it was checked with, if that was not done.
    ///
    /// # Errors
    /// Why it cannot be fitted.
    pub fn refit(&mut self, table: &Table) -> Result<()> {
        let (None, Some(choice)) = (&self.refit, &self.choice) else {
            return Ok(());
        };
        let (rows, spec, data) = match self.options.keep_checked {
            true => (
                self.split.train.clone(),
                self.spec.clone(),
                self.shared.data.clone(),
            ),
            false => {
                // Where no task is left the features of before are not needed beside those of now.
                if self.is_evaluated()
                    && let Some(shared) = Arc::get_mut(&mut self.shared)
                {
                    shared.data = Dataset::new(0, Vec::new());
                }
                let all: Vec<usize> = (0..self.labelled.y.len()).collect();
                let from = (&all[..], Some(&self.spec));
                let (spec, data) =
                    self.labelled
                        .fit_features(table, &self.schema, from, &self.options)?;
                (all, spec, data)
            }
        };
        let (y, seed) = (&self.labelled.y[..], self.shared.seed);
        let (checked, now) = (
            self.shared.crash_rate(),
            crash_rate(rows.iter().map(|&row| &y[row])),
        );
        let fit = |choice: &Choice, data: &Dataset| -> Result<CalibratedModel> {
            let calibration = choice.calibration.clone();
            Ok(CalibratedModel {
                model: fit_on(choice.recipe, (data, y), &rows, seed)?,
                calibration: calibration.map(|of| of.anchored(checked, now)),
            })
        };
        let calibration = choice.calibration.as_ref();
        let shift = calibration.map_or(0.0, |of| of.shift(checked, now));
        let inputs = data.first_columns(spec.inputs().len());
        let reference = Reference::new(&inputs, &rows);
        let plain = self.plain.as_ref().map(|plain| fit(plain, &inputs));
        let model = match &plain {
            Some(_) => fit(choice, &data)?,
            None => fit(choice, &inputs)?,
        };
        let spec = match plain {
            Some(_) => spec,
            None => spec.without_windows(),
        };
        self.refit = Some(Refit {
            spec,
            model,
            plain: plain.transpose()?,
            reference,
            shift,
        });
        Ok(())
    }

    /// The trained predictor.
    ///
    /// # Errors
    /// Why it cannot be fitted; `Cancelled` before all tasks are done.
    pub fn finish(mut self, table: &Table) -> Result<CrashPredictor> {
        self.refit(table)?;
        let (Some(choice), Some(refit), true) =
            (&self.choice, self.refit.take(), self.is_evaluated())
        else {
            return Err(Error::Cancelled);
        };
        let evaluation = self.evaluation(choice, table);
        // As likely a crash as before among rows of which more are crashes now, or fewer, has another probability.
        let threshold = match self.options.threshold {
            None if evaluation.threshold < 1.0 => moved(evaluation.threshold, refit.shift),
            _ => evaluation.threshold,
        };
        let provenance = Provenance {
            n_rows_without_label: (table.n_rows() - self.labelled.rows.len()) as u64
                - self.labelled.target.n_down
                - self.labelled.target.n_unknown,
            target: self.labelled.target.clone(),
            candidates: choice.candidates.clone(),
            algorithm_reason: choice.reason.clone(),
            ..Provenance::new(
                &self.schema,
                self.schema.label()?,
                &self.labelled.y,
                self.options.seed,
            )
        };
        let chosen = match refit.plain {
            Some(_) => Sees::Minutes,
            None => Sees::RowAlone,
        };
        let done = self.candidates.iter();
        let done = done.filter(|of| of.sees == chosen && of.tuned().is_some());
        let seconds = done.map(|of| of.seconds).collect::<Option<Vec<f64>>>();
        let parts = (evaluation, provenance);
        let fitted = (refit.model, threshold);
        let predictor = CrashPredictor::new(refit.spec, fitted, parts, refit.reference);
        Ok(predictor.with_plain(refit.plain).timed(seconds))
    }

    /// What the checks say of the choice.
    fn evaluation(&self, choice: &Choice, table: &Table) -> Evaluation {
        let moments = self.labelled.moments();
        let folds = self.shared.folds.iter();
        let held: Vec<usize> = folds.flat_map(|fold| fold.held.iter().copied()).collect();
        let calibrated = |choice: &Choice, raw: &[f64]| {
            let mut probabilities = raw.to_vec();
            if let Some(calibration) = &choice.calibration {
                calibration.apply_to(&mut probabilities);
            }
            probabilities
        };
        let probabilities = calibrated(choice, &self.checks.chosen);
        let judged = Judged {
            split: &self.split,
            y: &self.labelled.y,
            moments: &moments,
            probabilities: &probabilities,
            unseen: (
                &held,
                if choice.tells_apart {
                    &choice.unseen
                } else {
                    &[]
                },
            ),
            aim: self.options.aim(),
            smoothing: self.options.smoothing(),
            seed: self.shared.seed,
        };
        let mut evaluation = Evaluation::new(&judged);
        let at_random = self.checks.at_random.as_ref().filter(|of| !of.is_empty());
        if let (Some(FoldRows { held, .. }), Some(of)) =
            (self.shared.at_random.as_deref(), at_random)
        {
            evaluation.add_random_split(&self.shared.labels(held), of);
        }
        if let Some(plain) = &self.plain {
            evaluation.add_row_alone(&judged, &calibrated(plain, &self.checks.plain));
        }
        let in_table = |rows: &[usize]| -> Vec<usize> {
            rows.iter().map(|&row| self.labelled.rows[row]).collect()
        };
        let features: Vec<&str> = self.schema.named(Role::Feature).collect();
        let y = self.shared.labels(&self.split.train);
        let fires = |rule: &Rule, rows: &[usize]| rule.fires_on(table, &in_table(rows));
        let found = best_rules(table, &features, &in_table(&self.split.train), &y);
        let best = judged.best_rule(found, evaluation.threshold, &fires);
        let rules = [(&self.rule, RuleOrigin::Yours), (&best, RuleOrigin::Best)];
        for (rule, origin) in rules {
            if let Some(rule) = rule {
                let fires = fires(rule, &self.split.test);
                evaluation.add_rule(&judged, (rule, origin), &fires);
            }
        }
        evaluation
    }
}

/// A probability whose log odds are moved; one that was above 0 and below 1 stays so.
fn moved(probability: f64, by: f64) -> f64 {
    let odds = probability / (1.0 - probability) * libm::exp(by);
    let moved = odds / (1.0 + odds);
    if by != 0.0 && moved > 0.0 && moved < 1.0 {
        moved
    } else {
        probability
    }
}
