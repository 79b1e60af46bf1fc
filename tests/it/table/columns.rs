//! What a whole column is.

use crash_predictor::table::{
    Column, ColumnBuilder, ColumnKind, IssueCode, Issues, Place, Values, truth, unit_of,
};

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
    check_column(
        &["1", "", "2.5"],
        Values::Number(vec![1.0, f64::NAN, 2.5].into()),
    );
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
    let issues = check_column(&cells, Values::Number(numbers.into()));
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
