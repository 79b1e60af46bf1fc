//! The table: bytes in, typed columns and issues out, however the bytes were cut.

#![allow(clippy::unwrap_used)]

mod files;
mod layouts;
mod polluted;
mod rates;
mod sampling;
mod shared;

use crash_predictor::table::{
    Cell, Column, ColumnBuilder, ColumnKind, Dialect, Encoding, Expected, IssueCode, Issues,
    LineEnd, LogReader, MAX_FIELD_BYTES, MAX_RECORD_BYTES, OwnedCell, Place, ReadOptions,
    RecordReader, Table, Values, classify, format_number, format_time, truth, unit_of,
};
use crash_predictor::{Error, Result};
use proptest::prelude::*;

fn read(input: impl AsRef<[u8]>) -> Result<Table> {
    Table::from_csv(input.as_ref(), &ReadOptions::default())
}

#[track_caller]
fn table(input: impl AsRef<[u8]>) -> Table {
    read(input).unwrap()
}

/// The issues as `code line column`, 0 where there is none.
fn issues(table: &Table) -> Vec<String> {
    let kept = table.issues().kept().iter();
    kept.map(|issue| {
        let (line, column) = (issue.line.unwrap_or(0), issue.column.unwrap_or(0));
        format!("{} {line} {column}", issue.code.name())
    })
    .collect()
}

// ---- cells

#[track_caller]
fn check_cells(inputs: &[&str], expected: Cell<'_>) {
    for input in inputs {
        assert_eq!(classify(input), expected, "{input:?}");
    }
}

#[test]
fn missing_spellings() {
    let spellings = [
        "",
        " ",
        "\t",
        "NA",
        "n/a",
        "N/A",
        "#N/A",
        "<NA>",
        "NaN",
        "nan",
        "-NaN",
        "null",
        "NULL",
        "(null)",
        "\\N",
        "nil",
        "None",
        "-",
        "--",
        "?",
        "undefined",
        "Missing",
        " NA ",
    ];
    check_cells(&spellings, Cell::Missing);
}

#[test]
fn numbers() {
    check_cells(
        &["12", "+12", " 12.0 ", "1.2e1", "12%", "12 %", "012", "12."],
        Cell::Number(12.0),
    );
    check_cells(&["-.5", "-0.5", "-5E-1"], Cell::Number(-0.5));
    check_cells(&["0.1"], Cell::Number(0.1));
    check_cells(&["1.7976931348623157e308"], Cell::Number(f64::MAX));
    check_cells(&["5e-324"], Cell::Number(5e-324));
}

#[test]
fn texts_that_look_like_numbers() {
    for text in [
        "inf",
        "-Infinity",
        "+inf",
        "1e309",
        "-1e999",
        "0x1F",
        "512MB",
        "1,234.5",
        "3,14",
        "１２",
        "1.2.3",
        "1-2",
        "+-1",
        ".",
        "+",
        "e5",
        "1e",
        "%",
        "12%%",
        "1_000",
        "--1",
        "=cmd|' /C calc'!A0",
        "10:30",
    ] {
        assert_eq!(classify(text), Cell::Text(text));
    }
}

/// Microseconds from GNU `date -u -d ... +%s`.
#[test]
fn times() {
    check_cells(
        &[
            "2024-02-29",
            "2024-02-29T00:00",
            "2024-02-29 00:00:00",
            "2024-02-29t00:00:00.000z",
            "2024-02-29T02:00:00+02:00",
            "2024-02-29T02:00:00+0200",
            "2024-02-28T19:00-05",
            "2024-02-29 00:00:00 UTC",
            "2024-02-29 00:00:00,0 +0000",
            "2024-02-28T23:59:60Z",
        ],
        Cell::Time(1_709_164_800_000_000),
    );
    check_cells(&["1970-01-01"], Cell::Time(0));
    check_cells(&["1969-12-31T23:59:59.999999Z"], Cell::Time(-1));
    check_cells(&["0000-03-01"], Cell::Time(-62_162_035_200_000_000));
    check_cells(
        &["9999-12-31T23:59:59Z"],
        Cell::Time(253_402_300_799_000_000),
    );
    check_cells(
        &["2024-01-01T00:00:00.1234567Z"],
        Cell::Time(1_704_067_200_123_456),
    );
}

#[test]
fn texts_that_look_like_times() {
    for text in [
        "2024-13-45",
        "2023-02-29",
        "1900-02-29",
        "2024-00-01",
        "2024-01-00",
        "2024-04-31",
        "2024-01-01T24:00",
        "2024-01-01T00:60",
        "2024-01-01T00:00:61",
        "2024-01-01T",
        "2024-01-01T00",
        "2024-01-01T00:00:00.",
        "2024-01-01T00:00+24:00",
        "2024-01-01T00:00 +",
        "2024-1-1",
        "2024-01-01x",
        "2024-01-01T00:00Zz",
        "2024/01/01",
    ] {
        assert_eq!(classify(text), Cell::Text(text));
    }
}

#[test]
fn formats() {
    for (number, text) in [
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e21, "1e21"),
        (1e20, "100000000000000000000"),
        (1e-5, "0.00001"),
        (1.5e-6, "1.5e-6"),
        (-2.5, "-2.5"),
    ] {
        assert_eq!(format_number(number), text);
    }
    for (micros, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (1_709_164_800_500_000, "2024-02-29T00:00:00.500Z"),
    ] {
        assert_eq!(format_time(micros), text);
    }
}

