//! Directions that the user gives: trees and coefficients that keep to them, against LightGBM and by law.

use crash_predictor::evaluate::metrics::log_loss;
use crash_predictor::features::{Dataset, Direction, FeatureColumn, Monotone};
use crash_predictor::model::bins::Bins;
use crash_predictor::model::boosting::{self, Boosting};
use crash_predictor::model::forest::{self, Forest};
use crash_predictor::model::logistic::{self, LogisticRegression};
use crash_predictor::{
    Algorithm, CrashPredictor, Error, OwnedCell, ReadOptions, Table, TrainOptions, sample,
};
use proptest::prelude::*;

/// The rows of the comparison with LightGBM: two columns of whole numbers, and a label that turns back and forth with both.
/// Half of the rows crash, so that boosting starts from log odds of 0.
fn turning() -> (Dataset, Vec<bool>) {
    let n = 400usize;
    let a: Vec<f64> = (0..n).map(|i| (i * 7919 % 400 / 10) as f64).collect();
    let b: Vec<f64> = (0..n).map(|i| (i * 104_729 % 389 % 30) as f64).collect();
    let score = |i: usize| {
        let noise = ((i * 2_654_435_761) >> 5) % 1024;
        let late = if a[i] > 25.0 { b[i] * 25.0 } else { 0.0 };
        (a[i] - 14.0).abs() * 40.0 - late + (noise / 2) as f64
    };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| score(i).total_cmp(&score(j)));
    let mut y = vec![false; n];
    order[n / 2..].iter().for_each(|&i| y[i] = true);
    let columns = vec![FeatureColumn::numbers(a), FeatureColumn::numbers(b)];
    (Dataset::new(n, columns), y)
}

fn numbers(columns: &[Vec<f64>]) -> Dataset {
    let values = columns.iter().cloned().map(FeatureColumn::numbers);
    Dataset::new(columns[0].len(), values.collect())
}

/// What one tree of eight leaves says of a = 0, 8, 14, 20, 26, 32, 39, each with b = 2, 15, 28: LightGBM 4.7.0,
/// `num_leaves=8, learning_rate=1, lambda_l2=1, min_sum_hessian_in_leaf=0.5, min_data_in_leaf=1, min_data_in_bin=1,
/// boost_from_average=False, monotone_constraints_method="basic"`. (Below a split LightGBM does not try a feature again that could not
/// be split above it; ours does, so that only cases where that plays no part can be compared.)
#[track_caller]
fn check_against_lightgbm(signs: [f64; 2], theirs: [f64; 21]) {
    let (data, y) = turning();
    let data = data.with_signs(signs.to_vec());
    let rows: Vec<usize> = (0..y.len()).collect();
    let bins = Bins::fit(&data, &y, &rows);
    let params = boosting::Params {
        n_rounds: 1,
        learning_rate: 1.0,
        max_leaves: 8,
        min_leaf_weight: 0.5,
        lambda: 1.0,
        feature_share: 1.0,
        row_share: 1.0,
    };
    let model = Boosting::fit((&bins.transform(&data), &bins, &y), &rows, params, 0);
    assert_eq!(model.base(), 0.0);
    let asked = [0.0, 8.0, 14.0, 20.0, 26.0, 32.0, 39.0].map(|a| [2.0, 15.0, 28.0].map(|b| [a, b]));
    let ours: Vec<f64> = asked
        .as_flattened()
        .iter()
        .map(|row| model.trees()[0].value(bins.transform_row(row).row(0)))
        .collect();
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!(
            (ours - theirs).abs() < 1e-6,
            "{ours} is not {theirs}: {:?}",
            model.trees()[0]
        );
    }
}

