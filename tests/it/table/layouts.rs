//! Logs of one column for each metric and host, and of one row for each metric, made into one row for each time and host.

use crash_predictor::batch::{CsvScorer, ScoreOptions};
use crash_predictor::table::{Layout, ReadOptions, Table};
use crash_predictor::{CrashPredictor, RoleOptions, overview};

use super::{chunked, issues};

fn read(csv: &str) -> Table {
    let table = Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap();
    for chunk in [1, 7] {
        assert_eq!(chunked(csv.as_bytes(), chunk).as_ref(), Ok(&table));
    }
    table
}

/// The table as CSV.
fn text(table: &Table) -> Vec<String> {
    let names: Vec<&str> = table
        .columns()
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let cell = |column: &crash_predictor::table::Column, row| {
        column.level_at(row).unwrap_or_default().into_owned()
    };
    let row = |row| {
        let cells = table.columns().iter().map(|column| cell(column, row));
        cells.collect::<Vec<_>>().join(",")
    };
    [names.join(",")]
        .into_iter()
        .chain((0..table.n_rows()).map(row))
        .collect()
}

#[track_caller]
fn check(csv: &str, layout: Layout, expected: &[&str]) {
    let table = read(csv);
    assert_eq!(text(&table), expected);
    assert_eq!(table.dialect().layout, layout);
    // Every row of the file is used or rejected, however many rows it makes.
    let n_lines = csv.lines().count() as u64 - 1;
    assert_eq!(table.issues().rows_read(), n_lines);
}

#[test]
fn labels_in_the_header_name_the_host() {
    check(
        "time,\"cpu{instance=\"\"a\"\",job=\"\"x\"\"}\",\"cpu{instance=\"\"b\"\",job=\"\"x\"\"}\",\"up{instance=\"\"b\"\",job=\"\"x\"\"}\"\n\
         2024-01-01T00:00:00Z,1,2,1\n2024-01-01T00:01:00Z,3,,0\n2024-01-01T00:02:00Z,5,,\n",
        Layout::Series,
        &[
            "time,instance,cpu,up",
            "2024-01-01T00:00:00Z,a,1,",
            "2024-01-01T00:00:00Z,b,2,1",
            "2024-01-01T00:01:00Z,a,3,",
            "2024-01-01T00:01:00Z,b,,0",
            "2024-01-01T00:02:00Z,a,5,",
        ],
    );
    // What is not the host's stays in the name, and columns of no host are of all.
    check(
        "t;cpu{host=a,mode=user};cpu{host=a,mode=idle};cpu{host=b,mode=user};cpu{host=b,mode=idle};crashed\n1;10;90;20;80;0\n2;11;89;21;79;1\n",
        Layout::Series,
        &[
            "t,crashed,host,cpu{mode=user},cpu{mode=idle}",
            "1,0,a,10,90",
            "1,0,b,20,80",
            "2,1,a,11,89",
            "2,1,b,21,79",
        ],
    );
}

#[test]
fn grafana_and_datadog_series_are_read() {
    let quoted = |name: &&str| format!("\"{}\"", name.replace('"', "\"\""));
    for (names, host, metric) in [
        (
            [
                r#"{host="web-1", job="node"}"#,
                r#"{host="web-2", job="node"}"#,
            ],
            "host",
            "value",
        ),
        (
            [
                r#"{__name__="load", node="web-1"}"#,
                r#"{__name__="load", node="web-2"}"#,
            ],
            "node",
            "load",
        ),
        (
            [
                "avg:system.cpu.user{host:web-1}",
                "avg:system.cpu.user{host:web-2}",
            ],
            "host",
            "avg:system.cpu.user",
        ),
        (["cpu web-1", "cpu web-2"], "host", "cpu"),
        (["web-1 cpu", "web-2 cpu"], "host", "cpu"),
    ] {
        let header = names.iter().map(quoted).collect::<Vec<_>>().join(";");
        check(
            &format!("Time;{header}\n2024-01-01 00:00:00;1;2\n2024-01-01 00:01:00;3;4\n"),
            Layout::Series,
            &[
                &format!("Time,{host},{metric}"),
                "2024-01-01T00:00:00Z,web-1,1",
                "2024-01-01T00:00:00Z,web-2,2",
                "2024-01-01T00:01:00Z,web-1,3",
                "2024-01-01T00:01:00Z,web-2,4",
            ],
        );
    }
}

