//! Every column cut into at most 255 bins and one for missing values, so that growing a tree is counting bytes. Bins are
//! found once, on training rows, and shared by every candidate and tree, those of numbers by every fold as well; they are saved with the trees, which ask
//! for bins and nothing else.
//!
//! Numbers: where a column holds few different values each has its own bin, otherwise bins hold about equally many of a
//! bounded sample of the rows (Ke et al., *LightGBM*, NIPS 2017, 2.1). Categories: levels stand in the order of their
//! smoothed crash rate, so that one threshold parts the risky ones from the others (Fisher, 1958).

use std::sync::OnceLock;

use crate::codec::saved;
use crate::features::{Dataset, FeatureColumn, FeatureKind, FeatureSpec, MISSING, code_of, finite};
use crate::order::{indices_by, sort_by_number};
use crate::random::Random;

/// The bin of a missing value.
pub const MISSING_BIN: u8 = 255;
/// Bins a column has at most, the one for missing values apart.
const MAX_BINS: usize = 255;
/// Values looked at to find the bins of a column.
const SAMPLE_ROWS: usize = 100_000;
/// Stream number of [`Random`].
const STREAM: u64 = 6;
/// Rows of the mean crash rate added to each level, so that a rare one is not extreme by chance.
const SMOOTHING_ROWS: f64 = 20.0;

/// How the values of each feature become bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    columns: Vec<ColumnBins>,
}

saved! { struct Bins { columns } }

/// How the values of one feature become bins.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnBins {
    /// Bin `i` holds the numbers up to and including `edges[i]` that are above `edges[i - 1]`; the last bin the rest.
    Number {
        /// Upper edges, rising; one fewer than bins.
        edges: Vec<f64>,
    },
    /// The bin of each level by its code; the last entry is that of every other value.
    Category {
        /// One bin for each code.
        bin_of_code: Vec<u8>,
    },
}

saved! { enum ColumnBins { 0 = Number { edges }, 1 = Category { bin_of_code } } }

impl Bins {
    /// Finds the bins from the given rows of `data`, whose labels are `y`.
    #[must_use]
    pub fn fit(data: &Dataset, y: &[bool], rows: &[usize]) -> Self {
        let column = |column: &FeatureColumn| match column {
            FeatureColumn::Number(values) => ColumnBins::Number {
                edges: edges(values, rows),
            },
            FeatureColumn::Category { codes, n_levels } => ColumnBins::Category {
                bin_of_code: by_crash_rate(codes, *n_levels, y, rows),
            },
        };
        Self {
            columns: data.columns().iter().map(column).collect(),
        }
    }

    /// Those of the first `n` features.
    #[must_use]
    pub fn first(&self, n: usize) -> Self {
        Self {
            columns: self.columns[..n].to_vec(),
        }
    }

    /// The same bins with the categories in the order of other rows' crash rates; `None` where there is no category.
    #[must_use]
    pub fn refit_categories(&self, data: &Dataset, y: &[bool], rows: &[usize]) -> Option<Self> {
        let is_category = |column: &ColumnBins| matches!(column, ColumnBins::Category { .. });
        if !self.columns.iter().any(is_category) {
            return None;
        }
        let refit = |(bins, column): (&ColumnBins, &FeatureColumn)| match column {
            FeatureColumn::Number(_) => bins.clone(),
            FeatureColumn::Category { codes, n_levels } => ColumnBins::Category {
                bin_of_code: by_crash_rate(codes, *n_levels, y, rows),
            },
        };
        Some(Self {
            columns: self.columns.iter().zip(data.columns()).map(refit).collect(),
        })
    }

    /// The bins of every feature.
    #[must_use]
    pub fn columns(&self) -> &[ColumnBins] {
        &self.columns
    }

