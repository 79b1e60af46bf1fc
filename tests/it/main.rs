//! The public API, one module a feature, in one binary.

#![allow(clippy::unwrap_used)]

mod logistic;
mod metrics;
mod sample;
mod table;
mod train;
mod trees;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

/// The folders of `../shared/data`; none, and a line that says so, where it is absent.
fn data_sets() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let Ok(entries) = fs::read_dir(root) else {
        writeln!(std::io::stderr(), "skipped: ../shared/data is not here").unwrap();
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}
