//! The rows that training counts: those with a label, and what of the table is known of them.

use std::collections::HashMap;

use crate::error::Result;
use crate::evaluate::split::Rows;
use crate::features::{Dataset, FeatureSpec};
use crate::schema::{Role, Schema};
use crate::table::{Column, Table};

/// The rows that have a label; every row index of training counts these.
pub(super) struct Labelled {
    /// Their rows in the table.
    pub rows: Vec<usize>,
    pub y: Vec<bool>,
    time: Option<Vec<f64>>,
    host: Option<Vec<u32>>,
}

impl Labelled {
    pub fn new(table: &Table, schema: &Schema) -> Result<Self> {
        let labels = schema.labels(table)?;
        let (rows, y): (Vec<usize>, Vec<bool>) = labels
            .iter()
            .enumerate()
            .filter_map(|(row, label)| Some((row, (*label)?)))
            .unzip();
        let column = |role| table.column(schema.named(role).next()?);
        let times = |column: &Column| rows.iter().map(|&row| column.time_at(row)).collect();
        Ok(Self {
            time: column(Role::Time).map(times),
            host: column(Role::Host).map(|column| hosts(column, &rows)),
            rows,
            y,
        })
    }

    /// What a split goes by.
    pub fn rows(&self) -> Rows<'_> {
        Rows {
            y: &self.y,
            time: self.time.as_deref(),
            host: self.host.as_deref(),
            gap: 0.0,
        }
    }

    /// Learns the features from the labelled rows `rows` and transforms all labelled rows.
    pub fn fit_features(
        &self,
        table: &Table,
        schema: &Schema,
        rows: &[usize],
    ) -> Result<(FeatureSpec, Dataset)> {
        let names: Vec<String> = schema.named(Role::Feature).map(str::to_owned).collect();
        let in_table: Vec<usize> = rows.iter().map(|&row| self.rows[row]).collect();
        let spec = FeatureSpec::fit(table, &names, &in_table)?;
        let data = spec.transform(table).select(&self.rows);
        Ok((spec, data))
    }
}

/// The number of each row's host, in the order of first appearance; rows without one are of one host.
fn hosts(column: &Column, rows: &[usize]) -> Vec<u32> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut number = |row: &usize| {
        let name = column.level_at(*row).unwrap_or_default();
        let next = numbers.len() as u32;
        match numbers.get(name.as_ref()) {
            Some(number) => *number,
            None => *numbers.entry(name.into_owned()).or_insert(next),
        }
    };
    rows.iter().map(&mut number).collect()
}
