//! CSV cases written elsewhere, read in place from `../shared/csv`; skipped, saying so, where that folder is absent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crash_predictor::table::{ReadOptions, Record, RecordReader, RecordRole, Table};
use serde_json::Value;

use super::{chunked, issues};

/// Binding cases that are read in another way than they expect, each with the reason.
const EXCEPTIONS: [(&str, &str); 10] = [
    (
        "csv-spectrum/location_coordinates",
        "its expected JSON masks a field",
    ),
    ("rust-csv/term_weird", "records that end with another byte"),
    (
        "rust-csv/ascii_delimited",
        "records that end with another byte",
    ),
    (
        "rust-csv/quote_delimiter",
        "one character is both the quote and the delimiter",
    ),
    (
        "cpython/166",
        "a limit of 49,999 characters; here it is 1 MiB",
    ),
    (
        "cpython/170",
        "an unclosed quote is reported rather than closed in silence",
    ),
    (
        "cpython/171",
        "an unclosed quote is reported rather than closed in silence",
    ),
    (
        "cpython/180",
        "it is given lines, and refuses a CR in one; here it ends a record",
    ),
    (
        "cpython/181",
        "it is given lines, and refuses a LF in one; here it ends a record",
    ),
    (
        "cpython/182",
        "it is given lines, and refuses a CRLF in one; here it ends a record",
    ),
];

/// Cases that name their delimiter in code or in a dialect registered elsewhere.
const DELIMITERS: [(&str, &str); 5] = [
    ("rust-csv/delimiter_tabs", "\t"),
    ("rust-csv/delimiter_weird", "z"),
    ("cpython/141", ";"),
    ("cpython/158", "+"),
    ("cpython/159", "+"),
];

fn lookup<'a>(list: &[(&str, &'a str)], id: &str) -> Option<&'a str> {
    list.iter()
        .find(|(listed, _)| *listed == id)
        .map(|&(_, found)| found)
}

/// The folder of cases, or `None` with a line that says so.
fn cases_folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/csv");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} does not exist", folder.display());
    None
}

