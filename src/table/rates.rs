//! Columns that count up, read as what they rise by in a second: by host, from one row to the next. A fall is a restart, after
//! which a counter begins at 0 (as in PromQL's `rate`). The last values are kept, so that a log can come in parts.

use std::sync::Arc;

use super::column::{Column, MISSING_TIME, Values};
use super::format::Format;
use super::names::{HOST_NAMES, rank};
use super::reader::Table;
use super::reshape::time_column;
use super::series::place_of;
use crate::order::indices_by;

/// The counters of a log, and what they last said.
#[derive(Debug, Clone, Default)]
pub struct Rates {
    names: Vec<String>,
    hosts: Vec<String>,
    /// For each host and counter the last time and value.
    last: Vec<(i64, f64)>,
}

/// The time of a counter that has said nothing.
const NEVER: i64 = MISSING_TIME;

impl Rates {
    /// The counters of these names.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        Self {
            names,
            ..Self::default()
        }
    }

    /// The first counter of a table that still is to be made a rate.
    #[must_use]
    pub fn due_in<'a>(&self, table: &'a Table) -> Option<&'a str> {
        for column in table.columns() {
            let is_rate = matches!(&column.format, Format::Numbers(format) if format.is_rate);
            if !is_rate && self.names.contains(&column.name) {
                return Some(&column.name);
            }
        }
        None
    }

    /// Makes the counters of the next rows rates; says whether that could be done: without times it cannot, and all are
    /// missing.
    #[inline(never)]
    pub fn apply(&mut self, table: &mut Table) -> bool {
        if self.names.is_empty() {
            return true;
        }
        let times = match time_column(table) {
            Some(column) => match &table.columns[column].values {
                Values::Time(times) => times.clone(),
                _ => Vec::new(),
            },
            None => Vec::new(),
        };
        let mut host: Option<&Column> = None;
        let mut best = usize::MAX;
        for column in &table.columns {
            let rank = rank(HOST_NAMES, &column.name).unwrap_or(usize::MAX);
            if rank < best {
                (host, best) = (Some(column), rank);
            }
        }
        // The host of each row, looked up by name once for each different one that is a code.
        let mut of_code: Vec<usize> = Vec::new();
        let mut hosts = Vec::with_capacity(times.len());
        for row in 0..times.len() {
            let code = match host.map(|host| &host.values) {
                Some(Values::Category { codes, .. }) => (codes[row] as usize).saturating_add(1),
                Some(_) => usize::MAX,
                None => 0,
            };
            if let Some(&known) = of_code.get(code)
                && known != usize::MAX
            {
                hosts.push(known);
                continue;
            }
            let name = host.and_then(|host| host.level_at(row)).unwrap_or_default();
            let at = place_of(&name, &mut self.hosts);
            if code < table.lines.len() + 2 {
                of_code.resize(of_code.len().max(code + 1), usize::MAX);
                of_code[code] = at;
            }
            hosts.push(at);
        }
        let n_counters = self.names.len();
        self.last
            .resize(self.hosts.len() * n_counters, (NEVER, 0.0));
        let order = indices_by(times.len(), &|a, b| times[a].cmp(&times[b]));
        for counter in 0..n_counters {
            let name = &self.names[counter];
            let Some(column) = table.columns.iter_mut().find(|column| column.name == *name) else {
                continue;
            };
            let (Values::Number(values), Format::Numbers(format)) =
                (&mut column.values, &mut column.format)
            else {
                continue;
            };
            format.is_rate = true;
            let mut unit = column.unit.take().unwrap_or_default();
            unit.push_str("/s");
            column.unit = Some(unit);
            let values = Arc::make_mut(values);
            if order.is_empty() {
                values.fill(f64::NAN);
            }
            for &row in &order {
                let value = std::mem::replace(&mut values[row], f64::NAN);
                let (now, last) = (
                    times[row],
                    &mut self.last[hosts[row] * n_counters + counter],
                );
                if value.is_nan() || now == MISSING_TIME || now == last.0 {
                    continue;
                }
                if last.0 != NEVER && now > last.0 {
                    let rise = if value >= last.1 {
                        value - last.1
                    } else {
                        value
                    };
                    values[row] = rise / ((now - last.0) as f64 / 1e6);
                }
                *last = (now, value);
            }
        }
        !times.is_empty()
    }
}
