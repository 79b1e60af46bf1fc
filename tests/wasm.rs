//! The boundary as JavaScript sees it, run in wasm: the same promises, the same bits as natively, errors with their code.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)]

#[path = "it/same_bits.rs"]
mod same_bits;

use crash_predictor::wasm::{CrashPredictor, CsvScorer, LogReader, LogTable, sample_csv, version};
use js_sys::{Array, Function, JSON, Map, Object, Reflect};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tsify::{Ts, Tsify};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

/// Written by the native test of the same name.
const SAMPLE_PREDICTIONS: &str = include_str!("fixtures/sample_predictions.json");

/// A small log of every kind of column.
fn mixed_csv() -> String {
    let row = |i: u32| {
        let cpu = i * 37 % 100;
        let backup = if i % 3 == 1 { "yes" } else { "no" };
        let tier = ["web", "api"][i as usize % 2];
        format!("{cpu},{backup},{tier},{},{}\n", i % 11, u8::from(cpu > 80))
    };
    "cpu_pct,backup,tier,__proto__,crashed\n".to_owned() + &(0..200).map(row).collect::<String>()
}

/// A JavaScript value written as JSON.
fn js(json: &str) -> JsValue {
    JSON::parse(json).unwrap()
}

/// Options as JavaScript gives them.
fn options<T: Tsify<JsType: JsCast>>(json: &str) -> Option<Ts<T>> {
    Some(Ts::new_unchecked(js(json)))
}

/// What a result looks like to JavaScript.
fn seen(value: impl Into<JsValue>) -> Value {
    let text = JSON::stringify(&value.into()).unwrap();
    serde_json::from_str(&String::from(text)).unwrap()
}

fn table(csv: &str) -> LogTable {
    LogTable::from_csv(csv.as_bytes(), None).unwrap()
}

fn trained() -> CrashPredictor {
    CrashPredictor::train(&table(&mixed_csv()), None, None).unwrap()
}

fn sample() -> (LogTable, CrashPredictor) {
    let table = LogTable::from_csv(&sample_csv(None), None).unwrap();
    let predictor = CrashPredictor::train(&table, None, None).unwrap();
    (table, predictor)
}

// ---- the same bits

#[wasm_bindgen_test]
fn what_chance_has_a_part_in_has_the_same_bits_everywhere() {
    assert_eq!(same_bits::bits(), same_bits::EXPECTED);
}

#[wasm_bindgen_test]
fn the_sample_model_has_the_bytes_and_its_predictions_the_bits_of_the_native_one() {
    let expected: Value = serde_json::from_str(SAMPLE_PREDICTIONS).unwrap();
    let (table, predictor) = sample();
    let digest = Sha256::digest(predictor.save());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expected["modelSha256"]);
    let probabilities = predictor.predict_table(&table).unwrap().probabilities();
    let bits: Vec<Value> = probabilities[..200]
        .iter()
        .map(|p| format!("{:016x}", p.to_bits()).into())
        .collect();
    assert_eq!(Value::from(bits), expected["probabilities"]);
}

#[wasm_bindgen_test]
fn however_it_is_cut_the_log_is_the_same() {
    let csv = mixed_csv();
    let mut reader = LogReader::new(None).unwrap();
    for chunk in csv.as_bytes().chunks(7) {
        reader.push(chunk).unwrap();
    }
    let cut = CrashPredictor::train(&reader.finish().unwrap(), None, None).unwrap();
    assert_eq!(cut.save(), trained().save());
}

#[wasm_bindgen_test]
fn a_saved_model_comes_back() {
    let bytes = trained().save();
    let loaded = CrashPredictor::load(&bytes).unwrap();
    assert_eq!(loaded.save(), bytes);
    // How long training took is not in the file.
    let mut summary = seen(trained().summary().unwrap());
    assert!(summary["candidateSeconds"].is_array());
    summary["candidateSeconds"] = serde_json::Value::Null;
    assert_eq!(seen(loaded.summary().unwrap()), summary);
}

