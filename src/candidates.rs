//! What is tried and how one of it is chosen: cross-validation on the training rows, log loss, and the one-standard-error
//! rule, so that the simpler candidate wins what is within the noise.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::evaluate::metrics::log_loss;
use crate::features::Dataset;
use crate::model::Model;
use crate::model::bins::{BinnedData, Bins};
use crate::model::boosting::{self, Booster, Boosting};
use crate::model::forest::{self, Forest};
use crate::model::logistic::{self, LogisticRegression};

/// How a candidate did in cross-validation on the training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// Its name.
    pub algorithm: String,
    /// Its settings, in words; empty where it has none.
    pub setting: String,
    /// Mean log loss over the folds, in nats.
    pub log_loss: f64,
    /// Standard error of that mean. The choice goes by that of the difference to the best, fold by fold, which is less.
    pub spread: f64,
    /// Whether it was taken.
    pub chosen: bool,
}

/// A model that can be fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Recipe {
    BaseRate,
    Logistic,
    Boosting(boosting::Params),
    Forest(forest::Params),
}

/// Boosting of small trees, which add up single effects and simple combinations.
const SHALLOW: boosting::Params = boosting::Params {
    n_rounds: 0,
    learning_rate: 0.1,
    max_leaves: 8,
    min_leaf_weight: 2.0,
    lambda: 1.0,
    feature_share: 0.8,
};
/// Boosting of larger trees, for combinations of many metrics.
const DEEP: boosting::Params = boosting::Params {
    max_leaves: 31,
    ..SHALLOW
};

/// The recipes in the order of simplicity.
pub(crate) const ALL: [Recipe; 5] = [
    Recipe::BaseRate,
    Recipe::Logistic,
    Recipe::Boosting(SHALLOW),
    Recipe::Boosting(DEEP),
    Recipe::Forest(forest::Params {
        n_trees: 100,
        min_leaf_rows: 5,
        max_leaves: 1 << 14,
    }),
];

/// Rounds of boosting without a gain before it is broken off.
const PATIENCE: usize = 12;
/// Rounds of boosting at most.
const MAX_ROUNDS: usize = 400;
/// Rounds of boosting at least, where the work allows for more.
const MIN_ROUNDS: usize = 30;
/// Cells that all folds of one boosting candidate may count together: some seconds' work on any machine. Counted, not
/// timed, so that every machine chooses the same model.
const WORK: f64 = 5e8;
/// Trees of a forest at least.
const MIN_TREES: usize = 20;
/// Levels of a tree that is grown out, about.
const TREE_DEPTH: f64 = 10.0;
/// How often a boosted tree counts a cell: the smaller half of the rows on each level, about.
const LEVELS_COUNTED: f64 = 2.5;

/// Features and labels, with the bins that all trees share.
pub(crate) struct Learn<'a> {
    pub data: &'a Dataset,
    pub y: &'a [bool],
    pub seed: u64,
    bins: Cow<'a, Bins>,
    binned: Cow<'a, BinnedData>,
}

/// A part of the training rows that a model fitted on the rest predicts.
pub(crate) struct Fold<'a> {
    learn: Learn<'a>,
    rest: Vec<usize>,
    /// The rows that are predicted.
    pub held: Vec<usize>,
}

impl<'a> Learn<'a> {
    /// Finds the bins on `rows` and bins all rows.
    pub fn new(data: &'a Dataset, y: &'a [bool], rows: &[usize], seed: u64) -> Self {
        let bins = Bins::fit(data, y, rows);
        let binned = Cow::Owned(bins.transform(data));
        Self {
            data,
            y,
            seed,
            bins: Cow::Owned(bins),
            binned,
        }
    }

