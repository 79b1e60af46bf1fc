//! The columns of a linear model's design matrix: how a feature becomes numbers that a coefficient can weigh. Encoded
//! in blocks on the way, never kept: the matrix of a large log would be several times the log.

use crate::codec::saved;
use crate::features::{Dataset, FeatureColumn, FeatureKind, FeatureSpec, MISSING, median};

use super::logistic::MissingIndicator;

/// One column of the design matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Index of the feature it is made from.
    pub feature: usize,
    /// How it is made.
    pub kind: TermKind,
}

saved! { struct Term { feature, kind } }

/// How a column of the design matrix is made from a feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TermKind {
    /// The number, `fill` where missing, less `mean`, over `std`.
    Value {
        /// Median of the training rows.
        fill: f64,
        /// Mean of the training rows, missing ones filled.
        mean: f64,
        /// Population standard deviation of the training rows, missing ones filled.
        std: f64,
    },
    /// 1 where the value is missing, else 0.
    Missing,
    /// 1 where the category has this code, else 0. The code after the last level stands for all other ones.
    Level(u32),
}

saved! { enum TermKind { 0 = Value { fill, mean, std }, 1 = Missing, 2 = Level(code) } }

/// The columns of the design matrix, by feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    terms: Vec<Term>,
}

saved! { struct Design { terms } }

/// A value counts as at most so many standard deviations from the mean: infinitely many, for and against a crash, would
/// add up to NaN. No row that is learned from comes near it.
const FARTHEST: f64 = 1e100;

impl Design {
    /// Learns the columns from the given rows: a column that is constant there tells nothing and is left out.
    #[must_use]
    pub fn fit(data: &Dataset, rows: &[usize], missing: MissingIndicator) -> Self {
        let mut terms = Vec::new();
        for (feature, column) in data.columns().iter().enumerate() {
            match column {
                FeatureColumn::Number(values) => terms.extend(value_term(feature, values, rows)),
                FeatureColumn::Category { codes, n_levels } => {
                    terms.extend(level_terms(feature, codes, *n_levels, rows));
                }
            }
            let n_missing = rows.iter().filter(|&&row| column.is_missing(row)).count();
            if missing == MissingIndicator::Add && n_missing > 0 && n_missing < rows.len() {
                terms.push(Term {
                    feature,
                    kind: TermKind::Missing,
                });
            }
        }
        Self { terms }
    }

    /// The columns, in the order of their features.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// For each weight the sign of its feature, of which `signs` holds one each or none; the intercept, which has none, is last.
    pub(super) fn signs(&self, signs: &[f64]) -> Vec<f64> {
        let mut of_weights = vec![0.0; self.terms.len() + 1];
        for (of_weight, term) in of_weights.iter_mut().zip(&self.terms) {
            if let (TermKind::Value { .. }, Some(sign)) = (term.kind, signs.get(term.feature)) {
                *of_weight = *sign;
            }
        }
        of_weights
    }

    /// How many columns there are.
    #[must_use]
    pub fn n_terms(&self) -> usize {
        self.terms.len()
    }

    /// Writes the given rows into `block`, one after the other, `n_terms` numbers each.
    pub fn encode(
        &self,
        data: &Dataset,
        rows: impl Iterator<Item = usize> + Clone,
        block: &mut [f64],
    ) {
        let n_terms = self.terms.len();
        for (column, term) in self.terms.iter().enumerate() {
            let cells = block[column..].iter_mut().step_by(n_terms);
            let rows = rows.clone();
            match (term.kind, &data.columns()[term.feature]) {
                (TermKind::Value { fill, mean, std }, FeatureColumn::Number(values)) => {
                    for (cell, row) in cells.zip(rows) {
                        let value = if values[row].is_nan() {
                            fill
                        } else {
                            values[row]
                        };
                        *cell = ((value - mean) / std).clamp(-FARTHEST, FARTHEST);
                    }
                }
                (TermKind::Level(level), FeatureColumn::Category { codes, .. }) => {
                    for (cell, row) in cells.zip(rows) {
                        *cell = f64::from(codes[row] == level);
                    }
                }
                (TermKind::Missing, values) => {
                    for (cell, row) in cells.zip(rows) {
                        *cell = f64::from(values.is_missing(row));
                    }
                }
                // `is_consistent` holds for every design that was fitted or loaded.
                (TermKind::Value { .. } | TermKind::Level(_), _) => {
                    cells.for_each(|cell| *cell = 0.0)
                }
            }
        }
    }

    /// Whether the terms are finite, in order, and made for features of these kinds.
    #[must_use]
    pub fn is_consistent(&self, spec: &FeatureSpec) -> bool {
        let in_order = self.terms.is_sorted_by_key(|term| term.feature);
        in_order
            && self.terms.iter().all(|term| {
                match (
                    term.kind,
                    spec.features().get(term.feature).map(|f| &f.kind),
                ) {
                    (_, None) => false,
                    (
                        TermKind::Value { fill, mean, std },
                        Some(FeatureKind::Number { .. } | FeatureKind::Boolean { .. }),
                    ) => fill.is_finite() && mean.is_finite() && std.is_finite() && std > 0.0,
                    (TermKind::Level(code), Some(FeatureKind::Category { levels })) => {
                        code as usize <= levels.len()
                    }
                    (TermKind::Missing, Some(_)) => true,
                    _ => false,
                }
            })
    }
}

/// The standardised number, unless it is the same in all rows or missing in all.
fn value_term(feature: usize, values: &[f64], rows: &[usize]) -> Option<Term> {
    let mut present: Vec<f64> = rows
        .iter()
        .map(|&row| values[row])
        .filter(|value| !value.is_nan())
        .collect();
    let fill = median(&mut present)?;
    let filled = || {
        rows.iter().map(|&row| {
            if values[row].is_nan() {
                fill
            } else {
                values[row]
            }
        })
    };
    if filled().all(|value| value == fill) {
        return None;
    }
    // Scaled before summing, so that the sums of any finite values stay finite.
    let count = rows.len() as f64;
    let mean: f64 = filled().map(|value| value / count).sum();
    let scale = filled()
        .map(|value| libm::fabs(value - mean))
        .fold(0.0, f64::max);
    let variance: f64 = filled()
        .map(|value| (value - mean) / scale)
        .map(|unit| unit * unit)
        .sum::<f64>()
        / count;
    let kind = TermKind::Value {
        fill,
        mean,
        std: scale * libm::sqrt(variance),
    };
    Some(Term { feature, kind }).filter(|_| scale.is_finite())
}

/// One term for each level that occurs in the rows but not in all of them.
fn level_terms(
    feature: usize,
    codes: &[u32],
    n_levels: u32,
    rows: &[usize],
) -> impl Iterator<Item = Term> {
    let mut counts = vec![0usize; n_levels as usize + 1];
    for &row in rows {
        if codes[row] != MISSING {
            counts[codes[row] as usize] += 1;
        }
    }
    let n_rows = rows.len();
    (0..=n_levels)
        .filter(move |&level| (1..n_rows).contains(&counts[level as usize]))
        .map(move |level| Term {
            feature,
            kind: TermKind::Level(level),
        })
}
