//! What the user says of columns and values goes before what is found, at prediction too.

use std::ops::ControlFlow;

use crash_predictor::batch::{CsvScorer, ScoreOptions};
use crash_predictor::schema::RoleOptions;
use crash_predictor::table::{ColumnKind, format_number};
use crash_predictor::{Algorithm, CrashPredictor, OwnedCell, ReadOptions, Table, TrainOptions};

use super::options;

/// A log whose ids look like numbers, with as many words as numbers in `cpu`, and moments that no name calls so.
const ODD_KINDS: &str = "id,cpu,at_hand,crashed\n007,1.5,1700000000,0\n7,idle,1700000060,1\n0x7,n/a,2023-11-14T22:15:20Z,0\n";

fn read_as(text: &[&str], number: &[&str], time: &[&str]) -> Table {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let options = ReadOptions {
        as_text: list(text),
        as_number: list(number),
        as_time: list(time),
        ..ReadOptions::default()
    };
    Table::from_csv(ODD_KINDS.as_bytes(), &options).unwrap()
}

#[test]
fn a_column_is_what_the_user_says() {
    let table = read_as(&["id"], &["cpu"], &["at_hand"]);
    let levels =
        |at: usize| [0, 1, 2].map(|row| table.columns()[at].level_at(row).map(String::from));
    let texts = |texts: [&str; 3]| texts.map(|text| Some(text.to_owned()));
    assert_eq!(levels(0), texts(["007", "7", "0x7"]));
    assert_eq!(levels(1), [Some("1.5".to_owned()), None, None]);
    assert_eq!(table.columns()[2].kind(), ColumnKind::Time);
    // Moments are not counted since 1970 where others are written out.
    assert_eq!(table.issues().count_of("BadTime"), 2);
    assert_eq!(table.issues().count_of("BadNumber"), 1);
    let epoch = Table::from_csv(
        b"a,b\n1700000000,1\n1700000060,2\n",
        &ReadOptions {
            as_time: vec!["a".to_owned()],
            ..ReadOptions::default()
        },
    );
    assert_eq!(
        epoch.unwrap().columns()[0].level_at(0).unwrap(),
        "2023-11-14T22:13:20Z"
    );
}

#[test]
fn saying_the_kind_of_a_column_that_is_not_there_is_an_error() {
    for option in ["as_text", "as_number", "as_time"] {
        let names = |of: &str| {
            if of == option {
                vec!["ids".to_owned()]
            } else {
                Vec::new()
            }
        };
        let options = ReadOptions {
            as_text: names("as_text"),
            as_number: names("as_number"),
            as_time: names("as_time"),
            ..ReadOptions::default()
        };
        let error = Table::from_csv(ODD_KINDS.as_bytes(), &options).unwrap_err();
        assert_eq!(error.code(), "UnknownColumn");
    }
}

#[test]
fn an_id_read_as_text_is_the_same_at_prediction() {
    let rows = |i: u32| format!("{:03},{},{}\n", i % 4 * 7, i % 9, u8::from(i % 4 == 1));
    let csv = "id,cpu,crashed\n".to_owned() + &(0..400).map(rows).collect::<String>();
    let options = ReadOptions {
        as_text: vec!["id".to_owned()],
        ..ReadOptions::default()
    };
    let table = Table::from_csv(csv.as_bytes(), &options).unwrap();
    let roles = TrainOptions {
        roles: RoleOptions {
            features: Some(vec!["id".to_owned(), "cpu".to_owned()]),
            ..RoleOptions::default()
        },
        algorithm: Algorithm::Logistic,
        ..TrainOptions::default()
    };
    let model = CrashPredictor::train(&table, &roles, &mut |_| ControlFlow::Continue(())).unwrap();
    let model = CrashPredictor::load(&model.save()).unwrap();
    let row = |id: &str| {
        let cells = [("id", id), ("cpu", "3")];
        let cells = cells.map(|(name, text)| (name.to_owned(), OwnedCell::Text(text.to_owned())));
        model.predict(cells.to_vec()).unwrap().probability
    };
    assert!(
        row("007") > 0.9 && row("000") < 0.1,
        "{} {} {:?}",
        row("007"),
        row("000"),
        model.summary().features
    );
    assert_eq!(
        row("007"),
        model.predict_table(&table).unwrap().probabilities[21]
    );
    // Not told again, the columns of a log to score are read as the model's were.
    let mut scorer = CsvScorer::new(model.clone(), &ScoreOptions::default()).unwrap();
    let mut scored = scorer.push(b"id,cpu\n007,3\n7,3\n").unwrap();
    scored.extend(scorer.finish().unwrap());
    let scored = String::from_utf8(scored).unwrap();
    assert!(
        scored.contains(&format!("007,3,{},1", format_number(row("007")))),
        "{scored}"
    );
    assert!(
        !scored.contains(&format!("\n7,3,{}", format_number(row("007")))),
        "{scored}"
    );
}

