//! Training as a plan: it hands out [`Task`]s, takes in what came of them in any order, and knows what comes next. Who performs
//! the tasks, and how many do, changes nothing of the outcome: boosting is broken off by the losses of all folds together,
//! round by round, whoever reports them when.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::Result;
use crate::evaluate::rule::Rule;
use crate::evaluate::split::{self, FoldRows, Split, SplitChoice, SplitKind};
use crate::features::FeatureSpec;
use crate::numerals::format_number;
use crate::schema::Schema;
use crate::table::Table;

use super::candidates::{PLENTY_OF_ROWS, Recipe, Tuned};
use super::choice::{Choice, choose};
use super::labelled::Labelled;
use super::learner::{Outcome, Performed, Sees, Shared, Task, Work};
use super::trial::{State, Trial};
use super::{Algorithm, Progress, Stage, TrainOptions};

mod finish;

use finish::Refit;

/// Parts the training rows are cut into for the comparison of candidates.
const N_FOLDS: usize = 5;
/// The same for many rows, and for so many that no part is small: the larger the parts, the less depends on where they are cut,
/// and the longer each takes.
const N_FOLDS_OF_MANY: usize = 4;
const N_FOLDS_OF_PLENTY: usize = 3;
/// Training rows that are many.
const MANY_ROWS: usize = 10_000;
/// Rounds boosted at a time: by one learner few, so that few are in vain; by several many, so that they seldom wait.
const ROUNDS_ALONE: usize = 4;
const ROUNDS_TOGETHER: usize = 16;
/// The share of a budget that the comparison may take; the rest is for the check and the fit on all rows.
const SHARE_TO_COMPARE: f64 = 0.6;

/// Steps of progress: one for each candidate, with and without the minutes before a row, and preparation, evaluation and
/// refit.
pub(super) fn n_steps(algorithm: Algorithm) -> u32 {
    3 + Recipe::tried(algorithm).count() as u32
}

/// What stands for a candidate in the task of a check.
const CHOSEN: usize = 0;
const PLAIN: usize = 1;

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
    /// What judges a row by itself, where the choice looks at the minutes before it.
    plain: Option<Choice>,
    checks: Checks,
    /// What the user's rule says.
    rule: Option<Rule>,
    /// The features as learned from the training rows.
    spec: FeatureSpec,
    refit: Option<Refit>,
}

/// What was predicted of held-out rows, raw; empty until it was.
#[derive(Default)]
struct Checks {
    chosen: Vec<f64>,
    plain: Vec<f64>,
    /// Empty where it could not be done; `None` until it was.
    at_random: Option<Vec<f64>>,
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
        let n_folds = match split.train.len() {
            PLENTY_OF_ROWS.. => N_FOLDS_OF_PLENTY,
            n_rows if n_rows > MANY_ROWS => N_FOLDS_OF_MANY,
            _ => N_FOLDS,
        };
        let (folds, folds_kind) = split::folds(&split, labelled.rows(), n_folds, seed);
        let mut shared = Shared::new(data, &labelled.y, &split, (folds, seed));
        shared.n_inputs = spec.inputs().len();
        if split.kind != SplitKind::Random {
            let at_random = split::hold_out(labelled.rows(), SplitChoice::Random, seed).ok();
            shared.at_random = at_random.map(|split| {
                Arc::new(FoldRows {
                    held: split.test,
                    rest: split.train,
                })
            });
        }
        let rule = options.rule.as_deref().map(|text| Rule::parse(text, table));
        let views = match spec.windows() {
            Some(_) => &[Sees::RowAlone, Sees::Minutes][..],
            None => &[Sees::RowAlone],
        };
        let mut candidates = Vec::new();
        for &sees in views {
            for recipe in Recipe::tried(options.algorithm) {
                let recipe = match folds_kind {
                    SplitKind::Random => recipe,
                    _ => recipe.sized(&shared),
                };
                candidates.push(Trial::new(recipe, sees, &shared));
            }
        }
        let mut plan = Self {
            candidates,
            rule: rule.transpose()?,
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
            plain: None,
            checks: Checks::default(),
            spec,
            refit: None,
        };
        for candidate in 0..plan.candidates.len() {
            let Trial { recipe, sees, .. } = plan.candidates[candidate];
            if sees == Sees::Minutes && recipe.is_too_much(&plan.shared, sees) {
                plan.leave_out(candidate);
                continue;
            }
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
        let Checks {
            chosen,
            plain,
            at_random,
        } = &self.checks;
        self.choice.is_some()
            && !chosen.is_empty()
            && (self.plain.is_none() || !plain.is_empty())
            && (self.shared.at_random.is_none() || at_random.is_some())
    }

