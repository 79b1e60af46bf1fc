//! CSV cases written elsewhere, read in place from `../shared/csv`; skipped, saying so, where that folder is absent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crash_predictor::overview;
use crash_predictor::schema::RoleOptions;
use crash_predictor::table::{ReadOptions, Record, RecordProblem, RecordReader, RecordRole, Table};
use serde_json::Value;

use super::{chunked, issues};

/// Binding cases that are read in another way than they expect, each with the reason.
const EXCEPTIONS: [(&str, &str); 9] = [
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

/// The limit of a case that sets one in code.
const CPYTHON_LIMIT: (&str, u32) = ("cpython/166", 49_999);

fn options_of(id: &str) -> ReadOptions {
    ReadOptions {
        max_row_bytes: (id == CPYTHON_LIMIT.0).then_some(CPYTHON_LIMIT.1),
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
        let is_too_long = record.problem == Some(RecordProblem::RowTooLong);
        if matches!(record.role, RecordRole::Aside(_)) || is_too_long {
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

/// What a query says of its columns: `columns = {'a': 'INTEGER', ...}`.
fn columns_of(query: &str) -> Vec<(String, String)> {
    let Some((_, list)) = query.split_once("columns =") else {
        return Vec::new();
    };
    let list = list.split_once('{').unwrap().1.split_once('}').unwrap().0;
    let unquote = |text: &str| text.trim().trim_matches('\'').to_owned();
    let column = |pair: &str| {
        let (name, kind) = pair.split_once(':').unwrap();
        (unquote(name), unquote(kind))
    };
    list.split(',')
        .filter(|pair| pair.contains(':'))
        .map(column)
        .collect()
}

/// The errors a case expects of its file: some queries read several, of which the case holds the last.
fn errors_of<'a>(case: &'a Value, bytes: &[u8]) -> Vec<&'a Value> {
    let errors = case["expect"]["errors"].as_array().unwrap();
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let is_here = |error: &&Value| {
        let line: usize = error["line"].as_str().unwrap().parse().unwrap();
        lines.get(line - 1).copied() == error["csv_line"].as_str()
    };
    if errors
        .iter()
        .all(|error| error["file"] == errors[0]["file"])
    {
        return errors.iter().collect();
    }
    let here: Vec<&Value> = errors.iter().filter(is_here).collect();
    assert!(!here.is_empty());
    here
}

/// What a query says, as a user would say it here. Without a header, columns have the names they are given here.
fn options_of_query(query: &str, bytes: &[u8]) -> ReadOptions {
    let columns = columns_of(query);
    let is_found = !query.contains("auto_detect=false")
        && columns.first().is_some_and(|(name, _)| {
            [format!("\"{name}\""), format!("{name},")]
                .iter()
                .any(|start| bytes.starts_with(start.as_bytes()))
        });
    let header = is_found || query.contains("header") && !query.contains("header = 0");
    let max_row_bytes = query.split_once("max_line_size").map(|(_, rest)| {
        let digits = rest.trim_start_matches([' ', '=']);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap();
        digits[..end].parse().unwrap()
    });
    let mut options = ReadOptions {
        delimiter: Some(",".to_owned()),
        header: Some(header),
        numbers: Some("1234.5".to_owned()),
        max_row_bytes,
        ..ReadOptions::default()
    };
    for (index, (name, kind)) in columns.into_iter().enumerate() {
        let list = match kind.as_str() {
            "VARCHAR" => &mut options.as_text,
            "DATE" | "TIMESTAMP" => &mut options.as_time,
            _ => &mut options.as_number,
        };
        list.push(if header {
            name
        } else {
            format!("column_{}", index + 1)
        });
    }
    options
}

/// The issues that say what DuckDB says. A row is rejected once, for the first reason, which hides the others.
fn codes_for(duckdb: &str) -> &'static [&'static str] {
    match duckdb {
        "MISSING COLUMNS" | "TOO MANY COLUMNS" => &["FieldCount", "RowTooLong"],
        "INVALID ENCODING" => &["Encoding", "AssumedEncoding", "FieldCount", "RowTooLong"],
        "CAST" => &[
            "BadNumber",
            "BadTime",
            "FieldCount",
            "Encoding",
            "RowTooLong",
        ],
        "UNQUOTED VALUE" => &["StrayQuote", "FieldCount", "RowTooLong"],
        "LINE SIZE OVER MAXIMUM" => &["RowTooLong"],
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
        let bytes = input(&folder, &case);
        let table = Table::from_csv(&bytes, &options_of_query(query, &bytes));
        let found = table.map_or_else(|error| vec![format!("{error:?}")], |table| issues(&table));
        let is_found = |error: &Value| {
            let codes = codes_for(error["type"].as_str().unwrap());
            found.iter().any(|issue| {
                let words: Vec<&str> = issue.split(' ').collect();
                words[1] == error["line"].as_str().unwrap() && codes.contains(&words[0])
            })
        };
        let passes = errors_of(&case, &bytes).into_iter().all(is_found);
        assert!(passes, "{id} {found:?}");
        n_passed += 1;
    }
    println!("{n_passed} cases pass, there are no exceptions");
}

/// Files in gzip, which the engine names and does not read: tests/js/gzip.test.mjs reads them.
const PACKED: &str = ".gz";

/// Reading a row in another encoding and saying so is as good as rejecting it.
fn is_said(expected: &str, found: &str) -> bool {
    expected == "Encoding" && found == "AssumedEncoding"
}

/// Whether a list of issues, each `CODE LINE COLUMN`, has one of a code at the place that is expected.
fn has_issue(found: &[String], code: &str, expect: &Value) -> bool {
    let number = |key: &str| expect[key].as_u64().map(|number| number.to_string());
    found.iter().any(|issue| {
        let words: Vec<&str> = issue.split(' ').collect();
        (words[0] == code || is_said(code, words[0]))
            && number("row").is_none_or(|row| row == words[1])
            && number("col").is_none_or(|col| col == words[2])
    })
}

/// The value of the cell that a file was made for; `None` where its row was rejected or the cell is missing.
fn cell_at(table: &Table, expect: &Value) -> Option<f64> {
    let line = expect["row"].as_u64()? as u32;
    let row = table.lines().iter().position(|&at| at == line)?;
    let column = &table.columns()[expect["col"].as_u64()? as usize - 1];
    column.number_at(row)
}

/// What a file that is no error is expected to be, as far as its outcome says.
fn is_good(file: &str, bytes: &[u8], table: &Table, expect: &Value) -> bool {
    let schema = overview::schema(table, &RoleOptions::default()).unwrap();
    let rows = expect["rows"].as_u64();
    let classes = expect["classes"].as_u64();
    let is_kept = || {
        // The fourth name of the header, to the letter.
        let text = String::from_utf8_lossy(bytes);
        let (start, _) = text.split_once(",crashed").unwrap();
        let name = start.splitn(4, ',').nth(3).unwrap();
        table.columns()[3].name == name.trim_matches('"')
    };
    rows.is_none_or(|rows| rows == table.n_rows() as u64)
        && classes.is_none_or(|n| n == schema.label_values.len() as u64 && schema.problem.is_none())
        && (!file.starts_with("hdr_") || is_kept())
}

/// Whether a hostile file has the outcome that is asked.
fn is_as_expected(file: &str, bytes: &[u8], expect: &Value) -> bool {
    let table = Table::from_csv(bytes, &ReadOptions::default());
    if expect["error"] == "any" {
        return true;
    }
    let table = match (
        table,
        expect["error"].as_str().or(expect["ok_or_error"].as_str()),
    ) {
        (Err(error), code) => return code == Some(error.code()),
        (Ok(table), _) => table,
    };
    let found = issues(&table);
    if let Some(code) = expect["error"].as_str().or(expect["warn"].as_str()) {
        let code = if code == "BadCell" { "NulByte" } else { code };
        let schema = overview::schema(&table, &RoleOptions::default()).unwrap();
        let told = schema.label_issues.kept.iter();
        let told: Vec<String> = told
            .map(|issue| {
                let place = (issue.line.unwrap_or(0), issue.column.unwrap_or(0));
                format!("{} {} {}", issue.code, place.0, place.1)
            })
            .collect();
        return has_issue(&found, code, expect)
            || has_issue(&told, code, expect)
            || schema.problem.is_some_and(|problem| problem.code == code);
    }
    if let Some(code) = expect["error_or_missing"].as_str() {
        // N/A is a usual spelling of nothing.
        let is_said = has_issue(&found, code, expect) || file == "num_word.csv";
        return is_said && cell_at(&table, expect).is_none();
    }
    if let Some(code) = expect["ok_or_error"].as_str() {
        // Read as what it says, or missing and said: never 0 in silence.
        return match cell_at(&table, expect) {
            Some(number) => number != 0.0,
            None => {
                expect["row"].is_null() || file == "num_nan.csv" || has_issue(&found, code, expect)
            }
        };
    }
    is_good(file, bytes, &table, expect)
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
        if file.ends_with(PACKED) {
            let error = Table::from_csv(&bytes, &ReadOptions::default()).unwrap_err();
            assert_eq!(error.code(), "NotCsv", "{file}");
            continue;
        }
        assert!(
            is_as_expected(file, &bytes, &case["expect"]),
            "{file} {}",
            case["expect"]
        );
    }
    println!("{} hostile files", list.len());
    fs::remove_dir_all(&out).unwrap();
}