proptest! {
    #[test]
    fn numbers_survive(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
        let text = format_number(number);
        prop_assert_eq!(classify(&text), Cell::Number(number));
    }

    #[test]
    fn times_survive(micros in -62_167_219_200_000_000_i64..253_402_300_800_000_000) {
        let text = format_time(micros);
        prop_assert_eq!(classify(&text), Cell::Time(micros));
    }

    #[test]
    fn no_cell_panics(text in any::<String>()) {
        let _ = classify(&text);
        let _ = unit_of(&text);
    }
}

// ---- columns

/// A column from cells that are one to a line.
fn column(cells: &[&str]) -> (Column, Issues) {
    let lines: Vec<u32> = (2..).take(cells.len()).collect();
    let mut builder = ColumnBuilder::default();
    cells.iter().for_each(|cell| builder.push(cell));
    let mut issues = Issues::default();
    let place = Place {
        index: 0,
        lines: &lines,
    };
    (builder.finish("cpu".to_owned(), place, &mut issues), issues)
}

#[track_caller]
fn check_column(cells: &[&str], expected: Values) -> Issues {
    let (column, issues) = column(cells);
    assert_eq!(column.values, expected);
    assert_eq!(column.n_rows(), cells.len());
    let n_levels = (0..cells.len())
        .filter(|&row| column.level_at(row).is_some())
        .count();
    assert_eq!(column.n_missing(), cells.len() - n_levels);
    issues
}

fn category(codes: &[u32], levels: &[&str]) -> Values {
    let levels = levels.iter().map(|&level| level.to_owned()).collect();
    Values::Category {
        codes: codes.to_vec(),
        levels,
    }
}

const NO: u32 = u32::MAX;

#[test]
fn columns_of_one_kind() {
    check_column(&["1", "", "2.5"], Values::Number(vec![1.0, f64::NAN, 2.5]));
    check_column(&["", "1970-01-01"], Values::Time(vec![i64::MIN, 0]));
    check_column(&["b", "", "a", "b"], category(&[0, NO, 1, 0], &["b", "a"]));
    check_column(&["NA", "", "-"], Values::Empty { n_rows: 3 });
}

#[test]
fn words_of_one_pair_are_booleans_in_any_case() {
    let check = |cells: &[&str], kind| assert_eq!(column(cells).0.kind(), kind, "{cells:?}");
    check(&["TRUE", "False", "", "true"], ColumnKind::Boolean);
    check(&["Yes", "yes"], ColumnKind::Boolean);
    check(&["off", "on"], ColumnKind::Boolean);
    check(&["n", "Y"], ColumnKind::Boolean);
    check(&["yes", "false"], ColumnKind::Category);
    check(&["yes", "maybe"], ColumnKind::Category);
    assert_eq!(
        [truth("YES"), truth("off"), truth("0")],
        [Some(true), Some(false), None]
    );
}

#[test]
fn a_tenth_of_other_cells_is_missing_and_reported() {
    let mut cells = vec!["1"; 9];
    cells.insert(3, "n.a.");
    let mut numbers = vec![1.0; 10];
    numbers[3] = f64::NAN;
    let issues = check_column(&cells, Values::Number(numbers));
    let issue = &issues.kept()[0];
    assert_eq!(
        (issue.code.clone(), issue.line, issue.column),
        (IssueCode::BadNumber, Some(5), Some(1))
    );
    assert_eq!(issue.cell.as_deref(), Some("n.a."));

    let mut cells = vec!["1970-01-01"; 9];
    cells.push("0");
    let mut times = vec![0; 10];
    times[9] = i64::MIN;
    assert_eq!(
        check_column(&cells, Values::Time(times)).count_of("BadTime"),
        1
    );
}

#[test]
fn more_than_a_tenth_makes_a_category_with_one_spelling_for_a_number() {
    let cells = ["1", "1.0", "x", "1970-01-01", "", "1e0"];
    let expected = category(&[0, 0, 1, 2, NO, 0], &["1", "x", "1970-01-01T00:00:00Z"]);
    check_column(&cells, expected);
    let (column, _) = column(&cells);
    assert_eq!(column.number_at(1), Some(1.0));
    assert_eq!(column.number_at(2), None);
}

#[test]
fn free_text_is_not_kept() {
    let texts: Vec<String> = (0..70_000).map(|i| format!("request {i}")).collect();
    let mut cells: Vec<&str> = texts.iter().map(String::as_str).collect();
    cells.push("");
    let (text, issues) = column(&cells);
    assert_eq!(
        text.values,
        Values::Text {
            n_missing: 1,
            n_rows: 70_001
        }
    );
    assert_eq!(issues.total(), 0);
}

#[test]
fn units() {
    for (name, unit) in [
        ("latency (ms)", Some("ms")),
        ("latency [ms]", Some("ms")),
        ("latency_ms", Some("ms")),
        ("cpu_pct", Some("%")),
        ("disk_MB", Some("MB")),
        ("host", None),
        ("_ms", None),
        ("(ms)", None),
        ("crashed_within", None),
        ("load (mean of the last minute)", None),
    ] {
        assert_eq!(unit_of(name).as_deref(), unit, "{name}");
    }
}

// ---- dialects

#[track_caller]
fn check_dialect(input: &str, delimiter: char, header: bool, n_columns: usize) {
    let table = table(input);
    assert_eq!(table.dialect().delimiter, delimiter, "{input:?}");
    assert_eq!(table.dialect().header, header, "{input:?}");
    assert_eq!(table.columns().len(), n_columns, "{input:?}");
    assert_eq!(table.issues().rows_rejected(), 0, "{input:?}");
}

