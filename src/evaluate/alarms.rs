//! From probabilities to pages: a row counts from the threshold on, N of a host's last M rows make it alarming, and
//! alarming rows that follow each other closely are one page. Evaluation and monitor feed the same [`AlarmState`], so that
//! what was counted is what will be raised.

use serde::Serialize;

use crate::codec::saved;
use crate::features::MINUTE;
use crate::order::indices_by;
use crate::table::MISSING_TIME;

/// When a host is paged about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct AlarmRule {
    /// Probability from which on a row counts.
    pub threshold: f64,
    /// Rows that must count ...
    pub needed: u32,
    /// ... of the host's last so many, at most 64.
    pub of: u32,
    /// A host that was alarming no longer ago than this is not paged about again. A longer gap in its rows makes all
    /// before it forgotten.
    pub merge_minutes: f64,
}

saved! { struct AlarmRule { threshold, needed, of, merge_minutes } }

/// Rows that an [`AlarmState`] can remember.
pub const MAX_OF: u32 = 64;
/// Two of the last three: one odd row pages nobody, and a crash that announces itself pages one row later.
pub const NEEDED: u32 = 2;
/// The last so many.
pub const OF: u32 = 3;
/// Nobody is helped by a second page within the hour. Where rows are rarer, the window must hold several of them.
const MERGE_MINUTES: f64 = 60.0;
const MERGE_ROWS: f64 = 3.0;

impl AlarmRule {
    /// The customary rule for rows that come every so many minutes.
    #[must_use]
    pub fn new(threshold: f64, interval_minutes: f64) -> Self {
        Self {
            threshold,
            needed: NEEDED,
            of: OF,
            merge_minutes: MERGE_MINUTES.max(MERGE_ROWS * interval_minutes),
        }
    }

    /// Whether the figures make sense: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        (0.0..=1.0).contains(&self.threshold)
            && (1..=MAX_OF).contains(&self.of)
            && (1..=self.of).contains(&self.needed)
            && self.merge_minutes > 0.0
            && self.merge_minutes.is_finite()
    }

    fn merges(&self, earlier: i64, later: i64) -> bool {
        // Rounded once here: a cast saturates.
        later.saturating_sub(earlier) <= (self.merge_minutes * MINUTE as f64) as i64
    }
}

/// A row as a model scored it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredRow {
    /// Number of its host.
    pub host: u32,
    /// When it was measured, in microseconds.
    pub moment: i64,
    /// Probability of a crash.
    pub probability: f64,
}

/// A page: alarming rows of one host that follow each other closely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alarm {
    /// Number of the host.
    pub host: u32,
    /// When it was raised.
    pub start: i64,
    /// When the host was last alarming.
    pub end: i64,
    /// The highest probability of its alarming rows.
    pub probability: f64,
    /// Index of the row that raised it.
    pub row: usize,
}

/// What a row did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum AlarmEvent {
    /// The host is not alarming.
    Calm,
    /// The host is alarming, and that is news: somebody is paged.
    Raised,
    /// The host is alarming, of which somebody was told.
    Continues,
}

/// What must be remembered of one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlarmState {
    /// Whether the last rows counted, the latest in the lowest bit.
    counted: u64,
    latest: Option<i64>,
    last_alarming: Option<i64>,
}

impl AlarmState {
    /// Takes the host's next row, which must not be earlier than the one before.
    pub fn push(&mut self, rule: &AlarmRule, moment: i64, probability: f64) -> AlarmEvent {
        if self
            .latest
            .is_some_and(|latest| !rule.merges(latest, moment))
        {
            self.counted = 0;
        }
        self.latest = Some(moment);
        let last_of = u64::MAX >> (MAX_OF - rule.of);
        self.counted = (self.counted << 1 | u64::from(probability >= rule.threshold)) & last_of;
        if self.counted.count_ones() < rule.needed {
            return AlarmEvent::Calm;
        }
        match self.last_alarming.replace(moment) {
            Some(last) if rule.merges(last, moment) => AlarmEvent::Continues,
            _ => AlarmEvent::Raised,
        }
    }
}

/// The alarms of `rows`, by start, then by host. The rows stand in any order: those of a host are taken by their moment,
/// and those of one moment as they stand. Rows without a moment raise none.
#[must_use]
pub fn alarms(rows: &[ScoredRow], rule: &AlarmRule) -> Vec<Alarm> {
    let mut order = indices_by(rows.len(), &|a, b| {
        let (a, b) = (&rows[a], &rows[b]);
        (a.host, a.moment).cmp(&(b.host, b.moment))
    });
    order.retain(|&at| rows[at].moment != MISSING_TIME);
    let mut found: Vec<Alarm> = Vec::new();
    let mut state = AlarmState::default();
    let mut host = None;
    for at in order {
        let row = rows[at];
        if host.replace(row.host) != Some(row.host) {
            state = AlarmState::default();
        }
        match (
            state.push(rule, row.moment, row.probability),
            found.last_mut(),
        ) {
            (AlarmEvent::Raised, _) => found.push(Alarm {
                host: row.host,
                start: row.moment,
                end: row.moment,
                probability: row.probability,
                row: at,
            }),
            (AlarmEvent::Continues, Some(alarm)) => {
                alarm.end = row.moment;
                alarm.probability = alarm.probability.max(row.probability);
            }
            _ => {}
        }
    }
    let by_start = indices_by(found.len(), &|a, b| found[a].start.cmp(&found[b].start));
    by_start.into_iter().map(|at| found[at]).collect()
}
