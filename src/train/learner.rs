//! The pieces that training consists of. Each needs the log's features and labels, which do not change, and nothing of the
//! others: the thread that trains performs them one after the other, the workers of a pool side by side, with the same bits.

use std::sync::Arc;

use crate::codec::{self, saved};
use crate::error::Result;
use crate::evaluate::split::{FoldRows, Split};
use crate::features::Dataset;
use crate::model::Model;
use crate::model::bins::{BinnedData, Bins};
use crate::model::boosting::{Booster, Boosting, PausedBooster, WatchedLosses};
use crate::model::forest::Forest;
use crate::model::logistic::LogisticRegression;
use crate::model_file;

use super::candidates::{PENALTIES, Recipe, crash_rate};

/// What every piece of training works on: sent once to each worker of a pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    pub(super) data: Dataset,
    pub(super) y: Arc<Vec<bool>>,
    pub(super) bins: Bins,
    pub(super) seed: u64,
    /// Rows to learn from.
    pub(super) train: Arc<Vec<usize>>,
    /// Rows to check on.
    pub(super) test: Arc<Vec<usize>>,
    /// The parts of the rows to learn from that candidates are compared on.
    pub(super) folds: Arc<Vec<FoldRows>>,
    /// The first so many columns say something of the row alone, the others of the minutes before it.
    pub(super) n_inputs: usize,
    /// What a random split would learn from and check on.
    pub(super) at_random: Option<Arc<FoldRows>>,
}

saved! { struct Shared { data, y, bins, seed, train, test, folds, n_inputs, at_random } }

/// What a model sees of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sees {
    /// A row and the minutes before it.
    Minutes,
    /// A row by itself.
    RowAlone,
}

saved! { enum Sees { 0 = Minutes, 1 = RowAlone } }

/// A piece of training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Task {
    /// Which candidate it is for, by its place among them.
    pub(super) candidate: usize,
    /// The fold that is predicted; of no account for a check.
    pub(super) fold: usize,
    pub(super) recipe: Recipe,
    pub(super) work: Work,
    pub(super) sees: Sees,
}

saved! { struct Task { candidate, fold, recipe, work, sees } }

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Fit on the rest of the training rows, predict the fold's.
    Validate,
    /// Go on boosting on the rest of the training rows, up to so many rounds.
    Boost(usize),
    /// Predict the fold's rows by so many rounds of those boosted.
    PredictBoosted(usize),
    /// Fit on all training rows, predict the rows held out.
    Check,
    /// Fit and predict as a random split would have it.
    CheckAtRandom,
}

saved! {
    enum Work {
        0 = Validate, 1 = Boost(n_rounds), 2 = PredictBoosted(n_rounds), 3 = Check,
        4 = CheckAtRandom,
    }
}

/// What came of a piece of training.
#[derive(Debug, Clone, PartialEq)]
pub struct Performed {
    pub(super) outcome: Outcome,
    /// How long it took, where there was a clock.
    pub(super) seconds: Option<f64>,
}

saved! { struct Performed { outcome, seconds } }

/// What came of a piece of training.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// What each setting that was tried predicted.
    Predicted(Vec<Predicted>),
    /// The log losses on the fold's rows after no round, one round, and so on.
    Losses(Vec<WatchedLosses>),
}

saved! {
    enum Outcome {
        0 = Predicted(predicted), 1 = Losses(losses),
    }
}

/// What a setting predicted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Predicted {
    /// For each row of the fold, or each held-out row.
    pub probabilities: Vec<f64>,
    /// Bytes of the model in a file.
    pub model_bytes: u64,
}

saved! { struct Predicted { probabilities, model_bytes } }

/// Tells the time in seconds; the core has no clock of its own.
pub type Clock<'a> = &'a dyn Fn() -> f64;

/// Performs pieces of training, and keeps what they have in common: binned rows, and boosting that is under way.
pub struct Learner {
    shared: Arc<Shared>,
    binned: BinnedData,
    /// Of each fold, once it was asked for: the bins where they are not those of all training rows.
    own_bins: Vec<Option<Option<(Bins, BinnedData)>>>,
    boosters: Vec<((usize, usize), PausedBooster)>,
    /// Performs what sees rows alone, once it was asked for.
    of_rows_alone: Option<Box<Learner>>,
}

/// Features, labels and bins that a model is fitted on.
#[derive(Clone, Copy)]
pub(super) struct Learn<'a> {
    pub data: &'a Dataset,
    pub y: &'a [bool],
    pub bins: &'a Bins,
    pub binned: &'a BinnedData,
    pub seed: u64,
}

impl Shared {
    /// Finds the bins on the training rows.
    pub(super) fn new(
        data: Dataset,
        y: &[bool],
        split: &Split,
        (folds, seed): (Vec<FoldRows>, u64),
    ) -> Self {
        let n_inputs = data.columns().len();
        Self {
            bins: Bins::fit(&data, y, &split.train),
            data,
            y: y.to_vec().into(),
            seed,
            train: split.train.clone().into(),
            test: split.test.clone().into(),
            folds: folds.into(),
            n_inputs,
            at_random: None,
        }
    }

