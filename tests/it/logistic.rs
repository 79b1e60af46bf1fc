//! Logistic regression against scikit-learn's on the real logs of `../shared/data`, and its laws.

use std::fs;

use crash_predictor::evaluate::metrics::Ranking;
use crash_predictor::features::{Dataset, FeatureColumn, FeatureSpec};
use crash_predictor::model::design::TermKind;
use crash_predictor::model::logistic::{LogisticRegression, MissingIndicator, Params};
use crash_predictor::schema::Schema;
use crash_predictor::{ReadOptions, RoleOptions, Table};
use serde::Deserialize;

use crate::data_sets;

#[derive(Deserialize)]
struct Reference {
    objective_value: f64,
    intercept: f64,
    features: Vec<ReferenceFeature>,
}

#[derive(Deserialize)]
struct ReferenceFeature {
    name: String,
    median: f64,
    mean: f64,
    std: f64,
    coef: f64,
}

/// scikit-learn's objective, written out once more: half the squared coefficients plus the summed log loss.
fn objective(x: &[Vec<f64>], y: &[bool], coefficients: &[f64], intercept: f64) -> f64 {
    let penalty: f64 = coefficients.iter().map(|w| 0.5 * w * w).sum();
    let loss = |(row, &crashed): (&Vec<f64>, &bool)| {
        let z: f64 = row
            .iter()
            .zip(coefficients)
            .map(|(x, w)| x * w)
            .sum::<f64>()
            + intercept;
        let against: f64 = if crashed { -z } else { z };
        against.max(0.0) + (-against.abs()).exp().ln_1p()
    };
    penalty + x.iter().zip(y).map(loss).sum::<f64>()
}

#[test]
fn agrees_with_scikit_learn_on_every_data_set() {
    for folder in data_sets() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let reference: Reference =
            serde_json::from_slice(&fs::read(folder.join("lr_reference.json")).unwrap()).unwrap();
        let csv = fs::read(folder.join("train.csv")).unwrap();
        let table = Table::from_csv(&csv, &ReadOptions::default()).unwrap();
        let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
        let y: Vec<bool> = schema
            .labels(&table)
            .unwrap()
            .into_iter()
            .map(Option::unwrap)
            .collect();

        let names: Vec<String> = reference.features.iter().map(|f| f.name.clone()).collect();
        let rows: Vec<usize> = (0..table.n_rows()).collect();
        let spec = FeatureSpec::fit(&table, &names, &rows).unwrap();
        let data = spec.transform(&table);
        let params = Params {
            c: 1.0,
            missing: MissingIndicator::Omit,
        }
        .check()
        .unwrap();
        let model = LogisticRegression::fit(&data, &y, &rows, params).unwrap();

        let mut ours = vec![0.0; names.len()];
        for (term, coefficient, standard_error) in model.terms() {
            let feature = &spec.features()[term.feature].name;
            let at = names.iter().position(|name| name == feature).unwrap();
            ours[at] = coefficient;
            assert!(
                standard_error > 0.0 && standard_error < 1.0 + 1e-9,
                "{name}: {feature}"
            );
            let TermKind::Value { fill, mean, std } = term.kind else {
                panic!("{:?}", term.kind)
            };
            let theirs = &reference.features[at];
            for (ours, theirs) in [
                (fill, theirs.median),
                (mean, theirs.mean),
                (std, theirs.std),
            ] {
                assert!(
                    (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-3),
                    "{name}: {feature}"
                );
            }
        }
        let theirs: Vec<f64> = reference
            .features
            .iter()
            .map(|feature| feature.coef)
            .collect();
        let furthest = ours
            .iter()
            .zip(&theirs)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        assert!(
            furthest < 1e-3,
            "{name}: a coefficient differs by {furthest}"
        );
        assert!(
            (model.intercept() - reference.intercept).abs() < 1e-3,
            "{name}"
        );

        let standardised = |row: usize| {
            let value = |feature: &ReferenceFeature| {
                let value = table.column(&feature.name).unwrap().number_at(row);
                (value.unwrap_or(feature.median) - feature.mean) / feature.std
            };
            reference.features.iter().map(value).collect::<Vec<f64>>()
        };
        let x: Vec<Vec<f64>> = rows.iter().map(|&row| standardised(row)).collect();
        let at_theirs = objective(&x, &y, &theirs, reference.intercept);
        let at_ours = objective(&x, &y, &ours, model.intercept());
        assert!(
            (at_theirs - reference.objective_value).abs() < 1e-6 * at_theirs,
            "{name}"
        );
        assert!(
            at_ours <= at_theirs,
            "{name}: {at_ours} is above {at_theirs}"
        );
    }
}