#[test]
fn rows_over_the_limit_are_rejected_and_the_header_is_not() {
    let csv = "a_long_name,another\n1,2\n1234567,8\n3,4\n";
    let options = ReadOptions {
        max_row_bytes: Some(8),
        ..ReadOptions::default()
    };
    let table = Table::from_csv(csv.as_bytes(), &options).unwrap();
    assert_eq!((table.n_rows(), table.issues().rows_rejected()), (2, 1));
    let issue = &table.issues().kept()[0];
    assert_eq!((issue.code.name(), issue.line), ("RowTooLong", Some(3)));
}

#[test]
fn dates_are_read_beside_marks_that_are_given() {
    let options = ReadOptions {
        numbers: Some("1.234,5".to_owned()),
        ..ReadOptions::default()
    };
    let csv = "when;x\n25.09.2001 10:00;1,5\n26.09.2001 10:00;2,5\n";
    let table = Table::from_csv(csv.as_bytes(), &options).unwrap();
    assert_eq!(table.columns()[0].kind(), ColumnKind::Time);
    assert_eq!(table.columns()[1].number_at(1), Some(2.5));
}

#[test]
fn what_the_user_says_of_values_goes() {
    let says = |values: ReadOptions, cell: &str| {
        let table =
            Table::from_csv(format!("x|y\n{cell}|1\n").as_bytes(), &options(values)).unwrap();
        table.columns()[0]
            .level_at(0)
            .map(|level| level.into_owned())
    };
    let numbers = |example: &str| ReadOptions {
        numbers: Some(example.to_owned()),
        ..ReadOptions::default()
    };
    assert_eq!(says(numbers("1234,5"), "1,234").as_deref(), Some("1.234"));
    assert_eq!(says(numbers("1234.5"), "1,234").as_deref(), Some("1,234"));
    assert_eq!(says(numbers("1.234,5"), "1.234").as_deref(), Some("1234"));
    let dates = |example: &str| ReadOptions {
        dates: Some(example.to_owned()),
        ..ReadOptions::default()
    };
    assert_eq!(
        says(dates("31/12/2026"), "03/04/2026").as_deref(),
        Some("2026-04-03T00:00:00Z")
    );
    assert_eq!(
        says(dates("12/31/2026"), "03/04/2026").as_deref(),
        Some("2026-03-04T00:00:00Z")
    );
    let booleans = |words: &str| ReadOptions {
        booleans: Some(words.to_owned()),
        ..ReadOptions::default()
    };
    let bad = [
        ["", "1234", "1,234,5", "1 234.5e3", ".", "1.2.3,4'5"].map(numbers),
        [
            "",
            "03/04/2026",
            "2026-12-31",
            "x",
            "31.12.2026",
            "12:00:00",
        ]
        .map(dates),
        ["", "ja", "/nein", "a/b/c", "/", "//"].map(booleans),
    ];
    for bad in bad.into_iter().flatten() {
        let read = Table::from_csv(b"x|y\n1|2\n", &options(bad.clone()));
        assert_eq!(
            read.map_err(|error| error.code()).unwrap_err(),
            "BadOption",
            "{bad:?}"
        );
    }
}