#[test]
fn a_tree_that_keeps_to_directions_is_lightgbms() {
    check_against_lightgbm(
        [0.0, 0.0],
        [
            1.25, 1.25, 1.25, -0.1818182, -0.1818182, -0.1818182, -1.4385965, -1.4385965,
            -1.4385965, -1.4385965, -1.4385965, -1.4385965, 0.5777778, 0.5777778, -1.2340426,
            1.5625, 1.5625, -1.2340426, 1.5625, 1.5625, 0.2222222,
        ],
    );
    check_against_lightgbm(
        [1.0, 0.0],
        [
            -0.5333333, -0.5982906, -0.1343081, -0.5333333, -0.5982906, -0.1343081, -0.5333333,
            -0.5982906, -0.1343081, -0.5333333, -0.5982906, -0.1343081, 0.3787021, -0.1343081,
            -0.1343081, 0.3787021, -0.1343081, -0.1343081, 1.6666667, 1.6666667, 0.3787021,
        ],
    );
    check_against_lightgbm(
        [1.0, -1.0],
        [
            -0.3, -0.4927536, -0.4927536, -0.3, -0.4927536, -0.4927536, -0.3, -0.4927536,
            -0.4927536, -0.3, -0.4927536, -0.4927536, 0.3787021, -0.1343081, -0.1343081, 0.3787021,
            -0.1343081, -0.1343081, 1.6666667, 1.6666667, 0.3787021,
        ],
    );
    check_against_lightgbm(
        [-1.0, 0.0],
        [
            1.3333333, 1.3333333, 1.3333333, 0.4864865, -0.5714286, -1.0508475, 0.4864865,
            -0.5714286, -1.0508475, 0.4864865, -0.5714286, -1.0508475, 0.4864865, -0.5714286,
            -1.0508475, 0.4864865, -0.5714286, -1.0508475, 0.4864865, -0.5714286, -1.0508475,
        ],
    );
    check_against_lightgbm(
        [0.0, -1.0],
        [
            1.25, 1.25, 1.25, -0.1818182, -0.1818182, -0.1818182, -1.4385965, -1.4385965,
            -1.4385965, -1.4385965, -1.4385965, -1.4385965, 0.5777778, 0.5777778, -1.2340426,
            1.5625, 1.5625, -1.2340426, 1.5625, 1.5625, 0.2222222,
        ],
    );
}

/// Values of two columns, one of which has holes, and labels that follow neither up nor down.
fn any_log() -> impl Strategy<Value = (Dataset, Vec<bool>)> {
    let row = (0..40u8, prop::option::weighted(0.8, -20..20i8), 0..100u8);
    prop::collection::vec(row, 60..300).prop_map(|rows| {
        let a = rows.iter().map(|(a, ..)| f64::from(*a));
        let b = rows.iter().map(|(_, b, _)| b.map_or(f64::NAN, f64::from));
        let y = rows.iter().map(|(a, b, chance)| {
            let far = f64::from(*a % 20) + f64::from(b.unwrap_or(9).unsigned_abs() % 13);
            far > 0.3 * f64::from(*chance)
        });
        let data = numbers(&[a.collect(), b.collect()]);
        (data, y.collect())
    })
}