    /// The bins of every row.
    #[must_use]
    pub fn transform(&self, data: &Dataset) -> BinnedData {
        let (n_rows, n_features) = (data.n_rows(), self.columns.len());
        // `is_consistent` holds for all bins that were fitted or loaded, so that none of these is left.
        let mut bins = vec![MISSING_BIN; n_rows * n_features];
        for (feature, pair) in self.columns.iter().zip(data.columns()).enumerate() {
            match pair {
                (ColumnBins::Number { edges }, FeatureColumn::Number(values)) => {
                    let search = Search::new(edges);
                    for row in 0..n_rows {
                        bins[row * n_features + feature] = search.bin(values[row]);
                    }
                }
                (ColumnBins::Category { bin_of_code }, FeatureColumn::Category { codes, .. }) => {
                    for row in 0..n_rows {
                        bins[row * n_features + feature] = bin_of_level(bin_of_code, codes[row]);
                    }
                }
                _ => {}
            }
        }
        BinnedData {
            n_rows,
            n_features,
            bins,
            signs: data.signs().to_vec(),
            columns: OnceLock::new(),
        }
    }

    /// The bins of one row of numbers as [`FeatureSpec::row`] takes them.
    #[must_use]
    pub fn transform_row(&self, values: &[f64]) -> BinnedData {
        let bin = |(column, &value): (&ColumnBins, &f64)| match column {
            ColumnBins::Number { edges } => {
                let value = finite(value);
                if value.is_nan() {
                    return MISSING_BIN;
                }
                edges.partition_point(|edge| *edge < value) as u8
            }
            ColumnBins::Category { bin_of_code } => {
                let code = code_of(value, bin_of_code.len() as u32 - 1);
                bin_of_level(bin_of_code, code)
            }
        };
        BinnedData {
            n_rows: 1,
            n_features: self.columns.len(),
            bins: self.columns.iter().zip(values).map(bin).collect(),
            signs: Vec::new(),
            columns: OnceLock::new(),
        }
    }

    /// Whether the edges rise and the features are of these kinds: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self, spec: &FeatureSpec) -> bool {
        let fits = |(column, kind): (&ColumnBins, &FeatureKind)| match (column, kind) {
            (
                ColumnBins::Number { edges },
                FeatureKind::Number { .. } | FeatureKind::Boolean { .. },
            ) => {
                let rising = edges.windows(2).all(|pair| pair[0] < pair[1]);
                edges.len() < MAX_BINS && rising && edges.iter().all(|edge| edge.is_finite())
            }
            (ColumnBins::Category { bin_of_code }, FeatureKind::Category { levels }) => {
                bin_of_code.len() == levels.len() + 1
                    && bin_of_code.iter().all(|&bin| bin < MISSING_BIN)
            }
            _ => false,
        };
        let kinds = spec.features().iter().map(|feature| &feature.kind);
        self.columns.len() == spec.features().len() && self.columns.iter().zip(kinds).all(fits)
    }
}

impl ColumnBins {
    /// Bins in use, the one for missing values apart.
    #[must_use]
    pub fn n_bins(&self) -> usize {
        match self {
            Self::Number { edges } => edges.len() + 1,
            Self::Category { bin_of_code } => bin_of_code.len(),
        }
    }
}

fn bin_of_level(bin_of_code: &[u8], code: u32) -> u8 {
    bin_of_code
        .get(code as usize)
        .copied()
        .unwrap_or(MISSING_BIN)
}

/// Edges filled up to a power of two, so that a search takes the same steps for every value and none can be mispredicted.
struct Search {
    edges: [f64; 256],
}

impl Search {
    fn new(edges: &[f64]) -> Self {
        let mut filled = [f64::INFINITY; 256];
        filled[..edges.len()].copy_from_slice(edges);
        Self { edges: filled }
    }

    /// How many edges lie below the value.
    fn bin(&self, value: f64) -> u8 {
        if value.is_nan() {
            return MISSING_BIN;
        }
        let mut below = 0usize;
        for step in [128usize, 64, 32, 16, 8, 4, 2, 1] {
            below += step * usize::from(self.edges[(below + step - 1) & 255] < value);
        }
        below as u8
    }
}