#[test]
fn delimiters() {
    for delimiter in [',', ';', '\t', '|'] {
        let text = "time,host,cpu\n2024-01-01 00:00:00,a b,1\n2024-01-01 00:01:00,\"x,;|\t\",2\n";
        let quoted = text
            .replace("\"x,;|\t\"", "Q")
            .replace(',', &delimiter.to_string());
        check_dialect(&quoted.replace('Q', "\"x,;|\t\""), delimiter, true, 3);
    }
    check_dialect("1,5;2,5\n3,5;4,5\n", ';', false, 2);
    check_dialect(
        "t;v\n2024-01-01 00:00:00,123;5\n2024-01-01 00:00:01,456;6\n",
        ';',
        true,
        2,
    );
    check_dialect("a,b,c\n\"1;2\",\"3;4\",\"5;6\"\n", ',', true, 3);
}

#[test]
fn one_column() {
    check_dialect("cpu\n1\n2\n", ',', true, 1);
    check_dialect("message\nhello, world\nfoo\nbar, baz, qux\n", ';', true, 1);
    check_dialect("1\n2\n", ',', false, 1);
}

#[test]
fn other_delimiters() {
    for delimiter in ['^', '~', '+', '\u{1f}'] {
        let text = "time,host,cpu\n2024-01-01T00:00:00,a,1\n2024-01-01T00:01:00,b,2\n";
        check_dialect(
            &text.replace(',', &delimiter.to_string()),
            delimiter,
            true,
            3,
        );
    }
    check_dialect("a:b:c:d:e:f\n1:2:3:4:5:x\n", ':', true, 6);
    check_dialect("time\n10:00:01\n10:00:02\n", ',', true, 1);
    check_dialect("Started at\n2024-05-01 10:03\n", ',', true, 1);
    check_dialect("cpu mem crashed\n1 \"a b\" 0\n2  1\n", ' ', true, 3);
}

/// The names of the columns and the cells of the rows.
fn grid(input: &str) -> Vec<Vec<String>> {
    let table = table(input);
    assert_every_cut(input.as_bytes());
    let names = table.columns().iter().map(|column| column.name.clone());
    [names.collect()]
        .into_iter()
        .chain(table.preview().to_vec())
        .collect()
}

#[track_caller]
fn check_grid(input: &str, expected: &[&[&str]], expected_issues: &[&str]) {
    assert_eq!(grid(input), expected, "{input:?}");
    assert_eq!(issues(&table(input)), expected_issues, "{input:?}");
}

#[test]
fn runs_of_spaces() {
    let text = "  r  b   swpd\n  1  0 100000\n 10  2     20  \n";
    check_grid(
        text,
        &[
            &["r", "b", "swpd"],
            &["1", "0", "100000"],
            &["10", "2", "20"],
        ],
        &[],
    );
    assert!(table(text).dialect().spaced);
}

#[test]
fn spaces_behind_delimiters() {
    check_grid(
        "a, b, c\n1, \"x, y\", 2\n3, z , 4\n",
        &[&["a", "b", "c"], &["1", "x, y", "2"], &["3", "z ", "4"]],
        &[],
    );
}

#[test]
fn quotes() {
    check_grid(
        "a,b\n'x,y',1\n'it''s',2\n",
        &[&["a", "b"], &["x,y", "1"], &["it's", "2"]],
        &[],
    );
    check_grid(
        "a,b\n\"say \\\"x, y\\\"\",1\n\"z\",2\n",
        &[&["a", "b"], &["say \"x, y\"", "1"], &["z", "2"]],
        &[],
    );
    // Quotes that are not escaped at all.
    check_grid(
        "a,b\n\"say \"hi\" now\",1\n\"an \"x\"\",2\nd\"e,3\n",
        &[
            &["a", "b"],
            &["say \"hi\" now", "1"],
            &["an \"x\"", "2"],
            &["d\"e", "3"],
        ],
        &["StrayQuote 2 1", "StrayQuote 3 1"],
    );
}

#[test]
fn a_quote_too_many_costs_one_row() {
    check_issues(
        "a,b,c\n1,2,x\n3,\"4,y\n5,6,\"z, z\"\n7,8,\"w\"\n",
        3,
        &["UnclosedQuote 3 2"],
    );
}

#[test]
fn lines_that_are_no_part_of_the_table() {
    check_grid(
        "Servers of the week\nby, somebody\n\nt,cpu,mem\n1,2,3\n4,5,6\n",
        &[&["t", "cpu", "mem"], &["1", "2", "3"], &["4", "5", "6"]],
        &["LeftOut 1 0", "LeftOut 2 0"],
    );
    check_grid(
        "# made by, a script\nt,cpu\n1,2\n# paused, it's here, see\n3,4\n",
        &[&["t", "cpu"], &["1", "2"], &["3", "4"]],
        &["LeftOut 1 0", "LeftOut 4 0"],
    );
    check_grid(
        "# hostname;interval;cpu\na;60;1\nb;60;2\n",
        &[
            &["hostname", "interval", "cpu"],
            &["a", "60", "1"],
            &["b", "60", "2"],
        ],
        &["ConstantColumn 0 2"],
    );
    check_grid(
        "t,cpu\n1,2\nt,cpu\n3,4\n",
        &[&["t", "cpu"], &["1", "2"], &["3", "4"]],
        &["LeftOut 3 0"],
    );
}

