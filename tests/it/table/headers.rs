//! Headers in the middle: logs that were put together by `cat`, whose columns are others or in another order from some line on.

use crash_predictor::Error;
use crash_predictor::table::{LogReader, PlainCsv, ReadOptions, Table};
use proptest::prelude::*;

use super::{assert_every_cut, check_issues, chunked, issues, read, table};

/// The table as lines of names and cells; nothing for a missing cell.
fn grid(table: &Table) -> Vec<String> {
    let line = |cells: Vec<String>| cells.join(",");
    let columns = table.columns();
    let header = columns.iter().map(|column| column.name.clone()).collect();
    let row = |row| {
        let cells = columns.iter().map(|column| column.level_at(row));
        line(
            cells
                .map(|cell| cell.unwrap_or_default().into_owned())
                .collect(),
        )
    };
    let rows = (0..table.n_rows()).map(row);
    std::iter::once(line(header)).chain(rows).collect()
}

#[track_caller]
fn check(csv: &str, expected: &[&str], line: u64) {
    let table = table(csv);
    assert_eq!(grid(&table), expected);
    assert_eq!(issues(&table), [format!("OtherHeader {line} 0")]);
    assert_every_cut(csv.as_bytes());
}

#[test]
fn the_same_names_in_another_order() {
    check(
        "time,cpu,mem,crashed\n2026-01-01,97,40,1\n2026-01-02,12,50,0\ntime,mem,cpu,crashed\n2026-01-03,60,98,1\n2026-01-04,70,13,0\n",
        &[
            "time,cpu,mem,crashed",
            "2026-01-01T00:00:00Z,97,40,1",
            "2026-01-02T00:00:00Z,12,50,0",
            "2026-01-03T00:00:00Z,98,60,1",
            "2026-01-04T00:00:00Z,13,70,0",
        ],
        4,
    );
    check(
        "host;cpu;mem\nweb;97;40\nhost;mem;cpu\ndb;60;98\ncache;61;99\n",
        &["host,cpu,mem", "web,97,40", "db,98,60", "cache,99,61"],
        3,
    );
}

#[test]
fn more_columns_and_less() {
    check(
        "time,cpu,mem\n2026-01-01,97,40\n2026-01-02,12,50\ntime,cpu\n2026-01-03,98\n2026-01-04,13\n",
        &[
            "time,cpu,mem",
            "2026-01-01T00:00:00Z,97,40",
            "2026-01-02T00:00:00Z,12,50",
            "2026-01-03T00:00:00Z,98,",
            "2026-01-04T00:00:00Z,13,",
        ],
        4,
    );
    check(
        "time,cpu\n2026-01-01,97\n2026-01-02,12\n\n\ntime,disk,net\n2026-01-03,40,3\n2026-01-04,50,4\n",
        &[
            "time,cpu,disk,net",
            "2026-01-01T00:00:00Z,97,,",
            "2026-01-02T00:00:00Z,12,,",
            "2026-01-03T00:00:00Z,,40,3",
            "2026-01-04T00:00:00Z,,50,4",
        ],
        6,
    );
    // The first name is another, two are known.
    check(
        "time,cpu,mem\n2026-01-01,97,40\n2026-01-02,12,50\ncpu,mem,timestamp\n98,60,2026-01-03\n99,61,2026-01-04\n",
        &[
            "time,cpu,mem,timestamp",
            "2026-01-01T00:00:00Z,97,40,",
            "2026-01-02T00:00:00Z,12,50,",
            ",98,60,2026-01-03T00:00:00Z",
            ",99,61,2026-01-04T00:00:00Z",
        ],
        4,
    );
}

#[test]
fn back_and_forth() {
    let csv = "t,a,b\n1,2,3\n4,5,6\nt,b,a\n7,9,8\nt,b,a\nt,a,b\n10,11,12\n";
    check_issues(
        csv,
        4,
        &["OtherHeader 4 0", "LeftOut 6 0", "OtherHeader 7 0"],
    );
    let expected = ["t,a,b", "1,2,3", "4,5,6", "7,8,9", "10,11,12"];
    assert_eq!(grid(&table(csv)), expected);
}

