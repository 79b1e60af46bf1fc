//! When and on which host rows were measured, as far as judging a model needs it.

use crate::features::Timeline;
use crate::schema::LabelMeans;

use super::alarms::{AlarmRule, ScoredRow};
use super::incidents::{Replay, Timing};
use super::threshold::NEVER;

/// When and on which host each row was measured that has a label.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    hosts: Vec<u32>,
    moments: Vec<i64>,
    timing: Timing,
    has_time: bool,
}

impl Moments {
    /// Of the given rows of a log; `has_time` where its time column made the timeline.
    #[must_use]
    pub fn new(timeline: &Timeline, rows: &[usize], means: LabelMeans, has_time: bool) -> Self {
        let interval_minutes = timeline.interval_minutes();
        Self {
            hosts: rows.iter().map(|&row| timeline.hosts()[row]).collect(),
            moments: rows.iter().map(|&row| timeline.moments()[row]).collect(),
            timing: Timing {
                interval_minutes,
                merge_minutes: AlarmRule::new(NEVER, interval_minutes).merge_minutes,
                means,
            },
            has_time,
        }
    }

    /// Whether the log says when its rows were measured; without that, rows stand in the order of the log.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.has_time
    }

    /// The customary way from probabilities to pages for rows that come as often as these.
    #[must_use]
    pub fn alarm_rule(&self, threshold: f64) -> AlarmRule {
        AlarmRule::new(threshold, self.timing.interval_minutes)
    }

    /// Some rows with what happened and what was said of them, in the order of time; all three in one order.
    #[must_use]
    pub fn replay(&self, rows: &[usize], y: &[bool], probabilities: &[f64]) -> Replay {
        let scored = rows
            .iter()
            .zip(probabilities)
            .map(|(&row, &probability)| ScoredRow {
                host: self.hosts[row],
                moment: self.moments[row],
                probability,
            });
        Replay::new(&scored.collect::<Vec<ScoredRow>>(), y, self.timing)
    }
}
