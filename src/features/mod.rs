//! From a [`Table`](crate::table::Table) to the numbers a model sees. What is decided here is decided once, on training
//! rows, and saved with the model.

mod coverage;
mod dataset;
mod horizon;
mod meaning;
mod spec;
mod timeline;
mod window;

pub use coverage::{Coverage, Warning, WarningCode};
pub use dataset::{Dataset, FeatureColumn, MISSING};
pub use horizon::{AheadLabels, Outages, propose_horizon};
pub use meaning::{LabelMeaning, LabelMeans};
pub use spec::{Feature, FeatureKind, FeatureSpec, Level};
pub(crate) use spec::{MAX_FEATURES, code_of, finite, median};
pub use timeline::{MINUTE, TimeUnit, Timeline};
pub use window::{Stat, WindowFeature, WindowState, Windows};
