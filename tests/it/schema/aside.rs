//! Columns that are set aside, and rows and times that are remarked.

use super::*;

/// A log of 200 rows in which every tenth crashes; `column` says what a column holds in a row, and whether that one crashes.
fn log_with(name: &str, cell: impl Fn(usize, bool) -> String) -> Table {
    let row = |row: usize| {
        let crashed = row % 10 == 9;
        let cpu = row * 37 % 100;
        format!("{cpu},{},{}\n", cell(row, crashed), u8::from(crashed))
    };
    let csv = format!("cpu,{name},crashed\n") + &(0..200).map(row).collect::<String>();
    Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap()
}

#[track_caller]
fn check_column(table: &Table, name: &str, role: Role, reason: &str) {
    let schema = Schema::new(table, &RoleOptions::default()).unwrap();
    let found = schema
        .columns()
        .iter()
        .find(|column| column.name == name)
        .unwrap();
    assert!(
        found.role == role && found.reason.contains(reason),
        "{found:?}"
    );
    let chosen = RoleOptions {
        features: Some(vec!["cpu".to_owned(), name.to_owned()]),
        ..RoleOptions::default()
    };
    let schema = Schema::new(table, &chosen).unwrap();
    assert!(
        schema.named(Role::Feature).any(|feature| feature == name),
        "{name}"
    );
}

#[test]
fn columns_that_give_the_answer_away_are_set_aside() {
    let text = |says: bool, yes: &str, no: &str| if says { yes } else { no }.to_owned();
    let check = |name: &str, cell: &dyn Fn(usize, bool) -> String| {
        check_column(
            &log_with(name, cell),
            name,
            Role::Ignored,
            "gives the answer away",
        );
    };
    check("restart_count_after", &|row, crashed| {
        if crashed { 3 + row % 2 } else { row % 2 }.to_string()
    });
    check("crash_reason", &|row, crashed| {
        text(crashed, ["oom", "disk"][row / 10 % 2], "")
    });
    check("exit_code", &|_, crashed| text(crashed, "137", "0"));
    check("flag", &|_, crashed| text(crashed, "yes", "no"));
    // A metric may tell every crash, and a restart may be counted before it.
    let keeps = |name: &str, cell: &dyn Fn(usize, bool) -> String| {
        check_column(&log_with(name, cell), name, Role::Feature, "");
    };
    keeps("latency", &|row, crashed| {
        (row % 50 + if crashed { 100 } else { 0 }).to_string()
    });
    keeps("restarts", &|row, _| (row * 7 % 5).to_string());
}

/// In 24 rows with three crashes.
#[test]
fn few_rows_give_the_answer_away_too() {
    let rows: String = (0..24)
        .map(|row| {
            let crashed = row % 8 == 7;
            let (cpu, say) = (row * 37 % 100, |yes, no| if crashed { yes } else { no });
            let ahead = u8::from(row % 8 == 6);
            format!(
                "{cpu},{},{},{},{ahead},{ahead},{},{},{}\n",
                say("down", "up"),
                say(["E17", "E4"][row / 8 % 2], ""),
                7 - row % 8,
                say("90", "40"),
                row % 5,
                u8::from(crashed),
            )
        })
        .collect();
    let csv = "cpu,status,failure_code,time_to_failure,crashedNextHour,fails_within_1h,mem,failed_logins,crashed\n";
    let table =
        Table::from_csv((csv.to_owned() + &rows).as_bytes(), &ReadOptions::default()).unwrap();
    for name in [
        "status",
        "failure_code",
        "time_to_failure",
        "crashedNextHour",
        "fails_within_1h",
    ] {
        check_column(&table, name, Role::Ignored, "gives the answer away");
    }
    for name in ["mem", "failed_logins"] {
        check_column(&table, name, Role::Feature, "a metric");
    }
}

#[test]
fn columns_that_say_little_or_the_same_are_set_aside() {
    let rare = log_with("note", |row, _| {
        if row % 70 == 0 {
            (row % 3).to_string()
        } else {
            String::new()
        }
    });
    check_column(
        &rare,
        "note",
        Role::Ignored,
        "nearly empty: only 3 of 200 rows",
    );
    let twin = log_with("cpu_again", |row, _| format!("{}.0", row * 37 % 100));
    check_column(&twin, "cpu_again", Role::Ignored, "the same as \"cpu\"");
}

#[test]
fn rows_without_a_known_label_are_issues() {
    let mut csv = "cpu,crashed\n".to_owned();
    for row in 0..40 {
        let label = match row {
            7 => "",
            9 => "maybe",
            _ => ["0", "1"][row % 2],
        };
        csv += &format!("{row},{label}\n");
    }
    let table = Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap();
    let report = overview::schema(&table, &RoleOptions::default()).unwrap();
    let said: Vec<&str> = report
        .label_issues
        .kept
        .iter()
        .map(|issue| issue.message.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "line 9: column \"crashed\" holds no label",
            "line 11: column \"crashed\" holds \"maybe\", which is neither label"
        ]
    );
    let books = (
        report.label_issues.rows_used,
        report.label_issues.rows_rejected,
    );
    assert_eq!((books, report.rows_without_label), ((38, 2), 2));
}

#[test]
fn odd_times_are_remarked() {
    let remarks = |csv: &str| {
        let table = Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap();
        let mut remarks = overview::schema(&table, &RoleOptions::default())
            .unwrap()
            .remarks;
        remarks.retain(|of| !of.contains("fewer than about 10"));
        remarks
    };
    let rows = |order: [u32; 6]| -> String {
        let row = |minute: u32| {
            format!(
                "2026-01-01T00:{minute:02}:00Z,h{},{}\n",
                minute % 2,
                minute % 2
            )
        };
        "time,host,crashed\n".to_owned() + &order.map(row).concat()
    };
    assert_eq!(remarks(&rows([1, 2, 3, 4, 5, 6])), [""; 0]);
    assert_eq!(
        remarks(&rows([3, 2, 1, 4, 5, 6])),
        ["1 of 6 rows do not stand in the order of time; they are put in order"]
    );
    assert_eq!(
        remarks(&rows([1, 2, 3, 3, 5, 6])),
        ["1 of 6 rows have the time of another row of the same host"]
    );
}
