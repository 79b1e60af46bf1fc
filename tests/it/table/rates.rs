//! Counters read as what they rise by in a second.

use crash_predictor::batch::{CsvScorer, ScoreOptions};
use crash_predictor::table::{ReadOptions, Table, Values};
use crash_predictor::{CrashPredictor, OwnedCell, RoleOptions, TrainOptions, overview};
use std::ops::ControlFlow;

fn read(csv: &str, rates: &[&str]) -> Table {
    let options = ReadOptions {
        rates: rates.iter().map(|name| (*name).to_owned()).collect(),
        ..ReadOptions::default()
    };
    Table::from_csv(csv.as_bytes(), &options).unwrap()
}

#[track_caller]
fn check(csv: &str, expected: &[f64]) {
    let table = read(csv, &["n_total"]);
    let column = table.column("n_total").unwrap();
    let Values::Number(found) = &column.values else {
        panic!("{column:?}");
    };
    let same = found
        .iter()
        .zip(expected)
        .all(|(a, b)| a == b || a.is_nan() && b.is_nan());
    assert!(same && found.len() == expected.len(), "{found:?}");
    assert_eq!(column.unit.as_deref(), Some("/s"));
}

const NONE: f64 = f64::NAN;

#[test]
fn a_rate_is_the_rise_in_a_second_of_the_same_host() {
    let t = |minute: u32| format!("2026-01-01T00:{minute:02}:00Z");
    check(
        &format!(
            "time,n_total\n{},100\n{},160\n{},280\n{},30\n{},\n{},150\n",
            t(0),
            t(1),
            t(3),
            t(4),
            t(5),
            t(6)
        ),
        // It fell: it began anew, and is 30 after a minute. What is missing is passed over.
        &[NONE, 1.0, 1.0, 0.5, NONE, 1.0],
    );
    check(
        &format!(
            "time,host,n_total\n{0},a,0\n{0},b,1000\n{1},b,1600\n{1},a,60\n{2},a,240\n",
            t(0),
            t(1),
            t(2)
        ),
        &[NONE, NONE, 10.0, 1.0, 3.0],
    );
    // Rows out of order are taken in theirs; of the same time the first counts.
    check(
        &format!("time,n_total\n{1},160\n{0},100\n{1},400\n", t(0), t(1)),
        &[1.0, NONE, NONE],
    );
}

#[test]
fn counters_of_a_log_without_times_are_refused() {
    let options = ReadOptions {
        rates: vec!["n".to_owned()],
        ..ReadOptions::default()
    };
    assert_eq!(
        Table::from_csv(b"n,x\n1,2\n2,3\n", &options)
            .unwrap_err()
            .code(),
        "BadOption"
    );
    assert_eq!(
        Table::from_csv(b"m,x\n1,2\n2,3\n", &options)
            .unwrap_err()
            .code(),
        "UnknownColumn"
    );
}

/// A counter of errors, of which many in a minute come with a crash, and a gauge that says little.
fn log() -> String {
    let draw = |i: u32| (i.wrapping_mul(2_654_435_761) >> 16) % 100;
    let mut csv = "time,host,errors_total,cpu,crashed\n".to_owned();
    let mut totals = [0, 0];
    // More rows than are scored at a time.
    for minute in 0..2500 {
        for (at, host) in ["a", "b"].iter().enumerate() {
            let errors = draw(minute * 2 + at as u32) * 60;
            totals[at] = if minute % 250 == 249 {
                errors
            } else {
                totals[at] + errors
            };
            let crashed = u8::from(errors > 80 * 60);
            let time = format!(
                "2026-01-{:02}T{:02}:{:02}:00Z",
                1 + minute / 1440,
                minute / 60 % 24,
                minute % 60
            );
            csv += &format!(
                "{time},{host},{},{},{crashed}\n",
                totals[at],
                draw(minute + 7)
            );
        }
    }
    csv
}

#[test]
fn counters_are_found_and_offered() {
    let counters = |csv: &str, rates: &[&str]| {
        let table = read(csv, rates);
        overview::schema(&table, &RoleOptions::default())
            .unwrap()
            .counters
    };
    assert_eq!(counters(&log(), &[]), ["errors_total"]);
    assert!(counters(&log(), &["errors_total"]).is_empty());
    let gauge = log()
        .replace("errors_total", "cpu_count")
        .replace(",cpu,", ",errors_total,");
    // A name alone makes none.
    assert_eq!(counters(&gauge, &[]), ["cpu_count"]);
}

#[test]
fn a_model_of_rates_makes_them_of_what_it_is_given() {
    let csv = log();
    let table = read(&csv, &["errors_total"]);
    let train = |table: &Table| {
        CrashPredictor::train(table, &TrainOptions::default(), &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap()
    };
    let model = CrashPredictor::load(&train(&table).save()).unwrap();
    assert!(model.evaluation().model.roc_auc > 0.95);
    // Of a counter as it stands a row by itself says little; only the minutes before it tell by how much it rose.
    let as_it_stands = train(&read(&csv, &[]));
    let alone = as_it_stands.evaluation().row_alone.as_ref();
    assert!(alone.unwrap_or(&as_it_stands.evaluation().model).roc_auc < 0.9);
    let expected = model.predict_table(&table).unwrap().probabilities;
    // A table whose counters are as they were is refused; a log is read as the model's was, in pieces.
    let refused = model.predict_table(&read(&csv, &[])).unwrap_err();
    assert_eq!(refused.code(), "BadOption");
    let refused = model.drift(&read(&csv, &[])).unwrap_err();
    assert_eq!(refused.code(), "BadOption");
    let drift = model.drift(&table).unwrap();
    assert!(!drift.is_empty() && drift.iter().all(|of| of.stability_index < 0.1));
    let mut scorer = CsvScorer::new(model.clone(), &ScoreOptions::default()).unwrap();
    let mut out = Vec::new();
    for piece in csv.as_bytes().chunks(999) {
        out.extend(scorer.push(piece).unwrap());
    }
    out.extend(scorer.finish().unwrap());
    let scored = Table::from_csv(&out, &ReadOptions::default()).unwrap();
    let column = scored.column("crash_probability").unwrap();
    let found: Vec<f64> = (0..scored.n_rows())
        .map(|row| column.number_at(row).unwrap())
        .collect();
    assert_eq!(found, expected);
    // A row by itself has none before it: its number is the rate.
    let row = |rate: f64| {
        let cells = vec![("errors_total".to_owned(), OwnedCell::Number(rate))];
        model.predict(cells).unwrap().probability
    };
    assert!(row(95.0) > 0.5 && row(10.0) < 0.1);
}
