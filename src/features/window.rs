//! What the minutes before a row say of its metrics: mean, maximum, standard deviation, slope, change and distance from the
//! mean over windows that end with the row. Windows are measured in sampling intervals, so that a log of one row a minute
//! and one of one row an hour are treated alike, and they look only backward.
//!
//! Rows enter a [`WindowState`] one by one, in the order of time. A table goes the same way ([`Feed`](super::Feed)), so that
//! a row has the same features bit for bit whether it stands in a table or arrives alone. They depend on nothing but the
//! rows within the longest window: every sum is taken anew, from the latest row backward.

use crate::codec::saved;
use crate::order::indices_by;
use crate::table::MISSING_TIME;

use super::spec::Feature;
use super::timeline::MINUTE;

/// The lengths of the windows, in sampling intervals.
pub const LENGTHS: [u32; 3] = [5, 15, 60];
/// A window says something where it holds at least this share of the values it could hold. Where the longest does not hold so
/// many rows, none says anything: a log whose rows are far rarer than those learned from must not be judged by the few windows
/// that happen to be full.
const MIN_SHARE: f64 = 0.5;
/// The longest of them.
pub const LONGEST: u32 = LENGTHS[LENGTHS.len() - 1];
/// Rows that a window holds at most, where they come more often than usual.
const MAX_ROWS: usize = 2 * LONGEST as usize;
/// A step so many times the usual one is a gap in the log: a restart, or a crash whose rows were left out.
const GAP: i64 = 3;

/// What is said of the values in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stat {
    /// Their mean.
    Mean,
    /// Their maximum.
    Max,
    /// Their standard deviation (of the population).
    Deviation,
    /// Their slope per minute, by least squares.
    Slope,
    /// The row's own value less the oldest one.
    Change,
    /// The row's own value less their mean.
    Distance,
}

saved! { enum Stat { 0 = Mean, 1 = Max, 2 = Deviation, 3 = Slope, 4 = Change, 5 = Distance } }

impl Stat {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Mean,
        Self::Max,
        Self::Deviation,
        Self::Slope,
        Self::Change,
        Self::Distance,
    ];

    /// In words, before the metric's name.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Max => "maximum",
            Self::Deviation => "standard deviation",
            Self::Slope => "slope per minute",
            Self::Change => "change",
            Self::Distance => "distance from the mean",
        }
    }
}

/// A feature that a window gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowFeature {
    /// Index of the metric among the input features.
    pub metric: u32,
    /// Length of the window in sampling intervals.
    pub length: u32,
    /// What is said of its values.
    pub stat: Stat,
}

saved! { struct WindowFeature { metric, length, stat } }

/// The features that windows give; saved with the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    /// The sampling interval in microseconds.
    interval: i64,
    /// Rising, each once: a metric's stand together, and the shorter window of it before the longer.
    features: Vec<WindowFeature>,
    /// Whether the minutes since the last gap are a feature too.
    since_gap: bool,
}

saved! { struct Windows { interval, features, since_gap } }

/// The last rows of one host.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WindowState {
    /// Moments of the rows, rising.
    moments: Vec<i64>,
    /// For each metric its values in the same rows.
    values: Vec<Vec<f64>>,
    /// Minutes from the latest row back to each row, as negative numbers.
    minutes: Vec<f64>,
    /// When the rows began to come without a gap, and whether a gap was seen before.
    unbroken: Option<(i64, bool)>,
}

impl Windows {
    /// The given features over rows that come every `interval` microseconds.
    #[must_use]
    pub fn new(interval: i64, mut features: Vec<WindowFeature>) -> Self {
        let order = indices_by(features.len(), &|a, b| features[a].cmp(&features[b]));
        features = order.into_iter().map(|at| features[at]).collect();
        features.dedup();
        Self {
            interval: interval.max(1),
            features,
            since_gap: false,
        }
    }

    /// The same, and the minutes since the last gap in the rows, at most as many as the longest window has.
    #[must_use]
    pub fn with_gap(self) -> Self {
        Self {
            since_gap: true,
            ..self
        }
    }

    /// Every feature of the given metrics.
    #[must_use]
    pub fn all_of(interval: i64, metrics: &[u32]) -> Self {
        let of_metric = |&metric: &u32| {
            let of_length = move |length| {
                Stat::ALL.map(|stat| WindowFeature {
                    metric,
                    length,
                    stat,
                })
            };
            LENGTHS.into_iter().flat_map(of_length)
        };
        Self::new(interval, metrics.iter().flat_map(of_metric).collect())
    }

