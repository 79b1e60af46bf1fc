//! Every way to ask a model gives the same bits, and says where the question leaves what the model was trained on.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use crash_predictor::features::WarningCode::{
    self, BadNumber, MissingColumn, OutOfRange, UnknownColumn, UnknownLevel,
};
use crash_predictor::provenance::{FeatureKindName, FeatureSummary};
use crash_predictor::{
    Algorithm, CrashPredictor, Error, OwnedCell, Prediction, ReadOptions, RoleOptions, Table,
    TrainOptions,
};
use proptest::prelude::*;

use crate::{MIXED, SAMPLE, mixed_csv, trained_by, trained_on};

fn text(cell: &str) -> OwnedCell {
    OwnedCell::Text(cell.to_owned())
}

fn number(cell: f64) -> OwnedCell {
    OwnedCell::Number(cell)
}

/// A row well inside the training rows.
fn usual() -> Vec<(&'static str, OwnedCell)> {
    vec![
        ("cpu_pct", number(97.0)),
        ("backup", text("yes")),
        ("tier", text("web")),
        ("__proto__", number(3.5)),
    ]
}

/// The usual row with one cell another.
fn with(name: &'static str, cell: OwnedCell) -> Vec<(&'static str, OwnedCell)> {
    let others = usual().into_iter().filter(|(other, _)| *other != name);
    others.chain([(name, cell)]).collect()
}

fn ask(row: Vec<(&str, OwnedCell)>) -> Prediction {
    let row = row.into_iter().map(|(name, cell)| (name.to_owned(), cell));
    MIXED.1.predict(row.collect()).unwrap()
}

// ---- the answer

#[test]
fn the_answer_is_the_threshold_in_words() {
    let answers = [ask(usual()), ask(with("cpu_pct", number(3.0)))];
    let [crash, calm] = &answers;
    assert!(crash.probability > calm.probability);
    let said: Vec<_> = answers
        .iter()
        .map(|answer| (answer.prediction, answer.message.as_str()))
        .collect();
    assert_eq!(
        said,
        [(1, "The server may crash."), (0, "The server is okay.")]
    );
    for answer in &answers {
        assert_eq!(answer.threshold, MIXED.1.threshold());
        assert_eq!(
            answer.prediction == 1,
            answer.probability >= answer.threshold
        );
        assert!((0.0..=1.0).contains(&answer.probability));
    }
}

// ---- cells

#[track_caller]
fn check_same(a: Vec<(&str, OwnedCell)>, b: Vec<(&str, OwnedCell)>) {
    assert_eq!(ask(a).probability.to_bits(), ask(b).probability.to_bits());
}

#[track_caller]
fn check_differ(a: Vec<(&str, OwnedCell)>, b: Vec<(&str, OwnedCell)>) {
    assert_ne!(ask(a).probability, ask(b).probability);
}

#[test]
fn a_number_may_be_typed() {
    for typed in ["97", " 97 ", "97.0", "9.7e1", "97%", "+97"] {
        check_same(usual(), with("cpu_pct", text(typed)));
    }
    check_differ(usual(), with("cpu_pct", text("96")));
}

#[test]
fn a_boolean_may_be_said_in_many_words() {
    for yes in ["yes", "Yes", "YES", "true", "on", "y", "t", "1"] {
        check_same(usual(), with("backup", text(yes)));
    }
    check_same(usual(), with("backup", OwnedCell::Boolean(true)));
    check_same(usual(), with("backup", number(1.0)));
    for no in [
        text("no"),
        text("OFF"),
        text("0"),
        number(0.0),
        OwnedCell::Boolean(false),
    ] {
        check_same(with("backup", text("no")), with("backup", no));
    }
    check_differ(usual(), with("backup", text("no")));
}

#[test]
fn unknown_is_unknown_however_it_is_said() {
    for name in ["cpu_pct", "backup", "tier", "__proto__"] {
        let left_out: Vec<_> = usual()
            .into_iter()
            .filter(|(other, _)| *other != name)
            .collect();
        for cell in [
            OwnedCell::Missing,
            number(f64::NAN),
            text(""),
            text("n/a"),
            text(" - "),
        ] {
            check_same(left_out.clone(), with(name, cell));
        }
    }
    check_differ(usual(), with("backup", OwnedCell::Missing));
}

