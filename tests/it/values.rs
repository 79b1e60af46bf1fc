//! What cells say where only their whole column can tell: marks, units, dates and epochs; and that a model reads them in
//! the same way ever after.

mod said;

use std::fmt::Debug;
use std::fs;
use std::path::Path;

use crash_predictor::table::{
    Column, ColumnKind, Expected, Format, LogReader, Values, format_time,
};
use crash_predictor::{OwnedCell, ReadOptions, Table};
use serde_json::Value;

fn read(csv: &str) -> Table {
    Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap()
}

fn options(values: ReadOptions) -> ReadOptions {
    ReadOptions {
        delimiter: Some("|".to_owned()),
        ..values
    }
}

/// A column of its own beside one that says nothing.
fn column(name: &str, cells: &[&str]) -> (Table, Column) {
    let rows: String = cells.iter().map(|cell| format!("\"{cell}\"|x\n")).collect();
    let table = read(&format!("{name}|y\n{rows}"));
    let column = table.columns()[0].clone();
    (table, column)
}

#[track_caller]
fn check_numbers(name: &str, cells: &[&str], expected: &[f64], unit: Option<&str>) {
    let (table, column) = column(name, cells);
    let Values::Number(found) = &column.values else {
        panic!("{cells:?} are {:?}", column.values);
    };
    let same = found
        .iter()
        .zip(expected)
        .all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan());
    assert!(
        same && found.len() == expected.len(),
        "{cells:?} are {found:?}"
    );
    assert_eq!(column.unit.as_deref(), unit, "{cells:?}");
    let n_bad = expected.iter().filter(|number| number.is_nan()).count() as u64;
    assert_eq!(table.issues().count_of("BadNumber"), n_bad);
}

#[test]
fn marks_are_those_of_the_whole_column() {
    let check = |cells: &[&str], expected: &[f64]| check_numbers("x", cells, expected, None);
    check(&["1.5", "1,234.5", "1,234"], &[1.5, 1234.5, 1234.0]);
    check(
        &["1,5", "1.234,5", "1.234", "1,234", "12"],
        &[1.5, 1234.5, 1234.0, 1.234, 12.0],
    );
    check(
        &["0,5", "1.000", "-2.000.000,25"],
        &[0.5, 1000.0, -2_000_000.25],
    );
    check(&["1,234", "56", "7,890,123"], &[1234.0, 56.0, 7_890_123.0]);
    check(&["1.234", "5.678"], &[1.234, 5.678]);
    check(
        &["1 234", "12 345 678,5", "3"],
        &[1234.0, 12_345_678.5, 3.0],
    );
    check(
        &["1'234.5", "1’000", "1\u{a0}000"],
        &[1234.5, 1000.0, 1000.0],
    );
    check(&["1,5e3", "+2,5", "-,5"], &[1500.0, 2.5, -0.5]);
    check(&["$1,200.50", "€ 3", "4 €"], &[1200.5, 3.0, 4.0]);
}

#[test]
fn a_column_without_a_sign_follows_the_others() {
    let numbers =
        |table: &Table, at: usize| [0, 1].map(|row| table.columns()[at].number_at(row).unwrap());
    let german = read("a;b\n1,5;1.234\n2,5;5.678\n");
    assert_eq!(numbers(&german, 1), [1234.0, 5678.0]);
    // Commas that are no delimiters are decimal marks; points are what they are.
    let open = read("a;b\n1,234;1.234\n5,678;5.678\n");
    assert_eq!(numbers(&open, 0), [1.234, 5.678]);
    assert_eq!(numbers(&open, 1), [1.234, 5.678]);
    let english = read("a,b\n\"1,234\",1\n\"5,678\",2\n");
    assert_eq!(numbers(&english, 0), [1234.0, 5678.0]);
}