/// As the program of this name writes it.
#[test]
fn sar() {
    let text = "Linux 5.10.0 (web-1) \t01/02/2024 \t_x86_64_\t(4 CPU)\n\n\
        00:00:01        CPU     %user     %idle\n\
        00:10:01        all      1.50     98.50\n\
        00:20:01        0        2.50     97.50\n\n\
        00:30:01        CPU     %user     %idle\n\
        00:40:01        all      3.50     96.50\n\
        Average:        all      2.50     97.50\n";
    let table = table(text);
    assert_every_cut(text.as_bytes());
    assert_eq!(table.columns()[2].name, "%user");
    assert_eq!(
        table.columns()[2].values,
        Values::Number(vec![1.5, 2.5, 3.5])
    );
    assert_eq!(
        issues(&table),
        ["LeftOut 1 0", "LeftOut 7 0", "LeftOut 9 0"]
    );
}

/// The same with halves of the day, many blocks, a restart, and after it a second report.
#[test]
fn sar_with_halves_of_the_day() {
    let mut text =
        "Linux 5.15.0-91-generic (web-1) \t01/15/2024 \t_x86_64_\t(8 CPU)\n\n".to_owned();
    let names = "     CPU     %user     %nice   %system   %iowait    %steal     %idle\n";
    let clock = |at: u32| {
        let hour = at / 6;
        let half = if hour < 12 { "AM" } else { "PM" };
        format!("{:02}:{:02}:01 {half}", (hour + 11) % 12 + 1, at % 6 * 10)
    };
    for at in 0..144 {
        if at % 40 == 0 {
            text += &format!("{}{}{names}", if at > 0 { "\n" } else { "" }, clock(at));
        } else {
            text += &format!(
                "{}     all{:10.2}      0.00      1.03      0.05      0.00{:10.2}\n",
                clock(at),
                f64::from(at),
                98.9 - f64::from(at) / 2.0
            );
        }
    }
    text += "Average:        all     70.00      0.00      1.03      0.05      0.00     50.00\n\n";
    text += "11:55:00 PM       LINUX RESTART\t(8 CPU)\n\n";
    text += &format!(
        "11:56:00 PM{names}11:58:00 PM     all      2.00      0.00      1.03      0.05      0.00     98.00\n"
    );
    text += "Average:        all      2.00      0.00      1.03      0.05      0.00     98.00\n";
    let table = table(&text);
    assert_every_cut(text.as_bytes());
    let names: Vec<&str> = table
        .columns()
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "time", "CPU", "%user", "%nice", "%system", "%iowait", "%steal", "%idle"
        ]
    );
    let Values::Time(times) = &table.columns()[0].values else {
        panic!("{:?}", table.columns()[0]);
    };
    assert!(times.is_sorted() && times.len() == 141);
    assert_eq!(format_time(times[0]), "1970-01-01T00:10:01Z");
    assert_eq!(format_time(times[140]), "1970-01-01T23:58:00Z");
    // Three headers, two averages and the title are no rows; the restart is one that cannot be used.
    assert_eq!(table.issues().count_of("LeftOut"), 1 + 4 + 2);
    assert_eq!(table.issues().rows_rejected(), 1);
    assert_eq!(table.issues().total(), 1 + 7 + 5);
}

#[test]
fn a_title_as_wide_as_the_table_is_none_of_it() {
    check_grid(
        "Linux 5.15.0 (web-1)\n\n00:00:01  kbmemfree\n00:10:01  10.5\n\n00:00:01  runq-sz  blocked\n00:10:01  1.5  2\n00:20:01  2.5  3\n",
        &[
            &["time", "runq-sz", "blocked"],
            &["00:10:01", "1.5", "2"],
            &["00:20:01", "2.5", "3"],
        ],
        &["LeftOut 1 0", "LeftOut 3 0", "LeftOut 4 0"],
    );
}

#[test]
fn json_lines() {
    check_grid(
        concat!(
            "{\"time\": \"2024-01-01T00:00:00Z\", \"cpu\": {\"user\": 97.50, \"io\": null}, \"ok\": true}\n\n",
            "{\"ok\":false,\"time\":\"a \\\"b\\\", \\u00e9\\ud83d\\ude00\\n\",\"tags\":[\"x\",{\"y\":\"]\"}]}\n",
        ),
        &[
            &["time", "cpu.user", "cpu.io", "ok", "tags"],
            &["2024-01-01T00:00:00Z", "97.50", "", "true", ""],
            &["a \"b\", é😀 ", "", "", "false", "[\"x\",{\"y\":\"]\"}]"],
        ],
        &[
            "ConstantColumn 0 2",
            "NoValidValues 0 3",
            "ConstantColumn 0 5",
        ],
    );
    // A key that was not there before, a line that is no object, an object that is cut off.
    let head = "{\"a\":1,\"b\":2}\n".repeat(6000);
    let log = format!("{head}{{\"a\":3,\"c\":4}}\nwhat\n{{\"a\":5\n{{\"b\":6,\"a\":7}}");
    let table = table(&log);
    assert!(table.dialect().json_lines);
    assert_eq!(
        issues(&table),
        [
            "FieldCount 6001 3",
            "FieldCount 6002 2",
            "FieldCount 6003 2",
        ]
    );
    assert_eq!(table.lines()[6000], 6004);
    assert_eq!(table.preview()[0], ["1", "2"]);
    assert_eq!(chunked(log.as_bytes(), 70_001), Ok(table));
    // These are no JSON.
    check_dialect("{a},b\n1,2\n", ',', true, 2);
    assert!(!read("{\"a\"\n1\n").unwrap().dialect().json_lines);
}

