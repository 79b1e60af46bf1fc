//! What the user knows before any row is seen: that more of a metric never lowers the risk, or never raises it.

use serde::{Serialize, Serializer};

use crate::error::{Error, Result};
use crate::table::Table;

use super::spec::{Feature, FeatureKind, FeatureSpec};
use super::window::{Stat, Windows};

/// Which way the probability of a crash may go as a metric rises, all others staying as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// It never falls.
    Rising,
    /// It never rises.
    Falling,
}

impl Direction {
    /// What a [`Feature::sign`] stands for.
    #[must_use]
    pub fn of_sign(sign: f64) -> Option<Self> {
        match sign {
            1.0 => Some(Self::Rising),
            -1.0 => Some(Self::Falling),
            _ => None,
        }
    }
}

/// What the user says of columns: name and direction, `rising` or `falling`. Crosses as an object, `{ mem_pct: "rising" }`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Monotone(pub Vec<(String, String)>);

impl Serialize for Monotone {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, direction)| (name, direction)))
    }
}

impl FeatureSpec {
    /// The same features, those that `monotone` names with their [sign](Feature::sign).
    ///
    /// # Errors
    /// `UnknownColumn` where `table` has no such column; `BadOption` where it is no number or not learned from, and for a
    /// direction that there is not.
    pub fn with_signs(mut self, monotone: &Monotone, table: &Table) -> Result<Self> {
        let option = "monotone";
        for (name, direction) in &monotone.0 {
            let bad = |found: &str, expected| Error::BadOption {
                option,
                found: found.to_owned(),
                expected,
            };
            let sign = match direction.as_str() {
                "rising" => 1.0,
                "falling" => -1.0,
                other => return Err(bad(other, "rising or falling for each column")),
            };
            let is_it = |of: &&mut Feature| {
                of.name == *name && !matches!(of.kind, FeatureKind::Category { .. })
            };
            match self.features.iter_mut().find(is_it) {
                Some(feature) => feature.sign = sign,
                None if table.column(name).is_some() => {
                    return Err(bad(name, "columns of numbers that are learned from"));
                }
                None => return Err(table.unknown_column(name, option)),
            }
        }
        Ok(self)
    }

    /// The [sign](Feature::sign) of each feature; none at all where every feature may do both.
    pub(crate) fn signs(&self) -> Vec<f64> {
        let signs: Vec<f64> = self.features.iter().map(|feature| feature.sign).collect();
        if signs.iter().all(|sign| *sign == 0.0) {
            return Vec::new();
        }
        signs
    }
}

/// The [sign](Feature::sign) of what a window says of a metric that has one. As the latest value rises everything but the
/// standard deviation rises with it or stays, so that the promise holds for a row with the same minutes before it.
pub(super) fn of_window(windows: &Windows, column: usize, inputs: &[Feature]) -> f64 {
    match windows.features().get(column) {
        Some(window) if window.stat != Stat::Deviation => inputs[window.metric as usize].sign,
        _ => 0.0,
    }
}
