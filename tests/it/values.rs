//! What cells say where only their whole column can tell: marks, units, dates and epochs; and that a model reads them in
//! the same way ever after.

mod cases;
mod day_and_clock;
mod said;

use std::fmt::Debug;

use crash_predictor::table::{
    Column, ColumnKind, Expected, Format, LogReader, Values, format_time,
};
use crash_predictor::{OwnedCell, ReadOptions, Table};

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
