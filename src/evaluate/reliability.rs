//! Whether a probability of 30 % is a crash in three rows of ten: the reliability curve and the expected calibration error.

use serde::Serialize;

use crate::codec::saved;
use crate::order::sort_by_number;

/// Rows of neighbouring probabilities, what was said of them and what happened.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct ReliabilityBin {
    /// Rows in the bin.
    pub n_rows: u64,
    /// Their mean probability.
    pub predicted: f64,
    /// The share of them that crashed.
    pub observed: f64,
}

saved! { struct ReliabilityBin { n_rows, predicted, observed } }

/// The bins between `n_bins` quantiles of the probabilities, lowest first, empty ones left out: scikit-learn's
/// `calibration_curve` with `strategy="quantile"`, whose edges are interpolated linearly and belong to the bin below.
#[must_use]
pub fn reliability(y: &[bool], probabilities: &[f64], n_bins: usize) -> Vec<ReliabilityBin> {
    let pairs = probabilities.iter().zip(y);
    let mut order: Vec<(f64, u32)> = pairs
        .map(|(&probability, &crashed)| (probability, u32::from(crashed)))
        .collect();
    sort_by_number(&mut order);
    let mut bins = Vec::with_capacity(n_bins);
    let mut from = 0;
    for bin in 1..=n_bins {
        let edge = if bin == n_bins {
            f64::INFINITY
        } else {
            quantile(&order, bin as f64 / n_bins as f64)
        };
        let to = from + order[from..].partition_point(|(probability, _)| *probability <= edge);
        if let Some(bin) = ReliabilityBin::new(&order[from..to]) {
            bins.push(bin);
        }
        from = to;
    }
    bins
}

impl ReliabilityBin {
    fn new(rows: &[(f64, u32)]) -> Option<Self> {
        let crashes: u32 = rows.iter().map(|row| row.1).sum();
        let sum: f64 = rows.iter().map(|row| row.0).sum();
        let count = rows.len() as f64;
        (!rows.is_empty()).then(|| Self {
            n_rows: rows.len() as u64,
            predicted: sum / count,
            observed: f64::from(crashes) / count,
        })
    }
}

/// The mean distance of what was said from what happened, each bin by its rows (Naeini et al., 2015); 0 without rows.
#[must_use]
pub fn expected_calibration_error(bins: &[ReliabilityBin]) -> f64 {
    let (mut sum, mut rows) = (0.0, 0.0);
    for bin in bins {
        sum += bin.n_rows as f64 * libm::fabs(bin.predicted - bin.observed);
        rows += bin.n_rows as f64;
    }
    if rows == 0.0 { 0.0 } else { sum / rows }
}

/// The quantile of sorted numbers, between two of them by a straight line.
fn quantile(sorted: &[(f64, u32)], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::INFINITY;
    };
    let at = share * last as f64;
    let below = libm::floor(at) as usize;
    let (low, high) = (sorted[below].0, sorted[(below + 1).min(last)].0);
    low + (high - low) * (at - below as f64)
}