/// Upper edges half-way between neighbouring values.
fn edges(values: &[f64], rows: &[usize]) -> Vec<f64> {
    // One row at random of every so many: a fixed step could fall in with the number of hosts and see only some of them.
    let mut random = Random::new(0, STREAM);
    let chunks = rows.chunks(rows.len().div_ceil(SAMPLE_ROWS).max(1));
    let sampled = chunks.map(|chunk| values[chunk[random.below(chunk.len())]]);
    let present = sampled.filter(|value| !value.is_nan());
    let mut sorted: Vec<(f64, u32)> = present.map(|value| (value, 0)).collect();
    sort_by_number(&mut sorted);
    let mut edges = Vec::new();
    let n_distinct = 1 + sorted
        .windows(2)
        .filter(|pair| pair[0].0 != pair[1].0)
        .count();
    // Where a bin would be full: at every change of value, or after an equal share of what is left.
    let (mut in_bin, mut left) = (0, sorted.len());
    for pair in sorted.windows(2) {
        in_bin += 1;
        let (low, high) = (pair[0].0, pair[1].0);
        if low == high {
            continue;
        }
        let bins_left = MAX_BINS - edges.len();
        if n_distinct <= MAX_BINS || in_bin * bins_left >= left {
            edges.push(between(low, high));
            left -= in_bin;
            in_bin = 0;
        }
        if edges.len() == MAX_BINS - 1 {
            break;
        }
    }
    edges
}

/// A number with `low` on or below it and `high` above it.
fn between(low: f64, high: f64) -> f64 {
    let middle = low / 2.0 + high / 2.0;
    if middle >= low && middle < high {
        middle
    } else {
        low
    }
}

/// The bin of each code: the levels in the order of their smoothed crash rate.
fn by_crash_rate(codes: &[u32], n_levels: u32, y: &[bool], rows: &[usize]) -> Vec<u8> {
    let mut counts = vec![(0.0f64, 0.0f64); n_levels as usize + 1];
    for &row in rows.iter().filter(|&&row| codes[row] != MISSING) {
        let (n_rows, crashes) = &mut counts[codes[row] as usize];
        *n_rows += 1.0;
        *crashes += f64::from(y[row]);
    }
    let crashes = rows.iter().filter(|&&row| y[row]).count() as f64;
    let mean = crashes / rows.len() as f64;
    let rate = |code: usize| {
        let (n_rows, crashes) = counts[code];
        (crashes + SMOOTHING_ROWS * mean) / (n_rows + SMOOTHING_ROWS)
    };
    let order = indices_by(counts.len(), &|a, b| rate(a).total_cmp(&rate(b)));
    let mut bin_of_code = vec![0; counts.len()];
    for (bin, code) in order.into_iter().enumerate() {
        bin_of_code[code] = bin as u8;
    }
    bin_of_code
}

/// The bins of some rows, row by row: what is asked of a row lies side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct BinnedData {
    n_rows: usize,
    n_features: usize,
    signs: Vec<f64>,
    bins: Vec<u8>,
    /// The same column by column, for what asks one feature of many rows: made when first asked.
    columns: OnceLock<Vec<u8>>,
}

impl BinnedData {
    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// How many features a row has.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// The bins of all rows, one after the other.
    #[must_use]
    pub fn rows(&self) -> &[u8] {
        &self.bins
    }

    /// The [signs](crate::features::Feature::sign) that a model keeps to: one for each feature, or none.
    pub(super) fn signs(&self) -> &[f64] {
        &self.signs
    }

    /// The bins of one feature, a row each.
    pub(super) fn column(&self, feature: usize) -> &[u8] {
        let columns = self.columns.get_or_init(|| {
            let mut columns = Vec::with_capacity(self.bins.len());
            for feature in 0..self.n_features {
                for row in 0..self.n_rows {
                    columns.push(self.bins[row * self.n_features + feature]);
                }
            }
            columns
        });
        &columns[feature * self.n_rows..][..self.n_rows]
    }

    /// The bins of one row, a feature each.
    #[must_use]
    #[inline]
    pub fn row(&self, row: usize) -> &[u8] {
        &self.bins[row * self.n_features..][..self.n_features]
    }
}
