//! The table: bytes in, typed columns and issues out, however the bytes were cut.

#![allow(clippy::unwrap_used)]

mod cells;
mod chunks;
mod columns;
mod dialects;
mod files;
mod headers;
mod layouts;
mod polluted;
mod problems;
mod rates;
mod sampling;
mod sar;
mod shared;

use crash_predictor::Result;
use crash_predictor::table::{LogReader, ReadOptions, Table};

fn read(input: impl AsRef<[u8]>) -> Result<Table> {
    Table::from_csv(input.as_ref(), &ReadOptions::default())
}

#[track_caller]
fn table(input: impl AsRef<[u8]>) -> Table {
    read(input).unwrap()
}

/// The issues as `code line column`, 0 where there is none.
fn issues(table: &Table) -> Vec<String> {
    let kept = table.issues().kept().iter();
    kept.map(|issue| {
        let (line, column) = (issue.line.unwrap_or(0), issue.column.unwrap_or(0));
        format!("{} {line} {column}", issue.code.name())
    })
    .collect()
}

#[track_caller]
fn check_issues(input: impl AsRef<[u8]>, n_used: usize, expected: &[&str]) {
    let input = input.as_ref();
    let table = table(input);
    assert_eq!(issues(&table), expected);
    assert_eq!(table.n_rows(), n_used);
    let issues = table.issues();
    assert_eq!(issues.rows_used(), n_used as u64);
    assert_eq!(
        issues.rows_read(),
        issues.rows_used() + issues.rows_rejected()
    );
    assert_every_cut(input);
}

fn chunked(bytes: &[u8], size: usize) -> Result<Table> {
    let mut reader = LogReader::new(&ReadOptions::default())?;
    for chunk in bytes.chunks(size) {
        reader.push(chunk)?;
    }
    reader.finish()
}

/// Cuts the bytes in two at every place, and into single bytes.
#[track_caller]
fn assert_every_cut(bytes: &[u8]) {
    let whole = read(bytes);
    for cut in 0..=bytes.len() {
        let mut reader = LogReader::new(&ReadOptions::default()).unwrap();
        let pushed = reader
            .push(&bytes[..cut])
            .and_then(|()| reader.push(&bytes[cut..]));
        assert_eq!(pushed.and_then(|()| reader.finish()), whole, "cut at {cut}");
    }
    assert_eq!(chunked(bytes, 1), whole);
}
