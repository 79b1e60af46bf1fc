//! A log longer than its table may be: whole blocks of rows are kept, and it is said.

use crash_predictor::table::{ColumnKind, LogReader, ReadOptions, Table, Values};

use super::issues;

/// MiB of cells of 8 bytes: four columns of so many rows.
const ROOM: usize = (1 << 20) / 8 / 4;
const BLOCK: usize = ROOM / 8;

/// Rows of a number, words of which the last is rare, mostly numbers, and a number that stands in words after many rows.
fn log(n_rows: usize) -> String {
    let row = |i: usize| {
        let word = if i == 2 * BLOCK + 3 {
            "rare"
        } else {
            ["up", "down"][i % 2]
        };
        let odd = if i % 1000 == 5 {
            "n.n.".to_owned()
        } else {
            (i % 97).to_string()
        };
        format!("{i},{word},{odd},\n")
    };
    "n,state,mostly,nothing\n".to_owned() + &(0..n_rows).map(row).collect::<String>()
}

fn read(csv: &str, size: usize) -> Table {
    let options = ReadOptions {
        max_table_mib: Some(1),
        ..ReadOptions::default()
    };
    let mut reader = LogReader::new(&options).unwrap();
    for piece in csv.as_bytes().chunks(size) {
        reader.push(piece).unwrap();
    }
    reader.finish().unwrap()
}

fn numbers(table: &Table) -> &[f64] {
    match &table.columns()[0].values {
        Values::Number(numbers) => numbers,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_log_that_fits_is_kept_whole() {
    let table = read(&log(ROOM), 1 << 20);
    assert_eq!(table.n_rows(), ROOM);
    assert_eq!(table.issues().count_of("Sampled"), 0);
}

#[test]
fn whole_blocks_of_a_longer_log_are_kept_and_every_row_is_accounted_for() {
    let n_rows = 20 * BLOCK + 100;
    let csv = log(n_rows);
    let table = read(&csv, usize::MAX);
    for size in [1 << 16, 4099] {
        assert_eq!(read(&csv, size), table);
    }
    assert!(
        table.n_rows() <= ROOM && table.n_rows() >= BLOCK,
        "{}",
        table.n_rows()
    );
    let (issues_of, rows) = (table.issues(), table.n_rows() as u64);
    assert_eq!(issues_of.rows_read(), n_rows as u64);
    assert_eq!(issues_of.rows_used(), rows);
    assert_eq!(
        issues_of.rows_used() + issues_of.rows_rejected() + issues_of.rows_set_aside(),
        n_rows as u64
    );
    assert!(issues(&table).contains(&"Sampled 1 0".to_owned()));
    // Each block is there from its first row to its last, with its lines and its other cells.
    let numbers = numbers(&table);
    for (row, &number) in numbers.iter().enumerate() {
        let i = number as usize;
        assert_eq!(table.lines()[row] as usize, i + 2);
        assert_eq!(
            table.columns()[1].level_at(row).unwrap(),
            ["up", "down"][i % 2]
        );
        let mostly = (i % 1000 != 5).then_some((i % 97) as f64);
        assert_eq!(table.columns()[2].number_at(row), mostly);
        if i % BLOCK != BLOCK - 1 && i + 1 < n_rows {
            assert_eq!(numbers[row + 1], number + 1.0);
        }
    }
    assert_eq!(table.columns()[1].kind(), ColumnKind::Category);
    assert_eq!(table.columns()[1].n_distinct(), Some(2));
    assert_eq!(table.columns()[3].kind(), ColumnKind::Empty);
    let n_odd = numbers
        .iter()
        .filter(|&&number| number as usize % 1000 == 5)
        .count();
    assert_eq!(table.issues().count_of("BadNumber"), n_odd as u64);
    assert_eq!(
        table.preview()[0][0],
        table.columns()[0].level_at(0).unwrap()
    );
}

#[test]
fn a_row_wider_than_the_room_is_kept_all_the_same() {
    let width = 3000;
    let row = |cell: &str| vec![cell; width].join(",") + "\n";
    let header: Vec<String> = (0..width).map(|at| format!("c{at}")).collect();
    let csv = header.join(",") + "\n" + &row("1").repeat(300);
    let table = read(&csv, usize::MAX);
    // There is room for 43 rows, in blocks of 5.
    assert!(
        (5..=43).contains(&table.n_rows()) && table.n_rows().is_multiple_of(5),
        "{}",
        table.n_rows()
    );
    assert_eq!(table.issues().rows_read(), 300);
    // And a narrow log is kept whole where there is no end to the room.
    let options = ReadOptions {
        max_table_mib: Some(0),
        ..ReadOptions::default()
    };
    assert_eq!(
        Table::from_csv(csv.as_bytes(), &options).unwrap().n_rows(),
        300
    );
}

#[test]
fn bad_rows_of_a_sampled_log_are_counted_all_the_same() {
    let csv = log(5 * BLOCK).replace("\n77,", "\n7,7,7,7,7,");
    let table = read(&csv, usize::MAX);
    assert_eq!(table.issues().rows_rejected(), 1);
    assert_eq!(table.issues().rows_read(), 5 * BLOCK as u64);
}