#[test]
fn headers_of_several_lines() {
    check_grid(
        "time,cpu,mem\n,user,MB\n1,2,3\n4,5,6\n",
        &[
            &["time", "cpu user", "mem MB"],
            &["1", "2", "3"],
            &["4", "5", "6"],
        ],
        &[],
    );
    check_dialect("a,b\nx,y\nz,w\n", ',', true, 2);
}

#[test]
fn a_delimiter_too_many() {
    check_grid(
        "a,b\n1,2,\n3,4,\n",
        &[&["a", "b"], &["1", "2"], &["3", "4"]],
        &[],
    );
    check_grid(
        "a,b,\n1,2,\n3,4\n",
        &[&["a", "b", "column_3"], &["1", "2", ""]],
        &["EmptyHeader 1 3", "FieldCount 3 3"],
    );
    let rows = "1,2,3\n4,5,6\n7,8,9\n";
    check_issues(format!("a,b,c,d\n{rows}"), 3, &["FieldCount 1 4"]);
    check_issues(
        format!("a,b\n{rows}"),
        3,
        &["FieldCount 1 3", "EmptyHeader 1 3"],
    );
}

#[test]
fn headers() {
    check_dialect("a,b\nx,y\n", ',', true, 2);
    check_dialect("a,1\nx,2\n", ',', false, 2);
    check_dialect("2024-01-01,a\n2024-01-02,b\n", ',', false, 2);
    let names: Vec<_> = table("1,2\n")
        .columns()
        .iter()
        .map(|c| c.name.clone())
        .collect();
    assert_eq!(names, ["column_1", "column_2"]);
}

#[test]
fn what_the_user_says_goes() {
    let options = ReadOptions {
        delimiter: Some(";".to_owned()),
        header: Some(false),
        ..ReadOptions::default()
    };
    let table = Table::from_csv(b"a,b\nc,d\n", &options).unwrap();
    assert_eq!((table.n_rows(), table.columns().len()), (2, 1));
    let options = ReadOptions {
        delimiter: None,
        header: Some(true),
        ..ReadOptions::default()
    };
    assert_eq!(
        Table::from_csv(b"0.5,0.9\n1,2\n", &options)
            .unwrap()
            .columns()[1]
            .name,
        "0.9"
    );
    for bad in ["", ";;", "\"", "\n", "é"] {
        let options = ReadOptions {
            delimiter: Some(bad.to_owned()),
            header: None,
            ..ReadOptions::default()
        };
        assert!(matches!(
            LogReader::new(&options),
            Err(Error::BadOption {
                option: "delimiter",
                ..
            })
        ));
    }
}

#[test]
fn line_ends() {
    for (end, expected) in [
        ("\n", LineEnd::Lf),
        ("\r\n", LineEnd::CrLf),
        ("\r", LineEnd::Cr),
    ] {
        let text = format!("a,b{end}1,\"x{end}y\"{end}{end}2,z{end}3,w");
        let table = table(&text);
        assert_eq!(table.dialect().line_end, expected);
        assert_eq!(table.lines(), [2, 5, 6], "{text:?}");
    }
    assert_eq!(table("a\r\n1\n2\r3").dialect().line_end, LineEnd::Mixed);
    assert_eq!(table("a\r\n1\n2\r3").lines(), [2, 3, 4]);
}

#[test]
fn encodings() {
    let text = "größe,crashed\n1,😀\n2,nein\n";
    let plain = table(text);
    let utf8: Vec<u8> = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    assert_eq!(table(utf8), plain);
    let units = || std::iter::once(0xfeff).chain(text.encode_utf16());
    let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
    for (bytes, encoding) in [(little, Encoding::Utf16Le), (big, Encoding::Utf16Be)] {
        let decoded = table(&bytes);
        assert_eq!(
            *decoded.dialect(),
            Dialect {
                encoding,
                ..*plain.dialect()
            }
        );
        assert_eq!(decoded.columns(), plain.columns());
        assert_every_cut(&bytes);
    }
}

#[test]
fn a_broken_character_costs_its_row() {
    let lone: Vec<u8> = "\u{feff}a,b\n1,2\n3,4\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let at = lone.len() - 4;
    let lone = [&lone[..at], b"\x00\xd8", &lone[at..]].concat();
    assert_eq!(issues(&table(&lone)), ["Encoding 3 2"]);
    assert_every_cut(&lone);
    assert_eq!(
        issues(&table(b"a,b\n1,2\n\xff,2\n1,\xc3\n")),
        ["Encoding 3 1", "Encoding 4 2"]
    );
    // Two halves of one character are not a character with a delimiter between them.
    assert_eq!(issues(&table(b"a,b\n1,2\nx\xc3,\xa9\n")), ["Encoding 3 1"]);
    assert_eq!(
        read(b"\xef\xbb\xbfcpu,temp\x81rature\n1,2\n"),
        Err(Error::Encoding {
            expected: "UTF-8",
            offset: 11
        })
    );
}

#[test]
fn utf16_without_its_mark() {
    let text = "time,host,crashed\n2024-01-01T00:00:00Z,größe😀,0\n";
    let plain = table(text);
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (bytes, encoding) in [(little, Encoding::Utf16Le), (big, Encoding::Utf16Be)] {
        let decoded = table(&bytes);
        assert_eq!(decoded.dialect().encoding, encoding);
        assert_eq!(decoded.columns(), plain.columns());
        assert_every_cut(&bytes);
    }
}