#[test]
fn what_one_column_proves_holds_for_all() {
    let numbers = |csv: &str, at: usize| {
        let table = read(csv);
        [0, 1].map(|row| table.columns()[at].number_at(row).unwrap())
    };
    // Points between thousands.
    let german = "time;reqs;mem\n2024-03-04;1.234;1.379.705\n2024-03-05;9.841;1.472.576\n";
    assert_eq!(numbers(german, 1), [1234.0, 9841.0]);
    assert_eq!(numbers(german, 2), [1_379_705.0, 1_472_576.0]);
    // Decimal points.
    let english = "reqs;cpu\n1,231;12.5\n9,250;80.75\n";
    assert_eq!(numbers(english, 0), [1231.0, 9250.0]);
    assert_eq!(numbers(english, 1), [12.5, 80.75]);
    // Decimal commas go before both.
    let mixed = "a;b;c\n1,5;1.234;10.5\n2,5;5.678;11.5\n";
    assert_eq!(numbers(mixed, 1), [1234.0, 5678.0]);
    // Addresses prove nothing: they are words, and points are what they are.
    let addresses = "peer;x\n192.168.100.200;1.234\n10.0.0.1;5.678\n";
    assert_eq!(numbers(addresses, 1), [1.234, 5.678]);
    assert_eq!(read(addresses).columns()[0].kind(), ColumnKind::Category);
}

#[test]
fn a_few_cells_with_other_marks_are_missing() {
    let mut cells = vec!["1,5"; 19];
    cells.insert(3, "2.5");
    let mut expected = vec![1.5; 19];
    expected.insert(3, f64::NAN);
    check_numbers("x", &cells, &expected, None);
    let cells: Vec<&str> = (0..20)
        .map(|row| if row == 7 { "3,14" } else { "2.5" })
        .collect();
    let expected: Vec<f64> = (0..20)
        .map(|row| if row == 7 { f64::NAN } else { 2.5 })
        .collect();
    check_numbers("x", &cells, &expected, None);
}

#[test]
fn more_numbers_with_commas_than_words_are_kept() {
    let cells: Vec<String> = (0..3000).map(|i| format!("{i},25")).collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let expected: Vec<f64> = (0..3000).map(|i| f64::from(i) + 0.25).collect();
    check_numbers("x", &cells, &expected, None);
}

#[test]
fn units_are_brought_to_one() {
    check_numbers(
        "mem",
        &["512MB", "1.5 GB", "2 GB"],
        &[0.512, 1.5, 2.0],
        Some("GB"),
    );
    check_numbers(
        "mem",
        &["512M", "512Mi", "1G"],
        &[512.0, 512.0, 1024.0],
        Some("MiB"),
    );
    check_numbers(
        "size",
        &["512", "1.5K", "2K"],
        &[0.5, 1.5, 2.0],
        Some("KiB"),
    );
    check_numbers(
        "latency (ms)",
        &["1.5s", "20ms", "7"],
        &[1500.0, 20.0, 7.0],
        Some("ms"),
    );
    check_numbers("took", &["90s", "2m", "1m"], &[1.5, 2.0, 1.0], Some("min"));
    check_numbers(
        "took",
        &["250µs", "250us", "1ms"],
        &[250.0, 250.0, 1000.0],
        Some("µs"),
    );
    check_numbers("mem_bytes", &["1KiB", "7"], &[1024.0, 7.0], Some("bytes"));
    check_numbers("cpu [%]", &["12", "12 %"], &[12.0, 12.0], Some("%"));
    check_numbers("cpu", &["12%", "0,5%"], &[12.0, 0.5], Some("%"));
    check_numbers(
        "net",
        &["1,5 MB/s", "500 kB/s", "2 MB/s"],
        &[1.5, 0.5, 2.0],
        Some("MB/s"),
    );
    // Numbers that are not in the header's unit by their own word, and units that are few.
    let mut cells = vec!["5"; 19];
    cells.push("512MB");
    let mut expected = vec![5.0; 19];
    expected.push(f64::NAN);
    check_numbers("x", &cells, &expected, None);
    check_numbers("x (ms)", &cells, &expected, Some("ms"));
}

#[test]
fn times_of_several_units_are_seconds() {
    for (cell, seconds) in [
        ("1d 2h", 93_600.0),
        ("10m 5s", 605.0),
        ("1m30s", 90.0),
        ("1h2m3.5s", 3723.5),
        ("1h0m0.25s", 3600.25),
        ("2 days 3 hours 4 minutes", 183_840.0),
        ("1s500ms", 1.5),
        ("1ms 500µs", 0.0015),
    ] {
        check_numbers("x", &[cell, "45s"], &[seconds, 45.0], Some("s"));
    }
    check_numbers(
        "x (min)",
        &["1m30s", "1h", "2"],
        &[1.5, 60.0, 2.0],
        Some("min"),
    );
    for cells in [
        ["30s1m", "1m1m"],
        ["1d2", "1d2b"],
        ["1d-2h", "-1d2h"],
        ["1.2.3s4ms", "d2h"],
    ] {
        let (_, column) = column("x", &cells);
        assert_eq!(column.kind(), ColumnKind::Category, "{cells:?}");
    }
    // The model reads what its log holds.
    let table = read("up,y\n1d 2h,1\n3m,2\n");
    let format = &table.columns()[0].format;
    let kept = Format::from(String::from(format.clone()));
    assert_eq!(kept.number("1m30s"), Some(90.0));
}

