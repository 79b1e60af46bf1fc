//! Candidates, their comparison on the training rows, the check on held-out rows, and the fit of the saved model on all.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::candidates::{ALL, Candidate, Fold, Learn, Recipe, Validation, simplest_good};
use crate::error::{Error, Result};
use crate::evaluate::metrics::Ranking;
use crate::evaluate::split::{self, Split, SplitChoice};
use crate::evaluate::{Evaluation, Threshold, threshold};
use crate::features::{Dataset, FeatureSpec};
use crate::predictor::{CrashPredictor, check_threshold};
use crate::provenance::Provenance;
use crate::schema::{Role, RoleOptions, Schema};
use crate::table::Table;

/// What to learn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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

/// How to train; what is left out is found by itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(default, rename_all = "camelCase")]
pub struct TrainOptions {
    /// What the user says about the roles.
    #[serde(flatten)]
    pub roles: RoleOptions,
    /// What to learn with.
    pub algorithm: Algorithm,
    /// Which rows to check on.
    pub split: SplitChoice,
    /// Probability from which on a crash is predicted, above 0 up to 1; the best F1 on the training rows where left out.
    pub threshold: Option<f64>,
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

/// Parts the training rows are cut into for the comparison of candidates.
const N_FOLDS: usize = 5;
/// The same for many rows: the larger the parts, the less depends on where they are cut, and the longer each takes.
const N_FOLDS_OF_MANY: usize = 4;
/// Training rows that are many.
const MANY_ROWS: usize = 10_000;
/// Steps of progress besides the candidates: preparation, evaluation, refit.
const OTHER_STEPS: u32 = 3;

/// Told where training stands; breaking off cancels it.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Trains on the rows of `table` that have a label.
///
/// # Errors
/// Whatever [`Schema::problem`] names, `TooFewRows`, `BadOption`, `NotConverged`, and `Cancelled` where `on_progress` broke off.
pub fn train(
    table: &Table,
    options: &TrainOptions,
    on_progress: OnProgress<'_>,
) -> Result<CrashPredictor> {
    options.threshold.map_or(Ok(()), check_threshold)?;
    let n_candidates = options.algorithm.recipes().count() as u32;
    let mut steps = Steps {
        done: 0,
        total: OTHER_STEPS + n_candidates,
        on_progress,
    };
    steps.next(Stage::Prepare, "finding the label and splitting the rows")?;
    let schema = Schema::new(table, &options.roles)?;
    if let Some(problem) = schema.problem() {
        return Err(problem);
    }
    let labelled = Labelled::new(table, &schema)?;
    let split = split::hold_out(
        &labelled.y,
        labelled.time.as_deref(),
        options.split,
        options.seed.into(),
    )?;

    let training = labelled.fit_data(table, &schema, &split.train)?;
    let learn = Learn::new(
        &training.data,
        &labelled.y,
        &split.train,
        options.seed.into(),
    );
    let problem = Problem {
        learn,
        split: &split,
    };
    let choice = problem.choose(options, &mut steps)?;

    steps.next(Stage::Evaluate, "checking on the held-out rows")?;
    let evaluation = problem.evaluate(&choice)?;

    steps.next(Stage::Refit, "learning from all rows")?;
    let all: Vec<usize> = (0..labelled.y.len()).collect();
    let whole = labelled.fit_data(table, &schema, &all)?;
    let learn = Learn::new(&whole.data, &labelled.y, &all, options.seed.into());
    let model = learn.fit(choice.recipe, &all)?;
    let provenance = Provenance {
        n_rows_without_label: (table.n_rows() - labelled.rows.len()) as u64,
        candidates: choice.candidates,
        algorithm_reason: choice.reason,
        ..Provenance::new(&schema, schema.label()?, &labelled.y, options.seed)
    };
    Ok(CrashPredictor::new(
        whole.spec, model, evaluation, provenance,
    ))
}

/// Counts the steps and asks whether to go on.
struct Steps<'a> {
    done: u32,
    total: u32,
    on_progress: OnProgress<'a>,
}

impl Steps<'_> {
    fn next(&mut self, stage: Stage, message: &'static str) -> Result<()> {
        let progress = Progress {
            stage,
            message,
            done: self.done,
            total: self.total,
        };
        self.done += 1;
        match (self.on_progress)(progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Cancelled),
        }
    }
}

/// The rows that have a label; every row index of training counts these.
struct Labelled {
    /// Their rows in the table.
    rows: Vec<usize>,
    y: Vec<bool>,
    time: Option<Vec<f64>>,
}

/// The features of the labelled rows, as learned from some of them.
struct FitData {
    spec: FeatureSpec,
    data: Dataset,
}

impl Labelled {
    fn new(table: &Table, schema: &Schema) -> Result<Self> {
        let labels = schema.labels(table)?;
        let (rows, y): (Vec<usize>, Vec<bool>) = labels
            .iter()
            .enumerate()
            .filter_map(|(row, label)| Some((row, (*label)?)))
            .unzip();
        let time = schema
            .named(Role::Time)
            .next()
            .and_then(|name| table.column(name))
            .map(|column| rows.iter().map(|&row| column.time_at(row)).collect());
        Ok(Self { rows, y, time })
    }

    /// Learns the features from the labelled rows `rows` and transforms all labelled rows.
    fn fit_data(&self, table: &Table, schema: &Schema, rows: &[usize]) -> Result<FitData> {
        let names: Vec<String> = schema.named(Role::Feature).map(str::to_owned).collect();
        let in_table: Vec<usize> = rows.iter().map(|&row| self.rows[row]).collect();
        let spec = FeatureSpec::fit(table, &names, &in_table)?;
        let data = spec.transform(table).select(&self.rows);
        Ok(FitData { spec, data })
    }
}

