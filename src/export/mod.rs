//! The model in forms that other programs read.

pub mod json;
pub mod text;