#[test]
fn words_with_numbers_stay_words() {
    for cells in [
        &["512MB", "big", "small"][..],
        &["1,5", "a", "b"],
        &["10.0.0.1", "192.168.100.200", "10.0.0.2"],
        &["123.465.798", "1.234.567"],
        &["12 apples", "3 pears"],
        &["0x1F", "0xFF"],
        &["+0049", "+0033"],
        &["1_000", "2_000"],
        &["24/11/2026", "x", "y"],
    ] {
        let (_, column) = column("x", cells);
        let found: Vec<_> = (0..cells.len())
            .map(|row| column.level_at(row).unwrap().into_owned())
            .collect();
        assert_eq!(found, cells);
        assert_eq!(column.kind(), ColumnKind::Category);
    }
}

#[track_caller]
fn check_times(name: &str, cells: &[&str], expected: &[&str], sentence: Option<&str>) {
    let (table, column) = column(name, cells);
    let Values::Time(found) = &column.values else {
        panic!("{cells:?} are {:?}", column.values);
    };
    let time = |&time: &i64| {
        if time == i64::MIN {
            String::new()
        } else {
            format_time(time)
        }
    };
    let found: Vec<String> = found.iter().map(time).collect();
    assert_eq!(found, expected, "{cells:?}");
    assert_eq!(column.format.sentence().as_deref(), sentence, "{cells:?}");
    let n_bad = expected.iter().filter(|time| time.is_empty()).count() as u64;
    assert_eq!(table.issues().count_of("BadTime"), n_bad);
}

/// The moment is GNU `date -u -d '2026-11-24 12:05:09'`'s.
#[test]
fn times_as_logs_write_them() {
    const ZONE: Option<&str> = Some("no zone: taken as UTC");
    for (cell, sentence) in [
        ("2026-11-24T12:05:09Z", None),
        ("2026-11-24 13:05:09.000+01:00", None),
        ("2026-11-24 12:05:09", ZONE),
        ("20261124T120509Z", None),
        ("2026/11/24 12:05:09", ZONE),
        ("2026-11-24 12:05:09 +0000 UTC", None),
        ("24/Nov/2026:12:05:09 +0000", None),
        ("[24/Nov/2026:14:05:09 +0200]", None),
        ("Tue, 24 Nov 2026 12:05:09 GMT", None),
        ("Tue, 24 Nov 2026 12:05:09 +0000", None),
        ("Tue Nov 24 12:05:09 2026", ZONE),
        ("Tue Nov 24 12:05:09 UTC 2026", None),
        ("24-Nov-2026 12:05:09", ZONE),
        ("Nov 24, 2026 12:05:09 PM", ZONE),
        ("November 24, 2026, 12:05:09", ZONE),
        ("24.11.2026 12:05:09", ZONE),
        ("Nov 24, 2026 @ 12:05:09.000", ZONE),
        ("Tue Nov 24 13:05:09 CET 2026", None),
        ("Tue Nov 24 13:05:09 +0100 2026", None),
        ("2026-11-24 14:05:09 CEST", None),
        ("2026-11-24 07:05:09 est", None),
        ("2026-11-24 14:05:09 GMT+2", None),
        ("2026-11-24 14:05:09 UTC+02:00", None),
        ("2026-11-24 06:35:09 UTC-05:30", None),
        ("2026-11-24T13:05:09+01:00[Europe/Berlin]", None),
        (
            "Tue Nov 24 2026 13:05:09 GMT+0100 (Central European Standard Time)",
            None,
        ),
        ("24.11.2026 12:05:09 p. m.", ZONE),
        ("24.11.2026 12:05:09\u{a0}p.\u{a0}m.", ZONE),
        ("24.11.2026 12:05:09\u{202f}PM", ZONE),
    ] {
        check_times("when", &[cell], &["2026-11-24T12:05:09Z"], sentence);
    }
    check_times(
        "when",
        &["11/24/2026 1:05 PM"],
        &["2026-11-24T13:05:00Z"],
        Some("the month first; no zone: taken as UTC"),
    );
    check_times(
        "when",
        &["11/24/26 12:05 am"],
        &["2026-11-24T00:05:00Z"],
        Some("the month first; no zone: taken as UTC"),
    );
}

