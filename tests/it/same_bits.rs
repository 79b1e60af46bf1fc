//! What chance, directions and vector instructions have a part in, fitted on one small log and brought down to one number: the
//! native tests and those in wasm expect the same.

use crash_predictor::features::{Dataset, FeatureColumn};
use crash_predictor::model::bins::Bins;
use crash_predictor::model::boosting::{self, Boosting};
use crash_predictor::model::forest::{self, Forest};
use crash_predictor::model::logistic::{self, LogisticRegression};

/// What [`bits`] gives on every machine.
pub const EXPECTED: u64 = 13_049_964_442_353_225_107;

/// The bits of all probabilities and of the out-of-bag scores, mixed into one number (FNV-1a over 64-bit words): of a model that
/// keeps to directions and of one that is free.
pub fn bits() -> u64 {
    let mut all = fitted(vec![1.0, 0.0, -1.0]);
    all.extend(fitted(Vec::new()));
    all.iter().fold(0xcbf2_9ce4_8422_2325, |hash, value| {
        (hash ^ value.to_bits()).wrapping_mul(0x0100_0000_01b3)
    })
}

fn fitted(signs: Vec<f64>) -> Vec<f64> {
    let n = 900u64;
    let mixed = |i: u64, k: u64| (i * 2_654_435_761 + k * 40_503 + i / 7 * k) % 1_021;
    let column = |k| {
        let value = move |i| match i % 17 {
            0 => f64::NAN,
            _ => mixed(i, k) as f64 / 7.0,
        };
        FeatureColumn::numbers((0..n).map(value).collect())
    };
    let y: Vec<bool> = (0..n)
        .map(|i| mixed(i, 1) + mixed(i, 3) > 700 + mixed(i, 2))
        .collect();
    let data = Dataset::new(n as usize, (1..=3).map(column).collect()).with_signs(signs);
    let rows: Vec<usize> = (0..n as usize).collect();
    let bins = Bins::fit(&data, &y, &rows);
    let binned = bins.transform(&data);
    let learn = (&binned, &bins, y.as_slice());
    let params = boosting::Params {
        n_rounds: 25,
        learning_rate: 0.1,
        max_leaves: 12,
        min_leaf_weight: 1.0,
        lambda: 1.0,
        feature_share: 0.6,
        row_share: 0.5,
    };
    let boosted = Boosting::fit(learn, &rows, params, 7);
    let params = forest::Params {
        n_trees: 15,
        ..forest::Params::default()
    };
    let grown = Forest::fit(learn, &rows, params, 7).scored((&binned, &y), &rows, 7);
    let params = logistic::Params::default().check().unwrap();
    let weighed = LogisticRegression::fit(&data, &y, &rows, params).unwrap();
    let mut all = boosted.predict_proba(&binned);
    all.extend(grown.predict_proba(&binned));
    all.extend(grown.out_of_bag_log_loss());
    all.extend(weighed.predict_proba(&data));
    all
}