    /// The folds of `rows` that `parts` are. Bins of numbers are shared; categories stand in the order of their crash
    /// rate, which for a fold must not know the labels of the rows that it predicts.
    pub fn folds(&self, rows: &[usize], parts: Vec<Vec<usize>>) -> Vec<Fold<'_>> {
        let fold = |held: Vec<usize>| {
            let rest = without(rows, &held, self.y.len());
            let (bins, binned) = match self.bins.refit_categories(self.data, self.y, &rest) {
                None => (Cow::Borrowed(&*self.bins), Cow::Borrowed(&*self.binned)),
                Some(bins) => {
                    let binned = Cow::Owned(bins.transform(self.data));
                    (Cow::Owned(bins), binned)
                }
            };
            let learn = Learn {
                data: self.data,
                y: self.y,
                seed: self.seed,
                bins,
                binned,
            };
            Fold { learn, rest, held }
        };
        parts.into_iter().map(fold).collect()
    }

    /// Fits a recipe on the given rows. One class alone teaches nothing but its rate; a fold of few crashes can be such.
    pub fn fit(&self, recipe: Recipe, rows: &[usize]) -> Result<Model> {
        let crashes = rows.iter().filter(|&&row| self.y[row]).count();
        let shared = self.shared();
        Ok(match recipe {
            // Half a row keeps a rate that was never seen possible.
            _ if crashes == 0 || crashes == rows.len() => {
                Model::BaseRate((crashes as f64 + 0.5) / (rows.len() as f64 + 1.0))
            }
            Recipe::BaseRate => Model::BaseRate(crashes as f64 / rows.len() as f64),
            Recipe::Logistic => {
                let params = logistic::Params::default().check()?;
                Model::Logistic(LogisticRegression::fit(self.data, self.y, rows, params)?)
            }
            Recipe::Boosting(params) => {
                let model = Boosting::fit(shared, rows, params, self.seed);
                Model::Boosting(self.bins.clone().into_owned(), model)
            }
            Recipe::Forest(params) => {
                let model = Forest::fit(shared, rows, params, self.seed);
                Model::Forest(self.bins.clone().into_owned(), model)
            }
        })
    }

    fn shared(&self) -> (&BinnedData, &Bins, &[bool]) {
        (&self.binned, &self.bins, self.y)
    }

    /// Predicts each fold by a model fitted on the others; of boosting finds the best number of rounds.
    pub fn validate(&self, recipe: Recipe, folds: &[Fold<'_>]) -> Result<Validation> {
        if let Recipe::Boosting(params) = recipe {
            return Ok(self.validate_boosting(params, folds));
        }
        let tried = self.within_work(recipe, folds);
        let predict = |fold: &Fold<'_>| {
            let model = fold.learn.fit(tried, &fold.rest)?;
            Ok(model.predict_proba(&self.data.select(&fold.held)))
        };
        let predictions: Vec<Vec<f64>> = folds.iter().map(predict).collect::<Result<_>>()?;
        Ok(self.scored(recipe, folds, predictions))
    }

    /// Boosts all folds side by side, until their mean loss has not fallen for a while; keeps the rounds of the least mean.
    fn validate_boosting(&self, params: boosting::Params, folds: &[Fold<'_>]) -> Validation {
        let mut boosters: Vec<Booster<'_>> = Vec::with_capacity(folds.len());
        for Fold { learn, rest, held } in folds {
            boosters.push(Booster::new(learn.shared(), rest, held, params, self.seed));
        }
        let after = |n_rounds: usize, boosters: &[Booster<'_>]| {
            let recipe = Recipe::Boosting(boosting::Params { n_rounds, ..params });
            let predictions = boosters
                .iter()
                .map(|booster| booster.watched_probabilities().collect());
            self.scored(recipe, folds, predictions.collect())
        };
        let (mut best, mut best_round) = (after(0, &boosters), 0);
        for round in 1..=self.max_rounds(folds) {
            boosters.iter_mut().for_each(|booster| booster.advance(1));
            let now = after(round, &boosters);
            if mean(&now.losses) < mean(&best.losses) {
                (best, best_round) = (now, round);
            } else if round >= best_round + PATIENCE {
                break;
            }
        }
        best
    }

    fn scored(&self, recipe: Recipe, folds: &[Fold<'_>], predictions: Vec<Vec<f64>>) -> Validation {
        let loss = |(fold, predicted): (&Fold<'_>, &Vec<f64>)| {
            log_loss(&self.labels(&fold.held), predicted)
        };
        let losses = folds.iter().zip(&predictions).map(loss).collect();
        Validation {
            recipe,
            losses,
            predictions,
        }
    }

    /// A forest with as many trees as the work allows for: fewer trees predict a little worse, so that a forest that is
    /// taken all the same will do a little better than it was measured.
    fn within_work(&self, recipe: Recipe, folds: &[Fold<'_>]) -> Recipe {
        let Recipe::Forest(params) = recipe else {
            return recipe;
        };
        let asked = forest::n_asked(self.binned.n_features()) as f64;
        let of_a_fold = |fold: &Fold<'_>| {
            let n_rows = fold.rest.len() as f64;
            asked * (n_rows * TREE_DEPTH + n_rows / f64::from(params.min_leaf_rows) * 256.0)
        };
        let n_trees = (WORK / folds.iter().map(of_a_fold).sum::<f64>()) as usize;
        let n_trees = n_trees.clamp(MIN_TREES, params.n_trees);
        Recipe::Forest(forest::Params { n_trees, ..params })
    }

    fn max_rounds(&self, folds: &[Fold<'_>]) -> usize {
        let n_rows: f64 = folds.iter().map(|fold| fold.rest.len() as f64).sum();
        let cells = n_rows * self.binned.n_features() as f64;
        ((WORK / (LEVELS_COUNTED * cells)) as usize).clamp(MIN_ROUNDS, MAX_ROUNDS)
    }

    /// The labels of the given rows.
    pub fn labels(&self, rows: &[usize]) -> Vec<bool> {
        rows.iter().map(|&row| self.y[row]).collect()
    }
}

/// What a recipe predicted for rows it had not seen.
pub(crate) struct Validation {
    /// The recipe, with what validation found for it.
    pub recipe: Recipe,
    /// The log loss on each fold.
    pub losses: Vec<f64>,
    /// The probabilities of each fold's rows, in their order.
    pub predictions: Vec<Vec<f64>>,
}

impl Validation {
    /// The candidate that this was.
    pub fn candidate(&self) -> Candidate {
        let setting = match self.recipe {
            Recipe::BaseRate | Recipe::Logistic => String::new(),
            Recipe::Boosting(params) => {
                format!(
                    "{} trees of up to {} leaves",
                    params.n_rounds, params.max_leaves
                )
            }
            Recipe::Forest(params) => format!("{} trees", params.n_trees),
        };
        let (log_loss, spread) = mean_and_standard_error(&self.losses);
        Candidate {
            algorithm: self.recipe.name().to_owned(),
            setting,
            log_loss,
            spread,
            chosen: false,
        }
    }
}

impl Recipe {
    pub fn name(self) -> &'static str {
        match self {
            Self::BaseRate => "base-rate",
            Self::Logistic => "logistic",
            Self::Boosting(_) => "boosting",
            Self::Forest(_) => "forest",
        }
    }

    /// What is being done while it is tried.
    pub fn trying(self) -> &'static str {
        match self {
            Self::BaseRate => "trying the base rate",
            Self::Logistic => "trying logistic regression",
            Self::Boosting(params) if params.max_leaves == SHALLOW.max_leaves => {
                "trying boosting of small trees"
            }
            Self::Boosting(_) => "trying boosting of larger trees",
            Self::Forest(_) => "trying a random forest",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::BaseRate => "the base rate",
            Self::Logistic => "logistic regression",
            Self::Boosting(_) => "boosting",
            Self::Forest(_) => "a random forest",
        }
    }
}