/// Two overlapping clouds, a category that matters, and holes.
fn small() -> (Dataset, Vec<bool>) {
    let n = 200;
    let y: Vec<bool> = (0..n).map(|i| (i * 7 + i / 3) % 5 == 0).collect();
    let number = (0..n).map(|i| match i % 11 {
        0 => f64::NAN,
        _ => f64::from((i * 37 % 101) as u32) + if y[i] { 40.0 } else { 0.0 },
    });
    let codes = (0..n)
        .map(|i| ((i + usize::from(y[i])) % 4) as u32)
        .collect();
    let columns = vec![
        FeatureColumn::numbers(number.collect()),
        FeatureColumn::Category { codes, n_levels: 3 },
        FeatureColumn::numbers(vec![5.0; n]),
    ];
    (Dataset::new(n, columns), y)
}

fn fit(data: &Dataset, y: &[bool], rows: &[usize]) -> LogisticRegression {
    LogisticRegression::fit(data, y, rows, Params::default().check().unwrap()).unwrap()
}

#[test]
fn a_constant_column_has_no_term_and_a_hole_has_its_own() {
    let (data, y) = small();
    let rows: Vec<usize> = (0..y.len()).collect();
    let model = fit(&data, &y, &rows);
    let terms: Vec<(usize, TermKind)> = model.terms().map(|(t, ..)| (t.feature, t.kind)).collect();
    assert!(matches!(terms[0], (0, TermKind::Value { .. })));
    assert_eq!(terms[1], (0, TermKind::Missing));
    let levels: Vec<(usize, TermKind)> = (0..4).map(|code| (1, TermKind::Level(code))).collect();
    assert_eq!(
        terms[2..],
        levels[..],
        "three levels and the other one, nothing constant"
    );
}

#[test]
fn the_mean_probability_is_the_crash_rate() {
    // The gradient of the unpenalised intercept is zero at the minimum.
    let (data, y) = small();
    let rows: Vec<usize> = (0..y.len()).collect();
    let mean = fit(&data, &y, &rows)
        .predict_proba(&data)
        .iter()
        .sum::<f64>()
        / 200.0;
    let rate = y.iter().filter(|&&crashed| crashed).count() as f64 / 200.0;
    assert!((mean - rate).abs() < 1e-9, "{mean} {rate}");
}

/// So many rows that the steps begin on a share of a share of them: numbers, one with holes here and there, one that is
/// missing for long stretches, and a category.
fn large() -> (Dataset, Vec<bool>) {
    let n = 20_000usize;
    let mixed = |i: usize, k: usize| ((i * 2_654_435_761 + k * 40_503) >> 7) % 1_009;
    let number = |k: usize| (0..n).map(move |i| mixed(i, k) as f64 / 100.0);
    let y = (0..n)
        .map(|i| mixed(i, 1) + mixed(i, 2) + mixed(i, 3) > 2_100)
        .collect();
    let holes = number(2).enumerate();
    let stretches = number(4).enumerate();
    let columns = vec![
        FeatureColumn::numbers(number(1).map(|value| value * value).collect()),
        FeatureColumn::numbers(
            holes
                .map(|(i, value)| if i % 19 == 0 { f64::NAN } else { value })
                .collect(),
        ),
        FeatureColumn::numbers(
            stretches
                .map(|(i, value)| if i % 700 < 300 { f64::NAN } else { value })
                .collect(),
        ),
        FeatureColumn::Category {
            codes: (0..n).map(|i| (mixed(i, 3) / 300) as u32).collect(),
            n_levels: 4,
        },
    ];
    (Dataset::new(n, columns), y)
}

