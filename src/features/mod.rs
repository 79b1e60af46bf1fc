//! From a [`Table`](crate::table::Table) to the numbers a model sees. What is decided here is decided once, on training
//! rows, and saved with the model.

mod coverage;
mod dataset;
mod spec;

pub use coverage::{Coverage, Warning, WarningCode};
pub use dataset::{Dataset, FeatureColumn, MISSING};
pub use spec::{Feature, FeatureKind, FeatureSpec, Level};
pub(crate) use spec::{MAX_FEATURES, median};
