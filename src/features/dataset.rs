//! The features of some rows, column by column, in the order of the model. Missing values stay missing here: each model
//! has its own way with them.

use std::sync::Arc;

use crate::codec::saved;

/// The code of a missing category.
pub const MISSING: u32 = u32::MAX;

/// Feature columns of equal length.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    n_rows: usize,
    columns: Vec<FeatureColumn>,
    /// Of each column as [`Feature::sign`](super::Feature::sign), or of none.
    signs: Vec<f64>,
}

saved! { struct Dataset { n_rows, columns, signs } }

/// One feature of every row.
#[derive(Debug, Clone, PartialEq)]
pub enum FeatureColumn {
    /// Numbers, and booleans as 0 and 1; NaN where missing. Shared with the table where they are its own.
    Number(Arc<Vec<f64>>),
    /// Codes of the feature's levels; `n_levels` for any other value, [`MISSING`] where missing.
    Category {
        /// One code a row.
        codes: Vec<u32>,
        /// How many levels the feature has.
        n_levels: u32,
    },
}

saved! { enum FeatureColumn { 0 = Number(numbers), 1 = Category { codes, n_levels } } }

impl Dataset {
    /// Puts columns of `n_rows` each together.
    #[must_use]
    pub fn new(n_rows: usize, columns: Vec<FeatureColumn>) -> Self {
        debug_assert!(columns.iter().all(|column| column.len() == n_rows));
        Self {
            n_rows,
            columns,
            signs: Vec::new(),
        }
    }

    /// The given rows, in their order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            n_rows: rows.len(),
            columns: self
                .columns
                .iter()
                .map(|column| column.select(rows))
                .collect(),
            signs: self.signs.clone(),
        }
    }

    /// These columns, and `more` behind them.
    #[must_use]
    pub fn with_columns(mut self, more: Vec<FeatureColumn>) -> Self {
        debug_assert!(more.iter().all(|column| column.len() == self.n_rows));
        self.columns.extend(more);
        self
    }

    /// The first `n` columns.
    #[must_use]
    pub fn first_columns(&self, n: usize) -> Self {
        Self {
            n_rows: self.n_rows,
            columns: self.columns.iter().take(n).cloned().collect(),
            signs: self.signs.iter().take(n).copied().collect(),
        }
    }

    /// The same columns, for a model that keeps to these [signs](super::Feature::sign): one for each column, or none.
    #[must_use]
    pub fn with_signs(self, signs: Vec<f64>) -> Self {
        debug_assert!(signs.is_empty() || signs.len() == self.columns.len());
        Self { signs, ..self }
    }

    /// The [signs](super::Feature::sign) that a model keeps to: one for each column, or none.
    #[must_use]
    pub fn signs(&self) -> &[f64] {
        &self.signs
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The columns in the order of the model's features.
    #[must_use]
    pub fn columns(&self) -> &[FeatureColumn] {
        &self.columns
    }
}

impl FeatureColumn {
    /// A column of numbers, one a row; NaN where missing.
    #[must_use]
    pub fn numbers(values: Vec<f64>) -> Self {
        Self::Number(values.into())
    }

    fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Category { codes, .. } => codes.len(),
        }
    }

    fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Number(values) => {
                let values: Vec<f64> = rows.iter().map(|&row| values[row]).collect();
                Self::numbers(values)
            }
            Self::Category { codes, n_levels } => Self::Category {
                codes: rows.iter().map(|&row| codes[row]).collect(),
                n_levels: *n_levels,
            },
        }
    }

    /// The number of this row; NaN where it is missing or a category.
    #[must_use]
    pub fn number(&self, row: usize) -> f64 {
        match self {
            Self::Number(values) => values[row],
            Self::Category { .. } => f64::NAN,
        }
    }

    /// Whether the value of this row is missing.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Number(values) => values[row].is_nan(),
            Self::Category { codes, .. } => codes[row] == MISSING,
        }
    }
}
