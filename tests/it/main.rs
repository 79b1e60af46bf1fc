//! The public API, one module a feature, in one binary.

#![allow(clippy::unwrap_used)]

mod sample;
mod table;