    /// How many columns are seen.
    pub(super) fn n_columns(&self, sees: Sees) -> usize {
        match sees {
            Sees::Minutes => self.data.columns().len(),
            Sees::RowAlone => self.n_inputs,
        }
    }

    /// The same of the rows alone, in the same memory.
    fn of_rows_alone(&self) -> Self {
        Self {
            data: self.data.first_columns(self.n_inputs),
            bins: self.bins.first(self.n_inputs),
            y: self.y.clone(),
            train: self.train.clone(),
            test: self.test.clone(),
            folds: self.folds.clone(),
            at_random: self.at_random.clone(),
            ..*self
        }
    }

    /// The bytes that go from worker to worker.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_message(self)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// `BadOptions` where something else did.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        codec::from_message(bytes)
    }

    /// The share of crashes among the rows to learn from.
    pub(super) fn crash_rate(&self) -> f64 {
        crash_rate(self.train.iter().map(|&row| &self.y[row]))
    }

    /// The labels of the given rows.
    pub(super) fn labels(&self, rows: &[usize]) -> Vec<bool> {
        rows.iter().map(|&row| self.y[row]).collect()
    }
}

impl Task {
    /// The bytes that go from worker to worker.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_message(self)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// `BadOptions` where something else did.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        codec::from_message(bytes)
    }
}

impl Performed {
    /// The bytes that go from worker to worker.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_message(self)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// `BadOptions` where something else did.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        codec::from_message(bytes)
    }
}

impl Learner {
    /// Bins the rows.
    #[must_use]
    pub fn new(shared: Arc<Shared>) -> Self {
        Self {
            binned: shared.bins.transform(&shared.data),
            own_bins: vec![None; shared.folds.len()],
            boosters: Vec::new(),
            of_rows_alone: None,
            shared,
        }
    }

    /// Performs a piece.
    ///
    /// # Errors
    /// Why a model cannot be fitted: `TooManyColumns`, `NotConverged`.
    pub fn perform(&mut self, task: &Task, clock: Option<Clock<'_>>) -> Result<Performed> {
        let start = clock.map(|now| now());
        let n_columns = self.shared.n_columns(task.sees);
        let outcome = if n_columns < self.shared.data.columns().len() {
            let shared = &self.shared;
            self.of_rows_alone
                .get_or_insert_with(|| Box::new(Self::new(Arc::new(shared.of_rows_alone()))))
                .outcome(task)?
        } else {
            self.outcome(task)?
        };
        let seconds = clock.zip(start).map(|(now, start)| now() - start);
        Ok(Performed { outcome, seconds })
    }

    fn outcome(&mut self, task: &Task) -> Result<Outcome> {
        Ok(match (task.work, self.shared.at_random.as_deref()) {
            (Work::Validate, _) => self.validate(task)?,
            (Work::Boost(n_rounds), _) => self.boost(task, n_rounds),
            (Work::PredictBoosted(n_rounds), _) => self.predict_boosted(task, n_rounds),
            (Work::CheckAtRandom, Some(FoldRows { held, rest })) => self.check(task, rest, held)?,
            (Work::Check | Work::CheckAtRandom, _) => {
                self.check(task, &self.shared.train, &self.shared.test)?
            }
        })
    }

    fn check(&self, task: &Task, train: &[usize], test: &[usize]) -> Result<Outcome> {
        let model = self.learn(None).fit(task.recipe, train)?;
        Ok(Outcome::Predicted(vec![predicted(
            &model,
            &self.shared.data,
            test,
        )]))
    }

    fn validate(&mut self, task: &Task) -> Result<Outcome> {
        self.bin(task.fold);
        let learn = self.learn(Some(task.fold));
        let FoldRows { held, rest } = &self.shared.folds[task.fold];
        let models = match task.recipe {
            // Those of one fold share their design, and each starts where the one before it ended.
            Recipe::Logistic { .. } if learn.has_both(rest) => {
                LogisticRegression::fit_path(learn.data, learn.y, rest, &PENALTIES)?
                    .into_iter()
                    .map(Model::Logistic)
                    .collect()
            }
            recipe => vec![learn.fit(recipe, rest)?],
        };
        let predicted = |model| predicted(model, learn.data, held);
        Ok(Outcome::Predicted(models.iter().map(predicted).collect()))
    }

    fn boost(&mut self, task: &Task, n_rounds: usize) -> Outcome {
        let booster = self.advanced(task, n_rounds);
        let losses = booster.watched_losses().to_vec();
        let paused = booster.pause();
        self.boosters.push(((task.candidate, task.fold), paused));
        Outcome::Losses(losses)
    }

