//! Later rows against the rows of the training.

use crash_predictor::drift::{Drift, DriftLevel, Reference};
use crash_predictor::features::FeatureSpec;
use crash_predictor::{ReadOptions, Table};
use proptest::prelude::*;

/// A log of one number and one category.
fn table(rows: impl Iterator<Item = (f64, &'static str)>) -> Table {
    let csv = rows.fold("load,tier\n".to_owned(), |csv, (load, tier)| {
        format!("{csv}{load},{tier}\n")
    });
    Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap()
}

fn training() -> (FeatureSpec, Reference) {
    let table = table((0..1000).map(|i| (f64::from(i % 100), ["web", "db"][i as usize % 2])));
    let rows: Vec<usize> = (0..table.n_rows()).collect();
    let names = ["load", "tier"].map(str::to_owned);
    let spec = FeatureSpec::fit(&table, &names, &rows).unwrap();
    let reference = Reference::new(&spec.transform(&table), &rows);
    assert!(reference.is_consistent(&spec));
    (spec, reference)
}

/// The reading of each column after later rows in two parts: name, level, share outside.
#[track_caller]
fn check(later: &[(f64, &'static str)], expected: &[(&str, DriftLevel, f64)]) {
    let (spec, reference) = training();
    let mut drift = Drift::default();
    for part in later.chunks(later.len().div_ceil(2)) {
        drift.add(
            &reference,
            &spec,
            &spec.transform(&table(part.iter().copied())),
        );
    }
    let found = drift.columns(&reference, &spec);
    let found: Vec<_> = found
        .iter()
        .map(|of| (of.column.as_str(), of.level, of.outside))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn rows_like_those_of_the_training_have_not_moved() {
    let later: Vec<_> = (0..400)
        .map(|i| (f64::from(i * 7 % 100), ["db", "web"][i as usize % 2]))
        .collect();
    let (spec, reference) = training();
    let mut drift = Drift::default();
    drift.add(
        &reference,
        &spec,
        &spec.transform(&table(later.into_iter())),
    );
    for column in drift.columns(&reference, &spec) {
        assert_eq!(
            (column.level, column.outside),
            (DriftLevel::None, 0.0),
            "{}",
            column.message
        );
        assert!(column.stability_index < 0.01);
    }
}

#[test]
fn the_column_that_moved_is_named_first_and_how_far() {
    let later: Vec<_> = (0..400)
        .map(|i| (f64::from(i % 100 + 50), ["db", "web"][i as usize % 2]))
        .collect();
    check(
        &later,
        &[
            ("load", DriftLevel::Much, 0.5),
            ("tier", DriftLevel::None, 0.0),
        ],
    );
}

#[test]
fn words_that_were_not_learned_are_outside() {
    let later: Vec<_> = (0..400)
        .map(|i| {
            (
                f64::from(i % 100),
                ["db", "web", "gpu", "gpu"][i as usize % 4],
            )
        })
        .collect();
    check(
        &later,
        &[
            ("tier", DriftLevel::Much, 0.5),
            ("load", DriftLevel::None, 0.0),
        ],
    );
}

#[test]
fn a_few_rows_say_nothing() {
    check(&[(500.0, "gpu"); 100], &[]);
}

#[test]
fn the_index_is_the_one_worked_out_by_hand() {
    // Two bins of equal shares become 3/4 and 1/4: (1/4) ln(3/2) - (1/4) ln(1/2) = (1/4) ln 3.
    let expected = 0.25 * 3.0_f64.ln();
    let (spec, reference) = training();
    let mut drift = Drift::default();
    let later = (0..40_000).map(|i| {
        (
            f64::from(i % 100),
            ["web", "web", "web", "db"][i as usize % 4],
        )
    });
    drift.add(&reference, &spec, &spec.transform(&table(later)));
    let found = drift.columns(&reference, &spec);
    assert_eq!(found[0].column, "tier");
    // Half a row in each bin is not much beside a thousand.
    assert!(
        (found[0].stability_index - expected).abs() < 5e-3,
        "{}",
        found[0].stability_index
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn how_the_rows_are_cut_changes_nothing(loads in prop::collection::vec(-50.0..150.0, 200..300), cut in 1..199usize) {
        let (spec, reference) = training();
        let rows: Vec<(f64, &str)> = loads.iter().map(|&load| (load, "web")).collect();
        let of = |parts: &[&[(f64, &'static str)]]| {
            let mut drift = Drift::default();
            for part in parts {
                drift.add(&reference, &spec, &spec.transform(&table(part.iter().copied())));
            }
            drift
        };
        prop_assert_eq!(of(&[&rows]), of(&[&rows[..cut], &rows[cut..]]));
    }
}
