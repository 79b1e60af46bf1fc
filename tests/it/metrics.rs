//! Metrics against scikit-learn (its version is in the fixture) and against laws.

use crash_predictor::evaluate::metrics::{ConfusionMatrix, Ranking, Scores};
use crash_predictor::evaluate::reliability::{expected_calibration_error, reliability};
use crash_predictor::evaluate::threshold::{NEVER, best_f1};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    y: Vec<u8>,
    p: Vec<f64>,
    threshold: f64,
    /// True negatives, false positives, false negatives, true positives: scikit-learn's order.
    confusion: [u64; 4],
    #[serde(flatten)]
    scores: Theirs,
    /// `calibration_curve` between quintiles: what was said, what happened, rows; and the error from them.
    predicted: Vec<f64>,
    observed: Vec<f64>,
    #[serde(rename = "nRows")]
    n_rows: Vec<u64>,
    #[serde(rename = "calibrationError")]
    calibration_error: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Theirs {
    precision: Option<f64>,
    recall: f64,
    f1: f64,
    accuracy: f64,
    balanced_accuracy: f64,
    mcc: f64,
    roc_auc: f64,
    pr_auc: f64,
    log_loss: f64,
    brier: f64,
}

#[test]
fn every_metric_agrees_with_scikit_learn() {
    let fixture: Fixture =
        serde_json::from_str(include_str!("../fixtures/metrics_scikit_learn.json")).unwrap();
    for case in fixture.cases {
        let y: Vec<bool> = case.y.iter().map(|&label| label == 1).collect();
        let counts = ConfusionMatrix::new(&y, &case.p, case.threshold);
        let ours = [
            counts.true_negatives,
            counts.false_positives,
            counts.false_negatives,
            counts.true_positives,
        ];
        assert_eq!(ours, case.confusion, "{}", case.name);
        let (ours, theirs) = (Scores::new(&y, &case.p, case.threshold), case.scores);
        assert_eq!(
            ours.precision.is_some(),
            theirs.precision.is_some(),
            "{}",
            case.name
        );
        let pairs = [
            (
                ours.precision.unwrap_or(0.0),
                theirs.precision.unwrap_or(0.0),
            ),
            (ours.recall, theirs.recall),
            (ours.f1, theirs.f1),
            (ours.accuracy, theirs.accuracy),
            (ours.balanced_accuracy, theirs.balanced_accuracy),
            (ours.mcc, theirs.mcc),
            (ours.roc_auc, theirs.roc_auc),
            (ours.pr_auc, theirs.pr_auc),
            (ours.log_loss, theirs.log_loss),
            (ours.brier, theirs.brier),
        ];
        for (index, (ours, theirs)) in pairs.into_iter().enumerate() {
            assert!(
                (ours - theirs).abs() < 1e-12,
                "{} {index}: {ours} {theirs}",
                case.name
            );
        }
    }
}

#[test]
fn the_reliability_curve_agrees_with_scikit_learn() {
    let fixture: Fixture =
        serde_json::from_str(include_str!("../fixtures/metrics_scikit_learn.json")).unwrap();
    for case in fixture.cases {
        let y: Vec<bool> = case.y.iter().map(|&label| label == 1).collect();
        let bins = reliability(&y, &case.p, 5);
        let rows: Vec<u64> = bins.iter().map(|bin| bin.n_rows).collect();
        assert_eq!(rows, case.n_rows, "{}", case.name);
        for ((ours, predicted), observed) in bins.iter().zip(case.predicted).zip(case.observed) {
            assert!(
                (ours.predicted - predicted).abs() < 1e-12,
                "{}: {ours:?}",
                case.name
            );
            assert!(
                (ours.observed - observed).abs() < 1e-12,
                "{}: {ours:?}",
                case.name
            );
        }
        let error = expected_calibration_error(&bins);
        assert!(
            (error - case.calibration_error).abs() < 1e-12,
            "{}: {error}",
            case.name
        );
    }
    assert!(reliability(&[], &[], 5).is_empty() && expected_calibration_error(&[]) == 0.0);
}

fn labels_and_probabilities() -> impl Strategy<Value = (Vec<bool>, Vec<f64>)> {
    // Few different probabilities, so that ties occur.
    prop::collection::vec((any::<bool>(), 0u8..=20), 1..80).prop_map(|rows| {
        rows.into_iter()
            .map(|(y, p)| (y, f64::from(p) / 20.0))
            .unzip()
    })
}

proptest! {
    #[test]
    fn rank_figures_ignore_monotone_rescaling((y, p) in labels_and_probabilities()) {
        let squeezed: Vec<f64> = p.iter().map(|p| 0.3 + 0.1 * p * p * p).collect();
        let (a, b) = (Ranking::new(&y, &p), Ranking::new(&y, &squeezed));
        prop_assert_eq!(a.roc_auc(), b.roc_auc());
        prop_assert_eq!(a.average_precision(), b.average_precision());
    }

    #[test]
    fn roc_auc_is_the_share_of_pairs_in_order((y, p) in labels_and_probabilities()) {
        let crashes = || y.iter().zip(&p).filter(|(y, _)| **y).map(|(_, p)| p);
        let calm = || y.iter().zip(&p).filter(|(y, _)| !**y).map(|(_, p)| p);
        let pairs = crashes().count() * calm().count();
        let won: f64 = crashes()
            .flat_map(|a| calm().map(move |b| if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 }))
            .sum();
        let expected = if pairs == 0 { 0.5 } else { won / pairs as f64 };
        prop_assert!((Ranking::new(&y, &p).roc_auc() - expected).abs() < 1e-12);
    }

    #[test]
    fn no_threshold_has_a_better_f1_than_the_chosen_one((y, p) in labels_and_probabilities()) {
        let chosen = best_f1(&Ranking::new(&y, &p));
        let f1 = |threshold: f64| ConfusionMatrix::new(&y, &p, threshold).f1();
        if chosen != NEVER {
            let allowed = || p.iter().filter(|threshold| **threshold > 0.0);
            prop_assert!(allowed().all(|&threshold| f1(threshold) <= f1(chosen)));
        }
    }

    #[test]
    fn curves_rise_from_corner_to_corner((y, p) in labels_and_probabilities(), n in 1usize..30) {
        let ranking = Ranking::new(&y, &p);
        let roc = ranking.roc_curve(n);
        prop_assert!(roc.false_positive_rate.is_sorted() && roc.true_positive_rate.is_sorted());
        let last = ranking.steps().last().unwrap();
        prop_assert_eq!(last.true_positives + last.false_positives, y.len() as u64);
        let pr = ranking.pr_curve(n);
        prop_assert!(pr.recall.is_sorted() && pr.recall.len() == pr.precision.len());
    }
}

#[test]
fn one_probability_for_all_flags_nobody() {
    let ranking = Ranking::new(&[true, false, false], &[0.3; 3]);
    assert_eq!(best_f1(&ranking), NEVER);
}