#[test]
fn windows_1252_is_read_and_said() {
    let check = |bytes: &[u8], cell: &str, expected: &[&str]| {
        let table = table(bytes);
        assert_eq!(issues(&table), expected);
        assert_eq!(table.columns()[0].level_at(0).as_deref(), Some(cell));
        assert_every_cut(bytes);
    };
    check(
        b"h\xf4te,cpu\ncaf\xe9,1\n\x8c\x9cvre,2\n",
        "café",
        &["AssumedEncoding 1 1"],
    );
    check(
        b"host,cpu\ncaf\xe9 \x80,1\n20 \xb0,2\n",
        "café €",
        &["AssumedEncoding 2 1"],
    );
    // A record that is UTF-8 stays so.
    check("host,cpu\ncafé,1\n".as_bytes(), "café", &[]);
    check(
        b"host,cpu\ncaf\xc3\xa9,1\nna\xefve,2\n",
        "café",
        &["AssumedEncoding 3 1"],
    );
    let table = table(b"temp\xe9rature\n1\n");
    assert_eq!(table.columns()[0].name, "température");
    assert_eq!(table.dialect().encoding, Encoding::Windows1252);
}

// ---- errors and issues

#[test]
fn files_that_are_not_logs() {
    let nul = [b"a\0\0b\0\0".as_slice(); 20].concat();
    for bytes in [
        b"\x89PNG\r\n\x1a\n....".as_slice(),
        b"PK\x03\x04....",
        b"\x1f\x8b\x08\0",
        b"%PDF-1.7\n",
        b"PAR1....",
        b" <!DOCTYPE html><html>",
        b"PK\x03\x04\x14\0\x08\0\x08\0[Content_Types].xml",
        &nul,
        &[1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17, 200, 201],
    ] {
        assert!(
            matches!(read(bytes), Err(Error::NotCsv { .. })),
            "{bytes:?}"
        );
    }
    for empty in ["", "\n\n", "\r\n \r\n", "\u{feff}"] {
        assert_eq!(read(empty), Err(Error::Empty), "{empty:?}");
    }
    assert_eq!(read("a,b\n"), Err(Error::NoRows { rejected: 0 }));
    assert_eq!(read("a,b\n1\n2\n"), Err(Error::NoRows { rejected: 2 }));
    let wide = ",".repeat(20_000);
    assert_eq!(
        read(&wide),
        Err(Error::TooManyColumns {
            found: 20_001,
            limit: 16_384
        })
    );
}

#[test]
fn a_reader_that_failed_stays_failed() {
    let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
    let head = [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![0; 70_000]].concat();
    let failure = reader.push(&head);
    assert!(failure.is_err());
    assert_eq!(reader.push(b"a,b\n1,2\n"), failure);
    assert_eq!(reader.finish().map(drop), failure);
}

#[track_caller]
fn check_issues(input: impl AsRef<[u8]>, n_used: usize, expected: &[&str]) {
    let input = input.as_ref();
    let table = table(input);
    assert_eq!(issues(&table), expected);
    assert_eq!(table.n_rows(), n_used);
    let issues = table.issues();
    assert_eq!(issues.rows_used(), n_used as u64);
    assert_eq!(
        issues.rows_read(),
        issues.rows_used() + issues.rows_rejected()
    );
    assert_every_cut(input);
}

#[test]
fn bad_rows() {
    check_issues(
        "a,b\n1,2\n3\n4,5,6\n7,8\n",
        2,
        &["FieldCount 3 2", "FieldCount 4 3"],
    );
    check_issues("a,b\n1,2\n3,\0\n7,8\n", 2, &["NulByte 3 2"]);
    check_issues("a,b\n\n  \n1,2\n\r\n3,4\n", 2, &[]);
    let wide = format!("a,b\n1,2\n{}\n3,4\n", ",".repeat(40_000));
    assert_eq!(issues(&table(&wide)), ["FieldCount 3 3"]);
}

#[test]
fn unclosed_quotes() {
    check_issues("a,b\n1,2\n3,\"4\n5,6\n7,8\n", 3, &["UnclosedQuote 3 2"]);
    check_issues("a,b\n1,2\n3,\"4", 1, &["UnclosedQuote 3 2"]);
    // The line the quote is on is not the one its record starts on.
    check_issues(
        "a,b\r\n1,2\r\n\"3\r\n\",\"4\r\n5,6\r\n",
        2,
        &["UnclosedQuote 4 2"],
    );
    // Read again line by line, doubled quotes are quotes of their own.
    check_issues(
        "a,b\n1,2\n\"3,4\n\"\"5,6\n7,8\n",
        3,
        &["UnclosedQuote 3 1", "StrayQuote 4 1"],
    );
    check_issues("a,\"b\n1,2\n3,4\n", 2, &["UnclosedQuote 1 2"]);
}

#[test]
fn a_quote_closed_too_late_is_not_closed() {
    let rows = "1,2\n".repeat(400_000);
    let text = format!("a,b\n1,\"2\n{rows}3,\"x\"\n5,6\n");
    let table = table(&text);
    assert_eq!(table.issues().count_of("UnclosedQuote"), 1);
    assert_eq!(issues(&table)[0], "UnclosedQuote 2 2");
    assert_eq!(table.n_rows(), 400_002);
    assert_eq!(chunked(text.as_bytes(), 100_003), Ok(table));
}

