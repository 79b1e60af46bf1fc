//! Learns from a log of server metrics, in which some rows say "crashed", which combinations of metrics lead to a crash,
//! says how good it is at that on rows it has not seen, and predicts the next one. Runs natively and, through `wasm`, in
//! browsers and Node with the same results bit for bit.
//!
//! A log flows through the modules from bottom to top: [`table`] (bytes to typed columns) -> [`schema`] (what each column
//! is for) -> [`features`] (what a model sees) -> [`model`] -> [`evaluate`] -> [`train`], and [`CrashPredictor`] is the
//! answer. No clock, no ambient randomness: the same input, options and seed give the same bytes.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod batch;
mod codec;
pub mod drift;
pub mod error;
pub mod evaluate;
mod export;
pub mod features;
pub mod model;
mod model_file;
pub mod monitor;
pub mod numerals;
pub mod options;
mod order;
pub mod overview;
pub mod predictor;
pub mod provenance;
mod random;
pub mod sample;
pub mod schema;
pub mod table;
mod text;
pub mod train;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use error::{Error, Result};
pub use predictor::{CrashPredictor, ExportFormat, Prediction};
pub use schema::RoleOptions;
pub use table::{LogReader, OwnedCell, ReadOptions, Table};
pub use train::{Algorithm, TrainOptions};