#[wasm_bindgen_test]
fn a_log_scored_in_pieces_has_the_digits_of_its_table() {
    let predictor = trained();
    let csv = mixed_csv();
    let mut scorer = CsvScorer::new(&predictor, None).unwrap();
    let mut out = Vec::new();
    for chunk in csv.as_bytes().chunks(100) {
        out.extend(scorer.push(chunk).unwrap());
    }
    out.extend(scorer.finish().unwrap());
    let answers = predictor.predict_table(&table(&csv)).unwrap();
    let out = String::from_utf8(out).unwrap();
    let mut lines = out.lines().zip(csv.lines());
    let (header, _) = lines.next().unwrap();
    assert!(header.ends_with(",crash_probability,crash_prediction"));
    for ((out, line), (p, crash)) in
        lines.zip(answers.probabilities().iter().zip(answers.predictions()))
    {
        let cells: Vec<&str> = out.strip_prefix(line).unwrap().split(',').collect();
        assert_eq!(cells[1].parse::<f64>().unwrap().to_bits(), p.to_bits());
        assert_eq!(cells[2], crash.to_string());
    }
    let summary = seen(scorer.summary().unwrap());
    assert_eq!(
        (&summary["rowsRead"], &summary["rowsScored"]),
        (&200.into(), &200.into())
    );
}

// ---- rows

/// The usual row, with one entry more or another.
fn row(name: &str, value: impl Into<JsValue>) -> JsValue {
    let row = Map::new();
    for (name, value) in [
        ("cpu_pct", JsValue::from(97)),
        ("backup", "yes".into()),
        ("tier", "web".into()),
        ("__proto__", 4.into()),
    ] {
        row.set(&name.into(), &value);
    }
    row.set(&name.into(), &value.into());
    row.into()
}

fn ask(row: &JsValue) -> Value {
    seen(trained().predict(row, None).unwrap())
}

#[wasm_bindgen_test]
fn a_prediction_is_what_the_interface_says() {
    let found = ask(&row("cpu_pct", 97));
    let mut names: Vec<&str> = found
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "message",
            "prediction",
            "probability",
            "rowAlone",
            "threshold",
            "warnings"
        ]
    );
    assert_eq!(found["rowAlone"], Value::Null);
    assert_eq!(found["prediction"], 1);
    assert_eq!(found["message"], "The server may crash.");
    assert_eq!(found["warnings"], Value::Array(vec![]));
    assert_eq!(ask(&row("cpu_pct", 3))["message"], "The server is okay.");
}