#[test]
fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
    let rows = "1,2\n".repeat(MAX_RECORD_BYTES / 4 + 100_000);
    let text = format!("a,b\n1,\"2\n{rows}");
    let table = table(&text);
    assert_eq!(issues(&table)[0], "UnclosedQuote 2 2");
    assert_eq!(table.n_rows(), MAX_RECORD_BYTES / 4 + 100_000);
    assert_eq!(chunked(text.as_bytes(), 70_001), Ok(table));
}

#[test]
fn long_fields() {
    let fits = "x".repeat(MAX_FIELD_BYTES);
    assert_eq!(
        issues(&table(format!("a,b\n1,{fits}\n2,y\n"))),
        Vec::<String>::new()
    );
    for n_bytes in [MAX_FIELD_BYTES + 1, 8 << 20, MAX_RECORD_BYTES + 1, 40 << 20] {
        for quote in ["", "\""] {
            let field = format!("{quote}{}{quote}", "9".repeat(n_bytes));
            let text = format!("a,b\n1,2\n3,{field}\n5,6\n");
            let table = table(&text);
            assert_eq!(issues(&table), ["FieldTooLong 3 2"], "{n_bytes}");
            assert_eq!(table.lines(), [2, 4]);
            assert_eq!(chunked(text.as_bytes(), 99_991), Ok(table));
        }
    }
}

#[test]
fn odd_headers() {
    let check = |header: &str, names: &[&str], codes: &[&str]| {
        let row = vec!["x"; names.len()].join(",");
        let table = table(format!("{header}\n{row}\n"));
        let found: Vec<_> = table
            .columns()
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(found, names);
        assert_eq!(issues(&table), codes);
    };
    check(
        "cpu,cpu,cpu",
        &["cpu", "cpu_2", "cpu_3"],
        &["DuplicateHeader 1 2", "DuplicateHeader 1 3"],
    );
    check(
        "cpu,cpu,cpu_2",
        &["cpu", "cpu_3", "cpu_2"],
        &["DuplicateHeader 1 2"],
    );
    check(
        "a,,column_2",
        &["a", "column_2_2", "column_2"],
        &["EmptyHeader 1 2"],
    );
    check(
        "__proto__,\u{202e}x, \u{200b} ",
        &["__proto__", "\u{202e}x", "\u{200b}"],
        &[],
    );
    check("a,b\0", &["a", "b"], &["NulByte 1 2"]);
}

#[test]
fn columns_that_say_nothing() {
    check_issues(
        "a,b,c\n1,x,\n2,x,NA\n",
        2,
        &["ConstantColumn 0 2", "NoValidValues 0 3"],
    );
    check_issues("a,b\n1,\n", 1, &[]);
}

#[test]
fn the_first_hundred_issues_are_kept() {
    let rows: String = (0..2000)
        .map(|i| ["x,1\n", "1,2\n", "2,3\n"][if i % 10 == 9 { 0 } else { 1 + i % 2 }])
        .collect();
    let table = table(format!("a,b\n{rows}1\n"));
    let report = table.issues().to_report();
    assert_eq!(report.total, 201);
    assert_eq!(report.kept.len(), 100);
    assert_eq!(report.kept[99].line, Some(1001));
    assert_eq!(
        (report.rows_read, report.rows_used, report.rows_rejected),
        (2001, 2000, 1)
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["kept"][0]["columnName"], "a");
    assert_eq!(json["kept"][0]["hint"], IssueCode::BadNumber.hint());
    assert_eq!(
        json["counts"][0],
        serde_json::json!({ "code": "BadNumber", "count": 200 })
    );
}

#[test]
fn sentences() {
    let table = table("cpu,cpu,\n1,2,3\n1\n9,8,\"7\n");
    let said: Vec<String> = table
        .issues()
        .kept()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "line 1: column \"cpu\" has the name of a column before it; it is called \"cpu_2\" here",
            "line 1: column 3 has no name; it is called \"column_3\" here",
            "line 3: column \"cpu_2\" is missing: the row has 1 fields, the header 3",
            "line 4: column \"column_3\" opens a quote that is never closed",
        ]
    );
}

#[test]
fn the_preview_shows_the_first_rows_as_they_are() {
    let rows: String = (0..30).map(|i| format!("{i},y, x \n")).collect();
    let table = table(format!("a,b,c\n{rows}"));
    assert_eq!(table.preview().len(), 20);
    assert_eq!(table.preview()[19], ["19", "y", " x "]);
}

#[test]
fn a_hand_typed_row_takes_the_same_road() {
    let cells = vec![
        ("cpu".to_owned(), OwnedCell::Number(97.5)),
        ("mem".to_owned(), OwnedCell::Text(" 12% ".to_owned())),
        ("ok".to_owned(), OwnedCell::Boolean(true)),
        ("host".to_owned(), OwnedCell::Text("web-1".to_owned())),
        ("disk".to_owned(), OwnedCell::Missing),
    ];
    let typed = Table::from_cells(cells, &Expected::default());
    let read = table("cpu,mem,ok,host,disk\n97.5,12%,true,web-1,\n");
    assert_eq!(typed.columns(), read.columns());
    assert_eq!(typed.n_rows(), 1);
    assert_eq!(
        typed.column("ok").map(Column::kind),
        Some(ColumnKind::Boolean)
    );
}

