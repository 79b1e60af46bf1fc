//! Which column is the label, and which of its values mean a crash.

use super::*;

#[track_caller]
fn check_label(columns: &[(&str, &str)], expected: (&str, &str)) {
    let schema = Schema::new(&log(columns), &RoleOptions::default()).unwrap();
    let label = schema.label().unwrap();
    assert_eq!(
        (label.column.as_str(), label.positive.as_str()),
        expected,
        "{}",
        label.reason
    );
    assert_eq!(schema.named(Role::Label).collect::<Vec<_>>(), [expected.0]);
    assert_eq!(schema.problem(), None);
}

#[test]
fn a_label_is_known_by_its_name() {
    for name in [
        "crashed",
        "Crashed",
        "HAS_CRASHED",
        "is crashed",
        "will-crash",
        "label",
        "Target",
        "failure",
        "outage",
        "incident",
        "anomaly",
        "class",
        "state",
    ] {
        check_label(&[CPU, (name, "0 0 0 1")], (name, "1"));
    }
    check_label(
        &[CPU, ("crash_in_10_min", "0 0 0 1"), ("leader", "0 1")],
        ("crash_in_10_min", "1"),
    );
}

#[test]
fn the_name_that_says_more_is_the_label() {
    let columns = [("status", "ok warn"), CPU, ("crashed", "0 0 1")];
    check_label(&columns, ("crashed", "1"));
    let columns = [("state", "a b"), ("failed", "no yes"), CPU];
    check_label(&columns, ("failed", "yes"));
}

#[test]
fn the_only_column_with_two_values_is_the_label() {
    check_label(&[CPU, ("y", "0 0 1")], ("y", "1"));
    check_label(
        &[CPU, ("tier", "a b c"), ("outcome", "fine bad fine")],
        ("outcome", "bad"),
    );
}

/// A label of a load test is the name of a page.
#[test]
fn a_weak_name_gives_way_to_values_that_speak() {
    let jmeter = [
        ("elapsed", "120 900 130"),
        ("label", "Home Login Home"),
        ("responseCode", "200 500 200"),
        ("success", "true false true"),
    ];
    check_label(&jmeter, ("success", "false"));
    check_label(
        &[CPU, ("label", "0 1 0"), ("success", "1 0 1")],
        ("label", "1"),
    );
    check_label(
        &[CPU, ("class", "a b b"), ("passed", "1 1 0")],
        ("passed", "0"),
    );
    check_label(
        &[CPU, ("label", "a b b"), ("available", "3 2 0 1 5")],
        ("label", "a"),
    );
}

/// Which server, disk or measure a row is of is no crash.
#[test]
fn two_values_that_say_nothing_of_crashes_are_no_label() {
    let named = |name: &'static str, values| {
        check_no_label(
            &[CPU, (name, values)],
            &RoleOptions::default(),
            |e| matches!(e, Error::NoLabel { candidates } if candidates.len() == 1),
        );
    };
    named("Facet", "web1 web2");
    named("DEV", "sda sdb");
    named("Path", r"\\srv\cpu \\srv\mem");
    named("Name", "free used");
    named("TYPE", "gauge counter");
    named("size", "1 2");
    check_label(&[CPU, ("paged", "no yes no")], ("paged", "yes"));
    // Two tables, with a row of each for every time.
    let rows: String = (0..60)
        .map(|row| {
            format!(
                "2024-03-04T10:{:02}:00Z,{},{}\n",
                row / 2,
                row * 37 % 100,
                row % 2
            )
        })
        .collect();
    let table = Table::from_csv(
        ("time,cpu,table\n".to_owned() + &rows).as_bytes(),
        &ReadOptions::default(),
    )
    .unwrap();
    let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
    assert!(
        matches!(schema.label(), Err(Error::NoLabel { candidates }) if candidates == ["table"])
    );
}

