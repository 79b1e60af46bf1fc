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

/// As Excel and PowerShell begin their files, the latter with names in quotes.
#[test]
fn behind_a_byte_order_mark_in_the_middle() {
    for (names, line) in [
        ("time,cpu,mem", "LeftOut 4 0"),
        ("time,mem,cpu", "OtherHeader 4 0"),
    ] {
        for header in [
            names.to_owned(),
            format!("\"{}\"", names.replace(',', "\",\"")),
        ] {
            let csv = format!(
                "\u{feff}time,cpu,mem\n1,97,40\n2,12,50\n\u{feff}{header}\n3,60,98\n4,70,13\n"
            );
            let table = table(&csv);
            assert_eq!(issues(&table), [line], "{header}");
            assert_eq!((table.n_rows(), table.columns().len()), (4, 3));
            assert_every_cut(csv.as_bytes());
        }
    }
}

#[test]
fn names_in_other_letters_are_the_same() {
    check(
        "time,cpu,mem\n1,97,40\n2,12,50\nTime,MEM,Cpu\n3,60,98\n4,70,13\n",
        &["time,cpu,mem", "1,97,40", "2,12,50", "3,98,60", "4,13,70"],
        4,
    );
    let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
    for (name, csv) in [
        ("lo", "time,cpu\n1,2\n"),
        ("up", "Time,CPU\n3,4\n"),
        ("both", "time,CPU,cpu\n5,6,7\n"),
    ] {
        reader.begin_file(name).unwrap();
        reader.push(csv.as_bytes()).unwrap();
    }
    let expected = ["time,cpu,CPU", "1,2,", "3,4,", "5,7,6"];
    assert_eq!(grid(&reader.finish().unwrap()), expected);
}

/// A part of nothing but its header, and a header whose first name is another.
#[test]
fn headers_that_follow_each_other() {
    let csv = "time,cpu,mem\n1,2,3\n4,5,6\ntime,mem,cpu\ncpu,mem,time\n8,9,7\n";
    check_issues(csv, 3, &["OtherHeader 4 0", "OtherHeader 5 0"]);
    assert_eq!(
        grid(&table(csv)),
        ["time,cpu,mem", "1,2,3", "4,5,6", "7,8,9"]
    );
}

/// The rows of a file without a header go by the last one, be it in the middle of the file before.
#[test]
fn a_rotated_file_goes_by_the_last_header() {
    let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
    for (name, csv) in [
        ("log.1", "time,cpu,mem\n1,2,3\n4,5,6\ntime,mem,cpu\n7,9,8\n"),
        ("log", "10,12,11\n13,15,14\n"),
    ] {
        reader.begin_file(name).unwrap();
        reader.push(csv.as_bytes()).unwrap();
    }
    let expected = [
        "time,cpu,mem",
        "1,2,3",
        "4,5,6",
        "7,8,9",
        "10,11,12",
        "13,14,15",
    ];
    assert_eq!(grid(&reader.finish().unwrap()), expected);
}

/// Rows are dropped before the columns are made that need their room.
#[test]
fn many_columns_behind_many_rows_keep_within_the_budget() {
    let mut csv = "time,cpu\n".to_owned();
    for at in 0..100_000 {
        csv += &format!("{at},{}\n", at % 100);
    }
    let names: Vec<String> = (0..500).map(|at| format!("m{at}")).collect();
    csv += &format!("time,cpu,{}\n", names.join(","));
    for at in 100_000..100_400 {
        csv += &format!("{at},1{}\n", ",7".repeat(500));
    }
    let options = ReadOptions {
        max_table_mib: Some(1),
        ..ReadOptions::default()
    };
    let table = Table::from_csv(csv.as_bytes(), &options).unwrap();
    assert_eq!(
        (table.columns().len(), table.issues().rows_read()),
        (502, 100_400)
    );
    assert!(
        table.n_rows() <= (1 << 20) / (8 * 502),
        "{}",
        table.n_rows()
    );
}

#[test]
fn lines_that_sum_up_are_no_rows() {
    let csv = "time,cpu\n1,2\n4,5\nAverage,3.5\nmaximum,5\n";
    check_issues(csv, 2, &["LeftOut 4 0", "LeftOut 5 0"]);
    check_issues("shop,cpu\nweb,2\nTotal,5\n", 2, &[]);
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
        "time,service,cpu\n1,web,2\nservice,restarted\n4,web,5\n",
        "service,load,state\nweb,2,up\nservice,down,offline\ndb,5,up\n",
        "time cpu memory disk\n1 2 3 4\nmemory exhausted\ntime ran out again\n5 6 7 8\n",
        "{\"service\":\"web\",\"state\":\"up\",\"load\":3}\n{\"service\":\"service\",\"state\":\"state\",\"load\":\"high\"}\n{\"service\":\"db\",\"state\":\"up\",\"load\":4}\n",
    ] {
        let table = table(csv);
        assert!(
            !issues(&table)
                .iter()
                .any(|issue| issue.starts_with("Other")),
            "{csv}"
        );
        // All but the header, and lines with too few cells.
        let n_read = table.issues().rows_read() as usize;
        assert!(n_read + 1 >= csv.lines().count(), "{csv}");
        assert!(table.n_rows() >= 2, "{csv}");
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
fn as_plain_csv_cells_stand_in_the_order_of_the_first_header() {
    let plain = |csv: &str| {
        let mut plain = PlainCsv::new(&ReadOptions::default()).unwrap();
        let mut out = plain.push(csv.as_bytes()).unwrap();
        out.extend(plain.finish().unwrap());
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        plain(
            "time,cpu,mem\n1,97,40\nTime,mem,cpu\n2,60,98\ntime,mem\n3,61\n4,5,6\ntime,cpu,mem\n5,6,7\n"
        ),
        "time,cpu,mem\n1,97,40\n2,98,60\n3,,61\n4,5,6\n5,6,7\n",
    );
    let more = "time,cpu\n1,97\ntime,cpu,mem\n2,98,60\n";
    assert_eq!(plain(more), more);
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
