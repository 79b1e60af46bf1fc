//! The columns of a linear model's design matrix: how a feature becomes numbers that a coefficient can weigh. Encoded
//! in blocks on the way, never kept: the matrix of a large log would be several times the log, and reading it from memory
//! takes longer than encoding it again.

use crate::codec::saved;
use crate::features::{Dataset, FeatureColumn, FeatureKind, FeatureSpec, MISSING, median};

use super::logistic::MissingIndicator;
use super::pair::{add_product, both, least, load, most, mul, stored, sub, where_number};

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

/// Rows encoded at a time: large enough to amortise, small enough to stay in the first-level cache; as many as a word has
/// bits.
pub const BLOCK: usize = 64;

/// One column of a block.
pub type Cells = [f64; BLOCK];

/// Some rows of the design matrix, column by column, the intercept's last.
///
/// Most columns of zeros and ones hold few ones: of those it is known which rows have them, and what is summed over all rows
/// is then summed over these alone.
pub struct Block {
    n_rows: usize,
    /// Of a sparse column nothing is written here.
    columns: Vec<Cells>,
    /// For each column a bit for each row, 1 where the cell is 1; or [`DENSE`].
    marks: Vec<u64>,
}

/// The marks of a column that is not sparse.
const DENSE: u64 = !0;
/// A column with at most so many ones in a block is sparse.
const FEW: u32 = BLOCK as u32 / 4;

impl Block {
    /// Which rows are 1 in a sparse column; `None` for any other.
    #[inline]
    pub fn ones(&self, column: usize) -> Option<Ones> {
        let marks = self.marks[column];
        (marks != DENSE).then_some(Ones(marks))
    }

    /// Whether the column is sparse and the row is 1 in it.
    #[inline]
    pub fn is_one(&self, column: usize, row: usize) -> bool {
        let marks = self.marks[column];
        marks != DENSE && marks >> row & 1 == 1
    }

    /// The cells of a column that is not sparse. Those beyond the last row are finite and mean nothing.
    #[inline]
    pub fn cells(&self, column: usize) -> &Cells {
        &self.columns[column]
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// For each row the sum of its cells, each times its column's weight; a finite number beyond the last row.
    #[must_use]
    pub fn weigh(&self, weights: &[f64]) -> Cells {
        let mut sums = [0.0; BLOCK];
        for (column, weight) in weights.iter().enumerate() {
            if let Some(ones) = self.ones(column) {
                ones.for_each(|row| sums[row] += weight);
            } else {
                let cells = self.columns[column].as_chunks::<2>().0;
                let sums = sums.as_chunks_mut::<2>().0;
                for at in 0..BLOCK / 2 {
                    let sum = load(&sums[at]);
                    sums[at] = stored(add_product(sum, load(&cells[at]), both(*weight)));
                }
            }
        }
        sums
    }
}

/// The rows of a block whose bits are set, the first one first.
#[derive(Clone, Copy)]
pub struct Ones(u64);

impl Iterator for Ones {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let row = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        // Masked, so that no index needs to be checked.
        (row < BLOCK).then_some(row % BLOCK)
    }
}

/// A value counts as at most so many standard deviations from the mean: infinitely many, for and against a crash, would
/// add up to NaN. No row that is learned from comes near it.
const FARTHEST: f64 = 1e100;