/// Crash or not is not which of two servers, nor which of two moments, nor what this very program said before.
#[test]
fn hosts_times_and_earlier_predictions_are_no_labels() {
    let others = [
        ("host", "a b"),
        ("timestamp", "2024-03-04T00:00:00Z 2024-03-05T00:00:00Z"),
        ("crash_prediction", "0 1"),
        ("crash_probability", "0.25 0.75"),
    ];
    let mut columns = vec![CPU, ("y", "0 0 1")];
    columns.extend(others);
    check_label(&columns, ("y", "1"));
    let mut columns = vec![CPU];
    columns.extend(others);
    check_no_label(
        &columns,
        &RoleOptions::default(),
        |e| matches!(e, Error::NoLabel { candidates } if candidates.is_empty()),
    );
}

#[test]
fn the_positive_value_is_the_one_that_speaks_of_a_crash() {
    for (values, positive) in [
        ("0 0 1", "1"),
        ("1 1 0", "1"),
        ("0.0 1.0", "1"),
        ("no yes", "yes"),
        ("Yes No Yes", "Yes"),
        ("false true", "true"),
        ("False True", "True"),
        ("FALSE TRUE TRUE", "TRUE"),
        ("n y", "y"),
        ("crashed ok", "crashed"),
        ("OK CRASHED CRASHED", "CRASHED"),
        ("up down", "down"),
        ("healthy unhealthy", "unhealthy"),
        ("running dead", "dead"),
        // A word that is not known beside one that says that all is well.
        ("normal stopped", "stopped"),
        ("ok oom ok", "oom"),
        // Neither is known: crashes are rare.
        ("red green green", "red"),
        ("2 7 7", "2"),
        // A missing label is not a value.
        ("0 NA 1", "1"),
    ] {
        check_label(&[CPU, ("label", values)], ("label", positive));
    }
}

#[test]
fn of_several_values_only_a_known_word_means_a_crash() {
    check_label(&[CPU, ("status", "ok warning ok down")], ("status", "down"));
    check_label(&[CPU, ("status", "ok normal up gone")], ("status", "gone"));
}

#[test]
fn a_column_that_says_that_the_server_is_well_is_read_the_other_way_round() {
    check_label(&[CPU, ("up", "1 1 1 0")], ("up", "0"));
    check_label(&[CPU, ("Up", "true false")], ("Up", "false"));
    check_label(&[CPU, ("alive", "yes no")], ("alive", "no"));
    check_label(&[CPU, ("is_up", "1 1 0")], ("is_up", "0"));
    check_label(
        &[CPU, ("is_healthy", "True False")],
        ("is_healthy", "False"),
    );
    for name in [
        "not_crashed",
        "uncrashed",
        "crash_free",
        "notCrashed",
        "has not crashed",
    ] {
        check_label(&[CPU, (name, "1 1 0")], (name, "0"));
    }
    check_label(
        &[CPU, ("no_failure", "true true false")],
        ("no_failure", "false"),
    );
    check_label(
        &[CPU, ("without_failure", "yes yes no")],
        ("without_failure", "no"),
    );
    // A node is no negation, and "no of" counts.
    for name in ["node_crash", "no_of_crashes", "Notebook crashed"] {
        check_label(&[CPU, (name, "1 1 0")], (name, "1"));
    }
}

