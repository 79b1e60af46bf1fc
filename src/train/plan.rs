//! Training as a plan: it hands out [`Task`]s, takes in what came of them in any order, and knows what comes next. Who performs
//! the tasks, and how many do, changes nothing of the outcome: boosting is broken off by the losses of all folds together,
//! round by round, whoever reports them when.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::evaluate::Evaluation;
use crate::evaluate::split::{self, Split, SplitKind};
use crate::features::FeatureSpec;
use crate::model::Model;
use crate::numerals::format_number;
use crate::predictor::CrashPredictor;
use crate::provenance::Provenance;
use crate::schema::Schema;
use crate::table::Table;

use super::candidates::{Recipe, Tuned};
use super::choice::{Choice, choose};
use super::labelled::Labelled;
use super::learner::{Outcome, Performed, Predicted, Shared, Task, Work, fit_on_all};
use super::trial::{State, Trial};
use super::{Algorithm, Progress, Stage, TrainOptions};

/// Parts the training rows are cut into for the comparison of candidates.
const N_FOLDS: usize = 5;
/// The same for many rows: the larger the parts, the less depends on where they are cut, and the longer each takes.
const N_FOLDS_OF_MANY: usize = 4;
/// Training rows that are many.
const MANY_ROWS: usize = 10_000;
/// Rounds boosted at a time: by one learner few, so that few are in vain; by several many, so that they seldom wait.
const ROUNDS_ALONE: usize = 4;
const ROUNDS_TOGETHER: usize = 16;
/// The share of a budget that the comparison may take; the rest is for the check and the fit on all rows.
const SHARE_TO_COMPARE: f64 = 0.6;

/// Steps of progress: one for each candidate, and preparation, evaluation and refit.
pub(super) fn n_steps(algorithm: Algorithm) -> u32 {
    3 + Recipe::tried(algorithm).count() as u32
}

/// A training under way.
pub struct Plan {
    options: TrainOptions,
    schema: Schema,
    labelled: Labelled,
    split: Split,
    folds_kind: SplitKind,
    shared: Arc<Shared>,
    n_learners: usize,
    candidates: Vec<Trial>,
    tasks: VecDeque<Task>,
    /// What was left out or cut short, in words.
    remarks: String,
    choice: Option<Choice>,
    evaluation: Option<Evaluation>,
    /// The features as learned from the training rows.
    spec: FeatureSpec,
    refit: Option<Refit>,
}

/// What is learned from all rows.
struct Refit {
    spec: FeatureSpec,
    model: Model,
    /// The model that judges a row by itself, where the other looks at the minutes before it.
    plain: Option<Model>,
}

impl Plan {
    /// Finds the label, splits the rows and learns the features and bins of the training rows; tasks are for `n_learners`.
    ///
    /// # Errors
    /// Whatever [`Schema::problem`] names, `TooFewRows` and `BadOption`.
    pub fn new(table: &Table, options: &TrainOptions, n_learners: usize) -> Result<Self> {
        options.check()?;
        let schema = Schema::new(table, &options.roles)?;
        if let Some(problem) = schema.problem() {
            return Err(problem);
        }
        let labelled = Labelled::new(table, &schema, &options.roles)?;
        let seed = u64::from(options.seed);
        let split = split::hold_out(labelled.rows(), options.split, seed)?;
        let (spec, data) = labelled.fit_features(table, &schema, (&split.train, None), options)?;
        let n_folds = if split.train.len() > MANY_ROWS {
            N_FOLDS_OF_MANY
        } else {
            N_FOLDS
        };
        let (folds, folds_kind) = split::folds(&split, labelled.rows(), n_folds, seed);
        let shared = Shared::new(data, &labelled.y, &split, (folds, seed));
        let recipes = Recipe::tried(options.algorithm);
        let mut plan = Self {
            candidates: recipes.map(|recipe| Trial::new(recipe, &shared)).collect(),
            options: options.clone(),
            schema,
            labelled,
            split,
            folds_kind,
            shared: Arc::new(shared),
            n_learners: n_learners.max(1),
            tasks: VecDeque::new(),
            remarks: String::new(),
            choice: None,
            evaluation: None,
            spec,
            refit: None,
        };
        for candidate in 0..plan.candidates.len() {
            let work = match plan.candidates[candidate].recipe {
                Recipe::Boosting(_) => Work::Boost(plan.rounds_at_a_time()),
                _ => Work::Validate,
            };
            for task in plan.of_each_fold(candidate, work) {
                plan.tasks.push_back(task);
            }
        }
        Ok(plan)
    }

