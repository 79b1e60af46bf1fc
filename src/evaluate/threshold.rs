//! From which probability on a crash is predicted.

use super::metrics::Ranking;

/// The threshold of a model that gives every row the same probability: nothing is told apart, so nobody is paged.
pub const NEVER: f64 = 1.0;

/// The threshold with the highest F1 on the ranked rows (the training rows: a test row must not choose it); of equals the
/// highest, which pages least. `NEVER` where the ranking tells nothing apart.
///
/// One half, the customary threshold, would hardly ever page where crashes are rare, however good the model.
#[must_use]
pub fn best_f1(ranking: &Ranking) -> f64 {
    let steps = ranking.steps();
    if steps.len() < 2 || ranking.positives() == 0 {
        return NEVER;
    }
    let mut best = (0.0, NEVER);
    // A probability of 0 flags nobody anywhere, or else everybody.
    for step in steps.iter().filter(|step| step.threshold > 0.0) {
        let predicted = step.true_positives + step.false_positives;
        let f1 = 2.0 * step.true_positives as f64 / (predicted + ranking.positives()) as f64;
        if f1 > best.0 {
            best = (f1, step.threshold);
        }
    }
    best.1
}