#[test]
fn zones_that_are_not_known_make_no_times() {
    for cell in [
        "2026-11-24 12:05:09 XYZ",
        "2026-11-24 12:05:09 CET+1",
        "2026-11-24 12:05:09 GMT+",
        "2026-11-24 12:05:09 GMT2",
        "2026-11-24 12:05:09 (x",
        "2026-11-24 12:05:09 a. x.",
    ] {
        let (table, when) = column("when_at", &[cell, "no. 7"]);
        assert_eq!(when.kind(), ColumnKind::Category, "{cell}");
        assert_eq!(table.issues().count_of("ReadAsWords"), 1, "{cell}");
    }
}

#[test]
fn day_or_month_is_decided_over_the_whole_column() {
    let day = Some("the day first; no zone: taken as UTC");
    let month = Some("the month first; no zone: taken as UTC");
    check_times(
        "d",
        &["03/04/2026", "24/04/2026"],
        &["2026-04-03T00:00:00Z", "2026-04-24T00:00:00Z"],
        day,
    );
    check_times(
        "d",
        &["03/04/2026", "04/24/2026"],
        &["2026-03-04T00:00:00Z", "2026-04-24T00:00:00Z"],
        month,
    );
    // Rows that rise say it where no day is above the twelfth.
    check_times(
        "d",
        &["11/01/2026", "12/01/2026", "01/02/2026"],
        &[
            "2026-01-11T00:00:00Z",
            "2026-01-12T00:00:00Z",
            "2026-02-01T00:00:00Z",
        ],
        day,
    );
    check_times(
        "d",
        &["03/04/2026"],
        &["2026-03-04T00:00:00Z"],
        Some("the month first, though nothing in it says so; no zone: taken as UTC"),
    );
    let mut cells = vec!["24/04/2026"; 19];
    cells.push("04/25/2026");
    let mut expected = vec!["2026-04-24T00:00:00Z"; 19];
    expected.push("");
    check_times("d", &cells, &expected, day);
}

#[test]
fn dates_that_nothing_settles_follow_the_log_and_are_said() {
    let check = |csv: &str, expected: &str, n_issues| {
        let table = read(csv);
        assert_eq!(
            table.columns()[0].level_at(0).as_deref(),
            Some(expected),
            "{csv}"
        );
        assert_eq!(table.issues().count_of("AmbiguousDates"), n_issues, "{csv}");
    };
    let (day, month) = ("2024-03-04T10:00:00Z", "2024-04-03T10:00:00Z");
    check(
        "d;cpu\n04/03/2024 10:00;12,5\n05/03/2024 10:00;13,5\n",
        day,
        1,
    );
    check("d;cpu\n04/03/2024 10:00;12\n05/03/2024 10:00;13\n", day, 1);
    check(
        "d\tcpu\n04/03/2024 10:00\t12,5\n05/03/2024 10:00\t13,5\n",
        day,
        1,
    );
    check(
        "d,cpu\n04/03/2024 10:00,12.5\n05/03/2024 10:00,13.5\n",
        month,
        1,
    );
    check(
        "d;cpu\n04/03/2024 10:00;12.5\n05/03/2024 10:00;13.5\n",
        month,
        1,
    );
    // One date settles it.
    check(
        "d,cpu\n04/03/2024 10:00,12.5\n13/03/2024 10:00,13.5\n",
        day,
        0,
    );
    check(
        "d;cpu\n04/03/2024 10:00;12,5\n04/13/2024 10:00;13,5\n",
        month,
        0,
    );
    check(
        "d;cpu\n04.03.2024 10:00;12,5\n05.03.2024 10:00;13,5\n",
        day,
        0,
    );
}

#[test]
fn years_and_dates_that_are_not_named_go_on() {
    check_times(
        "t",
        &[
            "Dec 31 23:59:59",
            "Jan  1 00:00:01",
            "Dec 31 23:59:58",
            "Jan  1 00:00:02",
        ],
        &[
            "2000-12-31T23:59:59Z",
            "2001-01-01T00:00:01Z",
            "2000-12-31T23:59:58Z",
            "2001-01-01T00:00:02Z",
        ],
        Some("no year: the first is taken as 2000; no zone: taken as UTC"),
    );
    check_times(
        "t",
        &["11:50:01 PM", "12:00:01 AM", "12:10:01 AM"],
        &[
            "1970-01-01T23:50:01Z",
            "1970-01-02T00:00:01Z",
            "1970-01-02T00:10:01Z",
        ],
        Some("no date: the first is taken as 1970-01-01; no zone: taken as UTC"),
    );
}