/// A value with a negation before or after it is the other one denied, in any language, however many rows crash.
#[test]
fn a_value_that_denies_the_other_means_no_crash() {
    let check = |values: [&str; 3], positive: &str| {
        let csv: String = (0..60)
            .map(|row| format!("{},{}\n", row * 37 % 100, values[row % 3]))
            .collect();
        let table = Table::from_csv(
            ("cpu,Status\n".to_owned() + &csv).as_bytes(),
            &ReadOptions::default(),
        )
        .unwrap();
        let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
        let found = schema.label().map(|label| label.positive.as_str());
        assert_eq!(found.unwrap_or("?"), positive, "{values:?}");
    };
    for [crash, calm] in [
        ["Absturz", "kein Absturz"],
        ["en panne", "pas de panne"],
        ["panne", "sans panne"],
        ["caduta", "senza caduta"],
        ["storing", "geen storing"],
        ["faulty", "fault-free"],
        ["stoppage", "without stoppage"],
        ["crash", "kein Crash"],
        ["Node crash", "No crash"],
    ] {
        check([crash, calm, crash], crash);
        check([calm, crash, calm], crash);
    }
    check(["krasjet", "ikke krasjet", "ikke krasjet"], "krasjet");
    // What is not so may be the crash or the calm.
    check(["krasjet", "ikke krasjet", "krasjet"], "?");
    check_label(
        &[
            CPU,
            (
                "status",
                "reachable reachable reachable reachable unreachable",
            ),
        ],
        ("status", "unreachable"),
    );
}

#[test]
fn the_users_word_goes_before_the_guess() {
    let table = log(&[CPU, ("crashed", "0 1"), ("paged", "no no yes")]);
    let options = RoleOptions {
        label: some("paged"),
        positive: some("no"),
        ..RoleOptions::default()
    };
    let schema = Schema::new(&table, &options).unwrap();
    let label = schema.label().unwrap();
    assert_eq!(
        (label.column.as_str(), label.positive.as_str()),
        ("paged", "no")
    );
    // The most frequent value first, which is how the page lists them.
    let values = [("no".to_owned(), 40), ("yes".to_owned(), 20)];
    assert_eq!(label.values, values);
    let labels = schema.labels(&table).unwrap();
    assert_eq!(labels[..3], [Some(true), Some(true), Some(false)]);
    assert_eq!(
        schema.named(Role::Feature).collect::<Vec<_>>(),
        ["cpu", "crashed"]
    );
}

#[test]
fn a_positive_number_may_be_spelt_in_another_way() {
    let table = log(&[CPU, ("label", "0 1 NA")]);
    for positive in ["1", "1.0", " 1", "1e0"] {
        let options = RoleOptions {
            positive: some(positive),
            ..RoleOptions::default()
        };
        let schema = Schema::new(&table, &options).unwrap();
        assert_eq!(schema.label().unwrap().positive, "1");
        let labels = schema.labels(&table).unwrap();
        assert_eq!(labels[..3], [Some(false), Some(true), None]);
    }
}

#[track_caller]
fn check_no_label(columns: &[(&str, &str)], options: &RoleOptions, expected: fn(&Error) -> bool) {
    let schema = Schema::new(&log(columns), options).unwrap();
    let error = schema.label().unwrap_err();
    assert!(expected(&error), "{error:?}");
    assert_eq!(schema.problem(), Some(error));
}

#[test]
fn a_label_that_cannot_be_used_is_refused_with_its_reason() {
    let guess = RoleOptions::default();
    let named = |label| RoleOptions {
        label: some(label),
        ..RoleOptions::default()
    };
    check_no_label(
        &[CPU],
        &guess,
        |e| matches!(e, Error::NoLabel { candidates } if candidates.is_empty()),
    );
    check_no_label(
        &[CPU, ("a", "0 1"), ("b", "x y")],
        &guess,
        |e| matches!(e, Error::NoLabel { candidates } if candidates == &["a", "b"]),
    );
    check_no_label(
        &[CPU, ("crashed", "0")],
        &guess,
        |e| matches!(e, Error::OneClass { value, rows: N_ROWS, .. } if value == "0"),
    );
    check_no_label(
        &[CPU, ("crashed", "NA 1")],
        &guess,
        |e| matches!(e, Error::OneClass { value, rows: 30, .. } if value == "1"),
    );
    check_no_label(
        &[CPU, ("status", "red green blue")],
        &guess,
        |e| matches!(e, Error::BadLabel { column, .. } if column == "status"),
    );
    check_no_label(
        &[CPU, ("load", "#.5")],
        &named("load"),
        |e| matches!(e, Error::BadLabel { column, .. } if column == "load"),
    );
    check_no_label(
        &[CPU, ("notes", "NA")],
        &named("notes"),
        |e| matches!(e, Error::BadLabel { column, .. } if column == "notes"),
    );
    let absent_value = RoleOptions {
        positive: some("yes"),
        ..RoleOptions::default()
    };
    check_no_label(
        &[CPU, ("crashed", "0 0 1")],
        &absent_value,
        |e| matches!(e, Error::UnknownPositive { found, .. } if found == &["0", "1"]),
    );
}

