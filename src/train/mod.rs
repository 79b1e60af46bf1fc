//! From a table to a predictor: candidates, their comparison on the training rows, the check on held-out rows, and the fit of
//! the saved model on all.

use std::ops::ControlFlow;

use serde::Serialize;

use crate::codec::saved;
use crate::error::{Error, Result};
use crate::evaluate::Aim;
use crate::evaluate::alarms::{MAX_OF, NEEDED, OF};
use crate::evaluate::split::SplitChoice;
use crate::features::Monotone;
use crate::numerals::format_number;
use crate::predictor::{CrashPredictor, check_threshold};
use crate::schema::RoleOptions;
use crate::table::Table;

mod candidates;
mod choice;
mod labelled;
mod learner;
mod plan;
mod trial;

pub use choice::Candidate;
pub use learner::{Clock, Learner, Performed, Shared, Task};
pub use plan::Plan;

/// What to learn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Algorithm {
    /// Whichever candidate predicts best in cross-validation on the training rows; the base rate where none beats it.
    #[default]
    Auto,
    /// Logistic regression: each metric by itself.
    Logistic,
    /// Boosted trees: combinations of metrics.
    Boosting,
    /// A random forest: combinations of metrics.
    Forest,
}

saved! { enum Algorithm { 0 = Auto, 1 = Logistic, 2 = Boosting, 3 = Forest } }

/// Which candidate `auto` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Select {
    /// The simplest whose log loss is within one standard error of the lowest.
    #[default]
    Simplest,
    /// The one of the lowest log loss.
    Best,
}

saved! { enum Select { 0 = Simplest, 1 = Best } }

/// How to train; what is left out is found by itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(default, rename_all = "camelCase")]
pub struct TrainOptions {
    /// What the user says about the roles.
    #[serde(flatten)]
    pub roles: RoleOptions,
    /// What to learn with.
    pub algorithm: Algorithm,
    /// Which candidate `auto` takes.
    pub select: Select,
    /// Which rows to check on.
    pub split: SplitChoice,
    /// Probability from which on a crash is predicted, above 0 up to 1; the best F1 on the training rows where left out.
    pub threshold: Option<f64>,
    /// Columns of numbers as which rise the probability of a crash never falls ("rising") or never rises ("falling").
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, Direction>"))]
    pub monotone: Monotone,
    /// What a missed crash costs, against `costPage`; the threshold is then the one of the least cost.
    pub cost_missed: Option<f64>,
    /// What a page that belongs to no crash costs; 1 where only `costMissed` is given.
    pub cost_page: Option<f64>,
    /// How many pages a week can be borne; the threshold then catches as many crashes as can be with so many.
    pub pages_per_week: Option<f64>,
    /// Rows that must count before somebody is paged, of a host's last `alarmOf`; 2 where left out.
    pub alarm_needed: Option<u32>,
    /// So many of a host's last rows are looked at, 64 at most; 3 where left out.
    pub alarm_of: Option<u32>,
    /// The alert rule that there is today, such as `cpu_pct > 90 and latency_ms > 200`, to compare the model with.
    pub rule: Option<String>,
    /// Whether to keep the model that was checked, instead of fitting it again on all rows: it is worth a little less, and its
    /// answers for the held-out rows are those that the evaluation judged.
    pub keep_checked: bool,
    /// About how long training may take, in seconds. What it cuts is said; without one, work is counted and every machine
    /// trains the same model.
    pub budget_seconds: Option<f64>,
    /// Seed of everything random.
    pub seed: u32,
}

/// Where training stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// The same in words.
    pub message: &'static str,
    /// Steps done.
    pub done: u32,
    /// Steps in all.
    pub total: u32,
}

/// The stages of training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Roles, labels and the split.
    Prepare,
    /// Cross-validation of the candidates.
    Validate,
    /// The fit on the training rows and the check on the held-out ones.
    Evaluate,
    /// The fit on all rows.
    Refit,
}

