//! Calibration: that probabilities come to hold, that the ranking stays, and that little is believed where little holds.

use crash_predictor::evaluate::metrics::{Ranking, log_loss};
use crash_predictor::model::calibration::{Calibration, Shape, UnseenFold};
use proptest::prelude::*;

/// Rows of `n_folds` folds; the truth of fold k has `slopes[k]` times the log odds that the model sees at `says` times them.
struct Simulated {
    folds: Vec<(Vec<bool>, Vec<f64>)>,
}

const INTERCEPT: f64 = -2.5;

impl Simulated {
    fn new(slopes: &[f64], says: f64, seed: u64) -> Self {
        let mut draw = uniform(seed);
        let fold = |&slope: &f64| {
            let row = |_| {
                // The sum of twelve uniform numbers is about normal.
                let x = (0..12).map(|_| draw()).sum::<f64>() - 6.0;
                (
                    draw() < sigmoid(INTERCEPT + slope * x),
                    sigmoid(INTERCEPT + says * x),
                )
            };
            (0..1500).map(row).unzip()
        };
        Self {
            folds: slopes.iter().map(fold).collect(),
        }
    }

    fn fit(&self) -> Calibration {
        let fold = |(y, probabilities)| UnseenFold { y, probabilities };
        let folds: Vec<UnseenFold<'_>> = self.folds.iter().map(|(y, p)| fold((y, p))).collect();
        Calibration::fit(&folds)
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// A multiplicative congruential generator (Lehmer, with L'Ecuyer's multiplier), independent of ours.
fn uniform(seed: u64) -> impl FnMut() -> f64 {
    let mut state = u128::from(seed) * 2 + 1;
    move || {
        state = state.wrapping_mul(0x0fc9_4e3b_f4e9_ab32_8664_58cd_56f5_e605);
        (state >> 75) as f64 / (1u64 << 53) as f64
    }
}

/// The log loss on rows like those of the folds, raw and calibrated, each as a share of the base rate's.
fn shares_of_base_loss(slope: f64, says: f64) -> (f64, f64) {
    let calibration = Simulated::new(&[slope; 5], says, 1).fit();
    let (y, raw) = Simulated::new(&[slope], says, 2).folds.remove(0);
    let calibrated: Vec<f64> = raw.iter().map(|&p| calibration.apply(p)).collect();
    let rate = y.iter().filter(|&&crashed| crashed).count() as f64 / y.len() as f64;
    let base = log_loss(&y, &vec![rate; y.len()]);
    (log_loss(&y, &raw) / base, log_loss(&y, &calibrated) / base)
}

#[test]
fn a_model_that_is_right_is_left_about_as_it_is() {
    let (raw, calibrated) = shares_of_base_loss(1.0, 1.0);
    assert!((raw - calibrated).abs() < 0.01, "{raw} {calibrated}");
    assert_eq!(Simulated::new(&[1.0; 5], 1.0, 1).fit().trust(), 1.0);
}

#[test]
fn a_model_that_is_too_sure_is_mended() {
    let (raw, calibrated) = shares_of_base_loss(1.0, 4.0);
    let (truth, _) = shares_of_base_loss(1.0, 1.0);
    assert!(
        raw > 2.0 && calibrated < truth + 0.01,
        "{raw} {calibrated} {truth}"
    );
}

#[test]
fn a_model_without_signal_says_the_base_rate() {
    let (raw, calibrated) = shares_of_base_loss(0.0, 2.0);
    assert!(raw > 1.2 && calibrated < 1.01, "{raw} {calibrated}");
}

#[test]
fn what_fails_on_one_stretch_of_time_is_hardly_believed() {
    let steady = Simulated::new(&[1.5; 5], 1.5, 3).fit();
    let broken = Simulated::new(&[1.5, 1.5, -1.0, 1.5, 1.5], 1.5, 3).fit();
    assert!(
        steady.trust() >= 0.9 && broken.trust() <= 0.1,
        "{steady:?} {broken:?}"
    );
}

#[test]
fn where_the_rules_of_each_stretch_are_drawn_anew_the_mean_loss_is_the_base_rates_at_most() {
    let mut draw = uniform(5);
    let mut slopes = || {
        (0..6)
            .map(|_| 2.0 * (draw() + draw()) - 2.0)
            .collect::<Vec<f64>>()
    };
    let mut sum = 0.0;
    for seed in 0..30 {
        let mut log = Simulated::new(&slopes(), 1.0, seed);
        let (y, p) = log.folds.pop().unwrap();
        let calibration = log.fit();
        let crashes = |y: &[bool]| y.iter().filter(|&&crashed| crashed).count() as f64;
        let known: f64 = log.folds.iter().map(|(y, _)| crashes(y)).sum();
        let base = vec![known / 7500.0; y.len()];
        let calibrated: Vec<f64> = p.iter().map(|&p| calibration.apply(p)).collect();
        sum += log_loss(&y, &calibrated) / log_loss(&y, &base);
    }
    assert!(sum / 30.0 < 1.005, "{}", sum / 30.0);
}

#[test]
fn rows_of_another_crash_rate_move_what_is_not_believed_of_the_model() {
    let log_odds = |p: f64| (p / (1.0 - p)).ln();
    let (from, to) = (0.1, 0.2);
    let all_of_it = log_odds(to) - log_odds(from);
    // What the folds contradict is hardly believed: its base rate is the other one's. What holds is left alone.
    for (slopes, believed) in [(&[1.0, -1.0, 1.0, -1.0][..], 0.01), (&[1.0; 5], 1.0)] {
        let calibration = Simulated::new(slopes, 1.0, 1).fit();
        assert_eq!(calibration.trust(), believed);
        assert!(matches!(calibration.shape(), Shape::AsIs));
        let shift = calibration.shift(from, to);
        assert!(
            (shift - (1.0 - believed) * all_of_it).abs() < 1e-12,
            "{shift}"
        );
        let anchored = calibration.clone().anchored(from, to);
        assert!(anchored.is_consistent());
        for p in [0.001, 0.05, 0.5, 0.9] {
            let moved = log_odds(anchored.apply(p)) - log_odds(calibration.apply(p));
            assert!((moved - shift).abs() < 1e-9, "{p}: {moved} {shift}");
        }
        assert_eq!(calibration.clone().anchored(from, from), calibration);
    }
}

#[test]
fn a_bent_curve_is_straightened_by_the_isotonic_one() {
    // Three levels whose odds no straight line joins: 0.1, 0.5 and 0.52 say 0.02, 0.03 and 0.6.
    let fold = || {
        let level = |said: f64, happens: usize| (0..500).map(move |row| (row < happens, said));
        level(0.1, 10)
            .chain(level(0.5, 15))
            .chain(level(0.52, 300))
            .unzip()
    };
    let log = Simulated {
        folds: vec![fold(), fold(), fold(), fold()],
    };
    let calibration = log.fit();
    assert!(matches!(calibration.shape(), Shape::Isotonic(_)));
    for (said, holds) in [(0.1, 0.02), (0.5, 0.03), (0.52, 0.6)] {
        assert!((calibration.apply(said) - holds).abs() < 0.01);
    }
}

proptest! {
    #[test]
    fn the_ranking_stays_and_nothing_is_certain(
        rows in prop::collection::vec((any::<bool>(), 0.0f64..=1.0), 20..200),
    ) {
        let (y, p): (Vec<bool>, Vec<f64>) = rows.into_iter().unzip();
        let half = y.len() / 2;
        let fold = |y, probabilities| UnseenFold { y, probabilities };
        let folds = [fold(&y[..half], &p[..half]), fold(&y[half..], &p[half..])];
        let calibration = Calibration::fit(&folds);
        prop_assert!(calibration.is_consistent());
        let calibrated: Vec<f64> = p.iter().map(|&p| calibration.apply(p)).collect();
        prop_assert!(calibrated.iter().all(|&p| p > 0.0 && p < 1.0));
        let (before, after) = (Ranking::new(&y, &p), Ranking::new(&y, &calibrated));
        prop_assert!((before.roc_auc() - after.roc_auc()).abs() < 1e-12);
        for pair in [0.0, 1e-9, 0.001, 0.01, 0.3, 0.5, 0.999, 1.0].windows(2) {
            prop_assert!(calibration.apply(pair[0]) < calibration.apply(pair[1]));
        }
    }
}
