//! Candidates, their comparison on the training rows, the check on held-out rows, and the fit of the saved model on all.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::evaluate::metrics::{Ranking, log_loss};
use crate::evaluate::split::{self, Split, SplitChoice};
use crate::evaluate::{Evaluation, Threshold, threshold};
use crate::features::{Dataset, FeatureSpec};
use crate::model::Model;
use crate::model::logistic::{LogisticRegression, Params};
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
    /// Logistic regression.
    Logistic,
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

/// How a candidate did in cross-validation on the training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// Its name.
    pub algorithm: String,
    /// Mean log loss over the folds, in nats.
    pub log_loss: f64,
    /// Standard error of that mean.
    pub spread: f64,
}

/// Parts the training rows are cut into for the comparison of candidates.
const N_FOLDS: usize = 5;
/// Steps of progress: preparation, the folds, evaluation, refit.
const N_STEPS: u32 = N_FOLDS as u32 + 3;

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
    let mut steps = Steps {
        done: 0,
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
    let problem = Problem {
        data: &training.data,
        y: &labelled.y,
        split: &split,
    };
    let choice = problem.choose(options, &mut steps)?;

    steps.next(Stage::Evaluate, "checking on the held-out rows")?;
    let evaluation = problem.evaluate(choice.algorithm, options.threshold)?;

    steps.next(Stage::Refit, "learning from all rows")?;
    let all: Vec<usize> = (0..labelled.y.len()).collect();
    let whole = labelled.fit_data(table, &schema, &all)?;
    let model = fit(choice.algorithm, &whole.data, &labelled.y, &all)?;
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
    on_progress: OnProgress<'a>,
}

impl Steps<'_> {
    fn next(&mut self, stage: Stage, message: &'static str) -> Result<()> {
        let progress = Progress {
            stage,
            message,
            done: self.done,
            total: N_STEPS,
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
    algorithm: Fit,
    candidates: Vec<Candidate>,
    reason: String,
}

/// A model that can be fitted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    BaseRate,
    Logistic,
}

fn fit(algorithm: Fit, data: &Dataset, y: &[bool], rows: &[usize]) -> Result<Model> {
    let positives = rows.iter().filter(|&&row| y[row]).count();
    Ok(match algorithm {
        // One class alone teaches nothing but its rate; a fold of few crashes can be such.
        Fit::Logistic if positives > 0 && positives < rows.len() => Model::Logistic(
            LogisticRegression::fit(data, y, rows, Params::default().check()?)?,
        ),
        _ => Model::BaseRate(positives as f64 / rows.len() as f64),
    })
}

/// What is learned from and checked on: features and labels of the labelled rows, and their split.
struct Problem<'a> {
    data: &'a Dataset,
    y: &'a [bool],
    split: &'a Split,
}

impl Problem<'_> {
    /// Compares the candidates by cross-validation on the training rows. Logistic regression is chosen where it beats the
    /// base rate by more than one standard error of the difference between them (the rule of Breiman et al.,
    /// *Classification and Regression Trees*, 1984, on paired folds): a gain within the noise is promised to nobody.
    fn choose(&self, options: &TrainOptions, steps: &mut Steps<'_>) -> Result<Choice> {
        let folds = split::folds(self.split, self.y, N_FOLDS, options.seed.into());
        let (mut base, mut logistic) = (Vec::new(), Vec::new());
        for fold in folds.iter().filter(|fold| !fold.is_empty()) {
            steps.next(
                Stage::Validate,
                "comparing logistic regression with the base rate",
            )?;
            base.push(self.fold_loss(Fit::BaseRate, fold)?);
            logistic.push(self.fold_loss(Fit::Logistic, fold)?);
        }
        let gains: Vec<f64> = base
            .iter()
            .zip(&logistic)
            .map(|(base, logistic)| base - logistic)
            .collect();
        let (gain, spread) = mean_and_standard_error(&gains);
        let candidates = vec![
            candidate("logistic", &logistic),
            candidate("base-rate", &base),
        ];
        let (algorithm, reason) = match options.algorithm {
            Algorithm::Logistic => (Fit::Logistic, "logistic regression, as you said".to_owned()),
            Algorithm::Auto if gain > spread => (
                Fit::Logistic,
                format!(
                    "logistic regression: in cross-validation on the training rows its log loss is {gain:.4} lower than \
                     the base rate's, more than the standard error of {spread:.4}"
                ),
            ),
            Algorithm::Auto => (
                Fit::BaseRate,
                "the base rate: in cross-validation on the training rows logistic regression was not reliably better \
                 than always saying the crash rate, so no row is told from another"
                    .to_owned(),
            ),
        };
        Ok(Choice {
            algorithm,
            candidates,
            reason,
        })
    }

    /// The log loss on the training rows in `fold` of a model fitted on the other ones.
    fn fold_loss(&self, algorithm: Fit, fold: &[usize]) -> Result<f64> {
        let mut in_fold = vec![false; self.data.n_rows()];
        fold.iter().for_each(|&row| in_fold[row] = true);
        let rest: Vec<usize> = self
            .split
            .train
            .iter()
            .copied()
            .filter(|&row| !in_fold[row])
            .collect();
        let model = fit(algorithm, self.data, self.y, &rest)?;
        Ok(log_loss(
            &self.labels(fold),
            &model.predict_proba(&self.data.select(fold)),
        ))
    }

    /// Fits on the training rows and scores the held-out ones.
    fn evaluate(&self, algorithm: Fit, threshold: Option<f64>) -> Result<Evaluation> {
        let Split { train, test, .. } = self.split;
        let model = fit(algorithm, self.data, self.y, train)?;
        let seen = model.predict_proba(&self.data.select(train));
        let threshold = choose_threshold(threshold, &self.labels(train), &seen);
        let probabilities = model.predict_proba(&self.data.select(test));
        Ok(Evaluation::new(
            self.split,
            self.y,
            &probabilities,
            threshold,
        ))
    }

    fn labels(&self, rows: &[usize]) -> Vec<bool> {
        rows.iter().map(|&row| self.y[row]).collect()
    }
}

fn candidate(algorithm: &str, losses: &[f64]) -> Candidate {
    let (log_loss, spread) = mean_and_standard_error(losses);
    Candidate {
        algorithm: algorithm.to_owned(),
        log_loss,
        spread,
    }
}

fn mean_and_standard_error(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (mean, libm::sqrt(squares / (count - 1.0).max(1.0) / count))
}

fn choose_threshold(named: Option<f64>, y: &[bool], probabilities: &[f64]) -> Threshold {
    if let Some(value) = named {
        return Threshold {
            value,
            reason: "as you said".to_owned(),
        };
    }
    let value = threshold::best_f1(&Ranking::new(y, probabilities));
    let reason = if value == threshold::NEVER {
        "every row has the same probability, so none is flagged"
    } else {
        "the best balance of crashes caught and false alarms (F1) on the training rows"
    };
    Threshold {
        value,
        reason: reason.to_owned(),
    }
}
