//! What is tried, the simplest first, and how far the work allows for it.

use crate::codec::saved;
use crate::evaluate::metrics::log_loss;
use crate::model::calibration::{Calibration, UnseenFold};
use crate::model::{boosting, forest};

use super::Algorithm;
use super::learner::{Predicted, Sees, Shared};
use crate::numerals::format_number;

/// A model that can be fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Recipe {
    BaseRate,
    Logistic {
        /// Inverse strength of the penalty.
        c: f64,
    },
    Boosting(boosting::Params),
    Forest(forest::Params),
}

saved! {
    enum Recipe {
        0 = BaseRate, 1 = Logistic { c }, 2 = Boosting(params),
        3 = Forest(params),
    }
}

/// The inverse strengths of the penalty that logistic regression tries, the strongest first.
pub(super) const PENALTIES: [f64; 4] = [0.001, 0.01, 0.1, 1.0];

/// Boosting of small trees, which add up single effects and simple combinations. Every tree sees all rows: on the log of
/// `make bench`, 8 times 8,000 rows, shares of 0.8 and 0.5 changed the held-out log loss by 0.3 % at most, mostly for the worse,
/// and saved no time.
const SHALLOW: boosting::Params = boosting::Params {
    n_rounds: 0,
    learning_rate: 0.1,
    max_leaves: 8,
    min_leaf_weight: LEAF_WEIGHTS.0,
    lambda: 1.0,
    feature_share: 0.8,
    row_share: 1.0,
};
/// Boosting of larger trees, for combinations of many metrics.
const DEEP: boosting::Params = boosting::Params {
    max_leaves: 31,
    ..SHALLOW
};

/// The recipes in the order of simplicity.
const ALL: [Recipe; 5] = [
    Recipe::BaseRate,
    Recipe::Logistic { c: 1.0 },
    Recipe::Boosting(SHALLOW),
    Recipe::Boosting(DEEP),
    Recipe::Forest(forest::Params {
        n_trees: 100,
        min_leaf_rows: 5,
        max_leaves: 1 << 14,
    }),
];

/// A leaf of boosting weighs at least this share of all rows, within bounds, where the model is asked about another time or
/// host: rows of one hour resemble each other, so that they are fewer than they seem.
const LEAF_SHARE: f64 = 0.04;
const LEAF_WEIGHTS: (f64, f64) = (2.0, 10.0);

/// Rounds of boosting at most.
const MAX_ROUNDS: usize = 400;
/// Rounds of boosting at least, whatever the work; of plenty of rows more can be learned than so few rounds say.
const MIN_ROUNDS: usize = 30;
const MIN_ROUNDS_OF_PLENTY: usize = 60;
/// Training rows that are plenty.
pub(super) const PLENTY_OF_ROWS: usize = 200_000;
/// Cells that all folds of one boosting candidate may count together: some seconds' work on any machine. Counted, not
/// timed, so that every machine chooses the same model.
const WORK: f64 = 5e8;
/// Trees of a forest at least.
const MIN_TREES: usize = 20;
/// Levels of a tree that is grown out, about.
const TREE_DEPTH: f64 = 10.0;
/// How often a boosted tree counts a cell: the smaller half of the rows on each level, about.
const LEVELS_COUNTED: f64 = 2.5;

impl Recipe {
    /// What is tried, the simplest first. The base rate always is: it is what the others are measured by.
    pub fn tried(algorithm: Algorithm) -> impl Iterator<Item = Self> {
        ALL.into_iter().filter(move |recipe| {
            algorithm == Algorithm::Auto || *recipe == Self::BaseRate || recipe.is_of(algorithm)
        })
    }

    /// The same with the leaves of boosting as heavy as suits rows that resemble their neighbours.
    pub fn sized(self, shared: &Shared) -> Self {
        let Self::Boosting(params) = self else {
            return self;
        };
        let rate = shared.crash_rate();
        let weight = rate * (1.0 - rate) * shared.train.len() as f64;
        Self::Boosting(boosting::Params {
            min_leaf_weight: (LEAF_SHARE * weight).clamp(LEAF_WEIGHTS.0, LEAF_WEIGHTS.1),
            ..params
        })
    }

