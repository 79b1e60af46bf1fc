//! The guesses: which column is what, why, and how the user's word goes before them.

mod aside;
mod label;

use crash_predictor::overview::{self, SchemaReport};
use crash_predictor::schema::{Role, Schema};
use crash_predictor::{Error, ReadOptions, RoleOptions, Table};

const N_ROWS: usize = 60;

/// A log of 60 rows; a column is its name and the values it cycles through, in which `#` stands for the row's number.
fn log(columns: &[(&str, &str)]) -> Table {
    let line = |cells: Vec<String>| cells.join(",") + "\n";
    let mut csv = line(columns.iter().map(|(name, _)| (*name).to_owned()).collect());
    for row in 0..N_ROWS {
        let cell = |(_, values): &(&str, &str)| {
            let values: Vec<&str> = values.split(' ').collect();
            values[row % values.len()].replace('#', &row.to_string())
        };
        csv += &line(columns.iter().map(cell).collect());
    }
    let options = ReadOptions {
        header: Some(true),
        ..ReadOptions::default()
    };
    Table::from_csv(csv.as_bytes(), &options).unwrap()
}

/// A metric beside which the label stands.
const CPU: (&str, &str) = ("cpu", "10.5 97 34 56 7 81 62");

fn some(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[test]
fn an_option_that_names_no_column_is_an_error() {
    let table = log(&[CPU, ("crashed", "0 1")]);
    let none = RoleOptions::default;
    for (expected, options) in [
        (
            "label",
            RoleOptions {
                label: some("gone"),
                ..none()
            },
        ),
        (
            "label",
            RoleOptions {
                label: some(""),
                ..none()
            },
        ),
        (
            "time",
            RoleOptions {
                time: some("gone"),
                ..none()
            },
        ),
        (
            "host",
            RoleOptions {
                host: some("gone"),
                ..none()
            },
        ),
        (
            "features",
            RoleOptions {
                features: Some(vec!["cpu".into(), "gone".into()]),
                ..none()
            },
        ),
        (
            "ignore",
            RoleOptions {
                ignore: vec!["gone".into()],
                ..none()
            },
        ),
    ] {
        let error = Schema::new(&table, &options).unwrap_err();
        let Error::UnknownColumn {
            option, available, ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(option, expected);
        assert_eq!(available, ["cpu", "crashed"]);
    }
}

// ---- the other roles

const LABEL: (&str, &str) = ("crashed", "0 0 1");

#[track_caller]
fn check_role(column: (&str, &str), expected: Role) {
    let schema = Schema::new(&log(&[CPU, column, LABEL]), &RoleOptions::default()).unwrap();
    let found = &schema.columns()[1];
    assert_eq!(found.role, expected, "{}", found.reason);
}

#[test]
fn the_time_is_what_holds_times_or_counts() {
    check_role(("timestamp", "2024-03-04T00:00:00.#Z"), Role::Time);
    check_role(
        ("when", "2024-03-04T00:00:00Z 2024-03-05T00:00:00Z"),
        Role::Time,
    );
    check_role(("minute", "#"), Role::Time);
    check_role(("t", "#.5"), Role::Time);
    check_role(("epoch", "#"), Role::Time);
    check_role(("requests_total", "#"), Role::Feature);
    // The minute of the hour comes round, and so is a metric like any other.
    check_role(("minute", "57 58 59 0 1 2"), Role::Feature);
    check_role(("minute", "7"), Role::Ignored);
}

#[test]
fn of_several_times_the_best_name_wins_and_the_others_are_not_learned_from() {
    let table = log(&[
        ("booted", "2024-01-01 2024-01-02"),
        ("time", "2024-03-04T00:00:00.#Z"),
        ("minute", "#"),
        CPU,
        LABEL,
    ]);
    let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
    let roles: Vec<Role> = schema.columns().iter().map(|column| column.role).collect();
    let expected = [
        Role::Ignored,
        Role::Time,
        Role::Feature,
        Role::Feature,
        Role::Label,
    ];
    assert_eq!(roles, expected);
}

#[test]
fn the_host_is_a_name_that_recurs() {
    check_role(("host", "a b c"), Role::Host);
    check_role(("Server_ID", "1 2"), Role::Host);
    check_role(("instance", "10.0.0.1:9100 10.0.0.2:9100"), Role::Host);
    // One server is no news, and a name of its own for every row names no server.
    check_role(("host", "a"), Role::Ignored);
    check_role(("host", "pod-#"), Role::Ignored);
    check_role(("region", "eu us"), Role::Feature);
}

#[test]
fn what_each_time_has_a_row_for_is_a_host_by_whatever_name() {
    let table = |name: &str, cell: &dyn Fn(usize) -> String| {
        let row = |row: usize| {
            let (cpu, crashed) = (row * 37 % 100, u8::from(row % 7 == 6));
            format!(
                "{},{},{cpu},{crashed}\n",
                1_709_546_400 + row / 3 * 60,
                cell(row)
            )
        };
        format!("clock,{name},cpu,crashed\n") + &(0..60).map(row).collect::<String>()
    };
    let host = |name: &str, cell: &dyn Fn(usize) -> String| {
        let report = report(&table(name, cell), &RoleOptions::default());
        assert_eq!(report.time.as_deref(), Some("clock"));
        let role = report.columns.into_iter().nth(1).unwrap();
        (role.role, role.reason)
    };
    let of_three = |row: usize| format!("web{}", row % 3);
    let why = "each time has a row for each of its words".to_owned();
    assert_eq!(host("name", &of_three), (Role::Host, why));
    for name in [
        "Serveur",
        "Rechner",
        "servidor",
        "instance_id",
        "ComputerName",
        "vmname",
    ] {
        assert_eq!(
            host(name, &of_three),
            (Role::Host, "its name says so".to_owned())
        );
    }
    // Two rows of one time with one word, and words of one time alone.
    for cell in [
        &|row: usize| ["a", "b", "b"][row % 3].to_owned(),
        &|row: usize| ["a", "b", "c"][row / 3 % 3].to_owned(),
    ] as [&dyn Fn(usize) -> String; 2]
    {
        assert_eq!(host("name", cell).0, Role::Feature);
    }
}

#[test]
fn numbers_since_1970_are_times_in_other_languages_too() {
    for name in [
        "clock",
        "when",
        "Datum",
        "Zeit",
        "fecha",
        "hora",
        "horodatage",
        "date/heure",
        "created_at",
    ] {
        let rows: String = (0..60)
            .map(|row| {
                format!(
                    "{},{},{}\n",
                    1_709_546_400 + row * 60,
                    row * 37 % 100,
                    u8::from(row % 3 == 2)
                )
            })
            .collect();
        let report = report(
            &format!("{name},cpu,crashed\n{rows}"),
            &RoleOptions::default(),
        );
        assert_eq!(
            (report.time.as_deref(), report.features),
            (Some(name), vec!["cpu".to_owned()])
        );
    }
    check_role(
        ("cpu_clock", "2400000000 2600000000 3000000000"),
        Role::Feature,
    );
}

#[test]
fn no_time_and_no_host_can_be_said() {
    let table = log(&[("minute", "#"), ("host", "a b"), CPU, LABEL]);
    let none = RoleOptions {
        time: some(""),
        host: some(""),
        ..RoleOptions::default()
    };
    let schema = Schema::new(&table, &none).unwrap();
    assert_eq!(schema.named(Role::Time).next(), None);
    assert_eq!(schema.named(Role::Host).next(), None);
    let features: Vec<&str> = schema.named(Role::Feature).collect();
    assert_eq!(features, ["minute", "host", "cpu"]);
}

#[test]
fn time_and_host_can_be_named() {
    let table = log(&[("round", "#"), ("rack", "a b"), CPU, LABEL]);
    let options = RoleOptions {
        time: some("round"),
        host: some("rack"),
        ..RoleOptions::default()
    };
    let schema = Schema::new(&table, &options).unwrap();
    assert_eq!(schema.named(Role::Time).next(), Some("round"));
    assert_eq!(schema.named(Role::Host).next(), Some("rack"));
}

#[test]
fn what_recurs_or_varies_is_learned_from() {
    check_role(("mem", "50 60 70"), Role::Feature);
    check_role(("mem", "50 NA 70 80"), Role::Feature);
    check_role(("backup", "yes no"), Role::Feature);
    check_role(("version", "1.2.3 1.2.4 1.3.0"), Role::Feature);
    // A number of its own in every row is a metric, unless the name says that it counts the rows.
    check_role(("disk_free", "#.25"), Role::Feature);
    check_role(("id", "9#"), Role::Ignored);
}

#[test]
fn numbers_that_are_names_are_not_learned_from() {
    for name in [
        "request_id",
        "pid",
        "TID",
        "itemid",
        "trace",
        "_PID",
        "port",
        "zip",
        "row",
        "Nr.",
        "Vorgangs-ID",
        "sid",
        "requestId",
        "Row ID",
        "dst_port",
    ] {
        check_role((name, "1 7 3 9 2"), Role::Ignored);
        check_role((name, "9#"), Role::Ignored);
    }
    for name in [
        "open_ports",
        "n_rows",
        "pids",
        "errors_per_port",
        "nr_threads",
        "paid",
        "valid",
    ] {
        check_role((name, "1 7 3 9 2"), Role::Feature);
    }
}

#[test]
fn the_index_that_pandas_and_r_write_is_not_learned_from() {
    for name in ["", "Unnamed: 0", "column_1"] {
        let rows: String = (0..60)
            .map(|row| format!("{row},{},{}\n", row * 37 % 100, u8::from(row % 3 == 2)))
            .collect();
        let report = report(
            &format!("{name},cpu,crashed\n{rows}"),
            &RoleOptions::default(),
        );
        assert_eq!(report.features, ["cpu"], "{name}");
        assert_eq!(report.counters, [""; 0]);
    }
    // What has no name may be a metric.
    let rows: String = (0..60)
        .map(|row| {
            format!(
                "{},{},{}\n",
                row * 7 % 60,
                row * 37 % 100,
                u8::from(row % 3 == 2)
            )
        })
        .collect();
    let report = report(&format!(",cpu,crashed\n{rows}"), &RoleOptions::default());
    assert_eq!(report.features, ["column_1", "cpu"]);
}

/// The reasons are what the page shows beside each column; this is the test that owns their words.
#[test]
fn every_column_says_why() {
    let table = log(&[
        ("timestamp", "2024-03-04T00:00:00.#Z"),
        ("host", "a b"),
        CPU,
        ("tier", "web api"),
        ("backup", "yes no"),
        ("zone", "eu"),
        ("notes", "NA"),
        ("booted", "2024-01-01 2024-01-02"),
        ("request", "req-#"),
        ("row_id", "#"),
        ("crash_probability", "0.25 0.75 0.5"),
        LABEL,
    ]);
    let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
    let found: Vec<(Role, &str)> = schema
        .columns()
        .iter()
        .map(|column| (column.role, column.reason.as_str()))
        .collect();
    let expected = [
        (Role::Time, "it holds times"),
        (Role::Host, "its name says so"),
        (Role::Feature, "a metric: it holds numbers that vary"),
        (Role::Feature, "it holds words that recur"),
        (Role::Feature, "it holds yes and no"),
        (Role::Ignored, "constant: every value is \"eu\""),
        (Role::Ignored, "it holds no value"),
        (
            Role::Ignored,
            "a time; the time of a row says nothing of the next crash",
        ),
        (
            Role::Ignored,
            "nearly every row has a word of its own (60 different ones)",
        ),
        (Role::Ignored, "its name says that it numbers the rows"),
        (Role::Ignored, "an earlier prediction of crash-predictor"),
        (Role::Label, "its name says so"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn free_text_is_not_learned_from_even_if_asked() {
    // More different words than are kept.
    let rows: String = (0..70_000)
        .map(|i| format!("word-{i},{},{}\n", i % 9, i % 2))
        .collect();
    let csv = "message,cpu,crashed\n".to_owned() + &rows;
    let table = Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap();
    let options = RoleOptions {
        features: Some(vec!["message".to_owned(), "cpu".to_owned()]),
        ..RoleOptions::default()
    };
    let schema = Schema::new(&table, &options).unwrap();
    assert_eq!(schema.named(Role::Feature).collect::<Vec<_>>(), ["cpu"]);
    assert_eq!(schema.named(Role::Ignored).collect::<Vec<_>>(), ["message"]);
}

#[track_caller]
fn check_features(options: &RoleOptions, expected: &[&str]) {
    let table = log(&[
        CPU,
        ("mem", "1 2"),
        ("zone", "eu"),
        ("request", "req-#"),
        ("crash_probability", "0.25 0.75 0.5"),
        LABEL,
    ]);
    let schema = Schema::new(&table, options).unwrap();
    assert_eq!(schema.named(Role::Feature).collect::<Vec<_>>(), expected);
    assert_eq!(schema.problem().is_some(), expected.is_empty());
}

#[test]
fn features_and_ignore_are_obeyed_where_something_can_be_learned() {
    let none = RoleOptions::default;
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let features = |wanted| RoleOptions {
        features: Some(names(wanted)),
        ..none()
    };
    let ignore = |unwanted| RoleOptions {
        ignore: names(unwanted),
        ..none()
    };
    check_features(&none(), &["cpu", "mem"]);
    check_features(&features(&["mem"]), &["mem"]);
    check_features(&ignore(&["mem"]), &["cpu"]);
    // What is ignored by a guess can be had all the same, what is constant cannot.
    let asked = ["request", "crash_probability", "zone"];
    check_features(&features(&asked), &["request", "crash_probability"]);
    check_features(&features(&["zone"]), &[]);
    check_features(&features(&[]), &[]);
    check_features(&ignore(&["cpu", "mem"]), &[]);
    let both = RoleOptions {
        ignore: names(&["cpu"]),
        ..features(&["cpu", "mem"])
    };
    check_features(&both, &["mem"]);
    // A list of features may name the label: it is the label all the same.
    check_features(&features(&["crashed", "cpu"]), &["cpu"]);
}

// ---- the report

#[track_caller]
fn report(csv: &str, options: &RoleOptions) -> SchemaReport {
    let table = Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap();
    overview::schema(&table, options).unwrap()
}

#[track_caller]
fn check_problem(labels: &str, expected: Option<&str>) {
    let rows = labels.split(' ').enumerate();
    let rows: String = rows
        .map(|(i, label)| format!("{},{label}\n", i % 7))
        .collect();
    let report = report(&format!("cpu,crashed\n{rows}"), &RoleOptions::default());
    let code = report.problem.as_ref().map(|problem| problem.code);
    assert_eq!(code, expected);
}

#[test]
fn what_training_would_refuse_is_told_before() {
    check_problem("0 1 0 1 0 0 0 0 0 0", None);
    check_problem("0 1 0 1 0 0 0 0 0", Some("TooFewRows"));
    check_problem("0 1 0 1 0 0 0 0 0 NA", Some("TooFewRows"));
    check_problem("0 1 0 0 0 0 0 0 0 0", Some("TooFewRows"));
    check_problem("1 1 1 1 1 1 0 1 1 1", Some("TooFewRows"));
    check_problem("0 0 0 0 0 0 0 0 0 0", Some("OneClass"));
    check_problem("NA NA NA NA NA NA NA NA NA NA", Some("BadLabel"));
}

#[test]
fn the_report_counts_what_the_log_holds() {
    let csv = "minute,host,cpu,crashed\n0,a,50,no\n1,b,60,\n2,a,70,yes\n3,b,80,no\n";
    let report = report(csv, &RoleOptions::default());
    assert_eq!(report.label.as_deref(), Some("crashed"));
    assert_eq!(report.positive.as_deref(), Some("yes"));
    assert_eq!(report.time.as_deref(), Some("minute"));
    assert_eq!(report.host.as_deref(), Some("host"));
    assert_eq!(report.features, ["cpu"]);
    assert_eq!(report.rows_without_label, 1);
    let values: Vec<(&str, u64)> = report
        .label_values
        .iter()
        .map(|value| (value.value.as_str(), value.count))
        .collect();
    assert_eq!(values, [("no", 2), ("yes", 1)]);
    assert_eq!(report.problem.unwrap().code, "TooFewRows");
}

/// The column stays the label, so that the page can offer its values.
#[test]
fn a_label_without_a_positive_value_is_still_reported_with_its_values() {
    let rows: String = (0..30)
        .map(|i| format!("{i},{}\n", ["red", "green", "blue"][i % 3]))
        .collect();
    let report = report(&format!("cpu,status\n{rows}"), &RoleOptions::default());
    assert_eq!(
        (report.label.as_deref(), report.positive),
        (Some("status"), None)
    );
    assert_eq!(report.label_values.len(), 3);
    assert_eq!(report.problem.unwrap().code, "BadLabel");
}

#[test]
fn columns_are_summed_up() {
    let csv = "timestamp,cpu_pct,tier,crashed\n1970-01-01T00:00:01Z,10,web,0\n1970-01-01T00:00:03Z,20,web,0\n,,api,1\n";
    let table = Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap();
    let columns = overview::columns(&table).unwrap();
    let ranges: Vec<_> = columns
        .iter()
        .map(|c| (c.missing, c.distinct, c.min, c.max, c.mean))
        .collect();
    let expected = [
        // Times in milliseconds.
        (1, Some(2), Some(1000.0), Some(3000.0), None),
        (1, Some(2), Some(10.0), Some(20.0), Some(15.0)),
        (0, Some(2), None, None, None),
        (0, Some(2), Some(0.0), Some(1.0), Some(1.0 / 3.0)),
    ];
    assert_eq!(ranges, expected);
    assert_eq!(columns[1].unit.as_deref(), Some("%"));
    let tiers: Vec<(&str, u64)> = columns[2]
        .top_values
        .iter()
        .map(|v| (v.value.as_str(), v.count))
        .collect();
    assert_eq!(tiers, [("web", 2), ("api", 1)]);
}

#[test]
fn no_guess_gives_another_part_to_a_column_the_user_spoke_of() {
    let table = log(&[
        ("minute", "1 2 3 4 5 6"),
        ("node", "a b a b a b"),
        ("cpu", "5 3 8 1 9 2"),
        ("label", "0 1 0 1 0 0"),
        ("crashed", "0 1 0 1 0 0"),
    ]);
    let owned = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    let ignore = owned(&["minute", "node", "crashed"]);
    let schema = Schema::new(
        &table,
        &RoleOptions {
            ignore,
            ..RoleOptions::default()
        },
    )
    .unwrap();
    assert_eq!(
        schema.named(Role::Ignored).collect::<Vec<_>>(),
        ["minute", "node", "crashed"]
    );
    assert_eq!(schema.label().unwrap().column, "label");
    let features = Some(owned(&["minute", "node", "cpu"]));
    let schema = Schema::new(
        &table,
        &RoleOptions {
            features,
            ..RoleOptions::default()
        },
    )
    .unwrap();
    assert_eq!(
        schema.named(Role::Feature).collect::<Vec<_>>(),
        ["minute", "node", "cpu"]
    );
    let host = some("label");
    let schema = Schema::new(
        &table,
        &RoleOptions {
            host,
            ..RoleOptions::default()
        },
    )
    .unwrap();
    assert_eq!(schema.named(Role::Host).collect::<Vec<_>>(), ["label"]);
}