/// The simplest of the candidates, simplest first, whose loss is within one standard error of the best one's (Breiman et
/// al., *Classification and Regression Trees*, 1984, 3.4.3); the error is that of the difference, fold by fold.
pub(crate) fn simplest_good(candidates: &[Validation]) -> usize {
    let losses: Vec<&Vec<f64>> = candidates
        .iter()
        .map(|candidate| &candidate.losses)
        .collect();
    let best = (0..losses.len()).min_by(|&a, &b| mean(losses[a]).total_cmp(&mean(losses[b])));
    let Some(best) = best else { return 0 };
    let is_good = |losses_of: &&Vec<f64>| {
        let behind: Vec<f64> = losses_of
            .iter()
            .zip(losses[best])
            .map(|(loss, best)| loss - best)
            .collect();
        let (mean, error) = mean_and_standard_error(&behind);
        mean <= error
    };
    losses.iter().position(is_good).unwrap_or(best)
}

/// `rows` that are not in `fold`, in their order; all are below `n_rows`.
fn without(rows: &[usize], fold: &[usize], n_rows: usize) -> Vec<usize> {
    let mut in_fold = vec![false; n_rows];
    fold.iter().for_each(|&row| in_fold[row] = true);
    rows.iter().copied().filter(|&row| !in_fold[row]).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn mean_and_standard_error(values: &[f64]) -> (f64, f64) {
    let (mean, count) = (mean(values), values.len() as f64);
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (mean, libm::sqrt(squares / (count - 1.0).max(1.0) / count))
}
