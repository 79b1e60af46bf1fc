//! The models: what is learned from a [`Dataset`]. The only folder that names smartcore.

pub mod bins;
pub mod boosting;
pub mod calibration;
mod compact;
pub mod design;
mod exponential;
pub mod forest;
mod gradients;
mod grower;
pub mod logistic;
mod loss;
mod newton;
mod pair;
pub mod tree;

use crate::codec::saved;
use crate::error::Result;
use crate::features::{Dataset, FeatureSpec};
use bins::Bins;
use boosting::Boosting;
use calibration::Calibration;
use forest::Forest;
use logistic::LogisticRegression;

/// A fitted model of one kind or another.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// The same probability for every row: what is left when no column tells anything.
    BaseRate(f64),
    /// Logistic regression.
    Logistic(LogisticRegression),
    /// Boosted trees, and the bins they ask for.
    Boosting(Bins, Boosting),
    /// A random forest, and the bins it asks for.
    Forest(Bins, Forest),
}

saved! {
    enum Model {
        0 = BaseRate(probability), 1 = Logistic(model),
        2 = Boosting(bins, model), 3 = Forest(bins, model),
    }
}

/// A model and what makes its probabilities hold.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibratedModel {
    /// What was fitted.
    pub model: Model,
    /// Learned from rows that were predicted unseen; none for the base rate.
    pub calibration: Option<Calibration>,
}

saved! { struct CalibratedModel { model, calibration } }

impl CalibratedModel {
    /// The probability of a crash for each row.
    #[must_use]
    pub fn predict_proba(&self, data: &Dataset) -> Vec<f64> {
        let mut probabilities = self.model.predict_proba(data);
        if let Some(calibration) = &self.calibration {
            calibration.apply_to(&mut probabilities);
        }
        probabilities
    }

    /// The probability for one row, as [`Model::predict_row`] takes it.
    ///
    /// # Errors
    /// `RowLength` where there are not as many values as features.
    pub fn predict_row(&self, spec: &FeatureSpec, values: &[f64]) -> Result<f64> {
        let probability = self.model.predict_row(spec, values)?;
        Ok(self
            .calibration
            .as_ref()
            .map_or(probability, |of| of.apply(probability)))
    }

    /// Whether the parts fit the features: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self, spec: &FeatureSpec) -> bool {
        let calibration = self.calibration.as_ref();
        self.model.is_consistent(spec) && calibration.is_none_or(Calibration::is_consistent)
    }
}

impl Model {
    /// The probability of a crash for each row.
    #[must_use]
    pub fn predict_proba(&self, data: &Dataset) -> Vec<f64> {
        match self {
            Self::BaseRate(rate) => vec![*rate; data.n_rows()],
            Self::Logistic(model) => model.predict_proba(data),
            Self::Boosting(bins, model) => model.predict_proba(&bins.transform(data)),
            Self::Forest(bins, model) => model.predict_proba(&bins.transform(data)),
        }
    }

    /// The probability for one row of numbers as [`FeatureSpec::row`] takes them: for trees straight to bins.
    ///
    /// # Errors
    /// `RowLength` where there are not as many values as features.
    pub fn predict_row(&self, spec: &FeatureSpec, values: &[f64]) -> Result<f64> {
        spec.check_length(values)?;
        let probabilities = match self {
            Self::BaseRate(_) | Self::Logistic(_) => self.predict_proba(&spec.row(values)?),
            Self::Boosting(bins, model) => model.predict_proba(&bins.transform_row(values)),
            Self::Forest(bins, model) => model.predict_proba(&bins.transform_row(values)),
        };
        Ok(probabilities[0])
    }

    /// The share of each feature in what the splits of the trees gained; `None` for models without splits.
    #[must_use]
    pub fn importances(&self) -> Option<Vec<f64>> {
        let gains = match self {
            Self::BaseRate(_) | Self::Logistic(_) => return None,
            Self::Boosting(_, model) => model.gains(),
            Self::Forest(_, model) => model.gains(),
        };
        let total: f64 = gains.iter().sum();
        let share = |gain: &f64| if total > 0.0 { gain / total } else { 0.0 };
        Some(gains.iter().map(share).collect())
    }

    /// Whether the parts fit each other and the features: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self, spec: &FeatureSpec) -> bool {
        match self {
            Self::BaseRate(rate) => (0.0..=1.0).contains(rate),
            Self::Logistic(model) => model.is_consistent(spec),
            Self::Boosting(bins, model) => {
                bins.is_consistent(spec) && model.is_consistent(spec.features().len())
            }
            Self::Forest(bins, model) => {
                bins.is_consistent(spec) && model.is_consistent(spec.features().len())
            }
        }
    }
}