#[test]
fn numbers_since_1970_are_times() {
    let expected = ["2026-11-24T12:05:09Z", "2026-11-24T12:05:09.500Z"];
    let check =
        |cells: &[&str], sentence| check_times("timestamp", cells, &expected, Some(sentence));
    check(&["1795521909", "1795521909.5"], "seconds since 1970");
    check(
        &["1795521909000", "1795521909500"],
        "milliseconds since 1970",
    );
    check(
        &["1795521909000000", "1795521909500000"],
        "microseconds since 1970",
    );
    check(
        &["1795521909000000000", "1795521909500000000"],
        "nanoseconds since 1970",
    );
    let (_, bytes) = column("mem_bytes", &["1795521909", "1795521910"]);
    assert_eq!(bytes.kind(), ColumnKind::Number);
    let (_, minutes) = column("time", &["0", "1", "2"]);
    assert_eq!(minutes.kind(), ColumnKind::Number);
}

#[test]
fn dates_without_marks_are_times() {
    const PACKED: Option<&str> = Some("year, month, day and clock without marks");
    for (name, cell, time) in [
        ("time", "20240304235900", "2024-03-04T23:59:00Z"),
        ("x", "20240304235900", "2024-03-04T23:59:00Z"),
        ("time", "202403042359", "2024-03-04T23:59:00Z"),
        ("date", "20240304", "2024-03-04T00:00:00Z"),
    ] {
        check_times(name, &[cell], &[time], PACKED);
    }
    // Other numbers, and those of which one is no date.
    for (name, cells) in [
        ("x", ["202403042359", "202403050000"]),
        ("x", ["20240304", "20240305"]),
        ("time", ["20240304235900", "20241304235900"]),
        ("time", ["20240304235900", "20240304240000"]),
        ("time", ["20240304.5", "20240305.5"]),
        ("time", ["2024", "2025"]),
        ("x", ["13000304235900", "13000305235900"]),
    ] {
        let (_, column) = column(name, &cells);
        assert_eq!(column.kind(), ColumnKind::Number, "{name} {cells:?}");
    }
}

// ---- cases written elsewhere

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

// ---- the model reads as the log was read

fn debug(value: impl Debug) -> String {
    format!("{value:?}")
}

/// A log with decimal commas, units and a category of sizes.
fn german_csv() -> String {
    let row = |i: u32| {
        let draw = i.wrapping_mul(2_654_435_761) >> 16;
        let (cpu, mem) = (draw % 1000, draw / 7 % 900);
        let crashed = cpu + mem > 1400;
        let plan = ["512MB", "2GB", "big"][i as usize % 3];
        format!(
            "1.{cpu:03},5;{mem} MB;{plan};{}\n",
            if crashed { "ja" } else { "nein" }
        )
    };
    "cpu;mem;plan;crashed\n".to_owned() + &(0..300).map(row).collect::<String>()
}

#[test]
fn the_same_text_means_the_same_number_at_prediction() {
    let (table, model) = crate::trained_on(german_csv().as_bytes());
    let whole = model.predict_table(&table).unwrap().probabilities;
    for row in [0, 1, 2, 150] {
        let csv = german_csv();
        let cells: Vec<&str> = csv.lines().nth(row + 1).unwrap().split(';').collect();
        let typed = ["cpu", "mem", "plan"]
            .iter()
            .zip(cells)
            .map(|(name, cell)| ((*name).to_owned(), OwnedCell::Text(cell.to_owned())));
        let one = model.predict(typed.collect()).unwrap();
        assert_eq!(one.probability, whole[row], "{}", debug(&one));
        assert_eq!(one.warnings, []);
    }
    let row = |cpu: OwnedCell, mem: &str| {
        let cells = [("cpu", cpu), ("mem", OwnedCell::Text(mem.to_owned()))];
        model
            .predict(cells.map(|(name, cell)| (name.to_owned(), cell)).to_vec())
            .unwrap()
    };
    let comma = row(OwnedCell::Text("1.234".to_owned()), "0,5 GB");
    assert_eq!(
        comma.probability,
        row(OwnedCell::Number(1234.0), "500 MB").probability
    );
    assert_eq!(
        debug(row(OwnedCell::Text("12.5".to_owned()), "1 MB").warnings[0].code),
        "MissingColumn"
    );
}