impl Design {
    /// Learns the columns from the given rows: a column that is constant there tells nothing and is left out.
    #[must_use]
    pub fn fit(data: &Dataset, rows: &[usize], missing: MissingIndicator) -> Self {
        let mut terms = Vec::new();
        for (feature, column) in data.columns().iter().enumerate() {
            let n_missing = match column {
                FeatureColumn::Number(values) => {
                    let (term, n_missing) = value_term(feature, values, rows);
                    terms.extend(term);
                    n_missing
                }
                FeatureColumn::Category { codes, n_levels } => {
                    terms.extend(level_terms(feature, codes, *n_levels, rows));
                    rows.iter().filter(|&&row| codes[row] == MISSING).count()
                }
            };
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

    /// Room for rows of this design, and the intercept's column.
    #[must_use]
    pub fn block(&self) -> Block {
        let n = self.terms.len() + 1;
        let mut block = Block {
            n_rows: 0,
            columns: vec![[0.0; BLOCK]; n],
            marks: vec![DENSE; n],
        };
        block.columns[n - 1] = [1.0; BLOCK];
        block
    }

    /// Writes the given rows into `block`, at most [`BLOCK`] of them.
    pub fn encode(&self, data: &Dataset, rows: &[usize], block: &mut Block) {
        block.n_rows = rows.len();
        let mut gathered = usize::MAX;
        let (mut numbers, mut missing) = ([0.0; BLOCK], 0);
        let columns = block.columns.iter_mut().zip(&mut block.marks);
        for (term, (cells, marks)) in self.terms.iter().zip(columns) {
            let column = &data.columns()[term.feature];
            if let (FeatureColumn::Number(values), true) = (column, gathered != term.feature) {
                (gathered, missing) = (term.feature, 0);
                for (at, (number, &row)) in numbers.iter_mut().zip(rows).enumerate() {
                    *number = values[row];
                    missing |= u64::from(number.is_nan()) << at;
                }
            }
            *marks = match (term.kind, column) {
                (TermKind::Value { fill, mean, std }, FeatureColumn::Number(_)) => {
                    let (fill, mean, scale) = (both(fill), both(mean), both(1.0 / std));
                    let cells = cells.as_chunks_mut::<2>().0;
                    for at in 0..BLOCK / 2 {
                        let number = load(&numbers.as_chunks::<2>().0[at]);
                        let unit = mul(sub(where_number(number, fill), mean), scale);
                        cells[at] = stored(least(most(unit, both(-FARTHEST)), both(FARTHEST)));
                    }
                    DENSE
                }
                (TermKind::Missing, FeatureColumn::Number(_)) => missing,
                (TermKind::Level(_) | TermKind::Missing, FeatureColumn::Category { codes, .. }) => {
                    let code = match term.kind {
                        TermKind::Level(level) => level,
                        _ => MISSING,
                    };
                    rows.iter().enumerate().fold(0, |marks, (at, &row)| {
                        marks | u64::from(codes[row] == code) << at
                    })
                }
                // `is_consistent` holds for every design that was fitted or loaded.
                (TermKind::Value { .. } | TermKind::Level(_), _) => 0,
            };
            let is_marked = !matches!(term.kind, TermKind::Value { .. });
            if is_marked && marks.count_ones() > FEW {
                for (at, cell) in cells.iter_mut().enumerate() {
                    *cell = (*marks >> at & 1) as f64;
                }
                *marks = DENSE;
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
                    ) => fill.is_finite() && mean.is_finite() && std.is_normal() && std > 0.0,
                    (TermKind::Level(code), Some(FeatureKind::Category { levels })) => {
                        code as usize <= levels.len()
                    }
                    (TermKind::Missing, Some(_)) => true,
                    _ => false,
                }
            })
    }
}

/// The standardised number, unless it is the same in all rows or missing in all, and in how many rows it is missing.
fn value_term(feature: usize, values: &[f64], rows: &[usize]) -> (Option<Term>, usize) {
    let mut filled: Vec<f64> = rows.iter().map(|&row| values[row]).collect();
    let (mut present, mut n_present) = (filled.clone(), 0);
    for at in 0..filled.len() {
        present[n_present] = filled[at];
        n_present += usize::from(!filled[at].is_nan());
    }
    present.truncate(n_present);
    let n_missing = rows.len() - present.len();
    let Some(fill) = median(&mut present) else {
        return (None, n_missing);
    };
    // Scaled before summing, so that the sums of any finite values stay finite.
    let share = 1.0 / rows.len() as f64;
    let (mut least, mut most, mut mean) = (fill, fill, 0.0);
    for value in &mut filled {
        *value = if value.is_nan() { fill } else { *value };
        least = value.min(least);
        most = value.max(most);
        mean += *value * share;
    }
    let farthest = (mean - least).max(most - mean);
    let per_farthest = 1.0 / farthest;
    let variance: f64 = filled
        .iter()
        .map(|value| (value - mean) * per_farthest)
        .map(|unit| unit * unit * share)
        .sum();
    let std = farthest * libm::sqrt(variance);
    let kind = TermKind::Value { fill, mean, std };
    let varies = least < most && std.is_normal();
    (varies.then_some(Term { feature, kind }), n_missing)
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