#[test]
fn names_that_only_look_like_series_stay() {
    for header in [
        "time,disk read,disk write,net read,net write",
        "time,latency p50,latency p99,size p50,size p99",
        "time,errors eth0,errors eth1,drops eth0,drops eth1",
        "time,cpu{mode=user},cpu{mode=idle},mem,{}",
        "time,cpu web-1,cpu web-2,mem web-1,disk",
    ] {
        let table = read(&format!("{header}\n1,2,3,4,5\n2,3,4,5,6\n"));
        assert_eq!(table.dialect().layout, Layout::Rows, "{header}");
        assert_eq!(table.columns().len(), 5);
    }
}

#[test]
fn devices_of_a_host_are_no_hosts() {
    let table = read(
        "Time,\"disk{device=\"\"sda\"\"}\",\"disk{device=\"\"sdb\"\"}\",crashed\n2024-01-01,1,2,0\n2024-01-02,3,4,1\n",
    );
    assert_eq!(table.dialect().layout, Layout::Rows);
    assert_eq!((table.n_rows(), table.columns().len()), (2, 4));
    check(
        "time;disk{device=sda,instance=a};disk{device=sdb,instance=a};disk{device=sda,instance=b}\n2024-01-01;1;2;3\n",
        Layout::Series,
        &[
            "time,instance,disk{device=sda},disk{device=sdb}",
            "2024-01-01T00:00:00Z,a,1,2",
            "2024-01-01T00:00:00Z,b,3,",
        ],
    );
}

#[test]
fn units_of_hosts_are_brought_to_one() {
    check(
        "time;mem{host=a};mem{host=b}\n2024-01-01;1.5 GiB;512 MiB\n2024-01-02;2 GiB;1024 MiB\n",
        Layout::Series,
        &[
            "time,host,mem",
            "2024-01-01T00:00:00Z,a,1.5",
            "2024-01-01T00:00:00Z,b,0.5",
            "2024-01-02T00:00:00Z,a,2",
            "2024-01-02T00:00:00Z,b,1",
        ],
    );
}

#[test]
fn a_row_for_each_metric_is_turned_wide() {
    let wide = &[
        "time,host,cpu,mem",
        "2024-01-01T00:00:00Z,a,1,10",
        "2024-01-01T00:00:00Z,b,2,20",
        "2024-01-01T00:01:00Z,a,3,",
        "2024-01-01T00:01:00Z,b,4,40",
    ];
    let (t0, t1) = ("2024-01-01T00:00:00Z", "2024-01-01T00:01:00Z");
    let by_time = format!(
        "{t0},a,cpu,1\n{t0},a,mem,10\n{t0},b,cpu,2\n{t0},b,mem,20\n{t1},a,cpu,3\n{t1},b,cpu,4\n{t1},b,mem,40\n"
    );
    check(
        &format!("time,host,metric,value\n{by_time}"),
        Layout::Long,
        wide,
    );
    // A block for each series, as databases write them.
    let by_series = format!(
        "{t0},a,cpu,1\n{t1},a,cpu,3\n{t0},b,cpu,2\n{t1},b,cpu,4\n{t0},a,mem,10\n{t0},b,mem,20\n{t1},b,mem,40\n"
    );
    check(
        &format!("time,host,metric,value\n{by_series}"),
        Layout::Long,
        wide,
    );
}

#[test]
fn influx_measurements_and_fields_are_one_name() {
    check(
        "_time,_value,_field,_measurement,host\n2024-01-01T00:00:00Z,0.5,load1,system,a\n2024-01-01T00:00:00Z,7,used,mem,a\n2024-01-01T00:00:10Z,0.75,load1,system,a\n",
        Layout::Long,
        &[
            "_time,host,system_load1,mem_used",
            "2024-01-01T00:00:00Z,a,0.5,7",
            "2024-01-01T00:00:10Z,a,0.75,",
        ],
    );
}

#[test]
fn words_and_labels_survive_in_a_long_log() {
    check(
        "time,host,metric,value,crashed\n1,a,cpu,1,\n1,a,state,up,no\n2,a,cpu,3,yes\n2,a,state,down,\n",
        Layout::Long,
        &[
            "time,host,crashed,cpu,state",
            "1,a,no,1,up",
            "2,a,yes,3,down",
        ],
    );
}