#[test]
fn spellings_of_one_value_are_one_label_and_all_words_for_a_crash_are_crashes() {
    let crashes = |cells: &str| {
        let table = log(&[("cpu", "1 2 3 4 5 6"), ("crashed", cells)]);
        let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
        schema.labels(&table).unwrap()[..6].to_vec()
    };
    let expected: Vec<Option<bool>> = [true, false, true, false, false, true].map(Some).to_vec();
    assert_eq!(crashes("Yes no yes No NO YES"), expected);
    assert_eq!(crashes("failed ok error ok fine Failed"), expected);
    assert_eq!(crashes("Crashed ok crashed ok OK CRASHED"), expected);
}

#[test]
fn an_http_status_is_no_label_beside_a_column_that_speaks_of_crashes() {
    let table = log(&[
        ("status", "200 404 500 200 301 200"),
        ("cpu", "1 2 3 4 5 6"),
        ("server_crash", "0 1 0 0 0 0"),
    ]);
    let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
    assert_eq!(schema.label().unwrap().column, "server_crash");
}

#[test]
fn numbers_that_are_not_all_known_are_no_label_until_one_is_named() {
    let table = log(&[("cpu", "1 2 3 4 5 6"), ("crashed", "0 1 2 0 1 2")]);
    let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
    assert!(matches!(schema.label(), Err(Error::BadLabel { .. })));
}

#[test]
fn words_for_a_crash_among_numbers_are_labels() {
    let csv = "cpu,crashed\n".to_owned() + &"5,0\n".repeat(190) + &"7,yes\n".repeat(10);
    let table = Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap();
    let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
    let labels = schema.labels(&table).unwrap();
    assert_eq!(
        labels.iter().filter(|label| **label == Some(true)).count(),
        10
    );
    assert_eq!(
        labels.iter().filter(|label| **label == Some(false)).count(),
        190
    );
}

#[test]
fn a_metric_of_two_rows_is_no_label() {
    let csv = b"cpu load,status\n5,ok\n7,ok\n";
    let table = Table::from_csv(csv, &ReadOptions::default()).unwrap();
    let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
    assert!(matches!(
        schema.label(),
        Err(Error::OneClass { rows: 2, .. })
    ));
}

#[test]
fn phrases_and_exit_codes_mean_what_they_say() {
    let check = |name: &str, values: &str, expected: &[&str]| {
        let table = log(&[CPU, (name, values)]);
        let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
        assert_eq!(schema.label().unwrap().positives, expected, "{values}");
    };
    check("outcome", "didn't_crash crashed_hard", &["crashed_hard"]);
    check(
        "result_of_crash",
        "no-failure failure_seen no-crash",
        &["failure_seen"],
    );
    check("exit_code", "0 0 137 0 1 0 0", &["137", "1"]);
    check("status", "online offline", &["offline"]);
}

#[test]
fn several_values_may_be_named() {
    let table = log(&[CPU, ("state", "ok degraded down ok")]);
    let named = |positive: &str| {
        let options = RoleOptions {
            positive: some(positive),
            ..RoleOptions::default()
        };
        Schema::new(&table, &options)
            .unwrap()
            .label()
            .map(|label| label.positives.clone())
    };
    assert_eq!(named("degraded, Down").unwrap(), ["degraded", "down"]);
    assert_eq!(
        named("degraded,gone").unwrap_err().code(),
        "UnknownPositive"
    );
}
