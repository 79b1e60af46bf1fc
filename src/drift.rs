//! Whether later rows still look like those a model was trained on. The training rows are remembered as counts in bins of
//! about equal size; later rows are counted in the same bins, so that the memory does not grow with them.
//!
//! The population stability index of two shares p and q of each bin is the sum of (p - q) ln(p / q); below 0.1 it is
//! customarily read as no change, below 0.25 as some, from there on as a change that matters (Siddiqi, *Credit Risk
//! Scorecards*, 2006, chapter 9).

use serde::Serialize;

use crate::codec::saved;
use crate::features::{Dataset, Feature, FeatureColumn, FeatureKind, FeatureSpec, MISSING};
use crate::numerals::format_fixed;
use crate::order::sort_by_number;

/// Bins of a column of numbers, about.
const N_BINS: usize = 10;
/// Later rows that a reading needs: in fewer, shares move by chance.
const MIN_ROWS: u64 = 200;
/// Where the index begins to speak of some change, and of one that matters.
const SOME: f64 = 0.1;
const MUCH: f64 = 0.25;

/// How the training rows were distributed; saved with the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// One for each input of the model.
    columns: Vec<ColumnBins>,
}

saved! { struct Reference { columns } }

/// The bins of a column with the training rows in each. The last count is of missing values.
#[derive(Debug, Clone, PartialEq)]
struct ColumnBins {
    /// The largest number of each bin but the last, rising; none for a category, each of whose codes is a bin.
    edges: Vec<f64>,
    counts: Vec<u64>,
}

saved! { struct ColumnBins { edges, counts } }

/// Later rows, counted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drift {
    n_rows: u64,
    columns: Vec<Counts>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Counts {
    of_bin: Vec<u64>,
    outside: u64,
}

/// How far a column moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum DriftLevel {
    /// An index below 0.1.
    None,
    /// Below 0.25.
    Some,
    /// 0.25 and above: the model is asked about something else than it learned.
    Much,
}

/// What became of a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ColumnDrift {
    /// Its name.
    pub column: String,
    /// The population stability index.
    pub stability_index: f64,
    /// How that is read.
    pub level: DriftLevel,
    /// Share of the later rows outside the range of the training rows, or of words that were not among theirs.
    pub outside: f64,
    /// In words.
    pub message: String,
}

impl Reference {
    /// Remembers the given rows of `inputs`.
    #[must_use]
    pub fn new(inputs: &Dataset, rows: &[usize]) -> Self {
        let columns = inputs.columns().iter();
        Self {
            columns: columns
                .map(|column| ColumnBins::new(column, rows))
                .collect(),
        }
    }

    /// Whether it fits the inputs of `spec`: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self, spec: &FeatureSpec) -> bool {
        let fits = |(column, feature): (&ColumnBins, &Feature)| {
            let n_bins = match &feature.kind {
                FeatureKind::Category { levels } => levels.len() + 1,
                _ => column.edges.len() + 1,
            };
            column.counts.len() == n_bins + 1
                && column.edges.len() <= N_BINS
                && column.edges.windows(2).all(|pair| pair[0] < pair[1])
        };
        self.columns.len() == spec.inputs().len()
            && self.columns.iter().zip(spec.inputs()).all(fits)
    }
}

impl ColumnBins {
    fn new(column: &FeatureColumn, rows: &[usize]) -> Self {
        let edges = match column {
            FeatureColumn::Number(values) => quantile_edges(values, rows),
            FeatureColumn::Category { .. } => Vec::new(),
        };
        let n_bins = match column {
            FeatureColumn::Number(_) => edges.len() + 1,
            FeatureColumn::Category { n_levels, .. } => *n_levels as usize + 1,
        };
        let mut bins = Self {
            edges,
            counts: vec![0; n_bins + 1],
        };
        for &row in rows {
            let bin = bins.bin(column, row);
            bins.counts[bin] += 1;
        }
        bins
    }

    /// The bin of a row; the last is for missing values.
    fn bin(&self, column: &FeatureColumn, row: usize) -> usize {
        let missing = self.counts.len() - 1;
        match column {
            FeatureColumn::Number(values) if values[row].is_nan() => missing,
            FeatureColumn::Number(values) => self.edges.partition_point(|edge| *edge < values[row]),
            FeatureColumn::Category { codes, .. } if codes[row] == MISSING => missing,
            FeatureColumn::Category { codes, .. } => codes[row] as usize,
        }
    }

