//! Which candidate is taken, by their log loss in cross-validation on the training rows, and why.

use serde::Serialize;

use crate::codec::saved;
use crate::evaluate::metrics::{Ranking, log_loss};
use crate::model::calibration::Calibration;

use super::candidates::{Recipe, Tuned, mean};
use super::learner::Shared;
use super::{Algorithm, Select, TrainOptions};
use crate::numerals::format_fixed;

/// How a candidate did in cross-validation on the training rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    /// Bytes of the model in a file, about.
    pub model_bytes: u64,
    /// Whether it was taken.
    pub chosen: bool,
}

saved! { struct Candidate { algorithm, setting, log_loss, spread, model_bytes, chosen } }

/// Which model to fit, and why.
pub(super) struct Choice {
    pub recipe: Recipe,
    pub candidates: Vec<Candidate>,
    pub reason: String,
    /// What makes its probabilities hold.
    pub calibration: Option<Calibration>,
    /// Its mean log loss over the folds.
    pub log_loss: f64,
    /// Its probabilities of the training rows, fold by fold, each predicted unseen.
    pub unseen: Vec<f64>,
    /// Whether they differ within any fold: where they do not, the folds still may, by their crash rates.
    pub tells_apart: bool,
}

/// Chooses among the candidates, which stand in the order of simplicity; `remarks` are added to the reason.
pub(super) fn choose(
    tuned: &[&Tuned],
    shared: &Shared,
    options: &TrainOptions,
    remarks: &str,
) -> Choice {
    let mut candidates: Vec<Candidate> = tuned.iter().map(|of| candidate(of)).collect();
    let (at, reason) = match options.algorithm {
        Algorithm::Auto => pick(tuned, &candidates, (shared, options.select)),
        asked => {
            let asked = (0..tuned.len()).filter(|&at| tuned[at].recipe.is_of(asked));
            let at = least(asked, &candidates);
            (at, format!("{}, as you said", tuned[at].recipe.words()))
        }
    };
    candidates[at].chosen = true;
    let taken = tuned[at];
    let is_constant = |fold: &Vec<f64>| fold.windows(2).all(|pair| pair[0] == pair[1]);
    Choice {
        recipe: taken.recipe,
        log_loss: candidates[at].log_loss,
        candidates,
        reason: reason + remarks,
        calibration: taken.calibration.clone(),
        unseen: taken.calibrated.concat(),
        tells_apart: !taken.calibrated.iter().all(is_constant),
    }
}

fn candidate(tuned: &Tuned) -> Candidate {
    let (log_loss, spread) = mean_and_standard_error(&tuned.losses);
    Candidate {
        algorithm: tuned.recipe.name().to_owned(),
        setting: tuned.recipe.setting(),
        log_loss,
        spread,
        model_bytes: tuned.model_bytes,
        chosen: false,
    }
}

/// The one of the least loss.
fn least(among: impl Iterator<Item = usize>, candidates: &[Candidate]) -> usize {
    among
        .min_by(|&a, &b| candidates[a].log_loss.total_cmp(&candidates[b].log_loss))
        .unwrap_or(0)
}

/// The index of the candidate that is taken, and why.
fn pick(
    tuned: &[&Tuned],
    candidates: &[Candidate],
    (shared, select): (&Shared, Select),
) -> (usize, String) {
    let best = least(0..tuned.len(), candidates);
    let at = match select {
        Select::Simplest => simplest_good(tuned, best, shared),
        Select::Best => best,
    };
    if tuned[at].recipe == Recipe::BaseRate {
        if let Some(at) = best_ranking(tuned, shared) {
            let reason = format!(
                "{}: in cross-validation on the training rows nothing was reliably better than always saying the crash rate, \
                 but it ranks rows before a crash above others; its probabilities are held near the crash rate",
                tuned[at].recipe.words()
            );
            return (at, reason);
        }
        let reason = "the base rate: in cross-validation on the training rows nothing was reliably better than always \
                      saying the crash rate, so no row is told from another";
        return (at, reason.to_owned());
    }
    let why = match select {
        Select::Best => "the lowest, as you said",
        Select::Simplest if at == best => {
            "the lowest, and no simpler candidate came within the noise of it"
        }
        Select::Simplest => "and no more complicated candidate was reliably better",
    };
    let reason = format!(
        "{}: in cross-validation on the training rows its log loss is {}, the base rate's {}, {why}",
        tuned[at].recipe.words(),
        format_fixed(candidates[at].log_loss, 4),
        format_fixed(candidates[0].log_loss, 4)
    );
    (at, reason)
}

/// The simplest of the candidates whose loss is within one standard error of the best one's (Breiman et al.,
/// *Classification and Regression Trees*, 1984, 3.4.3); the error is that of the difference.
fn simplest_good(tuned: &[&Tuned], best: usize, shared: &Shared) -> usize {
    let is_good = |of: &&Tuned| {
        let pairs = of.losses.iter().zip(&tuned[best].losses);
        let behind: Vec<f64> = pairs.map(|(loss, best)| loss - best).collect();
        let (mean, by_fold) = mean_and_standard_error(&behind);
        mean <= by_fold.max(error_by_row(of, tuned[best], shared))
    };
    tuned.iter().position(is_good).unwrap_or(best)
}

/// The standard error of the difference of two candidates' losses, by its spread over the rows. A few folds may agree by
/// chance; where rows resemble their neighbours it is the folds that tell. The larger of the two errors counts.
fn error_by_row(of: &Tuned, best: &Tuned, shared: &Shared) -> f64 {
    let mut behind = Vec::new();
    let folds = shared
        .folds
        .iter()
        .zip(of.predictions.iter().zip(&best.predictions));
    for (fold, (of, best)) in folds {
        let pairs = of.iter().zip(best);
        let rows = shared.labels(&fold.held).into_iter().zip(pairs);
        behind
            .extend(rows.map(|(y, (of, best))| log_loss(&[y], &[*of]) - log_loss(&[y], &[*best])));
    }
    mean_and_standard_error(&behind).1
}

/// The candidate that ranks best, by the area under the ROC curve over one half, less its standard error over the folds; of
/// those only that are above it by four: a few folds agree by chance, and the best of several candidates is looked for.
fn best_ranking(tuned: &[&Tuned], shared: &Shared) -> Option<usize> {
    let mut best = (0.0, None);
    for (at, of) in tuned.iter().enumerate() {
        let folds = shared.folds.iter().zip(&of.predictions);
        let areas: Vec<f64> = folds
            .map(|(fold, of)| Ranking::new(&shared.labels(&fold.held), of).roc_auc() - 0.5)
            .collect();
        let (mean, error) = mean_and_standard_error(&areas);
        if mean > 4.0 * error && mean - error > best.0 {
            best = (mean - error, Some(at));
        }
    }
    best.1
}

fn mean_and_standard_error(values: &[f64]) -> (f64, f64) {
    let (mean, count) = (mean(values), values.len() as f64);
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (mean, libm::sqrt(squares / (count - 1.0).max(1.0) / count))
}