fn cases(folder: &Path, prefix: &str) -> Vec<Value> {
    let json = fs::read(folder.join("cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&json).unwrap();
    let binds = |case: &Value| match case.get("config_py") {
        None => true,
        Some(config) => config == &serde_json::json!({}) || config["dialect"] == "excel",
    };
    let wanted = |case: &Value| case["id"].as_str().unwrap().starts_with(prefix) && binds(case);
    cases.into_iter().filter(wanted).collect()
}

/// The bytes of a case; lines given as a list may lack their line ends.
fn input(folder: &Path, case: &Value) -> Vec<u8> {
    if let Some(file) = case["file"].as_str() {
        return fs::read(folder.join(file)).unwrap();
    }
    let Some(lines) = case["input_chunks"].as_array() else {
        return case["input"].as_str().unwrap().into();
    };
    let lines = lines.iter().map(|line| line.as_str().unwrap());
    lines
        .flat_map(|line| {
            [
                line,
                if line.ends_with(['\n', '\r']) {
                    ""
                } else {
                    "\n"
                },
            ]
        })
        .collect::<String>()
        .into()
}

fn options_of(id: &str) -> ReadOptions {
    ReadOptions {
        delimiter: Some(lookup(&DELIMITERS, id).unwrap_or(",").to_owned()),
        header: Some(false),
        quote: (id == "rust-csv/quote_change").then(|| "z".to_owned()),
        comment: (id == "rust-csv/comment_1").then(|| "#".to_owned()),
        ..ReadOptions::default()
    }
}

fn records(bytes: &[u8], options: &ReadOptions) -> Vec<Vec<String>> {
    let mut reader = RecordReader::new(options).unwrap();
    let mut rows = Vec::new();
    let mut sink = |record: &Record<'_>| {
        if matches!(record.role, RecordRole::Aside(_)) {
            return Ok(());
        }
        let cells = record
            .fields()
            .map(|field| String::from_utf8(field.to_vec()).unwrap());
        rows.push(cells.collect());
        Ok(())
    };
    reader.push(bytes, &mut sink).unwrap();
    reader.finish(&mut sink).unwrap();
    rows
}

/// The records a case expects, its header first; blank lines are none.
fn expected_records(expect: &Value, header: Option<&Vec<String>>) -> Option<Vec<Vec<String>>> {
    let text = |cell: &Value| cell.as_str().unwrap_or("").to_owned();
    if let Some(objects) = expect["objects"].as_array() {
        let header = header?;
        let rows = objects
            .iter()
            .map(|object| header.iter().map(|name| text(&object[name])).collect());
        return Some([header.clone()].into_iter().chain(rows).collect());
    }
    let rows = expect["rows"].as_array()?.iter();
    let rows = rows.map(|row| row.as_array().unwrap().iter().map(text).collect::<Vec<_>>());
    Some(rows.filter(|row| !row.is_empty()).collect())
}

#[test]
fn cases_of_other_readers() {
    let Some(folder) = cases_folder() else { return };
    let mut n_passed = 0;
    for prefix in ["csv-spectrum/", "rust-csv/", "cpython/"] {
        for case in cases(&folder, prefix) {
            let id = case["id"].as_str().unwrap();
            let found = records(&input(&folder, &case), &options_of(id));
            let passes = expected_records(&case["expect"], found.first()) == Some(found);
            let reason = lookup(&EXCEPTIONS, id);
            assert_eq!(passes, reason.is_none(), "{id} {}", reason.unwrap_or(""));
            n_passed += usize::from(passes);
        }
    }
    println!("{n_passed} cases pass, {} are exceptions", EXCEPTIONS.len());
}

/// DuckDB's cases that are read in another way, each with the reason.
const DUCKDB_EXCEPTIONS: [(&str, &str); 23] = [
    (
        "duckdb-rejects/csv_incorrect_columns_amount_rejects.test/5",
        "it expects the rows of three files and names the last",
    ),
    (
        "duckdb-rejects/csv_buffer_size_rejects.test_slow/0",
        TYPES_GIVEN,
    ),
    (
        "duckdb-rejects/csv_rejects_flush_message.test/7",
        TYPES_GIVEN,
    ),
    ("duckdb-rejects/csv_rejects_read.test/12", TYPES_GIVEN),
    ("duckdb-rejects/csv_rejects_read.test/13", TYPES_GIVEN),
    ("duckdb-rejects/csv_rejects_read.test/14", TYPES_GIVEN),
    ("duckdb-rejects/csv_rejects_read.test/17", TYPES_GIVEN),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/21",
        TYPES_GIVEN,
    ),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/22",
        TYPES_GIVEN,
    ),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/23",
        TYPES_GIVEN,
    ),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/28",
        TYPES_GIVEN,
    ),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/32",
        TYPES_GIVEN,
    ),
    (
        "duckdb-rejects/csv_rejects_maximum_line.test/8",
        LIMIT_GIVEN,
    ),
    (
        "duckdb-rejects/csv_rejects_maximum_line.test/9",
        LIMIT_GIVEN,
    ),
    (
        "duckdb-rejects/csv_rejects_maximum_line.test/10",
        LIMIT_GIVEN,
    ),
    (
        "duckdb-rejects/csv_rejects_maximum_line.test/11",
        LIMIT_GIVEN,
    ),
    ("duckdb-rejects/test_mixed.test/19", LIMIT_GIVEN),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/25",
        LIMIT_GIVEN,
    ),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/26",
        LIMIT_GIVEN,
    ),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/27",
        LIMIT_GIVEN,
    ),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/30",
        LIMIT_GIVEN,
    ),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/34",
        LIMIT_GIVEN,
    ),
    (
        "duckdb-rejects/test_multiple_errors_same_line.test/37",
        LIMIT_GIVEN,
    ),
];
const TYPES_GIVEN: &str =
    "its types are given by the query; here a column's kind is decided by its cells";
const LIMIT_GIVEN: &str =
    "its limit for a line is given by the query; here it is 1 MiB for a field";

/// The issues that say what DuckDB says. A row is rejected once, for the first reason, so that `FieldCount` hides others.
fn codes_for(duckdb: &str) -> &'static [&'static str] {
    match duckdb {
        "MISSING COLUMNS" | "TOO MANY COLUMNS" => &["FieldCount"],
        "INVALID ENCODING" => &["Encoding", "AssumedEncoding", "FieldCount"],
        "CAST" => &["BadNumber", "BadTime", "FieldCount"],
        "UNQUOTED VALUE" => &["StrayQuote", "FieldCount"],
        _ => &[],
    }
}