#[test]
fn the_gradient_is_zero_at_the_minimum() {
    let (data, y) = large();
    let rows: Vec<usize> = (0..y.len()).collect();
    let model = fit(&data, &y, &rows);
    assert_eq!(model.terms().count(), 3 + 2 + 4);
    let residuals: Vec<f64> = model
        .predict_proba(&data)
        .iter()
        .zip(&y)
        .map(|(probability, &crashed)| probability - f64::from(crashed))
        .collect();
    for (term, coefficient, _) in model.terms() {
        let cell = |row: usize| match (term.kind, &data.columns()[term.feature]) {
            (TermKind::Value { fill, mean, std }, FeatureColumn::Number(values)) => {
                let value = if values[row].is_nan() {
                    fill
                } else {
                    values[row]
                };
                (value - mean) / std
            }
            (TermKind::Missing, column) => f64::from(column.is_missing(row)),
            (TermKind::Level(level), FeatureColumn::Category { codes, .. }) => {
                f64::from(codes[row] == level)
            }
            (kind, _) => panic!("{kind:?}"),
        };
        let of_loss: f64 = rows.iter().map(|&row| residuals[row] * cell(row)).sum();
        assert!(
            (of_loss + coefficient).abs() < 1e-6,
            "{term:?}: {}",
            of_loss + coefficient
        );
    }
    assert!(residuals.iter().sum::<f64>().abs() < 1e-6);
}

#[test]
fn the_order_of_the_rows_changes_nothing() {
    let (data, y) = large();
    let rows: Vec<usize> = (0..y.len()).collect();
    let n = rows.len();
    let turned: Vec<usize> = rows.iter().map(|row| row * 7_919 % n).collect();
    let (one, other) = (fit(&data, &y, &rows), fit(&data, &y, &turned));
    for ((term, a, a_error), (_, b, b_error)) in one.terms().zip(other.terms()) {
        assert!((a - b).abs() < 1e-7, "{term:?}: {a} {b}");
        assert!(
            (a_error - b_error).abs() < 1e-4 * a_error,
            "{term:?}: {a_error} {b_error}"
        );
    }
}

#[test]
fn rows_that_are_not_given_change_nothing() {
    let (data, mut y) = small();
    let rows: Vec<usize> = (0..150).collect();
    let before = fit(&data, &y, &rows);
    y[150..].iter_mut().for_each(|crashed| *crashed = !*crashed);
    assert_eq!(before, fit(&data, &y, &rows));
    assert_eq!(before, fit(&data.select(&rows), &y, &rows));
}

#[test]
fn a_column_that_separates_stays_finite_and_ranks_perfectly() {
    let n = 60;
    let y: Vec<bool> = (0..n).map(|i| i >= 40).collect();
    let data = Dataset::new(
        n,
        vec![FeatureColumn::numbers((0..n).map(|i| i as f64).collect())],
    );
    let rows: Vec<usize> = (0..n).collect();
    let probabilities = fit(&data, &y, &rows).predict_proba(&data);
    assert!(probabilities.iter().all(|p| p.is_finite()));
    assert_eq!(Ranking::new(&y, &probabilities).roc_auc(), 1.0);
}

#[test]
fn extreme_values_give_a_model_or_a_clear_error_but_never_a_nan() {
    for scale in [1e-300, 1e-150, 1e150, 1e300] {
        let (_, y) = small();
        let values = (0..y.len())
            .map(|i| scale * ((i * 31 % 17) as f64 - 8.0))
            .collect();
        let data = Dataset::new(y.len(), vec![FeatureColumn::numbers(values)]);
        let rows: Vec<usize> = (0..y.len()).collect();
        let probabilities = fit(&data, &y, &rows).predict_proba(&data);
        assert!(
            probabilities.iter().all(|p| (0.0..=1.0).contains(p)),
            "{scale}"
        );
    }
}