    /// What every learner needs.
    #[must_use]
    pub fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// The next task for the learner of this number; `None` while it must wait for others, and when all is done. `elapsed`
    /// is the time in seconds since the training began, for a budget.
    pub fn next_task(&mut self, learner: usize, elapsed: f64) -> Option<Task> {
        let budget = self.options.budget_seconds.unwrap_or(f64::INFINITY);
        if elapsed > budget * SHARE_TO_COMPARE {
            self.cut_short(budget);
        }
        let may = |task: &Task| self.home(task).is_none_or(|home| home == learner);
        let place = self.tasks.iter().position(may)?;
        self.tasks.remove(place)
    }

    /// Whether a model was chosen, so that it can be fitted on all rows.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        self.choice.is_some()
    }

    /// Whether nothing but [`finish`](Self::finish) is left.
    #[must_use]
    pub fn is_evaluated(&self) -> bool {
        self.evaluation.is_some()
    }

    /// Where the training stands.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let open = |of: &&Trial| matches!(of.state, State::Open | State::Rounds(_));
        let n_open = self.candidates.iter().filter(open).count();
        let (stage, message, left) = match (self.candidates.iter().find(open), &self.evaluation) {
            (Some(of), _) => (Stage::Validate, of.recipe.trying(), n_open + 2),
            (None, None) => (Stage::Evaluate, "checking on the held-out rows", 2),
            (None, Some(_)) => (Stage::Refit, "learning from all rows", 1),
        };
        let total = n_steps(self.options.algorithm);
        Progress {
            stage,
            message,
            done: total - left as u32,
            total,
        }
    }

    /// Takes in what came of a task.
    ///
    /// # Errors
    /// Why a model could not be fitted, where there is no other candidate to take instead.
    pub fn absorb(&mut self, task: &Task, performed: Result<Performed>) -> Result<()> {
        let Performed { outcome, seconds } = match performed {
            Ok(performed) => performed,
            // One candidate that cannot be fitted is no reason to have none.
            Err(error) if self.options.algorithm == Algorithm::Auto && task.work != Work::Check => {
                let name = task.recipe.words();
                self.remarks += &format!("; {name} was left out: {error}");
                self.leave_out(task.candidate);
                self.choose_if_settled();
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let of = &mut self.candidates[task.candidate];
        of.seconds = seconds.map(|seconds| seconds + of.seconds.unwrap_or(0.0));
        match (task.work, outcome) {
            (Work::Check, Outcome::Predicted(predicted)) => {
                self.evaluate(&predicted);
                return Ok(());
            }
            (_, Outcome::Predicted(predicted)) => of.predicted[task.fold] = Some(predicted),
            (_, Outcome::Losses(losses)) => of.losses[task.fold] = losses,
        }
        self.go_on(task.candidate);
        Ok(())
    }

    /// Fits the chosen model on all rows, if that was not done.
    ///
    /// # Errors
    /// Why it cannot be fitted.
    pub fn refit(&mut self, table: &Table) -> Result<()> {
        let (None, Some(choice)) = (&self.refit, &self.choice) else {
            return Ok(());
        };
        let all: Vec<usize> = (0..self.labelled.y.len()).collect();
        let rows = (&all[..], Some(&self.spec));
        let (spec, data) = self
            .labelled
            .fit_features(table, &self.schema, rows, &self.options)?;
        let (y, seed) = (&self.labelled.y, self.shared.seed);
        let model = fit_on_all(choice.recipe, &data, y, seed)?;
        let plain = match spec.windows() {
            Some(_) => {
                let inputs = data.first_columns(spec.inputs().len());
                Some(fit_on_all(choice.recipe, &inputs, y, seed)?)
            }
            None => None,
        };
        self.refit = Some(Refit { spec, model, plain });
        Ok(())
    }

    /// The trained predictor.
    ///
    /// # Errors
    /// Why it cannot be fitted; `Cancelled` before all tasks are done.
    pub fn finish(mut self, table: &Table) -> Result<CrashPredictor> {
        self.refit(table)?;
        let (Some(choice), Some(refit), Some(evaluation)) =
            (self.choice, self.refit, self.evaluation)
        else {
            return Err(Error::Cancelled);
        };
        let provenance = Provenance {
            n_rows_without_label: (table.n_rows() - self.labelled.rows.len()) as u64
                - self.labelled.target.n_down
                - self.labelled.target.n_unknown,
            target: self.labelled.target.clone(),
            candidates: choice.candidates,
            algorithm_reason: choice.reason,
            ..Provenance::new(
                &self.schema,
                self.schema.label()?,
                &self.labelled.y,
                self.options.seed,
            )
        };
        let done = self.candidates.iter().filter(|of| of.tuned().is_some());
        let predictor = CrashPredictor::new(refit.spec, refit.model, evaluation, provenance);
        Ok(predictor
            .with_plain(refit.plain)
            .timed(done.map(|of| of.seconds).collect::<Option<Vec<f64>>>()))
    }

    /// Where boosting is under way is where it goes on.
    fn home(&self, task: &Task) -> Option<usize> {
        let number = task.candidate * self.shared.folds.len() + task.fold;
        matches!(task.work, Work::Boost(_) | Work::PredictBoosted(_))
            .then_some(number % self.n_learners)
    }

    fn rounds_at_a_time(&self) -> usize {
        if self.n_learners == 1 {
            ROUNDS_ALONE
        } else {
            ROUNDS_TOGETHER
        }
    }

    fn of_each_fold(&self, candidate: usize, work: Work) -> Vec<Task> {
        let recipe = self.candidates[candidate].recipe.to_validate(&self.shared);
        let task = |fold| Task {
            candidate,
            fold,
            recipe,
            work,
        };
        (0..self.shared.folds.len()).map(task).collect()
    }

    /// What is under way goes on before something else is begun: little is held at a time.
    fn push_first(&mut self, tasks: Vec<Task>) {
        for task in tasks.into_iter().rev() {
            self.tasks.push_front(task);
        }
    }

    /// What follows from what is known of a candidate.
    fn go_on(&mut self, candidate: usize) {
        let of = &mut self.candidates[candidate];
        match of.state {
            State::Open if of.is_boosting() => {
                let (best, is_over) = of.best_round();
                let n_done = of.rounds_done();
                if is_over {
                    self.predict_boosted(candidate, best);
                } else if n_done > 0 && of.losses.iter().all(|losses| losses.len() == n_done + 1) {
                    let next = (n_done + self.rounds_at_a_time())
                        .min(self.candidates[candidate].max_rounds);
                    let tasks = self.of_each_fold(candidate, Work::Boost(next));
                    self.push_first(tasks);
                }
            }
            State::Open | State::Rounds(_) => of.tune(&self.shared),
            State::Done(_) | State::LeftOut => {}
        }
        self.choose_if_settled();
    }

    fn predict_boosted(&mut self, candidate: usize, n_rounds: usize) {
        self.candidates[candidate].state = State::Rounds(n_rounds);
        self.tasks.retain(|task| task.candidate != candidate);
        let tasks = self.of_each_fold(candidate, Work::PredictBoosted(n_rounds));
        self.push_first(tasks);
    }

    fn leave_out(&mut self, candidate: usize) {
        self.candidates[candidate].state = State::LeftOut;
        self.tasks.retain(|task| task.candidate != candidate);
    }

    /// The budget is used up: boosting ends where it is, what was not begun or not ended is left out. The base rate stays,
    /// and so does the one algorithm that was asked for.
    fn cut_short(&mut self, budget: f64) {
        for candidate in 0..self.candidates.len() {
            let of = &self.candidates[candidate];
            if !matches!(of.state, State::Open) || of.recipe == Recipe::BaseRate {
                continue;
            }
            let name = of.recipe.words();
            let budget = format_number(budget);
            if of.rounds_done() > 0 {
                let (best, _) = of.best_round();
                self.remarks += &format!(
                    "; the budget of {budget} seconds broke {name} off after {} rounds",
                    of.rounds_done()
                );
                self.predict_boosted(candidate, best);
            } else if self.options.algorithm == Algorithm::Auto {
                self.remarks +=
                    &format!("; the budget of {budget} seconds left no time for {name}");
                self.leave_out(candidate);
            }
        }
        self.choose_if_settled();
    }

    /// Compares the candidates once all are settled; the one taken is to be checked on the held-out rows.
    fn choose_if_settled(&mut self) {
        let is_open = |of: &Trial| matches!(of.state, State::Open | State::Rounds(_));
        if self.choice.is_some() || self.candidates.iter().any(is_open) {
            return;
        }
        if self.folds_kind == SplitKind::Random && self.split.kind != SplitKind::Random {
            self.remarks += "; they were compared on parts drawn at random, because one stretch of time or one host holds \
                             every crash, which flatters them";
        }
        let tuned: Vec<&Tuned> = self.candidates.iter().filter_map(Trial::tuned).collect();
        let choice = choose(&tuned, &self.shared, &self.options, &self.remarks);
        self.tasks.push_back(Task {
            candidate: 0,
            fold: 0,
            recipe: choice.recipe,
            work: Work::Check,
        });
        self.choice = Some(choice);
    }

    fn evaluate(&mut self, predicted: &[Predicted]) {
        let (Some(choice), Some(predicted)) = (&self.choice, predicted.first()) else {
            return;
        };
        self.evaluation = Some(Evaluation::new(
            &self.split,
            &self.labelled.y,
            &predicted.probabilities,
            choice.threshold.clone(),
        ));
    }
}