// ---- a day and a clock in two columns

/// Both columns hold the moments of both; empty where either is missing.
#[track_caller]
fn check_joined(csv: &str, columns: [&str; 2], expected: &[&str]) {
    let table = read(csv);
    for name in columns {
        let column = table.column(name).unwrap();
        let found: Vec<_> = (0..table.n_rows())
            .map(|row| column.level_at(row).unwrap_or_default().into_owned())
            .collect();
        assert_eq!(found, expected, "{name} of {csv}");
        let sentence = column.format.sentence().unwrap();
        assert!(sentence.contains("the clock of another"), "{sentence}");
    }
    assert_eq!(table.issues().count_of("ReadAsWords"), 0);
}

#[test]
fn a_day_and_a_clock_are_one_moment() {
    check_joined(
        "Date,Time,cpu\n2024-03-04,10:00:00,1\n2024-03-05,10:05:00,2\n2024-03-05,,3\n,10:05:00,4\n",
        ["Date", "Time"],
        &["2024-03-04T10:00:00Z", "2024-03-05T10:05:00Z", "", ""],
    );
    // A clock that begins anew has a day of its own, and is not taken for the next one twice.
    check_joined(
        "Datum;Zeit;x\n30.03.2024;23:59;1\n31.03.2024;00:04;2\n31.03.2024;23:59;3\n",
        ["Datum", "Zeit"],
        &[
            "2024-03-30T23:59:00Z",
            "2024-03-31T00:04:00Z",
            "2024-03-31T23:59:00Z",
        ],
    );
    check_joined(
        "time,took,date\n1:00:00 PM,00:10:00,3/24/24\n1:10:00 PM,00:20:00,3/25/24\n",
        ["date", "time"],
        &["2024-03-24T13:00:00Z", "2024-03-25T13:10:00Z"],
    );
    // Two columns of days, or none: nothing is put together.
    let other =
        read("from,to,time\n2024-03-04,2024-03-05,10:00:00\n2024-03-06,2024-03-07,11:00:00\n");
    assert_eq!(
        other.columns()[2].level_at(1).as_deref(),
        Some("1970-01-01T11:00:00Z")
    );
    // Minutes and seconds of something else stay words.
    let (_, took) = column("took", &["10:05", "10:10"]);
    assert_eq!(took.kind(), ColumnKind::Category);
    check_times(
        "Uhrzeit",
        &["23:50", "00:10"],
        &["1970-01-01T23:50:00Z", "1970-01-02T00:10:00Z"],
        Some("no date: the first is taken as 1970-01-01; no zone: taken as UTC"),
    );
}

/// A log by the minute over a night; whichever column is the time, a batch and a typed row have the same moments.
#[test]
fn a_day_and_a_clock_are_one_moment_wherever_they_come_from() {
    let csv = "date,time,cpu\n2024-03-04,23:59:00,1\n2024-03-05,00:00:00,2\n";
    let table = read(csv);
    let typed = ["2024-03-05", "00:00:00"];
    let cells = ["date", "time"]
        .iter()
        .zip(typed)
        .map(|(name, text)| ((*name).to_owned(), OwnedCell::Text(text.to_owned())));
    let one = Table::from_cells(cells.collect(), &Expected::default());
    for at in 0..2 {
        assert_eq!(
            one.columns()[at].level_at(0),
            table.columns()[at].level_at(1)
        );
    }
    let alone = read("date,time,cpu\n2024-03-05,00:00:00,2\n");
    assert_eq!(
        alone.columns()[1].level_at(0),
        table.columns()[1].level_at(1)
    );
    let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
    for name in ["a", "b"] {
        reader.begin_file(name).unwrap();
        reader.push(csv.as_bytes()).unwrap();
    }
    let both = reader.finish().unwrap();
    let times: Vec<_> = (0..4)
        .map(|row| {
            both.column("time")
                .unwrap()
                .level_at(row)
                .unwrap()
                .into_owned()
        })
        .collect();
    let [first, second] = ["2024-03-04T23:59:00Z", "2024-03-05T00:00:00Z"];
    assert_eq!(times, [first, first, second, second]);
}
