//! Rules as they are typed: what they mean row by row, what is said of those that cannot be read, and the best one found.

use crash_predictor::evaluate::rule::{Rule, best_rules};
use crash_predictor::{Error, ReadOptions, Table, sample};
use proptest::prelude::*;

fn table() -> Table {
    let csv = "cpu_pct,latency_ms,disk io,state,not\n\
               95,250,1,up,5\n\
               95,100,,Down,\n\
               50,300,3,up,7\n\
               ,300,4,down,8\n\
               10,10,5,half-up,9\n";
    Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap()
}

/// `expected` has a `1` for each row the rule fires on. Printed and read again, it is the same rule.
#[track_caller]
fn check(rule: &str, expected: &str) {
    let table = table();
    let parsed = Rule::parse(rule, &table).unwrap();
    let fires: String = parsed
        .fires(&table)
        .iter()
        .map(|&fires| if fires { '1' } else { '0' })
        .collect();
    assert_eq!(fires, expected, "{rule}");
    assert_eq!(
        Rule::parse(&parsed.to_string(), &table).unwrap(),
        parsed,
        "{parsed}"
    );
}

#[test]
fn comparisons() {
    for (rule, expected) in [
        ("cpu_pct > 90", "11000"),
        ("cpu_pct >= 95", "11000"),
        ("cpu_pct<95", "00101"),
        ("cpu_pct <= 50", "00101"),
        ("cpu_pct = 50", "00100"),
        ("cpu_pct == 5e1", "00100"),
        ("cpu_pct != 95", "00101"),
        ("cpu_pct <> 95", "00101"),
        ("cpu_pct \u{2265} 95", "11000"),
        ("cpu_pct > -1", "11101"),
        ("CPU_PCT > 90 %", "11000"),
        ("latency_ms > 90%", "11110"),
    ] {
        check(rule, expected);
    }
}

#[test]
fn words_and_quotes() {
    for (rule, expected) in [
        ("state = up", "10100"),
        ("state is not up", "01011"),
        ("state = DOWN", "01010"),
        ("state = 'half-up'", "00001"),
        ("state != \"up\"", "01011"),
        ("\"disk io\" > 2", "00111"),
        ("`disk io` is missing", "01000"),
        ("'not' > 6", "00111"),
    ] {
        check(rule, expected);
    }
}

#[test]
fn joined_by_words_or_signs_with_the_usual_strength() {
    for (rule, expected) in [
        ("cpu_pct > 90 and latency_ms > 200", "10000"),
        (
            "cpu_pct > 90 AND latency_ms > 200 OR state = half-up",
            "10001",
        ),
        (
            "cpu_pct > 90 && (latency_ms > 200 || state = down)",
            "11000",
        ),
        ("not cpu_pct > 90 and latency_ms > 200", "00100"),
        ("!(state = up or state = down)", "00001"),
        ("not not state = up", "10100"),
        ("state = up or state = down and latency_ms > 200", "10110"),
    ] {
        check(rule, expected);
    }
}

#[test]
fn a_missing_cell_is_neither_above_nor_below() {
    for (rule, expected) in [
        ("not (cpu_pct > 90)", "00101"),
        ("cpu_pct > 90 or cpu_pct <= 90", "11101"),
        ("cpu_pct > 90 or latency_ms > 200", "11110"),
        ("not (cpu_pct > 90 and latency_ms > 200)", "01101"),
        ("cpu_pct is missing", "00010"),
        ("cpu_pct is not missing", "11101"),
    ] {
        check(rule, expected);
    }
}