    /// The population stability index. Half a row more in each bin keeps an empty one from being infinitely far from a full
    /// one.
    fn stability_index(&self, later: &[u64]) -> f64 {
        let share = |counts: &[u64], bin: usize| {
            let total: u64 = counts.iter().sum();
            (counts[bin] as f64 + 0.5) / (total as f64 + 0.5 * counts.len() as f64)
        };
        let part = |bin: usize| {
            let (before, now) = (share(&self.counts, bin), share(later, bin));
            (now - before) * libm::log(now / before)
        };
        (0..self.counts.len()).map(part).sum()
    }
}

/// The values at the quantiles of the rows that have one, each once; a value that fills several bins has one of its own.
fn quantile_edges(values: &[f64], rows: &[usize]) -> Vec<f64> {
    let present = rows.iter().map(|&row| values[row]);
    let mut sorted: Vec<(f64, u32)> = present
        .filter(|value| !value.is_nan())
        .map(|value| (value, 0))
        .collect();
    sort_by_number(&mut sorted);
    let at = |quantile: usize| sorted[(sorted.len() * quantile / N_BINS).min(sorted.len() - 1)].0;
    let mut edges: Vec<f64> = match sorted.is_empty() {
        true => Vec::new(),
        false => (1..N_BINS).map(at).collect(),
    };
    edges.dedup();
    edges
}

impl Drift {
    /// Counts rows whose inputs are `inputs`; those behind them are left alone.
    pub fn add(&mut self, reference: &Reference, spec: &FeatureSpec, inputs: &Dataset) {
        self.columns
            .resize(reference.columns.len(), Counts::default());
        self.n_rows += inputs.n_rows() as u64;
        let columns = reference
            .columns
            .iter()
            .zip(spec.inputs().iter().zip(inputs.columns()));
        for (counts, (bins, (feature, column))) in self.columns.iter_mut().zip(columns) {
            counts.of_bin.resize(bins.counts.len(), 0);
            for row in 0..inputs.n_rows() {
                counts.of_bin[bins.bin(column, row)] += 1;
                counts.outside += u64::from(feature.is_outside(column, row));
            }
        }
    }

    /// What became of each column, the farthest moved first; nothing before there are rows enough to tell.
    #[must_use]
    pub fn columns(&self, reference: &Reference, spec: &FeatureSpec) -> Vec<ColumnDrift> {
        if self.n_rows < MIN_ROWS {
            return Vec::new();
        }
        let pairs = reference
            .columns
            .iter()
            .zip(&self.columns)
            .zip(spec.inputs());
        let found: Vec<ColumnDrift> = pairs
            .map(|((bins, counts), feature)| {
                let outside = counts.outside as f64 / self.n_rows as f64;
                ColumnDrift::new(&feature.name, bins.stability_index(&counts.of_bin), outside)
            })
            .collect();
        let farthest = |a: usize, b: usize| {
            found[b]
                .stability_index
                .total_cmp(&found[a].stability_index)
        };
        let order = crate::order::indices_by(found.len(), &farthest);
        order.into_iter().map(|at| found[at].clone()).collect()
    }
}

impl ColumnDrift {
    fn new(column: &str, stability_index: f64, outside: f64) -> Self {
        let (level, what) = match stability_index {
            index if index < SOME => (DriftLevel::None, "is distributed as in the training rows"),
            index if index < MUCH => (
                DriftLevel::Some,
                "has moved somewhat from the training rows",
            ),
            _ => (
                DriftLevel::Much,
                "is no longer what it was in the training rows: train again on newer ones",
            ),
        };
        let share = if outside > 0.0 {
            format!(
                ", {} % of the rows lie outside what they held",
                format_fixed(outside * 100.0, 1)
            )
        } else {
            String::new()
        };
        Self {
            column: column.to_owned(),
            stability_index,
            level,
            outside,
            message: format!(
                "\"{column}\" {what} (population stability index {}{share})",
                format_fixed(stability_index, 2)
            ),
        }
    }
}
