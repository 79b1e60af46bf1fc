//! Several files read one after the other and put together by time.

use crash_predictor::table::{ColumnKind, LogReader, ReadOptions, Table};

use super::issues;

fn read_in_pieces(files: &[(&str, &str)], size: usize) -> Table {
    let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
    for (name, csv) in files {
        reader.begin_file(name).unwrap();
        for piece in csv.as_bytes().chunks(size) {
            reader.push(piece).unwrap();
        }
    }
    reader.finish().unwrap()
}

fn read(files: &[(&str, &str)]) -> Table {
    let table = read_in_pieces(files, usize::MAX);
    for size in [1, 5] {
        assert_eq!(read_in_pieces(files, size), table);
    }
    table
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) -> Table {
    let table = read(files);
    let columns = table.columns();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let row = |row| {
        let cells = columns
            .iter()
            .map(|column| column.level_at(row).unwrap_or_default().into_owned());
        cells
            .collect::<Vec<_>>()
            .join(",")
            .replace("2024-01-01T", "")
            .replace(":00Z", "")
    };
    let found: Vec<String> = [names.join(",")]
        .into_iter()
        .chain((0..table.n_rows()).map(row))
        .collect();
    assert_eq!(found, expected);
    table
}

#[test]
fn rotated_logs_are_put_in_order() {
    let table = check(
        &[
            (
                "app.log.1",
                "time,cpu\n2024-01-01T03:00:00Z,3\n2024-01-01T04:00:00Z,4",
            ),
            (
                "app.log",
                "time,cpu\n2024-01-01T01:00:00Z,1\n2024-01-01T02:00:00Z,2\n",
            ),
        ],
        &["time,cpu", "01:00,1", "02:00,2", "03:00,3", "04:00,4"],
    );
    // Lines count on, and it is said where each file begins.
    assert_eq!(table.lines(), [5, 6, 2, 3]);
    assert_eq!(issues(&table), ["FileBegins 1 0", "FileBegins 4 0"]);
}

#[test]
fn files_of_one_host_each_name_it_where_their_times_overlap() {
    check(
        &[
            (
                "web-1",
                "time,cpu\n2024-01-01T01:00:00Z,1\n2024-01-01T02:00:00Z,2\n",
            ),
            (
                "web-2",
                "time,cpu\n2024-01-01T01:00:00Z,5\n2024-01-01T02:00:00Z,6\n",
            ),
        ],
        &[
            "time,cpu,host",
            "01:00,1,web-1",
            "01:00,5,web-2",
            "02:00,2,web-1",
            "02:00,6,web-2",
        ],
    );
    check(
        &[
            (
                "a",
                "time,host,cpu\n2024-01-01T01:00:00Z,x,1\n2024-01-01T02:00:00Z,x,2\n",
            ),
            (
                "b",
                "time,host,cpu\n2024-01-01T01:00:00Z,y,5\n2024-01-01T02:00:00Z,y,6\n",
            ),
        ],
        &[
            "time,host,cpu",
            "01:00,x,1",
            "01:00,y,5",
            "02:00,x,2",
            "02:00,y,6",
        ],
    );
}

#[test]
fn columns_go_by_name() {
    let table = check(
        &[
            ("a", "time,cpu,mem\n2024-01-01T01:00:00Z,1,10\n"),
            ("b", "disk;cpu;time\n7;2;2024-01-01T02:00:00Z\n"),
            ("c", "time,mem\n2024-01-01T03:00:00Z,30\n"),
        ],
        &[
            "time,cpu,mem,disk",
            "01:00,1,10,",
            "02:00,2,,7",
            "03:00,,30,",
        ],
    );
    assert_eq!(table.preview().len(), 3);
    assert!(table.preview().iter().all(|row| row.len() == 4));
}

#[test]
fn a_later_file_may_lack_the_header_and_have_bad_rows() {
    let table = check(
        &[
            ("a", "time,cpu\n2024-01-01T01:00:00Z,1\n"),
            (
                "b",
                "2024-01-01T02:00:00Z,2\n2024-01-01T03:00:00Z\n2024-01-01T04:00:00Z,4\n",
            ),
            ("c", ""),
        ],
        &["time,cpu", "01:00,1", "02:00,2", "04:00,4"],
    );
    assert_eq!(
        issues(&table),
        [
            "FileBegins 1 0",
            "FileBegins 3 0",
            "FieldCount 4 2",
            "FileBegins 6 0"
        ]
    );
    assert_eq!(table.issues().rows_read(), 4);
}

#[test]
fn a_kind_is_decided_over_all_files() {
    let numbers = "x\n".to_owned() + &"1\n".repeat(10);
    let words = "x\n".to_owned() + &"word\n".repeat(10);
    let table = read(&[("a", &numbers), ("b", &words)]);
    assert_eq!(table.columns()[0].kind(), ColumnKind::Category);
    // Without times they stay in the order they came.
    assert_eq!(table.columns()[0].level_at(19).as_deref(), Some("word"));
}

#[test]
fn each_file_may_have_the_series_of_its_host() {
    check(
        &[
            (
                "a",
                "time;cpu{instance=x}\n2024-01-01T01:00:00Z;1\n2024-01-01T02:00:00Z;2\n",
            ),
            (
                "b",
                "time;cpu{instance=y}\n2024-01-01T01:00:00Z;5\n2024-01-01T02:00:00Z;6\n",
            ),
        ],
        &[
            "time,instance,cpu",
            "01:00,x,1",
            "01:00,y,5",
            "02:00,x,2",
            "02:00,y,6",
        ],
    );
}

#[test]
fn words_among_numbers_keep_their_place() {
    let label = |base: u32, odd: &str| {
        let rows = (0..20).map(|i| {
            format!(
                "2024-01-01T{:02}:{:02}:00Z,{}\n",
                base,
                i,
                if i == 7 {
                    odd.to_owned()
                } else {
                    (i % 2).to_string()
                }
            )
        });
        "time,crashed\n".to_owned() + &rows.collect::<String>()
    };
    let table = read(&[("b", &label(2, "maybe")), ("a", &label(1, "2x"))]);
    assert_eq!(
        table.columns()[1].strays,
        [(7, "2x".to_owned()), (27, "maybe".to_owned())]
    );
}
