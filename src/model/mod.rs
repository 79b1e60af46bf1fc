//! The models: what is learned from a [`Dataset`](crate::features::Dataset). The only folder that names smartcore.

pub mod design;
pub mod logistic;

use serde::{Deserialize, Serialize};

use crate::features::{Dataset, FeatureSpec};
use logistic::LogisticRegression;

/// A fitted model of one kind or another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Model {
    /// The same probability for every row: what is left when no column tells anything.
    BaseRate(f64),
    /// Logistic regression.
    Logistic(LogisticRegression),
}

impl Model {
    /// The probability of a crash for each row.
    #[must_use]
    pub fn predict_proba(&self, data: &Dataset) -> Vec<f64> {
        match self {
            Self::BaseRate(rate) => vec![*rate; data.n_rows()],
            Self::Logistic(model) => model.predict_proba(data),
        }
    }

    /// Whether the parts fit each other and the features: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self, spec: &FeatureSpec) -> bool {
        match self {
            Self::BaseRate(rate) => (0.0..=1.0).contains(rate),
            Self::Logistic(model) => model.is_consistent(spec),
        }
    }
}
