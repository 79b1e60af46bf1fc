//! From a [`Table`](crate::table::Table) to the numbers a model sees. What is decided here is decided once, on training
//! rows, and saved with the model.

mod coverage;
mod dataset;
mod feed;
mod horizon;
mod hosts;
mod meaning;
mod monotone;
mod spec;
mod target;
mod timeline;
mod usefulness;
mod window;
mod windowed;

pub use coverage::{Coverage, Warning, WarningCode};
pub use dataset::{Dataset, FeatureColumn, MISSING};
pub use feed::Feed;
pub use horizon::{AheadLabels, Outages, propose_horizon};
pub(crate) use hosts::Hosts;
pub use meaning::LabelMeaning;
pub use monotone::{Direction, Monotone};
pub use spec::{Feature, FeatureKind, FeatureSpec, Level};
pub(crate) use spec::{MAX_FEATURES, code_of, finite, median};
pub use target::{Target, TargetSummary};
pub use timeline::{MINUTE, TimeUnit, Timeline};
pub use window::{LONGEST as WINDOW_REACH, Stat, WindowFeature, WindowState, Windows};