#[test]
fn records_keep_their_line_and_bytes() {
    let text = b"\xef\xbb\xbfa,b\r\n\r\n1,\"x\r\ny\"\r\n\xff,\"2\"\r\n3,4";
    let mut reader = RecordReader::new(&ReadOptions::default()).unwrap();
    let mut seen = Vec::new();
    let mut sink = |record: &crash_predictor::table::Record<'_>| {
        let fields: Vec<_> = record.fields().map(<[u8]>::to_vec).collect();
        seen.push((record.line, record.offset, record.raw.to_vec(), fields));
        Ok(())
    };
    reader.push(text, &mut sink).unwrap();
    reader.finish(&mut sink).unwrap();
    let record = |line: u64, offset: u64, raw: &[u8], fields: [&[u8]; 2]| {
        let fields = fields.map(<[u8]>::to_vec).to_vec();
        (line, offset, raw.to_vec(), fields)
    };
    let expected = [
        record(1, 3, b"a,b", [b"a", b"b"]),
        record(3, 10, b"1,\"x\r\ny\"", [b"1", b"x\r\ny"]),
        record(5, 20, b"\xff,\"2\"", [b"\xff", b"2"]),
        record(6, 27, b"3,4", [b"3", b"4"]),
    ];
    assert_eq!(seen, expected);
}

/// The records of a log with commas and without a header, read by csv-core, each field as text.
fn records_of_csv_core(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv_core::Reader::new();
    let (mut out, mut ends) = (vec![0; 4096], vec![0; 512]);
    let mut rows = Vec::new();
    // A mark at the start is dropped by it only if the chunk is long enough.
    let (mut input, mut n_text, mut n_ends) = (bytes, 0, 0);
    loop {
        let (result, n_in, n_out, n) =
            reader.read_record(input, &mut out[n_text..], &mut ends[n_ends..]);
        input = &input[n_in..];
        n_text += n_out;
        n_ends += n;
        match result {
            csv_core::ReadRecordResult::Record => {
                let starts = [0].into_iter().chain(ends.iter().copied());
                let fields = starts.zip(&ends[..n_ends]);
                rows.push(
                    fields
                        .map(|(start, &end)| out[start..end].to_vec())
                        .collect(),
                );
                (n_text, n_ends) = (0, 0);
            }
            csv_core::ReadRecordResult::End => return rows,
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Where every quote is closed at the end of its field, csv-core reads the same.
    #[test]
    fn csv_core_reads_the_same(
        bytes in prop::collection::vec(prop::sample::select(b",\"\"\r\n1a. ".to_vec()), 0..120)
    ) {
        let bytes = [b"1,a,a\n".as_slice(), &bytes].concat();
        let options = ReadOptions {
            delimiter: Some(",".to_owned()),
            header: Some(false),
            quote: Some("\"".to_owned()),
            ..ReadOptions::default()
        };
        let mut reader = RecordReader::new(&options).unwrap();
        let mut rows: Vec<Vec<Vec<u8>>> = Vec::new();
        let mut is_plain = true;
        let mut sink = |record: &crash_predictor::table::Record<'_>| {
            is_plain &= record.problem.is_none() && record.stray_quote.is_none();
            rows.push(record.fields().map(<[u8]>::to_vec).collect());
            Ok(())
        };
        reader.push(&bytes, &mut sink).unwrap();
        reader.finish(&mut sink).unwrap();
        let mut expected = records_of_csv_core(&bytes);
        for rows in [&mut rows, &mut expected] {
            rows.retain(|row| row.len() > 1 || !row[0].trim_ascii().is_empty());
            // One delimiter too many may be dropped.
            for row in rows {
                let n = row.iter().rposition(|field| !field.is_empty());
                row.truncate(n.map_or(0, |last| last + 1));
            }
        }
        if is_plain && !bytes.windows(2).any(|pair| pair == b", ") {
            prop_assert_eq!(rows, expected);
        }
    }
}

// ---- chunks

fn chunked(bytes: &[u8], size: usize) -> Result<Table> {
    let mut reader = LogReader::new(&ReadOptions::default())?;
    for chunk in bytes.chunks(size) {
        reader.push(chunk)?;
    }
    reader.finish()
}

/// Cuts the bytes in two at every place, and into single bytes.
#[track_caller]
fn assert_every_cut(bytes: &[u8]) {
    let whole = read(bytes);
    for cut in 0..=bytes.len() {
        let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
        let pushed = reader
            .push(&bytes[..cut])
            .and_then(|()| reader.push(&bytes[cut..]));
        assert_eq!(pushed.and_then(|()| reader.finish()), whole, "cut at {cut}");
    }
    assert_eq!(chunked(bytes, 1), whole);
}

#[test]
fn chunks_larger_than_the_head() {
    let rows: String = (0..20_000)
        .map(|i| format!("{i},\"a\r\n{}\",{}\r\n", i % 7, i % 2))
        .collect();
    let text = format!("id,note,crashed\r\n{rows}");
    let whole = table(&text);
    assert_eq!(whole.lines()[19_999], 40_000);
    for size in [1009, 65_535, 65_536, 65_537, 200_000] {
        assert_eq!(chunked(text.as_bytes(), size), Ok(whole.clone()), "{size}");
    }
}

/// Bytes that mean something, so that odd combinations come up.
fn csv_like() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => prop::sample::select(b",;\"\r\n\t|12ab-. ".to_vec()),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_bytes_panic_and_chunks_do_not_matter(bytes in csv_like(), size in 1_usize..40) {
        let whole = read(&bytes);
        if let Ok(table) = &whole {
            prop_assert!(table.columns().iter().all(|column| column.n_rows() == table.n_rows()));
            prop_assert_eq!(table.issues().rows_used(), table.n_rows() as u64);
        }
        prop_assert_eq!(chunked(&bytes, size), whole);
    }
}