/// Told where training stands, at every step of the work; breaking off cancels it.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Trains on the rows of `table` that have a label.
///
/// # Errors
/// Whatever [`Schema::problem`](crate::schema::Schema::problem) names, `TooFewRows`, `BadOption` (also for a budget in seconds
/// where there is no `clock`), `NotConverged`, and `Cancelled` where `on_progress` broke off.
pub fn train(
    table: &Table,
    options: &TrainOptions,
    on_progress: OnProgress<'_>,
    clock: Option<Clock<'_>>,
) -> Result<CrashPredictor> {
    let mut tell = |progress| match on_progress(progress) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::Cancelled),
    };
    if let (Some(_), None) = (options.budget_seconds, clock) {
        return Err(options.bad_budget("none here: there is no clock"));
    }
    let now = || clock.map_or(0.0, |now| now());
    let start = now();
    tell(Progress::preparing(options.algorithm))?;
    let mut plan = Plan::new(table, options, 1)?;
    let mut learner = Learner::new(plan.shared());
    while let Some(task) = plan.next_task(0, now() - start) {
        tell(plan.progress())?;
        plan.absorb(&task, learner.perform(&task, clock))?;
    }
    // What it holds has done its work: the fit on all rows needs the room.
    drop(learner);
    tell(plan.progress())?;
    plan.finish(table)
}

impl Progress {
    /// Before there is a plan.
    #[must_use]
    pub fn preparing(algorithm: Algorithm) -> Self {
        Self {
            stage: Stage::Prepare,
            message: "finding the label and splitting the rows",
            done: 0,
            total: plan::n_steps(algorithm),
        }
    }
}

impl TrainOptions {
    fn check(&self) -> Result<()> {
        self.threshold.map_or(Ok(()), check_threshold)?;
        let amounts = [
            ("costMissed", self.cost_missed),
            ("costPage", self.cost_page),
            ("pagesPerWeek", self.pages_per_week),
        ];
        for (option, amount) in amounts {
            if amount.is_some_and(|amount| !(amount >= 0.0 && amount.is_finite())) {
                return Err(Error::BadOption {
                    option,
                    found: format_number(amount.unwrap_or_default()),
                    expected: "a number from 0 up",
                });
            }
        }
        let (needed, of) = self.smoothing();
        if !(1..=MAX_OF).contains(&of) || !(1..=of).contains(&needed) {
            return Err(Error::BadOption {
                option: "alarmNeeded",
                found: format!("{needed} of {of} rows"),
                expected: "some of the last rows: `alarmNeeded` from 1 to `alarmOf`, which is 64 at most",
            });
        }
        match self.budget_seconds {
            Some(seconds) if !(seconds > 0.0 && seconds.is_finite()) => {
                Err(self.bad_budget("a number of seconds above 0"))
            }
            _ => Ok(()),
        }
    }

    /// What the threshold is to achieve: what was said most plainly counts.
    fn aim(&self) -> Aim {
        match (self.threshold, self.pages_per_week) {
            (Some(threshold), _) => Aim::Given(threshold),
            (None, Some(pages)) => Aim::PagesPerWeek(pages),
            (None, None) if self.cost_missed.is_some() || self.cost_page.is_some() => {
                Aim::LeastCost {
                    missed: self.cost_missed.unwrap_or(1.0),
                    page: self.cost_page.unwrap_or(1.0),
                }
            }
            _ => Aim::BestF1,
        }
    }

    /// Rows that must count, of a host's last so many.
    fn smoothing(&self) -> (u32, u32) {
        let of = self
            .alarm_of
            .unwrap_or(OF.max(self.alarm_needed.unwrap_or(0)));
        (self.alarm_needed.unwrap_or(NEEDED.min(of)), of)
    }

    fn bad_budget(&self, expected: &'static str) -> Error {
        Error::BadOption {
            option: "budgetSeconds",
            found: format_number(self.budget_seconds.unwrap_or_default()),
            expected,
        }
    }
}