#[test]
fn a_name_that_is_special_elsewhere_is_a_name_like_any_other() {
    check_differ(usual(), with("__proto__", number(12.0)));
    let cells = with("__proto__", OwnedCell::Missing);
    assert_eq!(ask(cells).warnings, []);
}

// ---- warnings

#[track_caller]
fn check_warnings(row: Vec<(&str, OwnedCell)>, expected: &[(WarningCode, Option<&str>)]) {
    let warnings = ask(row).warnings;
    let found: Vec<_> = warnings
        .iter()
        .map(|warning| (warning.code, warning.column.as_deref()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_row_like_the_training_rows_gets_no_warning() {
    check_warnings(usual(), &[]);
    check_warnings(with("cpu_pct", OwnedCell::Missing), &[]);
    // Columns of the log that are no features are known, and say nothing.
    for name in ["host", "zone", "state"] {
        check_warnings(with(name, text("x")), &[]);
    }
}

#[test]
fn what_leaves_the_training_rows_is_said() {
    check_warnings(
        with("cpu_pct", number(101.0)),
        &[(OutOfRange, Some("cpu_pct"))],
    );
    check_warnings(
        with("cpu_pct", number(-0.5)),
        &[(OutOfRange, Some("cpu_pct"))],
    );
    check_warnings(
        with("cpu_pct", text("high")),
        &[(BadNumber, Some("cpu_pct"))],
    );
    check_warnings(
        with("cpu_pct", number(f64::INFINITY)),
        &[(BadNumber, Some("cpu_pct"))],
    );
    check_warnings(
        with("cpu_pct", text("2024-03-04")),
        &[(BadNumber, Some("cpu_pct"))],
    );
    check_warnings(
        with("backup", text("perhaps")),
        &[(BadNumber, Some("backup"))],
    );
    check_warnings(with("backup", number(2.0)), &[(BadNumber, Some("backup"))]);
    check_warnings(
        with("tier", text("mainframe")),
        &[(UnknownLevel, Some("tier"))],
    );
    check_warnings(with("tier", number(1.0)), &[(UnknownLevel, Some("tier"))]);
    // Fewer than five training rows had it, too few to learn from.
    check_warnings(with("tier", text("edge")), &[(UnknownLevel, Some("tier"))]);
    check_warnings(with("cpu", number(1.0)), &[(UnknownColumn, Some("cpu"))]);
}

#[test]
fn every_warning_of_a_row_is_given() {
    let row = vec![
        ("cpu_pct", number(1e6)),
        ("tier", text("mainframe")),
        ("CPU_PCT", number(5.0)),
    ];
    let expected = [
        (MissingColumn, None),
        (OutOfRange, Some("cpu_pct")),
        (UnknownLevel, Some("tier")),
        (UnknownColumn, Some("CPU_PCT")),
    ];
    check_warnings(row, &expected);
    let row = usual().into_iter().filter(|(name, _)| *name != "tier");
    check_warnings(row.collect(), &[(MissingColumn, Some("tier"))]);
}

#[test]
fn values_that_were_never_seen_or_rarely_are_one_level() {
    check_same(with("tier", text("edge")), with("tier", text("mainframe")));
    check_differ(with("tier", text("edge")), with("tier", OwnedCell::Missing));
    // Case and spelling matter in a name, as they do in the log.
    check_same(with("tier", text("edge")), with("tier", text("Web")));
}

#[test]
fn a_row_of_no_column_of_the_model_is_refused() {
    for row in [
        vec![],
        vec![("cpu", number(5.0))],
        vec![("host", text("host-1")), ("state", text("ok"))],
    ] {
        let row = row
            .into_iter()
            .map(|(name, cell): (&str, _)| (name.to_owned(), cell));
        let error = MIXED.1.predict(row.collect()).unwrap_err();
        let Error::MissingColumns { needed } = error else {
            panic!("{error:?}");
        };
        assert_eq!(needed, ["__proto__", "backup", "cpu_pct", "tier"]);
    }
    let other = Table::from_csv(b"a,b\n1,2\n", &ReadOptions::default()).unwrap();
    assert!(matches!(
        MIXED.1.predict_table(&other),
        Err(Error::MissingColumns { .. })
    ));
}

#[test]
fn a_row_of_numbers_has_one_for_each_feature() {
    for n in [0, 3, 5] {
        let error = MIXED.1.predict_row(&vec![0.0; n]).unwrap_err();
        assert_eq!(
            error,
            Error::RowLength {
                found: n,
                expected: 4
            }
        );
    }
}

// ---- the three ways to ask

/// A row of the table as `predictRow` takes it.
fn numbers(features: &[FeatureSummary], table: &Table, row: usize) -> Vec<f64> {
    let value = |feature: &FeatureSummary| {
        let Some(cell) = table.column(&feature.name).unwrap().level_at(row) else {
            return f64::NAN;
        };
        match feature.kind {
            FeatureKindName::Number => cell.parse().unwrap(),
            _ => {
                let level = feature.levels.iter().position(|level| level.value == cell);
                level.unwrap_or(feature.levels.len()) as f64
            }
        }
    };
    features.iter().map(value).collect()
}

/// A row of the table as a person types it.
fn typed(table: &Table, row: usize) -> Vec<(String, OwnedCell)> {
    let cell = |column: &crash_predictor::table::Column| {
        let text = column.level_at(row).unwrap_or_default().into_owned();
        (column.name.clone(), OwnedCell::Text(text))
    };
    table.columns().iter().map(cell).collect()
}

#[track_caller]
fn check_every_way((table, predictor): &(Table, CrashPredictor), n_rows: usize) {
    let by_table = predictor.predict_table(table).unwrap();
    let features = predictor.summary().features;
    let timeline = predictor.timeline(table);
    let looks_back = predictor.spec().windows().is_some();
    for row in 0..n_rows {
        let expected = by_table.probabilities[row].to_bits();
        let by_hand = predictor.predict(typed(table, row)).unwrap();
        let by_numbers = predictor
            .predict_row(&numbers(&features, table, row))
            .unwrap();
        assert_eq!(
            by_numbers.to_bits(),
            by_hand.probability.to_bits(),
            "row {row}"
        );
        // A model that looks back says what it says in the table once it is told what was before.
        if looks_back && row % 100 < 90 {
            continue;
        }
        let is_before = |&before: &usize| timeline.hosts()[before] == timeline.hosts()[row];
        let history = (0..row).filter(|before| looks_back && is_before(before));
        let history = history.map(|before| typed(table, before)).collect();
        let by_hand = predictor.predict_after(typed(table, row), history).unwrap();
        assert_eq!(by_hand.probability.to_bits(), expected, "row {row}");
        assert_eq!(by_hand.prediction, by_table.predictions[row], "row {row}");
    }
}

#[test]
fn a_table_a_typed_row_and_a_row_of_numbers_give_the_same_bits() {
    check_every_way(&MIXED, 360);
    check_every_way(&SAMPLE, 1000);
    for algorithm in [Algorithm::Boosting, Algorithm::Forest] {
        check_every_way(&trained_by(algorithm, mixed_csv().as_bytes()), 360);
    }
}

#[test]
fn a_row_judged_without_those_before_it_carries_the_score_the_model_has_so() {
    // Steady for half an hour before a crash, restless else: no row by itself tells.
    let mut csv = "time,host,cpu,crashed\n".to_owned();
    let mut drawn = 1_u32;
    for minute in 0..4000 {
        for host in ["web-1", "web-2"] {
            drawn = drawn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let any = drawn >> 8;
            let is_steady = minute % 150 >= 115;
            let cpu = if is_steady { 48 + any % 5 } else { any % 100 };
            let (day, hour) = (1 + minute / 1440, minute / 60 % 24);
            let time = format!("2026-01-{day:02} {hour:02}:{:02}:00", minute % 60);
            csv += &format!("{time},{host},{cpu},{}\n", u8::from(minute % 150 >= 145));
        }
    }
    let table = Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap();
    let options = TrainOptions {
        roles: RoleOptions {
            horizon_minutes: Some(30.0),
            ..RoleOptions::default()
        },
        ..TrainOptions::default()
    };
    let predictor =
        CrashPredictor::train(&table, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    let scores = &predictor.evaluation().row_alone;
    assert!(scores.as_ref().unwrap().log_loss > predictor.evaluation().model.log_loss);
    let of_host: Vec<usize> = (0..table.n_rows()).step_by(2).take(200).collect();
    let (&last, before) = of_host.split_last().unwrap();
    let alone = predictor.predict(typed(&table, last)).unwrap();
    assert_eq!(&alone.row_alone, scores);
    let codes = |of: &Prediction| -> Vec<WarningCode> {
        of.warnings.iter().map(|warning| warning.code).collect()
    };
    assert_eq!(codes(&alone), [WarningCode::NoHistory]);
    let history = before.iter().map(|&row| typed(&table, row)).collect();
    let told = predictor
        .predict_after(typed(&table, last), history)
        .unwrap();
    assert_eq!((told.row_alone.as_ref(), codes(&told)), (None, Vec::new()));
    let of_one_row = MIXED.1.predict(typed(&MIXED.0, 0)).unwrap();
    assert_eq!(of_one_row.row_alone, None);
}

#[test]
fn a_number_that_is_no_index_of_a_level_is_another_level() {
    let features = MIXED.1.summary().features;
    let tier = features
        .iter()
        .position(|feature| feature.name == "tier")
        .unwrap();
    let ask = |value: f64| {
        let mut values = vec![3.5, 1.0, 97.0, 0.0];
        values[tier] = value;
        MIXED.1.predict_row(&values).unwrap()
    };
    let other = ask(features[tier].levels.len() as f64);
    for value in [-1.0, 0.5, 1e9, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(ask(value), other, "{value}");
    }
    assert_ne!(ask(0.0), other);
}

// ---- laws

/// The log with its columns and rows in another order.
fn shuffled(columns: &[usize], rows: &[usize]) -> Table {
    let csv = mixed_csv();
    let mut lines = csv.lines();
    let header = lines.next().unwrap();
    let lines: Vec<&str> = lines.collect();
    let permute = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let cells: Vec<&str> = columns.iter().map(|&column| cells[column]).collect();
        cells.join(",") + "\n"
    };
    let rows: String = rows.iter().map(|&row| permute(lines[row])).collect();
    Table::from_csv(
        (permute(header) + &rows).as_bytes(),
        &ReadOptions::default(),
    )
    .unwrap()
}

fn bits(probabilities: &[f64]) -> Vec<u64> {
    probabilities.iter().map(|p| p.to_bits()).collect()
}

/// Four metrics of small numbers, for and against a crash: divided by their deviation, large numbers overflow.
static SMALL: LazyLock<CrashPredictor> = LazyLock::new(|| {
    let row = |i: u32| {
        let cell =
            |n: u32| f64::from(i.wrapping_mul(2_654_435_761).wrapping_mul(n) >> 16 & 1023) / 1e6;
        let [a, b, c, d] = [1, 3, 5, 7].map(cell);
        format!("{a},{b},{c},{d},{}\n", u8::from(a + b > c + d))
    };
    let csv = "a,b,c,d,crashed\n".to_owned() + &(0..300).map(row).collect::<String>();
    trained_on(csv.as_bytes()).1
});

/// Infinite evidence for a crash and against it once added up to NaN.
#[test]
fn overflowing_values_that_contradict_each_other_give_a_probability() {
    let probability = SMALL.predict_row(&[0.0, f64::MAX, 0.0, f64::MAX]).unwrap();
    assert!((0.0..=1.0).contains(&probability), "{probability}");
    // Calibrated, nothing is certain.
    let (high, low) = (
        SMALL.predict_row(&[f64::MAX, 0.0, 0.0, 0.0]).unwrap(),
        SMALL.predict_row(&[f64::MIN, 0.0, 0.0, 0.0]).unwrap(),
    );
    assert!(
        (0.999..1.0).contains(&high) && low > 0.0 && low < 0.001,
        "{high} {low}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_row_is_predicted_alike_wherever_it_stands(
        columns in Just((0..7).collect::<Vec<usize>>()).prop_shuffle(),
        rows in Just((0..360).collect::<Vec<usize>>()).prop_shuffle(),
        n_rows in 1usize..=360,
    ) {
        let rows = &rows[..n_rows];
        let whole = MIXED.1.predict_table(&MIXED.0).unwrap().probabilities;
        let expected: Vec<f64> = rows.iter().map(|&row| whole[row]).collect();
        let found = MIXED.1.predict_table(&shuffled(&columns, rows)).unwrap().probabilities;
        prop_assert_eq!(bits(&found), bits(&expected));
    }

    #[test]
    fn no_numbers_give_anything_but_a_probability(
        values in prop::collection::vec(prop_oneof![any::<f64>(), Just(f64::MAX), Just(f64::MIN)], 4),
    ) {
        for predictor in [&MIXED.1, &*SMALL] {
            let probability = predictor.predict_row(&values).unwrap();
            prop_assert!((0.0..=1.0).contains(&probability), "{}", probability);
        }
    }

    #[test]
    fn no_words_are_a_panic(name in "\\PC{0,8}", cells in prop::collection::vec("\\PC{0,12}", 5)) {
        let names = ["cpu_pct", "backup", "tier", "__proto__", &name];
        let row = names.iter().zip(&cells).map(|(name, cell)| ((*name).to_owned(), text(cell)));
        let probability = MIXED.1.predict(row.collect()).unwrap().probability;
        prop_assert!((0.0..=1.0).contains(&probability));
    }
}

/// A word is a word whatever stands beside it: this column is mostly numbers, and all numbers here.
#[test]
fn a_category_of_digits_is_read_by_its_spelling() {
    let row = |i: u32| {
        format!(
            "{},{},{}\n",
            i % 50,
            ["7", "8", "beta"][i as usize % 3],
            u8::from(i % 3 == 2 || i % 50 > 45)
        )
    };
    let csv = "cpu,build,crashed\n".to_owned() + &(0..300).map(row).collect::<String>();
    let trained = trained_on(csv.as_bytes());
    check_every_way(&trained, 300);
    let digits = Table::from_csv(b"cpu,build\n1,7\n2,8.0\n", &ReadOptions::default()).unwrap();
    let found = trained.1.predict_table(&digits).unwrap();
    assert_eq!(found.warnings, []);
    let whole = trained.1.predict_table(&trained.0).unwrap().probabilities;
    // Row 51 of the log is `1,7`, row 52 `2,8`.
    assert_eq!(bits(&found.probabilities), bits(&whole[51..53]));
}

/// Eleven rows whose build is a number and one, the last, whose build is a word.
fn mostly_numbers(last: &str) -> Table {
    let csv = "cpu,build\n".to_owned() + &"5,7\n".repeat(11) + "5," + last + "\n";
    Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap()
}

#[test]
fn a_word_among_numbers_is_read_alike_whatever_stands_beside_it() {
    // To the table of mostly numbers the word is a stray; the model knows the column as words.
    let row = |i: u32| {
        let build = ["7", "8", "beta"][i as usize % 3];
        format!(
            "{},{build},{}\n",
            i % 10,
            u8::from(build == "beta" && !i.is_multiple_of(7))
        )
    };
    let csv = "cpu,build,crashed\n".to_owned() + &(0..300).map(row).collect::<String>();
    let (_, predictor) = trained_on(csv.as_bytes());
    let alone = |build: &str| {
        let cells = vec![
            ("cpu".to_owned(), number(5.0)),
            ("build".to_owned(), text(build)),
        ];
        predictor.predict(cells).unwrap().probability
    };
    for build in ["beta", "gamma", "8"] {
        let among = predictor
            .predict_table(&mostly_numbers(build))
            .unwrap()
            .probabilities;
        assert_eq!(among[11], alone(build), "{build}");
        assert_eq!(among[0], alone("7"));
    }
}