/// The log odds or probabilities must not turn against the sign of a column where it alone changes.
fn turns(
    data: &Dataset,
    signs: [f64; 2],
    predict: &dyn Fn(&Dataset) -> Vec<f64>,
) -> Option<String> {
    for row in (0..data.n_rows()).step_by(7) {
        for (column, sign) in signs.into_iter().enumerate() {
            let asked: Vec<f64> = (-25..45).map(f64::from).collect();
            let mut columns = [0, 1].map(|at| vec![data.columns()[at].number(row); asked.len()]);
            columns[column] = asked;
            let said = predict(&numbers(&columns));
            if said.windows(2).any(|pair| sign * (pair[1] - pair[0]) < 0.0) {
                return Some(format!("row {row}, column {column}: {said:?}"));
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn no_prediction_turns_against_a_direction(
        (data, y) in any_log(),
        signs in prop::sample::select(vec![[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [0.0, 1.0], [-1.0, 0.0]]),
    ) {
        let data = data.with_signs(signs.to_vec());
        let rows: Vec<usize> = (0..y.len()).collect();
        let bins = Bins::fit(&data, &y, &rows);
        let learn = (&bins.transform(&data), &bins, y.as_slice());
        let params = boosting::Params {
            n_rounds: 20,
            learning_rate: 0.3,
            max_leaves: 16,
            min_leaf_weight: 0.1,
            lambda: 0.5,
            feature_share: 1.0,
            row_share: 1.0,
        };
        let boosted = Boosting::fit(learn, &rows, params, 0);
        let turned = turns(&data, signs, &|asked| boosted.predict_proba(&bins.transform(asked)));
        prop_assert_eq!(turned, None);
        let params = forest::Params { n_trees: 10, min_leaf_rows: 2, ..forest::Params::default() };
        let grown = Forest::fit(learn, &rows, params, 0);
        let turned = turns(&data, signs, &|asked| grown.predict_proba(&bins.transform(asked)));
        prop_assert_eq!(turned, None);
        if y.contains(&true) && y.contains(&false) {
            let weighed = LogisticRegression::fit(&data, &y, &rows, logistic::Params::default().check().unwrap()).unwrap();
            let turned = turns(&data, signs, &|asked| weighed.predict_proba(asked));
            prop_assert_eq!(turned, None);
        }
    }
}

/// Numbers between 0 and 1: Knuth's linear congruential generator.
struct Chance(u64);

impl Chance {
    fn draw(&mut self) -> f64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / f64::from(1u32 << 24)
    }
}

/// SciPy 1.17's `minimize(method="L-BFGS-B", bounds=...)` of `0.5 |w|^2 + sum(log loss)`, gradients to 1e-10, on the
/// standardised columns of the rows below.
#[track_caller]
fn check_coefficients(signs: [f64; 3], theirs: [f64; 4]) {
    let mut chance = Chance(1);
    let (mut columns, mut y) = (vec![Vec::new(); 3], Vec::new());
    for _ in 0..500 {
        let (a, b, e, c) = (chance.draw(), chance.draw(), chance.draw(), chance.draw());
        columns[0].push(a);
        columns[1].push(b);
        columns[2].push(0.7 * a + 0.3 * e);
        y.push(a - b + 0.8 * c > 0.4);
    }
    let data = numbers(&columns).with_signs(signs.to_vec());
    let rows: Vec<usize> = (0..500).collect();
    let params = logistic::Params::default().check().unwrap();
    let model = LogisticRegression::fit(&data, &y, &rows, params).unwrap();
    let mut ours: Vec<f64> = model.terms().map(|(_, weight, _)| weight).collect();
    ours.push(model.intercept());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() < 1e-5, "{ours} is not {theirs}");
    }
    assert!(model.terms().all(|(.., error)| error > 0.0));
}

#[test]
fn coefficients_keep_to_their_signs_at_the_minimum_that_scipy_finds() {
    let free = [2.2150539, -2.2104189, -0.2547417, 0.1064295];
    check_coefficients([0.0, 0.0, 0.0], free);
    check_coefficients([1.0, -1.0, -1.0], free);
    check_coefficients([0.0, 1.0, 0.0], [1.3492056, 0.0, -0.3245794, 0.0402507]);
    check_coefficients([-1.0, 1.0, 1.0], [0.0, 0.0, 0.8773407, 0.0371144]);
}

/// Rows whose risk truly rises with both columns, under noise.
fn rising() -> (Dataset, Vec<bool>) {
    let mut chance = Chance(1);
    let (mut columns, mut y) = ([Vec::new(), Vec::new()], Vec::new());
    for _ in 0..3_000 {
        let (a, b) = (chance.draw(), chance.draw());
        columns[0].push(a);
        columns[1].push(b);
        y.push(a + b > 0.9 + 1.2 * chance.draw());
    }
    (numbers(&columns), y)
}

/// scikit-learn 1.9.1 has a forest keep to directions by the same bounds; on these rows its log loss goes from 0.33 to 0.36
/// (`RandomForestClassifier(100, min_samples_leaf=5, monotonic_cst=[1, 1])`, the mean of three seeds).
#[test]
fn a_direction_that_is_true_helps_boosting_and_costs_a_forest_little() {
    let (data, y) = rising();
    let (learn, held): (Vec<usize>, Vec<usize>) = (0..3_000).partition(|i| i % 4 > 0);
    let losses = [vec![], vec![1.0, 1.0]].map(|signs| {
        let data = data.clone().with_signs(signs);
        let bins = Bins::fit(&data, &y, &learn);
        let binned = bins.transform(&data);
        let shared = (&binned, &bins, y.as_slice());
        let params = boosting::Params {
            n_rounds: 60,
            learning_rate: 0.1,
            max_leaves: 16,
            min_leaf_weight: 1.0,
            lambda: 1.0,
            feature_share: 1.0,
            row_share: 1.0,
        };
        let asked = bins.transform(&data.select(&held));
        let labels: Vec<bool> = held.iter().map(|&row| y[row]).collect();
        let boosted = Boosting::fit(shared, &learn, params, 0).predict_proba(&asked);
        let grown = Forest::fit(shared, &learn, forest::Params::default(), 0).predict_proba(&asked);
        [log_loss(&labels, &boosted), log_loss(&labels, &grown)]
    });
    println!(
        "log loss of boosting and forest: free {:?}, directed {:?}",
        losses[0], losses[1]
    );
    assert!(losses[1][0] < losses[0][0]);
    assert!(losses[1][1] < 0.35);
}

fn train(monotone: &[(&str, &str)], algorithm: Algorithm) -> Result<CrashPredictor, Error> {
    let table = Table::from_csv(&sample::csv(0), &ReadOptions::default())?;
    let named = monotone
        .iter()
        .map(|(name, way)| (name.to_string(), way.to_string()));
    let options = TrainOptions {
        algorithm,
        monotone: Monotone(named.collect()),
        ..TrainOptions::default()
    };
    CrashPredictor::train(&table, &options, &mut |_| {
        std::ops::ControlFlow::Continue(())
    })
}

#[test]
fn a_trained_model_keeps_to_the_directions_and_remembers_them() {
    for algorithm in [Algorithm::Logistic, Algorithm::Boosting, Algorithm::Forest] {
        let directions = [("mem_pct", "rising"), ("cpu_pct", "falling")];
        let trained = train(&directions, algorithm).unwrap();
        let loaded = CrashPredictor::load(&trained.save()).unwrap();
        assert_eq!(loaded, trained);
        let features = loaded.summary().features;
        let of = |name: &str| {
            features
                .iter()
                .find(|of| of.name == name)
                .unwrap()
                .direction
        };
        assert_eq!(of("mem_pct"), Some(Direction::Rising));
        assert_eq!(of("cpu_pct"), Some(Direction::Falling));
        assert_eq!(
            features.iter().filter(|of| of.direction.is_some()).count(),
            2
        );
        let ask = |cpu: f64, mem: f64| {
            let cells = [("cpu_pct", cpu), ("mem_pct", mem), ("latency_ms", 300.0)];
            let cells = cells.map(|(name, value)| (name.to_owned(), OwnedCell::Number(value)));
            loaded.predict(cells.to_vec()).unwrap().probability
        };
        let by_memory: Vec<f64> = (0..=100).map(|mem| ask(90.0, mem.into())).collect();
        assert!(by_memory.is_sorted(), "{algorithm:?}: {by_memory:?}");
        let by_cpu: Vec<f64> = (0..=100).rev().map(|cpu| ask(cpu.into(), 90.0)).collect();
        assert!(by_cpu.is_sorted(), "{algorithm:?}: {by_cpu:?}");
    }
}

#[test]
fn directions_of_no_use_are_refused() {
    let refused = |name, way| train(&[(name, way)], Algorithm::Logistic).unwrap_err();
    let error = refused("memory", "rising");
    assert!(
        matches!(
            error,
            Error::UnknownColumn {
                option: "monotone",
                ..
            }
        ),
        "{error}"
    );
    for (name, way) in [("mem_pct", "up"), ("tier", "rising"), ("host", "rising")] {
        let error = refused(name, way);
        assert!(
            matches!(
                error,
                Error::BadOption {
                    option: "monotone",
                    ..
                }
            ),
            "{error}"
        );
    }
}