/// Past the first rows, where rows are read many at a time.
#[test]
fn far_behind_the_start() {
    let mut csv = "time,cpu,mem\n".to_owned();
    for at in 0..20_000 {
        csv += &format!("{at},{},{}\n", at % 100, 1000 + at);
    }
    csv += "time,mem,cpu\n";
    for at in 20_000..40_000 {
        csv += &format!("{at},{},{}\n", 1000 + at, at % 100);
    }
    let whole = table(&csv);
    assert_eq!(issues(&whole), ["OtherHeader 20002 0"]);
    assert_eq!(
        (whole.n_rows(), whole.issues().rows_rejected()),
        (40_000, 0)
    );
    let cell = |column: usize| {
        whole.columns()[column]
            .level_at(39_999)
            .unwrap()
            .into_owned()
    };
    assert_eq!([cell(0), cell(1), cell(2)], ["39999", "99", "40999"]);
    assert_eq!(whole, chunked(csv.as_bytes(), 4099).unwrap());
}

/// A log of words, rows of damage and rows that only begin like the header.
#[test]
fn rows_stay_rows() {
    for csv in [
        "word,meaning\ntime,what passes\nword,what is said\nmeaning,what is meant\n",
        "time,cpu,state\n1,2,up\ntime,unknown,3\n4,5,up\n",
        "time,cpu,state\n1,2,up\nfailed,no answer,timeout\n4,5,up\n",
        "time,cpu,state\n1,2,up\nn/a,cpu,state\n4,5,up\n",
        "host,cpu,state\nhost,2,up\nhost,n/a,state\nhost,5,\n",
        "1,2,up\ntime,cpu,state\n4,5,up\n",
    ] {
        let table = table(csv);
        assert!(
            !issues(&table)
                .iter()
                .any(|issue| issue.starts_with("Other")),
            "{csv}"
        );
        let n_lines = csv.lines().count();
        assert!(table.n_rows() + 1 >= n_lines, "{csv}");
    }
}

/// The columns of a host in each part.
#[test]
fn columns_of_hosts() {
    let csv = "time,cpu{host=\"a\"},mem{host=\"a\"}\n2026-01-01,1,2\ntime,cpu{host=\"b\"},mem{host=\"b\"}\n2026-01-02,3,4\n";
    let expected = [
        "time,host,cpu,mem",
        "2026-01-01T00:00:00Z,a,1,2",
        "2026-01-02T00:00:00Z,b,3,4",
    ];
    assert_eq!(grid(&table(csv)), expected);
    assert_every_cut(csv.as_bytes());
}

#[test]
fn as_plain_csv_every_line_is_there() {
    let csv = "time,cpu,mem\n1,97,40\ntime,mem,cpu\n2,60,98\n";
    let mut plain = PlainCsv::new(&ReadOptions::default()).unwrap();
    let mut out = plain.push(csv.as_bytes()).unwrap();
    out.extend(plain.finish().unwrap());
    assert_eq!(String::from_utf8(out).unwrap(), csv);
}

#[test]
fn ever_new_names_are_too_many_in_the_end() {
    let mut csv = "time,cpu\n".to_owned() + &"1,2\n".repeat(600);
    for at in 0..30 {
        let names: Vec<String> = (0..600).map(|name| format!("n{at}x{name}")).collect();
        csv += &format!("time,{}\n", names.join(","));
    }
    let refused = read(&csv).err();
    assert!(matches!(refused, Some(Error::TooManyColumns { .. })));
}

proptest! {
    /// One log behind another is what the two files are, one read after the other.
    #[test]
    fn behind_each_other_or_in_files_it_is_the_same_table(
        orders in prop::collection::vec(Just(["time", "cpu", "mem", "net"]).prop_shuffle(), 1..5),
        n_rows in 1..30_u32,
        size in 1..300_usize,
    ) {
        let mut files = Vec::new();
        let mut time = 0;
        for order in orders {
            let mut csv = format!("{}\n", order.join(","));
            for _ in 0..n_rows {
                time += 1;
                let cell = |name: &&str| match *name {
                    "time" => format!("2026-01-01T00:{:02}:{:02}Z", time / 60, time % 60),
                    "cpu" => (time % 7).to_string(),
                    name => (time * name.len() as u32 * 31 % 1000).to_string(),
                };
                csv += &format!("{}\n", order.iter().map(cell).collect::<Vec<_>>().join(","));
            }
            files.push(csv);
        }
        let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
        for (at, csv) in files.iter().enumerate() {
            reader.begin_file(&format!("part-{at}")).unwrap();
            reader.push(csv.as_bytes()).unwrap();
        }
        let whole = files.concat();
        let (apart, together) = (reader.finish().unwrap(), chunked(whole.as_bytes(), size).unwrap());
        prop_assert_eq!(grid(&apart), grid(&together));
        prop_assert_eq!(apart.lines(), together.lines());
    }
}