    fn predict_boosted(&mut self, task: &Task, n_rounds: usize) -> Outcome {
        let booster = self.advanced(task, n_rounds);
        let probabilities = booster.watched_probabilities_after(n_rounds);
        let boosting = booster.into_first(n_rounds);
        let model = Model::Boosting(self.learn(Some(task.fold)).bins.clone(), boosting);
        Outcome::Predicted(vec![Predicted {
            probabilities,
            model_bytes: model_file::model_bytes(&model),
        }])
    }

    /// The boosting of this candidate on this fold, at least `n_rounds` far: as it was left, or from the start again.
    fn advanced(&mut self, task: &Task, n_rounds: usize) -> Booster<'_> {
        self.bin(task.fold);
        let key = (task.candidate, task.fold);
        let place = self.boosters.iter().position(|(of, _)| *of == key);
        let paused = place.map(|place| self.boosters.swap_remove(place).1);
        let learn = self.learn(Some(task.fold));
        let FoldRows { held, rest } = &self.shared.folds[task.fold];
        let mut booster = match (paused, task.recipe) {
            (Some(paused), _) => paused.resume(learn.for_trees()),
            (None, Recipe::Boosting(params)) => {
                Booster::new(learn.for_trees(), rest, held, params, learn.seed)
            }
            (None, _) => unreachable!("only boosting is boosted"),
        };
        let done = booster.watched_losses().len() - 1;
        booster.advance(n_rounds.saturating_sub(done));
        booster
    }

    /// Bins the rows for a fold, if that was not done. Bins of numbers are shared; categories stand in the order of their
    /// crash rate, which for a fold must not know the labels of the rows that it predicts.
    fn bin(&mut self, fold: usize) {
        let Shared {
            data,
            y,
            bins,
            folds,
            ..
        } = &*self.shared;
        self.own_bins[fold].get_or_insert_with(|| {
            let bins = bins.refit_categories(data, y, &folds[fold].rest)?;
            let binned = bins.transform(data);
            Some((bins, binned))
        });
    }

    /// What is fitted on: for the given fold, or for all training rows.
    fn learn(&self, fold: Option<usize>) -> Learn<'_> {
        let own = fold.and_then(|fold| self.own_bins[fold].as_ref()?.as_ref());
        let (bins, binned) = own.map_or((&self.shared.bins, &self.binned), |(bins, binned)| {
            (bins, binned)
        });
        Learn {
            data: &self.shared.data,
            y: &self.shared.y,
            bins,
            binned,
            seed: self.shared.seed,
        }
    }
}

/// Fits a recipe on the given rows, from the bins on.
pub(super) fn fit_on(
    recipe: Recipe,
    (data, y): (&Dataset, &[bool]),
    rows: &[usize],
    seed: u64,
) -> Result<Model> {
    let bins = Bins::fit(data, y, rows);
    let learn = Learn {
        data,
        y,
        bins: &bins,
        binned: &bins.transform(data),
        seed,
    };
    Ok(match learn.fit(recipe, rows)? {
        Model::Forest(_, forest) => {
            let forest = forest.scored((learn.binned, y), rows, seed);
            Model::Forest(bins, forest)
        }
        other => other,
    })
}

impl<'a> Learn<'a> {
    /// Fits a recipe on the given rows. One class alone teaches nothing but its rate; a fold of few crashes can be such.
    pub fn fit(self, recipe: Recipe, rows: &[usize]) -> Result<Model> {
        let crashes = rows.iter().filter(|&&row| self.y[row]).count() as f64;
        Ok(match recipe {
            // Half a row keeps a rate that was never seen possible.
            _ if !self.has_both(rows) => {
                Model::BaseRate((crashes + 0.5) / (rows.len() as f64 + 1.0))
            }
            Recipe::BaseRate => Model::BaseRate(crashes / rows.len() as f64),
            Recipe::Logistic { c } => {
                let path = LogisticRegression::fit_path(self.data, self.y, rows, &[c])?;
                Model::Logistic(path.into_iter().next().expect("one penalty was given"))
            }
            Recipe::Boosting(params) => {
                let model = Boosting::fit(self.for_trees(), rows, params, self.seed);
                Model::Boosting(self.bins.clone(), model)
            }
            Recipe::Forest(params) => {
                let model = Forest::fit(self.for_trees(), rows, params, self.seed);
                Model::Forest(self.bins.clone(), model)
            }
        })
    }

    fn for_trees(self) -> (&'a BinnedData, &'a Bins, &'a [bool]) {
        (self.binned, self.bins, self.y)
    }

    fn has_both(self, rows: &[usize]) -> bool {
        rows.iter().any(|&row| self.y[row]) && rows.iter().any(|&row| !self.y[row])
    }
}

fn predicted(model: &Model, data: &Dataset, rows: &[usize]) -> Predicted {
    Predicted {
        probabilities: model.predict_proba(&data.select(rows)),
        model_bytes: model_file::model_bytes(model),
    }
}