    /// Where the training stands.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let is_open = |of: &Trial| matches!(of.state, State::Open | State::Rounds(_));
        // A candidate is settled once it is both with and without the minutes before a row.
        let n_recipes = Recipe::tried(self.options.algorithm).count();
        let mut open = self
            .candidates
            .chunks(n_recipes)
            .flat_map(|view| (0..).zip(view));
        let trying = open.find(|(_, of)| is_open(of)).map(|(_, of)| of.recipe);
        let is_settled = |at: &usize| {
            let mut views = self.candidates.chunks(n_recipes);
            views.all(|view| !is_open(&view[*at]))
        };
        let n_open = n_recipes - (0..n_recipes).filter(is_settled).count();
        let (stage, message, left) = match (trying, self.is_evaluated()) {
            (Some(recipe), _) => (Stage::Validate, recipe.trying(), n_open + 2),
            (None, false) => (Stage::Evaluate, "checking on the held-out rows", 2),
            (None, true) => (Stage::Refit, "learning from all rows", 1),
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
            // One candidate that cannot be fitted is no reason to have none; where one algorithm was asked for, rows alone
            // are left to it.
            Err(error)
                if (self.options.algorithm == Algorithm::Auto || task.sees == Sees::Minutes)
                    && !matches!(task.work, Work::Check | Work::CheckAtRandom) =>
            {
                let name = task.recipe.words();
                let seen = match task.sees {
                    Sees::Minutes => " on the minutes before a row",
                    Sees::RowAlone => "",
                };
                self.remarks += &format!("; {name}{seen} was left out: {error}");
                self.leave_out(task.candidate);
                self.choose_if_settled();
                return Ok(());
            }
            // It only stands beside the figures.
            Err(_) if task.work == Work::CheckAtRandom => {
                self.checks.at_random = Some(Vec::new());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let of = &mut self.candidates[task.candidate];
        match (task.work, outcome) {
            (Work::Check | Work::CheckAtRandom, Outcome::Predicted(predicted)) => {
                let checked = match task.work {
                    Work::CheckAtRandom => self.checks.at_random.insert(Vec::new()),
                    _ if task.candidate == PLAIN => &mut self.checks.plain,
                    _ => &mut self.checks.chosen,
                };
                *checked = predicted
                    .into_iter()
                    .next()
                    .map_or(Vec::new(), |of| of.probabilities);
                return Ok(());
            }
            (_, Outcome::Predicted(predicted)) => of.predicted[task.fold] = Some(predicted),
            (_, Outcome::Losses(losses)) => of.losses[task.fold] = losses,
        }
        // A check is not what its candidate took.
        of.seconds = seconds.map(|seconds| seconds + of.seconds.unwrap_or(0.0));
        self.go_on(task.candidate);
        Ok(())
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
        let Trial { recipe, sees, .. } = self.candidates[candidate];
        let recipe = recipe.to_validate(&self.shared, sees);
        let task = |fold| Task {
            candidate,
            fold,
            recipe,
            work,
            sees,
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
        let mut alone = self.choice_of(Sees::RowAlone);
        let can_look_back = |of: &Trial| {
            of.sees == Sees::Minutes && of.recipe != Recipe::BaseRate && of.tuned().is_some()
        };
        let (sees, choice) = match self.candidates.iter().any(can_look_back) {
            false => (Sees::RowAlone, alone),
            true => {
                let choice = self.choice_of(Sees::Minutes);
                // Where one tells rows apart and the other does not, their losses differ by the luck of the folds alone.
                let is_better = match (choice.tells_apart, alone.tells_apart) {
                    (true, true) => choice.log_loss < alone.log_loss,
                    (tells_apart, _) => tells_apart,
                };
                if is_better {
                    self.plain = Some(alone);
                    (Sees::Minutes, choice)
                } else {
                    alone.reason +=
                        "; the minutes before a row were looked at too, and helped nothing";
                    (Sees::RowAlone, alone)
                }
            }
        };
        self.check(CHOSEN, (&choice, sees), Work::Check);
        if let Some(plain) = self.plain.take() {
            self.check(PLAIN, (&plain, Sees::RowAlone), Work::Check);
            self.plain = Some(plain);
        }
        if self.shared.at_random.is_some() {
            self.check(CHOSEN, (&choice, sees), Work::CheckAtRandom);
        }
        self.choice = Some(choice);
    }

    /// The best of the candidates that see so much.
    fn choice_of(&self, sees: Sees) -> Choice {
        let of_view = self.candidates.iter().filter(|of| of.sees == sees);
        let tuned: Vec<&Tuned> = of_view.filter_map(Trial::tuned).collect();
        choose(&tuned, &self.shared, &self.options, &self.remarks)
    }

    fn check(&mut self, candidate: usize, (choice, sees): (&Choice, Sees), work: Work) {
        self.tasks.push_back(Task {
            candidate,
            fold: 0,
            recipe: choice.recipe,
            work,
            sees,
        });
    }
}
