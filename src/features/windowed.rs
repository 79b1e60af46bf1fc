//! The window features of a model: chosen on its training rows, and standing behind the columns of the log.

use crate::table::{Format, Table};

use super::dataset::{Dataset, FeatureColumn};
use super::feed::Feed;
use super::monotone;
use super::spec::{Feature, FeatureKind, FeatureSpec, fit_number};
use super::timeline::Timeline;
use super::window::Windows;

impl FeatureSpec {
    /// The windows that the other features come from.
    #[must_use]
    pub fn windows(&self) -> Option<&Windows> {
        self.windows.as_ref()
    }

    /// The inputs alone.
    #[must_use]
    pub fn without_windows(&self) -> Self {
        Self {
            features: self.inputs().to_vec(),
            windows: None,
        }
    }

    /// The rows of which windows say nothing; none where there are no windows.
    #[must_use]
    pub fn rows_without_history(&self, data: &Dataset) -> Vec<usize> {
        let columns = data.columns().get(self.inputs().len()..).unwrap_or(&[]);
        let is_alone = |row: &usize| columns.iter().all(|column| column.is_missing(*row));
        (0..data.n_rows())
            .filter(|row| !columns.is_empty() && is_alone(row))
            .collect()
    }

    /// Adds the window features that are worth having by the given rows, which stand in the order of time and whose labels
    /// are `y`. Returns the features of all rows of `table` too.
    #[must_use]
    pub fn choose_windows(
        self,
        table: &Table,
        timeline: &Timeline,
        (y, rows): (&[Option<bool>], &[usize]),
    ) -> (Self, Dataset) {
        let inputs = self.transform(table);
        let windows = Windows::choose(&inputs, timeline, y, rows);
        self.add_windows(windows, inputs, (timeline, rows))
    }

    /// Adds the same window features as `other` has, as far as its metrics are among the inputs.
    #[must_use]
    pub fn windows_like(
        self,
        other: &Self,
        table: &Table,
        (timeline, rows): (&Timeline, &[usize]),
    ) -> (Self, Dataset) {
        let place = |metric: u32| {
            let name = &other.inputs().get(metric as usize)?.name;
            let at = self.inputs().iter().position(|input| input.name == *name)?;
            Some(at as u32)
        };
        let windows = other.windows().map(|windows| windows.of_metrics(&place));
        let inputs = self.transform(table);
        self.add_windows(windows, inputs, (timeline, rows))
    }

    fn add_windows(
        self,
        windows: Option<Windows>,
        inputs: Dataset,
        (timeline, rows): (&Timeline, &[usize]),
    ) -> (Self, Dataset) {
        let Some(windows) = windows.filter(|windows| windows.n_columns() > 0) else {
            return (self, inputs);
        };
        let columns = Feed::default().window_columns(&windows, &inputs, timeline);
        let spec = self.with_windows(windows, &columns, rows);
        (spec, inputs.with_columns(columns))
    }

    /// The same features, and behind them those of `windows`, whose values are `columns`; their ranges come from the given
    /// rows.
    #[must_use]
    pub fn with_windows(
        mut self,
        windows: Windows,
        columns: &[FeatureColumn],
        rows: &[usize],
    ) -> Self {
        let names = windows.names(&self.features);
        for (at, (name, column)) in names.into_iter().zip(columns).enumerate() {
            let values: Vec<f64> = rows.iter().map(|&row| column.number(row)).collect();
            let sign = monotone::of_window(&windows, at, &self.features);
            self.features.push(Feature {
                sign,
                ..Feature::of_window(name, &values)
            });
        }
        self.windows = Some(windows);
        self
    }
}

impl Feature {
    /// A feature that a window gives, which may be missing in every row.
    fn of_window(name: String, values: &[f64]) -> Self {
        let n_missing = values.iter().filter(|value| value.is_nan()).count();
        let rows: Vec<usize> = (0..values.len()).collect();
        let never = FeatureKind::Number {
            min: 0.0,
            max: 0.0,
            median: 0.0,
            integer: false,
        };
        Self {
            name,
            unit: None,
            missing: n_missing as f64 / values.len().max(1) as f64,
            kind: fit_number(values, &rows).unwrap_or(never),
            format: Format::default(),
            sign: 0.0,
        }
    }
}
