//! What one cell says.

use crash_predictor::table::{Cell, classify, format_number, format_time, unit_of};
use proptest::prelude::*;

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