/// Which model to fit, and why.
struct Choice {
    recipe: Recipe,
    candidates: Vec<Candidate>,
    reason: String,
    threshold: Threshold,
}

/// What is learned from and checked on, and the split of its rows.
struct Problem<'a> {
    learn: Learn<'a>,
    split: &'a Split,
}

impl Problem<'_> {
    /// Compares the candidates by cross-validation on the training rows.
    fn choose(&self, options: &TrainOptions, steps: &mut Steps<'_>) -> Result<Choice> {
        let n_folds = if self.split.train.len() > MANY_ROWS {
            N_FOLDS_OF_MANY
        } else {
            N_FOLDS
        };
        let (parts, kind) = split::folds(self.split, self.learn.y, n_folds, options.seed.into());
        let parts = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let folds = self.learn.folds(&self.split.train, parts);
        let (mut validations, mut remarks) = (Vec::new(), String::new());
        if kind != self.split.kind {
            remarks += "; they were compared on parts drawn at random, because one stretch of time holds every crash, \
                        which flatters them";
        }
        for recipe in options.algorithm.recipes() {
            steps.next(Stage::Validate, recipe.trying())?;
            match self.learn.validate(recipe, &folds) {
                Ok(validation) => validations.push(validation),
                // One candidate that cannot be fitted is no reason to have none.
                Err(error) if options.algorithm == Algorithm::Auto => {
                    remarks += &format!("; {} was left out: {error}", recipe.words());
                }
                Err(error) => return Err(error),
            }
        }
        let mut candidates: Vec<Candidate> =
            validations.iter().map(Validation::candidate).collect();
        let (at, reason) = options.algorithm.pick(&validations);
        candidates[at].chosen = true;
        let chosen = validations.swap_remove(at);
        let threshold = match options.threshold {
            Some(value) => Threshold {
                value,
                reason: "as you said".to_owned(),
            },
            None => self.threshold(&folds, &chosen),
        };
        Ok(Choice {
            recipe: chosen.recipe,
            candidates,
            reason: reason + &remarks,
            threshold,
        })
    }

    /// Fits on the training rows and scores the held-out ones.
    fn evaluate(&self, choice: &Choice) -> Result<Evaluation> {
        let model = self.learn.fit(choice.recipe, &self.split.train)?;
        let probabilities = model.predict_proba(&self.learn.data.select(&self.split.test));
        Ok(Evaluation::new(
            self.split,
            self.learn.y,
            &probabilities,
            choice.threshold.clone(),
        ))
    }

    /// The threshold for probabilities of training rows that were predicted unseen: those of rows learned from would be
    /// too sure of themselves.
    fn threshold(&self, folds: &[Fold<'_>], chosen: &Validation) -> Threshold {
        let held: Vec<usize> = folds
            .iter()
            .flat_map(|fold| fold.held.iter().copied())
            .collect();
        // Where no fold's rows are told apart, the folds still may be, by their crash rates.
        let is_constant = |fold: &Vec<f64>| fold.windows(2).all(|pair| pair[0] == pair[1]);
        let value = if chosen.predictions.iter().all(is_constant) {
            threshold::NEVER
        } else {
            let y = self.learn.labels(&held);
            threshold::best_f1(&Ranking::new(&y, &chosen.predictions.concat()))
        };
        let reason = if value == threshold::NEVER {
            "every row has the same probability, so none is flagged"
        } else {
            "the best balance of crashes caught and false alarms (F1) on training rows, each predicted unseen"
        };
        Threshold {
            value,
            reason: reason.to_owned(),
        }
    }
}

impl Algorithm {
    /// What is tried, the simplest first. The base rate always is: it is what the others are measured by.
    fn recipes(self) -> impl Iterator<Item = Recipe> {
        ALL.into_iter().filter(move |recipe| match self {
            Self::Auto => true,
            _ => matches!(recipe, Recipe::BaseRate) || self.means(*recipe),
        })
    }

    fn means(self, recipe: Recipe) -> bool {
        match self {
            Self::Auto => false,
            Self::Logistic => matches!(recipe, Recipe::Logistic),
            Self::Boosting => matches!(recipe, Recipe::Boosting(_)),
            Self::Forest => matches!(recipe, Recipe::Forest(_)),
        }
    }

    /// The index of the candidate that is taken, and why.
    fn pick(self, validations: &[Validation]) -> (usize, String) {
        let candidates: Vec<Candidate> = validations.iter().map(Validation::candidate).collect();
        if self != Self::Auto {
            let asked = (0..validations.len()).filter(|&at| self.means(validations[at].recipe));
            let best =
                asked.min_by(|&a, &b| candidates[a].log_loss.total_cmp(&candidates[b].log_loss));
            let at = best.unwrap_or(0);
            return (
                at,
                format!("{}, as you said", validations[at].recipe.words()),
            );
        }
        let at = simplest_good(validations);
        let words = validations[at].recipe.words();
        let reason = match validations[at].recipe {
            Recipe::BaseRate => "the base rate: in cross-validation on the training rows nothing was reliably better \
                than always saying the crash rate, so no row is told from another"
                .to_owned(),
            _ => {
                let best = candidates.iter().map(|of| of.log_loss).fold(f64::INFINITY, f64::min);
                let why = if candidates[at].log_loss > best {
                    "and no more complicated candidate was reliably better"
                } else {
                    "the lowest, and no simpler candidate came within the noise of it"
                };
                format!(
                    "{words}: in cross-validation on the training rows its log loss is {:.4}, the base rate's {:.4}, {why}",
                    candidates[at].log_loss, candidates[0].log_loss
                )
            }
        };
        (at, reason)
    }
}
