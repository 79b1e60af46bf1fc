//! Cases written elsewhere, of what single cells say.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::*;

/// Cases that are read in another way than they expect, by suite and input, each with the reason.
const EXCEPTIONS: [(&str, &str, &str); 3] = [
    (
        "frictionless/integer",
        "ab1$",
        "letters are no part of a number",
    ),
    (
        "frictionless/number",
        "1234.",
        "a point is no mark where the user says that it is none",
    ),
    (
        "clevercsv/is_number",
        "0000.213654",
        "leading zeros change nothing",
    ),
];

/// Words as one text.
fn texts(value: &Value, usual: &str) -> String {
    let Some(texts) = value.as_array() else {
        return usual.to_owned();
    };
    let texts: Vec<&str> = texts.iter().map(|text| text.as_str().unwrap()).collect();
    texts.join(",")
}

/// What a case's input says, as the kind its suite asks for; null where it says nothing of the kind.
fn reading(case: &Value) -> Value {
    let of = &case["options"];
    let has = |names: [&str; 2]| names.iter().any(|name| of.get(*name).is_some());
    let mark = |name: &str, usual| of[name].as_str().unwrap_or(usual).to_owned();
    let numbers = format!("1{}234{}5", mark("groupChar", ""), mark("decimalChar", "."));
    // The words its documentation says it takes, where a case names none.
    let has_words = case["suite"] == "frictionless/boolean";
    let yes = texts(&of["trueValues"], "true,True,TRUE,1");
    let words = format!("{yes}/{}", texts(&of["falseValues"], "false,False,FALSE,0"));
    let values = ReadOptions {
        numbers: has(["groupChar", "decimalChar"]).then_some(numbers),
        booleans: has_words.then_some(words),
        ..ReadOptions::default()
    };
    let csv = format!("x|y\n{}|1\n", case["input"].as_str().unwrap());
    let table = Table::from_csv(csv.as_bytes(), &options(values)).unwrap();
    let column = &table.columns()[0];
    let number = (column.kind() == ColumnKind::Number)
        .then(|| column.number_at(0))
        .flatten();
    let found = match case["suite"].as_str().unwrap() {
        "frictionless/number" => number.map(Value::from),
        "frictionless/integer" => number
            .filter(|number| number.fract() == 0.0)
            .map(Value::from),
        "clevercsv/is_number" => Some(Value::from(number.is_some())),
        _ if column.kind() == ColumnKind::Boolean => {
            column.truth(&column.level_at(0).unwrap()).map(Value::from)
        }
        _ => number
            .filter(|&number| !has_words && (number == 0.0 || number == 1.0))
            .map(|number| Value::from(number == 1.0)),
    };
    found.unwrap_or(Value::Null)
}

#[test]
fn cases_of_other_readers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/csv/type_cases.json");
    let Ok(json) = fs::read(&path) else {
        println!("skipped: {} does not exist", path.display());
        return;
    };
    let cases: Vec<Value> = serde_json::from_slice(&json).unwrap();
    let bound = ["number", "integer", "boolean", "is_number"];
    let binds = |case: &&Value| {
        bound.iter().any(|kind| {
            case["suite"]
                .as_str()
                .unwrap()
                .ends_with(&format!("/{kind}"))
        })
    };
    let mut n_cases = 0;
    for case in cases.iter().filter(binds) {
        let (suite, input) = (
            case["suite"].as_str().unwrap(),
            case["input"].as_str().unwrap(),
        );
        let as_number = |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok());
        let (found, expected) = (reading(case), &case["expect"]);
        let passes = found == *expected
            || (as_number(&found).is_some() && as_number(&found) == as_number(expected));
        let is_exception = |(of, text, _): &(&str, &str, &str)| *of == suite && *text == input;
        let exception = EXCEPTIONS.iter().find(|of| is_exception(of));
        assert_eq!(passes, exception.is_none(), "{case} is {found}");
        n_cases += 1;
    }
    assert!(EXCEPTIONS.len() * 20 <= n_cases, "{n_cases}");
}
