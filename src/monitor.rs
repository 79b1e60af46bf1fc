//! Live rows in, alarms out. A monitor keeps what each host's last rows said, for the windows of the model and for the rule
//! of its alarms; both are those that a table goes through and that the evaluation counted by.

use std::sync::Arc;

use serde::Serialize;

use crate::error::Result;
use crate::evaluate::alarms::{AlarmEvent, AlarmRule, AlarmState};
use crate::features::{Feed, Hosts, MINUTE, TimeUnit, Warning};
use crate::predictor::CrashPredictor;
use crate::table::OwnedCell;

/// A model that watches hosts.
#[derive(Debug, Clone)]
pub struct Monitor {
    predictor: Arc<CrashPredictor>,
    rule: AlarmRule,
    feed: Feed,
    alarms: Hosts<AlarmState>,
    /// Rows seen: where the log has no times, they are counted instead.
    n_rows: i64,
}

/// What a row did.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    /// The host of the row; empty where the log names none.
    pub host: String,
    /// Probability of a crash.
    pub probability: f64,
    /// Whether somebody is to be told. A row without a time, or one that comes after a later one, changes nothing.
    pub event: AlarmEvent,
    /// What makes the answer less sure than it looks.
    pub warnings: Vec<Warning>,
}

impl Monitor {
    /// Watches with a model by a rule.
    #[must_use]
    pub fn new(predictor: impl Into<Arc<CrashPredictor>>, rule: AlarmRule) -> Self {
        Self {
            predictor: predictor.into(),
            rule,
            feed: Feed::default(),
            alarms: Hosts::default(),
            n_rows: 0,
        }
    }

    /// The rule of its alarms.
    #[must_use]
    pub fn rule(&self) -> &AlarmRule {
        &self.rule
    }

    /// Takes a row from before the watch began: the windows of later rows look at it, and nobody is paged about it.
    pub fn remember(&mut self, row: Vec<(String, OwnedCell)>) {
        self.predictor.remember(row, &mut self.feed);
    }

    /// Takes a row of named cells.
    ///
    /// # Errors
    /// `MissingColumns` where not one name is a column of the model.
    pub fn push(&mut self, row: Vec<(String, OwnedCell)>) -> Result<Observation> {
        let table = self.predictor.row(row);
        let timeline = self.predictor.timeline(&table);
        let predictions = self.predictor.predict_next(&table, &mut self.feed)?;
        let host = timeline.host_names()[timeline.hosts()[0] as usize].clone();
        let moment = match timeline.unit() {
            TimeUnit::Rows => self.n_rows.saturating_mul(MINUTE),
            _ => timeline.moments()[0],
        };
        self.n_rows += 1;
        let probability = predictions.probabilities[0];
        let state = self.alarms.of(&host).at(moment);
        let event = state.map(|state| state.push(&self.rule, moment, probability));
        Ok(Observation {
            event: event.unwrap_or(AlarmEvent::Calm),
            host,
            probability,
            warnings: predictions.warnings,
        })
    }
}