#[wasm_bindgen_test]
fn values_of_every_type_are_cells() {
    let expected = ask(&row("cpu_pct", 97));
    assert_eq!(ask(&row("cpu_pct", "97")), expected);
    assert_eq!(ask(&row("backup", true)), expected);
    let unknown = ask(&row("backup", JsValue::NULL));
    assert_eq!(ask(&row("backup", JsValue::UNDEFINED)), unknown);
    assert_eq!(ask(&row("backup", "")), unknown);
    assert_eq!(
        ask(&row("cpu_pct", f64::NAN)),
        ask(&row("cpu_pct", JsValue::NULL))
    );
    let by_object = js(r#"{"cpu_pct": 97, "backup": "yes", "tier": "web", "__proto__": 4}"#);
    assert_eq!(ask(&by_object), expected);
}

#[wasm_bindgen_test]
fn proto_is_a_column_like_any_other() {
    let warnings = |row: &JsValue| ask(row)["warnings"].clone();
    assert_eq!(
        warnings(&row("__proto__", JsValue::NULL)),
        Value::Array(vec![])
    );
    assert_eq!(warnings(&row("__proto__", 99))[0]["code"], "OutOfRange");
    assert_eq!(warnings(&row("__proto__", 99))[0]["column"], "__proto__");
}

#[wasm_bindgen_test]
fn a_row_of_numbers_gives_the_same_probability() {
    let predictor = trained();
    // In the order of the features: __proto__, backup, cpu_pct, tier; api and web are equally frequent, api first.
    let by_numbers = predictor.predict_row(&[4.0, 1.0, 97.0, 1.0]).unwrap();
    // Not by way of JSON, whose reader may be off in the last digit.
    let by_name = predictor.predict(&row("cpu_pct", 97), None).unwrap();
    let by_name = Reflect::get(&by_name.into(), &"probability".into()).unwrap();
    assert_eq!(
        by_name.as_f64().map(f64::to_bits),
        Some(by_numbers.to_bits())
    );
}

// ---- errors

#[track_caller]
fn check_error<T>(result: Result<T, JsValue>, code: &str) {
    let error = result.err().unwrap();
    let error = error.dyn_ref::<js_sys::Error>().unwrap();
    let found = Reflect::get(error, &"code".into()).unwrap();
    assert_eq!(
        found.as_string().as_deref(),
        Some(code),
        "{}",
        String::from(error.message())
    );
    assert!(!String::from(error.message()).is_empty());
}

#[wasm_bindgen_test]
fn errors_have_a_code() {
    let predictor = trained();
    check_error(LogTable::from_csv(b"", None), "Empty");
    check_error(LogTable::from_csv(b"a,b\n", None), "NoRows");
    check_error(LogTable::from_csv(b"PK\x03\x04", None), "NotCsv");
    check_error(
        table("cpu,mem\n1,2\n3,4\n5,6\n").schema(options(r#"{"time": "gone"}"#)),
        "UnknownColumn",
    );
    check_error(
        CrashPredictor::train(&table("cpu,mem\n1,2\n3,4\n5,6\n"), None, None),
        "NoLabel",
    );
    check_error(CrashPredictor::load(b"cpu,crashed\n"), "NotAModel");
    check_error(
        CrashPredictor::load(&predictor.save()[..99]),
        "ModelTruncated",
    );
    check_error(predictor.predict_row(&[1.0]), "RowLength");
    check_error(
        predictor.predict(&js(r#"{"load": 5}"#), None),
        "MissingColumns",
    );
    check_error(predictor.predict(&"cpu_pct".into(), None), "BadOption");
    check_error(
        predictor.predict(&js(r#"{"cpu_pct": [97]}"#), None),
        "BadOption",
    );
    check_error(
        CsvScorer::new(&predictor, options(r#"{"threshold": 2}"#)),
        "BadOption",
    );
    check_error(
        predictor.export(Ts::new_unchecked("onnx".into())),
        "BadOption",
    );
    let mut scorer = CsvScorer::new(&predictor, None).unwrap();
    scorer.push(b"a,b\n1,2\n").unwrap();
    check_error(scorer.finish(), "MissingColumns");
}

// ---- options

#[wasm_bindgen_test]
fn what_is_left_out_null_or_undefined_is_found_by_itself() {
    let csv = mixed_csv();
    let train = |given| {
        CrashPredictor::train(&table(&csv), given, None)
            .unwrap()
            .save()
    };
    let expected = train(None);
    assert_eq!(train(options("{}")), expected);
    assert_eq!(
        train(options(
            r#"{"label": null, "threshold": null, "ignore": null}"#
        )),
        expected
    );
    let given = Object::new();
    Reflect::set(&given, &"seed".into(), &JsValue::UNDEFINED).unwrap();
    assert_eq!(train(Some(Ts::new_unchecked(given.into()))), expected);
    assert_ne!(train(options(r#"{"seed": 1}"#)), expected);
}

#[wasm_bindgen_test]
fn options_of_another_shape_are_refused() {
    let csv = mixed_csv();
    let train = |json| CrashPredictor::train(&table(&csv), options(json), None);
    check_error(train(r#"{"lable": "crashed"}"#), "UnknownOption");
    check_error(train(r#"{"lable": null}"#), "UnknownOption");
    check_error(train(r#"{"algorithm": "oracle"}"#), "BadOption");
    check_error(train(r#"{"threshold": "high"}"#), "BadOption");
    check_error(train(r#"{"threshold": 0}"#), "BadOption");
    check_error(train(r#"{"seed": -1}"#), "BadOption");
    check_error(train(r#""crashed""#), "BadOption");
    check_error(
        LogReader::new(options(r#"{"delimiter": ",,"}"#)),
        "BadOption",
    );
    check_error(
        LogTable::from_csv(b"a\n1\n", options(r#"{"threshold": 1}"#)),
        "UnknownOption",
    );
    // Options that are flattened into others are known too.
    assert!(train(r#"{"label": "crashed", "split": "random", "features": ["cpu_pct"]}"#).is_ok());
    assert!(
        CsvScorer::new(
            &trained(),
            options(r#"{"delimiter": ";", "threshold": 0.5}"#)
        )
        .is_ok()
    );
}

// ---- training and its results

#[wasm_bindgen_test]
fn progress_is_told_and_false_cancels() {
    let table = table(&mixed_csv());
    let seen_stages = Array::new();
    let note = Function::new_with_args("progress", "this.push(progress.stage)").bind0(&seen_stages);
    CrashPredictor::train(&table, None, Some(note)).unwrap();
    let stages: Vec<String> = seen_stages
        .iter()
        .map(|stage| stage.as_string().unwrap())
        .collect();
    assert_eq!(stages.first().map(String::as_str), Some("prepare"));
    assert_eq!(stages.last().map(String::as_str), Some("refit"));
    assert!(stages.contains(&"validate".to_owned()) && stages.contains(&"evaluate".to_owned()));
    let cancel = Function::new_with_args("progress", "return progress.stage !== 'evaluate'");
    check_error(
        CrashPredictor::train(&table, None, Some(cancel)),
        "Cancelled",
    );
}

#[wasm_bindgen_test]
fn what_progress_throws_is_thrown_on() {
    let boom = Function::new_no_args("throw new RangeError('boom')");
    let thrown = CrashPredictor::train(&table(&mixed_csv()), None, Some(boom))
        .err()
        .unwrap();
    assert!(thrown.is_instance_of::<js_sys::RangeError>());
}

#[wasm_bindgen_test]
fn results_are_spelt_as_javascript_spells() {
    let table = table(&mixed_csv());
    assert_eq!(table.row_count(), 200);
    assert_eq!(table.preview().length(), 20);
    let columns: Array = table
        .columns()
        .unwrap()
        .into_iter()
        .map(JsValue::from)
        .collect();
    let columns = seen(columns);
    assert_eq!(columns[0]["name"], "cpu_pct");
    assert_eq!(columns[0]["unit"], "%");
    assert_eq!(columns[4]["role"], "label");
    assert!(columns[0]["topValues"].is_array());
    assert_eq!(seen(table.dialect().unwrap())["lineEnd"], "LF");
    assert_eq!(seen(table.issues().unwrap())["rowsUsed"], 200);
    let schema = seen(table.schema(options(r#"{"ignore": ["tier"]}"#)).unwrap());
    assert_eq!(schema["positive"], "1");
    assert_eq!(
        schema["features"],
        serde_json::json!(["cpu_pct", "backup", "__proto__"])
    );
    assert_eq!(
        (&schema["problem"], &schema["time"]),
        (&Value::Null, &Value::Null)
    );
    let predictor = trained();
    let summary = seen(predictor.summary().unwrap());
    assert_eq!(summary["algorithm"], "boosting");
    assert_eq!(summary["nRows"], 200);
    assert_eq!(summary["features"][1]["levels"][1]["value"], "yes");
    assert_eq!(summary["version"], version());
    let evaluation = seen(predictor.evaluation().unwrap());
    assert_eq!(evaluation["split"]["kind"], "random");
    assert!(
        evaluation["model"]["rocAuc"].is_number()
            && evaluation["confusion"]["truePositives"].is_u64()
    );
    let exported = predictor.export(Ts::new_unchecked("json".into())).unwrap();
    let exported: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(exported["summary"]["nRows"], 200);
}