    /// The same features of metrics that stand elsewhere; those of metrics that are gone are left out.
    pub(super) fn of_metrics(&self, place: &dyn Fn(u32) -> Option<u32>) -> Self {
        let moved = |feature: &WindowFeature| {
            let metric = place(feature.metric)?;
            Some(WindowFeature { metric, ..*feature })
        };
        let features = self.features.iter().filter_map(moved).collect();
        Self {
            since_gap: self.since_gap,
            ..Self::new(self.interval, features)
        }
    }

    /// The features, in the order of their columns; the minutes since the last gap stand behind them.
    #[must_use]
    pub fn features(&self) -> &[WindowFeature] {
        &self.features
    }

    /// The sampling interval in microseconds.
    #[must_use]
    pub fn interval(&self) -> i64 {
        self.interval
    }

    /// Columns that a row gets.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.features.len() + usize::from(self.since_gap)
    }

    /// What the columns are called, of metrics that are called as `inputs` are.
    #[must_use]
    pub fn names(&self, inputs: &[Feature]) -> Vec<String> {
        let name = |feature: &WindowFeature| {
            let metric = inputs.get(feature.metric as usize);
            let metric = metric.map_or("", |input| input.name.as_str());
            let span = span_words(self.length(feature));
            format!("{} of {metric} over {span}", feature.stat.words())
        };
        let mut names: Vec<String> = self.features.iter().map(name).collect();
        names.extend(
            self.since_gap
                .then(|| "minutes since a gap in the log".to_owned()),
        );
        names
    }

    /// How long the longest window is, in microseconds: rows older than that change nothing.
    #[must_use]
    pub fn reach(&self) -> i64 {
        self.interval.saturating_mul(LONGEST.into())
    }

    /// How long the window of a feature is, in microseconds.
    #[must_use]
    pub fn length(&self, feature: &WindowFeature) -> i64 {
        self.interval.saturating_mul(feature.length.into())
    }

    /// The reach in words, e.g. `60 minutes`.
    #[must_use]
    pub fn reach_words(&self) -> String {
        span_words(self.reach())
    }

    /// Whether the features make sense for so many inputs: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self, n_inputs: usize) -> bool {
        let is_known = |feature: &WindowFeature| {
            (feature.metric as usize) < n_inputs && LENGTHS.contains(&feature.length)
        };
        self.interval > 0
            && self.n_columns() > 0
            && self.features.windows(2).all(|pair| pair[0] < pair[1])
            && self.features.iter().all(is_known)
    }

    /// Takes the next row of a host and writes its window features to `found`, all missing where too few rows came before. `values` are its inputs, NaN where missing;
    /// `moment` must not be earlier than that of the row before.
    pub fn push(&self, state: &mut WindowState, moment: i64, values: &[f64], found: &mut [f64]) {
        debug_assert!(moment != MISSING_TIME && found.len() == self.n_columns());
        self.remember(state, moment, values);
        let starts = LENGTHS.map(|length| self.start(state, moment, length));
        let n_in_reach = state.moments.len() - starts[LENGTHS.len() - 1];
        if (n_in_reach as f64) < f64::from(LONGEST) * MIN_SHARE {
            found.fill(f64::NAN);
            return;
        }
        state.minutes.clear();
        let minutes = state.moments[starts[LENGTHS.len() - 1]..]
            .iter()
            .map(|&of_row| of_row.saturating_sub(moment) as f64 / MINUTE as f64);
        state.minutes.extend(minutes);
        let mut at = 0;
        for (kept, of_metric) in state.values.iter().zip(self.by_metric()) {
            let mut sums = Sums::new(kept, &state.minutes);
            for feature in of_metric {
                let window = LENGTHS.iter().position(|&length| length == feature.length);
                sums.take(state.moments.len() - starts[window.unwrap_or(0)]);
                found[at] = sums.stat(feature);
                at += 1;
            }
        }
        if self.since_gap {
            found[at] = self.minutes_since_gap(state, moment);
        }
    }

    /// The features of each metric.
    fn by_metric(&self) -> impl Iterator<Item = &[WindowFeature]> {
        self.features.chunk_by(|a, b| a.metric == b.metric)
    }

    fn remember(&self, state: &mut WindowState, moment: i64, values: &[f64]) {
        if state.values.is_empty() {
            state.values = vec![Vec::new(); self.by_metric().count()];
        }
        let gap = self.interval.saturating_mul(GAP);
        match state.moments.last() {
            None => state.unbroken = Some((moment, false)),
            Some(last) if moment.saturating_sub(*last) > gap => {
                state.unbroken = Some((moment, true));
            }
            Some(_) => {}
        }
        // Many rows at a time: that costs less than a ring, and the rows lie side by side.
        let n_dropped = if state.moments.len() >= 2 * MAX_ROWS {
            MAX_ROWS
        } else {
            0
        };
        state.moments.drain(..n_dropped);
        state.moments.push(moment);
        for (kept, of_metric) in state.values.iter_mut().zip(self.by_metric()) {
            kept.drain(..n_dropped);
            let value = values.get(of_metric[0].metric as usize);
            kept.push(value.copied().unwrap_or(f64::NAN));
        }
    }

    /// The first row of the window of this length that ends with the latest row.
    fn start(&self, state: &WindowState, moment: i64, length: u32) -> usize {
        let before = moment.saturating_sub(self.interval.saturating_mul(length.into()));
        let start = state.moments.partition_point(|&of_row| of_row <= before);
        start.max(state.moments.len().saturating_sub(MAX_ROWS))
    }

    /// At most the reach; missing where no gap was seen and the log does not go back that far.
    fn minutes_since_gap(&self, state: &WindowState, moment: i64) -> f64 {
        let Some((since, after_gap)) = state.unbroken else {
            return f64::NAN;
        };
        let passed = moment.saturating_sub(since);
        if !after_gap && passed < self.reach() {
            return f64::NAN;
        }
        passed.min(self.reach()) as f64 / MINUTE as f64
    }
}