    /// Whether this is what an algorithm that was asked for means.
    pub fn is_of(self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::Auto => false,
            Algorithm::Logistic => matches!(self, Self::Logistic { .. }),
            Algorithm::Boosting => matches!(self, Self::Boosting(_)),
            Algorithm::Forest => matches!(self, Self::Forest(_)),
        }
    }

    /// A forest with as many trees as the work allows for: fewer trees predict a little worse, so that a forest that is
    /// taken all the same will do a little better than it was measured.
    pub fn to_validate(self, shared: &Shared, sees: Sees) -> Self {
        let Self::Forest(params) = self else {
            return self;
        };
        let asked = forest::n_asked(shared.n_columns(sees)) as f64;
        let of_a_fold = |n_rows: f64| {
            asked * (n_rows * TREE_DEPTH + n_rows / f64::from(params.min_leaf_rows) * 256.0)
        };
        let rows = shared.folds.iter().map(|fold| fold.rest.len() as f64);
        let n_trees = (WORK / rows.map(of_a_fold).sum::<f64>()) as usize;
        let n_trees = n_trees.clamp(MIN_TREES, params.n_trees);
        Self::Forest(forest::Params { n_trees, ..params })
    }

    /// Whether the work does not allow for it: the linear solve grows with the square of the columns.
    pub fn is_too_much(self, shared: &Shared, sees: Sees) -> bool {
        let n_columns = shared.n_columns(sees) as f64;
        let rows = shared.folds.iter().map(|fold| fold.rest.len() as f64);
        matches!(self, Self::Logistic { .. }) && rows.sum::<f64>() * n_columns * n_columns > WORK
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::BaseRate => "base-rate",
            Self::Logistic { .. } => "logistic",
            Self::Boosting(_) => "boosting",
            Self::Forest(_) => "forest",
        }
    }

    /// What is being done while it is tried.
    pub fn trying(self) -> &'static str {
        match self {
            Self::BaseRate => "trying the base rate",
            Self::Logistic { .. } => "trying logistic regression",
            Self::Boosting(params) if params.max_leaves == SHALLOW.max_leaves => {
                "trying boosting of small trees"
            }
            Self::Boosting(_) => "trying boosting of larger trees",
            Self::Forest(_) => "trying a random forest",
        }
    }

    /// In words, one of boosting told from another.
    pub fn words(self) -> &'static str {
        let trying = self.trying();
        trying.strip_prefix("trying ").unwrap_or(trying)
    }

    /// Its settings in words; empty where it has none.
    pub fn setting(self) -> String {
        match self {
            Self::BaseRate => String::new(),
            Self::Logistic { c } => format!("C = {}", format_number(c)),
            Self::Boosting(params) => format!(
                "{} trees of up to {} leaves",
                params.n_rounds, params.max_leaves
            ),
            Self::Forest(params) => format!("{} trees", params.n_trees),
        }
    }
}

/// The most rounds of boosting that the work allows for.
pub(super) fn max_rounds(shared: &Shared, sees: Sees) -> usize {
    let rows = shared.folds.iter().map(|fold| fold.rest.len() as f64);
    let cells = rows.sum::<f64>() * shared.n_columns(sees) as f64;
    let least = match shared.train.len() {
        PLENTY_OF_ROWS.. => MIN_ROUNDS_OF_PLENTY,
        _ => MIN_ROUNDS,
    };
    ((WORK / (LEVELS_COUNTED * cells)) as usize).clamp(least, MAX_ROUNDS)
}

/// A candidate whose settings were found, and what it predicted for rows it had not seen.
pub(super) struct Tuned {
    pub recipe: Recipe,
    /// What makes its probabilities hold; none for the base rate.
    pub calibration: Option<Calibration>,
    /// The log loss on each fold.
    pub losses: Vec<f64>,
    /// The probabilities of each fold's rows, in their order, calibrated by the other folds.
    pub predictions: Vec<Vec<f64>>,
    /// The same, calibrated by all of them: what a threshold is compared with.
    pub calibrated: Vec<Vec<f64>>,
    /// Bytes of the model in a file, the mean over the folds.
    pub model_bytes: u64,
}

