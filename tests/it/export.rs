//! The JSON export is enough to predict with: it is recomputed here with nothing but arithmetic, as its formula says.

use std::collections::BTreeSet;

use crash_predictor::table::Column;
use crash_predictor::{CrashPredictor, ExportFormat, OwnedCell, Table};
use serde_json::Value;

use crate::{MIXED, SAMPLE};

/// The value of a term for a cell, by the words of the document's formula.
fn x(term: &Value, column: &Column, row: usize) -> f64 {
    let cell = column.level_at(row);
    let figure = |name: &str| term[name].as_f64().unwrap();
    match term["kind"].as_str().unwrap() {
        "value" => {
            let value = cell.map_or(figure("fill"), |cell| match &*cell {
                "yes" => 1.0,
                "no" => 0.0,
                number => number.parse().unwrap(),
            });
            (value - figure("mean")) / figure("std")
        }
        "missing" => f64::from(cell.is_none()),
        "level" => f64::from(cell.as_deref() == Some(term["level"].as_str().unwrap())),
        kind => panic!("a term of kind {kind} needs the other terms"),
    }
}

/// The probability of a crash for one row, from the document alone.
fn recompute(document: &Value, table: &Table, row: usize) -> f64 {
    let terms = document["model"]["terms"].as_array().unwrap();
    let mut log_odds = document["model"]["intercept"].as_f64().unwrap();
    for term in terms {
        let column = table.column(term["feature"].as_str().unwrap()).unwrap();
        let x = if term["kind"] == "other" {
            let features = document["summary"]["features"].as_array().unwrap();
            let feature = features
                .iter()
                .find(|feature| feature["name"] == term["feature"]);
            let mut levels = feature.unwrap()["levels"].as_array().unwrap().iter();
            let cell = column.level_at(row);
            f64::from(cell.is_some_and(|cell| !levels.any(|level| level["value"] == *cell)))
        } else {
            x(term, column, row)
        };
        log_odds += term["coefficient"].as_f64().unwrap() * x;
    }
    calibrated(document, 1.0 / (1.0 + (-log_odds).exp()))
}

/// What the calibration makes of the model's probability, by the words of the document's formula.
fn calibrated(document: &Value, p: f64) -> f64 {
    let calibration = &document["calibration"];
    if calibration.is_null() {
        return p;
    }
    let figure = |name: &str| calibration[name].as_f64().unwrap();
    let n_rows = figure("nRows");
    let odds = ((p * n_rows + 0.5) / ((1.0 - p) * n_rows + 0.5)).ln();
    let shape = &calibration["shape"];
    let shaped = if let Some(platt) = shape.get("platt") {
        platt["intercept"].as_f64().unwrap() + platt["slope"].as_f64().unwrap() * odds
    } else if let Some(points) = shape.get("isotonic") {
        let points: Vec<(f64, f64)> = serde_json::from_value(points.clone()).unwrap();
        let (first, last) = (points[0], points[points.len() - 1]);
        let between = points
            .windows(2)
            .find(|pair| pair[0].0 <= odds && odds < pair[1].0);
        match between {
            Some(pair) => {
                let share = (odds - pair[0].0) / (pair[1].0 - pair[0].0);
                pair[0].1 + (pair[1].1 - pair[0].1) * share
            }
            None if odds < first.0 => first.1 - 0.01 * (first.0 - odds),
            None => last.1 + 0.01 * (odds - last.0),
        }
    } else {
        assert_eq!(shape, "asIs");
        odds
    };
    let log_odds = figure("intercept") + figure("trust") * shaped;
    1.0 / (1.0 + (-log_odds.clamp(-30.0, 30.0)).exp())
}

fn document(predictor: &CrashPredictor) -> Value {
    serde_json::from_str(&predictor.export(ExportFormat::Json)).unwrap()
}

#[track_caller]
fn check_recomputed((table, predictor): &(Table, CrashPredictor), n_rows: usize, kinds: &[&str]) {
    let document = document(predictor);
    assert_eq!(document["model"]["algorithm"], "logistic");
    let terms = document["model"]["terms"].as_array().unwrap();
    let found: BTreeSet<&str> = terms
        .iter()
        .map(|term| term["kind"].as_str().unwrap())
        .collect();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), kinds);
    let missing = table
        .columns()
        .iter()
        .flat_map(|column| (0..n_rows).map(|row| column.is_missing(row)));
    assert!(missing.filter(|&missing| missing).count() > 20);
    for row in 0..n_rows {
        // The document holds the model that judges a row by itself.
        let cell = |column: &Column| {
            let cell = column.level_at(row).map_or(OwnedCell::Missing, |cell| {
                OwnedCell::Text(cell.into_owned())
            });
            (column.name.clone(), cell)
        };
        let expected = predictor
            .predict(table.columns().iter().map(cell).collect())
            .unwrap();
        let found = recompute(&document, table, row);
        assert!(
            (found - expected.probability).abs() < 1e-12,
            "row {row}: {found}"
        );
        let crash = found >= document["threshold"].as_f64().unwrap();
        assert_eq!(u8::from(crash), expected.prediction, "row {row}");
    }
}

#[test]
fn the_document_predicts_what_the_model_predicts() {
    check_recomputed(&SAMPLE, 500, &["level", "missing", "value"]);
    check_recomputed(&MIXED, 360, &["level", "missing", "other", "value"]);
}

#[test]
fn the_document_names_itself() {
    let document = document(&MIXED.1);
    assert_eq!(document["format"], "crash-predictor-model");
    assert_eq!(document["formatVersion"], 1);
    assert_eq!(document["summary"]["positive"], "crashed");
    assert_eq!(document["evaluation"]["threshold"], document["threshold"]);
}

#[test]
fn the_base_rate_is_exported_too() {
    // A metric that says nothing of the label.
    let row = |i: u32| format!("{},{}\n", i % 5, u8::from(i % 35 < 5));
    let csv = "cpu,crashed\n".to_owned() + &(0..350).map(row).collect::<String>();
    let table = Table::from_csv(csv.as_bytes(), &Default::default()).unwrap();
    let go_on = &mut |_| std::ops::ControlFlow::Continue(());
    let predictor = CrashPredictor::train(&table, &Default::default(), go_on).unwrap();
    let model = &document(&predictor)["model"];
    assert_eq!(model["algorithm"], "base-rate");
    assert_eq!(model["probability"].as_f64(), Some(50.0 / 350.0));
    assert_eq!(predictor.predict_row(&[4.0]), Ok(50.0 / 350.0));
}

#[test]
fn every_character_of_a_name_comes_back() {
    let name = "say \"hi\" \\ / \t\n\r\u{1}\u{8}\u{c}\u{f}\u{10}\u{1f} \u{7f}é\u{2028}🙂";
    let row = |i: u32| format!("{},{}\n", i % 5, u8::from(i % 35 < 5));
    let header = format!("\"{}\",crashed\n", name.replace('"', "\"\""));
    let csv = header + &(0..350).map(row).collect::<String>();
    let table = Table::from_csv(csv.as_bytes(), &Default::default()).unwrap();
    let go_on = &mut |_| std::ops::ControlFlow::Continue(());
    let predictor = CrashPredictor::train(&table, &Default::default(), go_on).unwrap();
    assert_eq!(predictor.spec().features()[0].name, name);
    let text = predictor.export(ExportFormat::Json);
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["summary"]["features"][0]["name"], name);
    // As serde_json would have it: written again, the text is the same.
    let written = serde_json::to_string(name).unwrap();
    assert!(text.contains(&written), "{text}");
}