/// A span in the largest unit in which it is a whole number, seconds at least.
fn span_words(micros: i64) -> String {
    for (unit, size) in [
        ("days", 1440 * MINUTE),
        ("hours", 60 * MINUTE),
        ("minutes", MINUTE),
    ] {
        if micros >= 2 * size && micros % size == 0 {
            return format!("{} {unit}", micros / size);
        }
    }
    format!("{} seconds", micros / (MINUTE / 60))
}

/// Sums over the rows of a window, which grows backward.
struct Sums<'a> {
    values: &'a [f64],
    /// Of the last rows of `values`, minutes back from the latest.
    minutes: &'a [f64],
    /// Rows from here on were taken.
    start: usize,
    /// The latest value that is not missing. All sums are of differences from it, so that little is cancelled.
    base: f64,
    n: f64,
    sum: f64,
    squares: f64,
    sum_minutes: f64,
    squares_minutes: f64,
    products: f64,
    max: f64,
    oldest: f64,
}

impl<'a> Sums<'a> {
    fn new(values: &'a [f64], minutes: &'a [f64]) -> Self {
        let in_reach = &values[values.len() - minutes.len()..];
        let latest = in_reach.iter().rev().find(|value| !value.is_nan());
        Self {
            values: in_reach,
            minutes,
            start: minutes.len(),
            base: latest.copied().unwrap_or(0.0),
            n: 0.0,
            sum: 0.0,
            squares: 0.0,
            sum_minutes: 0.0,
            squares_minutes: 0.0,
            products: 0.0,
            max: f64::NEG_INFINITY,
            oldest: f64::NAN,
        }
    }

    /// Takes the rows down to the one that is `n_rows` before the end.
    fn take(&mut self, n_rows: usize) {
        let start = self.values.len() - n_rows;
        let rows = self.values[start..self.start]
            .iter()
            .zip(&self.minutes[start..self.start]);
        for (&value, &minutes) in rows.rev() {
            if value.is_nan() {
                continue;
            }
            let difference = value - self.base;
            self.n += 1.0;
            self.sum += difference;
            self.squares += difference * difference;
            self.sum_minutes += minutes;
            self.squares_minutes += minutes * minutes;
            self.products += minutes * difference;
            self.max = self.max.max(value);
            self.oldest = value;
        }
        self.start = start;
    }

    /// NaN where the window holds too few values, or the row has none of its own where it needs one.
    fn stat(&self, feature: &WindowFeature) -> f64 {
        let now = self.values[self.values.len() - 1];
        if self.n < (f64::from(feature.length) * MIN_SHARE) {
            return f64::NAN;
        }
        let mean = self.sum / self.n;
        let stat = match feature.stat {
            Stat::Mean => self.base + mean,
            Stat::Max => self.max,
            Stat::Deviation => libm::sqrt((self.squares / self.n - mean * mean).max(0.0)),
            Stat::Slope => {
                let spread = self.n * self.squares_minutes - self.sum_minutes * self.sum_minutes;
                (self.n * self.products - self.sum_minutes * self.sum) / spread
            }
            Stat::Change => now - self.oldest,
            Stat::Distance => now - self.base - mean,
        };
        if stat.is_finite() { stat } else { f64::NAN }
    }
}