impl Tuned {
    /// Takes the setting of the least mean loss of those that `recipe` tried, each calibrated; `predicted` has what each
    /// predicted, for each fold. A fold's own figures are those of the setting that is best on the others: the more settings
    /// are tried, the better the best of them looks by chance.
    pub fn new(recipe: Recipe, predicted: &[Vec<Predicted>], shared: &Shared) -> Self {
        let labels: Vec<Vec<bool>> = shared
            .folds
            .iter()
            .map(|fold| shared.labels(&fold.held))
            .collect();
        let n_settings = predicted.iter().map(Vec::len).max().unwrap_or(1);
        let rates = (crash_rate(labels.iter().flatten()), shared.crash_rate());
        let settings: Vec<Setting> = (0..n_settings)
            .map(|setting| Setting::new(recipe, (predicted, setting), &labels, rates))
            .collect();
        let best = |without: Option<usize>| {
            let of = |setting: usize| -> f64 {
                let losses = settings[setting].losses.iter().enumerate();
                let others = losses.filter(|(fold, _)| Some(*fold) != without);
                others.map(|(_, loss)| loss).sum()
            };
            (0..n_settings)
                .min_by(|&a, &b| of(a).total_cmp(&of(b)))
                .unwrap_or(0)
        };
        let chosen: Vec<usize> = (0..predicted.len()).map(|fold| best(Some(fold))).collect();
        let bytes = predicted.iter().zip(&chosen);
        let bytes: u64 = bytes
            .map(|(of, &setting)| of[at(of.len(), setting)].model_bytes)
            .sum();
        let taken = &settings[best(None)];
        Self {
            recipe: match recipe {
                Recipe::Logistic { .. } => Recipe::Logistic {
                    c: PENALTIES[best(None)],
                },
                recipe => recipe,
            },
            calibration: taken.calibration.clone(),
            losses: (0..)
                .zip(&chosen)
                .map(|(fold, &of)| settings[of].losses[fold])
                .collect(),
            predictions: (0..)
                .zip(&chosen)
                .map(|(fold, &of): (usize, &usize)| settings[of].predictions[fold].clone())
                .collect(),
            calibrated: (0..predicted.len())
                .map(|fold| taken.calibrated(&predicted[fold], best(None)))
                .collect(),
            model_bytes: bytes / predicted.len().max(1) as u64,
        }
    }
}

/// A setting of a candidate, calibrated.
struct Setting {
    calibration: Option<Calibration>,
    predictions: Vec<Vec<f64>>,
    losses: Vec<f64>,
}

impl Setting {
    fn new(
        recipe: Recipe,
        (predicted, setting): (&[Vec<Predicted>], usize),
        labels: &[Vec<bool>],
        (of_folds, of_all): (f64, f64),
    ) -> Self {
        let raw = |fold: usize| {
            let of: &Vec<Predicted> = &predicted[fold];
            &of[at(of.len(), setting)].probabilities[..]
        };
        let (calibration, predictions) = if recipe == Recipe::BaseRate || labels.len() < 2 {
            let as_they_are = (0..labels.len()).map(|fold| raw(fold).to_vec());
            (None, as_they_are.collect())
        } else {
            let folds: Vec<UnseenFold<'_>> = (0..labels.len())
                .map(|fold| UnseenFold {
                    y: &labels[fold],
                    probabilities: raw(fold),
                })
                .collect();
            let (calibration, judged) = Calibration::fit_and_judge(&folds);
            // The folds need not cover all rows that are learned from.
            (Some(calibration.anchored(of_folds, of_all)), judged)
        };
        let pairs = labels.iter().zip(&predictions);
        Self {
            losses: pairs.map(|(y, of)| log_loss(y, of)).collect(),
            calibration,
            predictions,
        }
    }

    /// The probabilities of a fold's rows by the calibration of all folds.
    fn calibrated(&self, predicted: &[Predicted], setting: usize) -> Vec<f64> {
        let mut probabilities = predicted[at(predicted.len(), setting)]
            .probabilities
            .clone();
        if let Some(calibration) = &self.calibration {
            calibration.apply_to(&mut probabilities);
        }
        probabilities
    }
}

/// Which of a fold's settings is the given one: a fold that taught one only, the rate of its rows, teaches the others the same.
fn at(n_settings: usize, setting: usize) -> usize {
    setting.min(n_settings - 1)
}

/// The share of crashes. Half a row keeps a rate possible that was never seen.
pub(super) fn crash_rate<'a>(labels: impl Iterator<Item = &'a bool>) -> f64 {
    let (mut n_rows, mut crashes) = (1.0, 0.5);
    for &crashed in labels {
        n_rows += 1.0;
        crashes += f64::from(crashed);
    }
    crashes / n_rows
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