#[test]
fn rows_that_duckdb_rejects() {
    let Some(folder) = cases_folder() else { return };
    let mut n_passed = 0;
    for case in cases(&folder, "duckdb") {
        let id = case["id"].as_str().unwrap();
        let query = case["query"].as_str().unwrap();
        let options = ReadOptions {
            delimiter: Some(",".to_owned()),
            header: Some(query.contains("header") && !query.contains("header = 0")),
            ..ReadOptions::default()
        };
        let table = Table::from_csv(&input(&folder, &case), &options).unwrap();
        let found = issues(&table);
        let is_found = |error: &Value| {
            let codes = codes_for(error["type"].as_str().unwrap());
            found.iter().any(|issue| {
                let words: Vec<&str> = issue.split(' ').collect();
                words[1] == error["line"].as_str().unwrap() && codes.contains(&words[0])
            })
        };
        let passes = case["expect"]["errors"]
            .as_array()
            .unwrap()
            .iter()
            .all(is_found);
        let reason = lookup(&DUCKDB_EXCEPTIONS, id);
        assert_eq!(passes, reason.is_none(), "{id} {}", reason.unwrap_or(""));
        n_passed += usize::from(passes);
    }
    println!(
        "{n_passed} cases pass, {} are exceptions",
        DUCKDB_EXCEPTIONS.len()
    );
}

/// Outcomes that are told apart further down the road than the table, or by what a later reader of gzip does.
const NOT_THE_TABLES: [(&str, &str); 8] = [
    ("one_class.csv", "training tells"),
    ("one_row.csv", "training tells"),
    (
        "label_missing_r9.csv",
        "the schema knows which column is the label",
    ),
    (
        "label_third_r9.csv",
        "the schema knows which column is the label; here it is a BadNumber",
    ),
    ("quote_bomb.csv", "any outcome will do"),
    ("bomb_256MiB.csv.gz", "gzip is named, not read"),
    ("gz_truncated.csv.gz", "gzip is named, not read"),
    ("gz_badcrc.csv.gz", "gzip is named, not read"),
];

/// Reading a row in another encoding and saying so is as good as rejecting it.
fn is_said(expected: &str, found: &str) -> bool {
    expected == "Encoding" && found == "AssumedEncoding"
}

/// Whether a hostile file is read as its outcome says.
fn is_as_expected(bytes: &[u8], expect: &Value) -> bool {
    let table = Table::from_csv(bytes, &ReadOptions::default());
    let code = ["error", "ok_or_error", "error_or_missing", "warn"]
        .iter()
        .find_map(|key| expect[*key].as_str())
        .map(|code| if code == "BadCell" { "NulByte" } else { code });
    match (&table, code) {
        (Err(error), Some(code)) => error.code() == code,
        (Err(_), None) => false,
        (Ok(table), None) => expect["rows"]
            .as_u64()
            .is_none_or(|rows| rows == table.n_rows() as u64),
        (Ok(table), Some(code)) => {
            let number = |key: &str| expect[key].as_u64().map(|number| number.to_string());
            let has_issue = issues(table).iter().any(|issue| {
                let words: Vec<&str> = issue.split(' ').collect();
                (words[0] == code || is_said(code, words[0]))
                    && number("row").is_none_or(|row| row == words[1])
                    && number("col").is_none_or(|col| col == words[2])
            });
            has_issue
                || expect.get("ok_or_error").is_some()
                || expect.get("error_or_missing").is_some()
        }
    }
}

#[test]
fn hostile_files() {
    let Some(folder) = cases_folder() else { return };
    let out = std::env::temp_dir().join(format!("crash-predictor-hostile-{}", std::process::id()));
    let made = Command::new("python3")
        .arg(folder.join("hostile.py"))
        .arg(&out)
        .output();
    let Ok(made) = made else {
        println!("skipped: there is no python3 to write the hostile files");
        return;
    };
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let list: Vec<Value> =
        serde_json::from_slice(&fs::read(out.join("hostile.json")).unwrap()).unwrap();
    for case in &list {
        let file = case["file"].as_str().unwrap();
        let bytes = fs::read(out.join(file)).unwrap();
        assert_eq!(
            chunked(&bytes, 4099),
            Table::from_csv(&bytes, &ReadOptions::default()),
            "{file}"
        );
        if lookup(&NOT_THE_TABLES, file).is_none() {
            assert!(
                is_as_expected(&bytes, &case["expect"]),
                "{file} {}",
                case["expect"]
            );
        }
    }
    println!(
        "{} hostile files, {} of them for others to tell",
        list.len(),
        NOT_THE_TABLES.len()
    );
    fs::remove_dir_all(&out).unwrap();
}