#[track_caller]
fn check_refused(rule: &str, position: usize, expected: &str) {
    match Rule::parse(rule, &table()) {
        Err(Error::BadRule {
            position: at,
            expected: what,
            ..
        }) => assert_eq!((at, what), (position, expected), "{rule}"),
        other => panic!("{rule}: {other:?}"),
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let comparison = "a comparison such as `>`, or `is missing`";
    for (rule, position, expected) in [
        ("", 1, "a column"),
        ("cpu_pct", 8, comparison),
        ("cpu_pct 90", 9, comparison),
        ("cpu_pct >", 10, "a number"),
        ("cpu_pct > high", 11, "a number"),
        ("cpu_pct = ", 11, "a number or a text"),
        (
            "cpu_pct > 90 latency_ms > 200",
            14,
            "`and`, `or` or the end",
        ),
        ("cpu_pct > 90 and", 17, "a column"),
        ("(cpu_pct > 90", 14, "`and`, `or` or `)`"),
        ("cpu_pct > 90)", 13, "`and`, `or` or the end"),
        ("90 < cpu_pct", 1, "a column"),
        ("state = \"up", 9, "a closing quote"),
        (
            "cpu_pct > 90 & state = up",
            14,
            "a column, a number or a sign",
        ),
        ("\"disk io\" \u{2265} \u{2265}", 13, "a number"),
    ] {
        check_refused(rule, position, expected);
    }
    check_refused(&"(".repeat(100_000), 65, "a rule with fewer parentheses");
    check_refused(
        &"not ".repeat(100_000),
        257,
        "a rule with fewer parentheses",
    );
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let refused = Rule::parse("ram > 1", &table());
    assert!(
        matches!(refused, Err(Error::UnknownColumn { column, option: "rule", .. }) if column == "ram")
    );
}

proptest! {
    #[test]
    fn no_text_panics(text in "[a-z0-9 ()<>=!&|\"'`.%\u{2265}-]{0,40}") {
        let _ = Rule::parse(&text, &table());
        let _ = Rule::parse(&format!("cpu_pct > 1 and {text}"), &table());
    }
}

/// Rows of two metrics and a word, `n` of them, crashing where `is_crash(a, b, word)`.
fn drawn(n: u64, is_crash: impl Fn(f64, f64, &str) -> bool) -> (Table, Vec<bool>) {
    let (mut csv, mut y) = ("a,b,word\n".to_owned(), Vec::new());
    for row in 0..n {
        let draw = |salt: u64| {
            (row * 2_654_435_761 + salt * 40_503).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40
        };
        let (a, b) = (
            (draw(1) % 1000) as f64 / 10.0,
            (draw(2) % 1000) as f64 * 10.0,
        );
        let word = ["web", "db", "edge case"][(draw(3) % 3) as usize];
        csv += &format!("{a},{b},{word}\n");
        y.push(is_crash(a, b, word));
    }
    (
        Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap(),
        y,
    )
}

fn best(table: &Table, y: &[bool]) -> Option<Rule> {
    let rows: Vec<usize> = (0..y.len()).collect();
    best_rules(table, &["a", "b", "word"], &rows, y)
        .into_iter()
        .next()
}

#[test]
fn the_rule_behind_the_rows_is_found() {
    let (table, y) = drawn(3000, |a, b, word| {
        a > 75.0 && b < 2500.0 && word == "edge case"
    });
    let rule = best(&table, &y).unwrap();
    assert_eq!(rule.n_conditions(), 3, "{rule}");
    let fires = rule.fires(&table);
    let agree = fires.iter().zip(&y).filter(|(a, b)| a == b).count();
    assert!(agree > 2990, "{rule} agrees on {agree} of 3000");
    assert_eq!(Rule::parse(&rule.to_string(), &table).unwrap(), rule);
}

#[test]
fn a_rule_has_no_more_conditions_than_say_something() {
    let (table, y) = drawn(3000, |a, _, _| a > 90.0);
    let rule = best(&table, &y).unwrap();
    assert_eq!(rule.n_conditions(), 1, "{rule}");
}

#[test]
fn where_nothing_tells_there_is_no_rule() {
    let (table, _) = drawn(3000, |_, _, _| false);
    assert_eq!(best(&table, &[false; 3000]), None);
    assert_eq!(best(&table, &[true; 3000]), None);
}

#[test]
fn the_rule_of_the_sample_log_reads_well() {
    let table = Table::from_csv(&sample::csv(0), &ReadOptions::default()).unwrap();
    let schema = crash_predictor::schema::Schema::new(&table, &Default::default()).unwrap();
    let y: Vec<bool> = schema
        .labels(&table)
        .unwrap()
        .into_iter()
        .map(|label| label == Some(true))
        .collect();
    let columns: Vec<&str> = schema
        .named(crash_predictor::schema::Role::Feature)
        .collect();
    let rows: Vec<usize> = (0..table.n_rows()).collect();
    let rule = &best_rules(&table, &columns, &rows, &y)[0];
    println!("{rule}");
    assert!(
        (1..=3).contains(&rule.n_conditions()) && rule.to_string().len() < 100,
        "{rule}"
    );
}