#[test]
fn rows_that_say_nothing_new_are_rejected_and_said() {
    let table = read("time,host,metric,value\n1,a,cpu,1\n1,a,cpu,2\n1,a,,3\n2,a,cpu,4\n");
    assert_eq!(text(&table), ["time,host,cpu", "1,a,1", "2,a,4"]);
    let found = issues(&table);
    assert!(
        found.iter().any(|issue| issue.starts_with("NotPlaced 3 ")),
        "{found:?}"
    );
    assert!(
        found.iter().any(|issue| issue.starts_with("NotPlaced 4 ")),
        "{found:?}"
    );
    assert_eq!(
        (table.issues().rows_used(), table.issues().rows_rejected()),
        (2, 2)
    );
    let empty = read("time;cpu{host=a};cpu{host=b}\n1;2;3\n2;;\n");
    assert_eq!((empty.n_rows(), empty.issues().rows_rejected()), (2, 1));
}

#[test]
fn a_log_stays_as_it_is_where_the_user_says_so() {
    let options = ReadOptions {
        as_is: true,
        ..ReadOptions::default()
    };
    for csv in [
        "time;cpu{host=a};cpu{host=b}\n1;2;3\n",
        "time,host,metric,value\n1,a,cpu,1\n",
    ] {
        let table = Table::from_csv(csv.as_bytes(), &options).unwrap();
        assert_eq!(table.dialect().layout, Layout::Rows);
        assert_eq!(table.n_rows(), 1);
    }
}

/// The sample's rows of some hosts in another layout, and as they are.
fn layouts() -> [String; 3] {
    let draw = |i: u32, n: u32| (i.wrapping_mul(2_654_435_761) >> 8).wrapping_mul(n + 7) / 97 % 100;
    let mut rows = "time,host,cpu,mem,crashed\n".to_owned();
    let mut long = "time,host,metric,value\n".to_owned();
    let mut series = "time".to_owned();
    for host in ["a", "b", "c"] {
        for metric in ["cpu", "mem", "crashed"] {
            series += &format!(",{metric}{{instance={host}}}");
        }
    }
    series.push('\n');
    for minute in 0..400 {
        let time = format!("2024-01-01T{:02}:{:02}:00Z", minute / 60, minute % 60);
        series += &time;
        for (at, host) in ["a", "b", "c"].iter().enumerate() {
            let i = minute * 3 + at as u32;
            let (cpu, mem) = (draw(i, 1), draw(i, 2));
            let crashed = u8::from(cpu + mem > 150);
            rows += &format!("{time},{host},{cpu},{mem},{crashed}\n");
            series += &format!(",{cpu},{mem},{crashed}");
            for (metric, value) in [("cpu", cpu), ("mem", mem), ("crashed", u32::from(crashed))] {
                long += &format!("{time},{host},{metric},{value}\n");
            }
        }
        series.push('\n');
    }
    [rows, series, long]
}

#[test]
fn every_layout_gives_the_same_model_and_the_same_predictions() {
    let all = layouts();
    let [plain, ..] = &all;
    let (table, model) = crate::trained_on(plain.as_bytes());
    let expected = model.predict_table(&table).unwrap().probabilities;
    for csv in &all[1..] {
        let (other, trained) = crate::trained_on(csv.as_bytes());
        let schema = overview::schema(&other, &RoleOptions::default()).unwrap();
        assert_eq!(schema.time.as_deref(), Some("time"));
        assert!(schema.host.is_some());
        assert_eq!(schema.features, ["cpu", "mem"]);
        let found = trained.predict_table(&other).unwrap().probabilities;
        assert_eq!(found, expected);
        check_scored(&model, csv, &expected);
    }
}

/// The scored log has a row for each time and host, with the probabilities of the table, however it is cut.
#[track_caller]
fn check_scored(model: &CrashPredictor, csv: &str, expected: &[f64]) {
    let mut scorer = CsvScorer::new(model.clone(), &ScoreOptions::default()).unwrap();
    let mut out = Vec::new();
    for piece in csv.as_bytes().chunks(1000) {
        out.extend(scorer.push(piece).unwrap());
    }
    out.extend(scorer.finish().unwrap());
    let scored = Table::from_csv(&out, &ReadOptions::default()).unwrap();
    let probability = scored.column("crash_probability").unwrap();
    let found: Vec<f64> = (0..scored.n_rows())
        .map(|row| probability.number_at(row).unwrap())
        .collect();
    assert_eq!(found, expected);
    assert_eq!(scorer.summary().rows_read, csv.lines().count() as u64 - 1);
    assert_eq!(scored.dialect().layout, Layout::Rows);
}
