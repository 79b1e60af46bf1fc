//! Live rows in, alarms out. A monitor keeps what each host's last rows said, for the windows of the model and for the rule
//! of its alarms; both are those that a table goes through and that the evaluation counted by.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use crate::error::Result;
use crate::evaluate::alarms::{AlarmEvent, AlarmRule, AlarmState};
use crate::features::{Feed, Hosts, MINUTE, TimeUnit, Timeline, Warning};
use crate::predictor::CrashPredictor;
use crate::table::{OwnedCell, Table};

/// A model that watches hosts.
#[derive(Debug, Clone)]
pub struct Monitor {
    predictor: Arc<CrashPredictor>,
    feed: Feed,
    watch: Watch,
}

/// The alarms of hosts whose rows come one after another.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    rule: AlarmRule,
    alarms: Hosts<AlarmState>,
    /// Rows seen: where the log has no times, they are counted instead.
    n_rows: i64,
}

impl Watch {
    /// Watches by a rule.
    pub fn new(rule: AlarmRule) -> Self {
        Self {
            rule,
            alarms: Hosts::default(),
            n_rows: 0,
        }
    }

    /// What a row does, the next one of those that `timeline` places.
    pub fn see(&mut self, timeline: &Timeline, row: usize, probability: f64) -> AlarmEvent {
        let moment = match timeline.unit() {
            TimeUnit::Rows => self.n_rows.saturating_mul(MINUTE),
            _ => timeline.moments()[row],
        };
        self.n_rows += 1;
        let state = self.alarms.of(host_of(timeline, row)).at(moment);
        let event = state.map(|state| state.push(&self.rule, moment, probability));
        event.unwrap_or(AlarmEvent::Calm)
    }
}

/// The name of a row's host; empty where the log names none.
pub(crate) fn host_of(timeline: &Timeline, row: usize) -> &str {
    &timeline.host_names()[timeline.hosts()[row] as usize]
}

/// Somebody is to be paged.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// When the row was measured that raised it; null where the log has no times.
    pub time: Option<String>,
    /// Its host; empty where the log names none.
    pub host: String,
    /// Its probability of a crash.
    pub probability: f64,
}

/// Watches whole tables, one after another, and notes the pages.
#[derive(Debug, Clone)]
pub(crate) struct Pager {
    watch: Watch,
    /// Raised since they were last taken.
    pages: Vec<Page>,
    n_pages: u64,
}

impl Pager {
    /// Pages by a rule.
    pub fn new(rule: AlarmRule) -> Self {
        Self {
            watch: Watch::new(rule),
            pages: Vec::new(),
            n_pages: 0,
        }
    }

    /// Takes the next rows, which have these probabilities.
    #[inline(never)]
    pub fn note(&mut self, predictor: &CrashPredictor, table: &Table, probabilities: &[f64]) {
        let timeline = predictor.timeline(table);
        let time = predictor.time().and_then(|name| table.column(name));
        for (row, &probability) in probabilities.iter().enumerate() {
            if self.watch.see(&timeline, row, probability) == AlarmEvent::Raised {
                let text = time.and_then(|time| time.level_at(row));
                self.n_pages += 1;
                self.pages.push(Page {
                    time: text.map(Cow::into_owned),
                    host: host_of(&timeline, row).to_owned(),
                    probability,
                });
            }
        }
    }

    /// The pages raised since they were last taken.
    pub fn take(&mut self) -> Vec<Page> {
        std::mem::take(&mut self.pages)
    }

    /// How many were raised in all.
    pub fn n_pages(&self) -> u64 {
        self.n_pages
    }
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
            feed: Feed::default(),
            watch: Watch::new(rule),
        }
    }

    /// The rule of its alarms.
    #[must_use]
    pub fn rule(&self) -> &AlarmRule {
        &self.watch.rule
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
        let probability = predictions.probabilities[0];
        Ok(Observation {
            event: self.watch.see(&timeline, 0, probability),
            host: host_of(&timeline, 0).to_owned(),
            probability,
            warnings: predictions.warnings,
        })
    }
}
