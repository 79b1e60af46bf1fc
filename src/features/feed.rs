//! Rows in, features out, whether they come as a table, as one table after another or one by one: what a host's rows said
//! is kept for the rows that follow.

use crate::table::Table;

use super::dataset::{Dataset, FeatureColumn};
use super::hosts::Hosts;
use super::spec::FeatureSpec;
use super::timeline::Timeline;
use super::window::{WindowState, Windows};

/// The last rows of each host.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Feed {
    hosts: Hosts<WindowState>,
}

impl Feed {
    /// All features of `spec` for every row of `table`, whose rows stand in time as `timeline` says. Rows of a host are taken
    /// by time. One that has no time, or comes after a later one, has no window features.
    pub fn transform(&mut self, spec: &FeatureSpec, table: &Table, timeline: &Timeline) -> Dataset {
        let inputs = spec.transform(table);
        let Some(windows) = spec.windows() else {
            return inputs;
        };
        let columns = self.window_columns(windows, &inputs, timeline);
        inputs.with_columns(columns)
    }

    /// The window features of rows whose inputs are `inputs`.
    pub fn window_columns(
        &mut self,
        windows: &Windows,
        inputs: &Dataset,
        timeline: &Timeline,
    ) -> Vec<FeatureColumn> {
        let mut columns = vec![vec![f64::NAN; inputs.n_rows()]; windows.n_columns()];
        self.for_each_row(windows, (inputs, timeline), &mut |row, found| {
            for (column, value) in columns.iter_mut().zip(found) {
                column[row] = *value;
            }
        });
        columns.into_iter().map(FeatureColumn::numbers).collect()
    }

    /// Hands the window features of each row that has them to `take`, host by host.
    pub(super) fn for_each_row(
        &mut self,
        windows: &Windows,
        (inputs, timeline): (&Dataset, &Timeline),
        take: &mut dyn FnMut(usize, &[f64]),
    ) {
        let mut values = vec![f64::NAN; inputs.columns().len()];
        let mut found = vec![f64::NAN; windows.n_columns()];
        for rows in timeline.by_host() {
            let name = &timeline.host_names()[timeline.hosts()[rows[0]] as usize];
            let host = self.hosts.of(name);
            for &row in rows {
                let moment = timeline.moments()[row];
                let Some(state) = host.at(moment) else {
                    continue;
                };
                for (value, column) in values.iter_mut().zip(inputs.columns()) {
                    *value = column.number(row);
                }
                windows.push(state, moment, &values, &mut found);
                take(row, &found);
            }
        }
    }
}
