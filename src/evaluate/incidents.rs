//! Results in the words of those who carry the pager: crashes caught, minutes of warning, false pages a week. Rows of one
//! crash are one incident, and a page is what [`alarms`] makes of the rows, as the monitor would raise it.

use serde::Serialize;

use crate::codec::saved;
use crate::features::MINUTE;
use crate::order::{indices_by, sort_by_number};
use crate::schema::LabelMeans;

use super::alarms::{Alarm, AlarmRule, ScoredRow, alarms};

/// The crash rows of one host that follow each other closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    /// Number of the host.
    pub host: u32,
    /// The first of the rows, in microseconds.
    pub from: i64,
    /// The last of them.
    pub to: i64,
    /// The crash: the first of rows that say "down now", right after the last of rows that say "ahead".
    pub crash: i64,
}

/// How rows stand in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// The usual time between two rows of a host.
    pub interval_minutes: f64,
    /// So early a page still belongs to an incident, if its host was alarming all the time.
    pub merge_minutes: f64,
    /// What a crash row says.
    pub means: LabelMeans,
}

/// Rows with what happened, by host and time, and their incidents.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    rows: Vec<ScoredRow>,
    y: Vec<bool>,
    incidents: Vec<Incident>,
    timing: Timing,
    weeks: f64,
}

/// What the pages of some rows are worth. Beside each incident stands the page that caught it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The pages, by time.
    pub pages: Vec<Alarm>,
    /// For each page whether it belongs to an incident.
    pub is_true: Vec<bool>,
    /// For each incident of the replay the warning in minutes that its first page gave, below 0 where it came after the
    /// crash; `None` where none came.
    pub warnings: Vec<Option<f64>>,
}

/// What a model or a rule would have done for those who carry the pager.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct IncidentScores {
    /// Crashes there were.
    pub incidents: u64,
    /// Crashes of which somebody was paged in time, or while they lasted.
    pub caught: u64,
    /// Minutes between the first page of a caught crash and the crash; below 0 where the page came after it.
    pub warning_minutes: Option<Quartiles>,
    /// Times somebody was paged.
    pub pages: u64,
    /// Pages that belong to no crash.
    pub false_pages: u64,
    /// The same for each week of the log, all its hosts together.
    pub false_pages_per_week: f64,
    /// Share of the pages that belong to a crash; `None` where nobody was paged.
    pub page_precision: Option<f64>,
}

saved! {
    struct IncidentScores {
        incidents, caught, warning_minutes, pages, false_pages, false_pages_per_week,
        page_precision,
    }
}

/// The middle of some numbers, and of their lower and upper half.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Quartiles {
    /// A quarter of the numbers is below.
    pub lower: f64,
    /// Half of them is.
    pub median: f64,
    /// Three quarters are.
    pub upper: f64,
}

saved! { struct Quartiles { lower, median, upper } }

/// Crash rows no further apart than so many usual steps are one incident.
const JOIN_ROWS: f64 = 3.0;
const MINUTES_OF_WEEK: f64 = 7.0 * 24.0 * 60.0;

impl Replay {
    /// Puts rows in order and finds their incidents; `y` says of each row whether it is a crash's.
    #[must_use]
    pub fn new(rows: &[ScoredRow], y: &[bool], timing: Timing) -> Self {
        let order = indices_by(rows.len(), &|a, b| {
            let (a, b) = (&rows[a], &rows[b]);
            (a.host, a.moment).cmp(&(b.host, b.moment))
        });
        let sorted: Vec<ScoredRow> = order.iter().map(|&at| rows[at]).collect();
        let mut incidents: Vec<Incident> = Vec::new();
        let mut n_hosts = 0;
        for (&at, (row, before)) in order.iter().zip(sorted.iter().zip(before_each(&sorted))) {
            n_hosts += usize::from(before.is_none_or(|before| before.host != row.host));
            match incidents.last_mut() {
                _ if !y[at] => {}
                Some(last) if last.host == row.host && timing.joins(last.to, row.moment) => {
                    last.to = row.moment;
                }
                _ => incidents.push(Incident {
                    host: row.host,
                    from: row.moment,
                    to: row.moment,
                    crash: row.moment,
                }),
            }
        }
        for incident in &mut incidents {
            if timing.means == LabelMeans::Ahead {
                incident.crash = incident.to.saturating_add(micros(timing.interval_minutes));
            }
        }
        // The time that was watched: a gap in the log is none.
        let weeks = rows.len() as f64 * timing.interval_minutes / MINUTES_OF_WEEK;
        Self {
            rows: sorted,
            y: order.iter().map(|&at| y[at]).collect(),
            incidents,
            timing,
            weeks: weeks / (n_hosts as f64).max(1.0),
        }
    }

    /// The rows by host and time.
    #[must_use]
    pub fn rows(&self) -> &[ScoredRow] {
        &self.rows
    }

    /// Of each of the rows whether it is a crash's.
    #[must_use]
    pub fn y(&self) -> &[bool] {
        &self.y
    }

    /// The incidents, by host and time.
    #[must_use]
    pub fn incidents(&self) -> &[Incident] {
        &self.incidents
    }

    /// How long the hosts were watched, each of them.
    #[must_use]
    pub fn weeks(&self) -> f64 {
        self.weeks
    }

    /// The pages that `rule` makes of the rows, and what they are worth.
    #[must_use]
    pub fn outcome(&self, rule: &AlarmRule) -> Outcome {
        let pages = alarms(&self.rows, rule);
        let early = micros(self.timing.merge_minutes);
        let mut is_true = vec![false; pages.len()];
        let mut warnings = vec![None; self.incidents.len()];
        for (page, is_true) in pages.iter().zip(&mut is_true) {
            let key = (page.host, page.start.saturating_sub(early));
            let first = self.incidents.partition_point(|of| (of.host, of.to) < key);
            for (incident, warning) in self.incidents[first..].iter().zip(&mut warnings[first..]) {
                if incident.host != page.host || page.end < incident.from {
                    break;
                }
                // Raised long before, or about the incident before, it was no news of this one: nobody was paged again.
                let is_timely = page.start >= incident.from.saturating_sub(early);
                if is_timely && page.start <= incident.to {
                    *is_true = true;
                    let ahead = incident.crash.saturating_sub(page.start);
                    warning.get_or_insert(ahead as f64 / MINUTE as f64);
                    break;
                }
            }
        }
        Outcome {
            pages,
            is_true,
            warnings,
        }
    }

    /// The figures of an outcome of this replay.
    #[must_use]
    pub fn scores(&self, outcome: &Outcome) -> IncidentScores {
        let pages = outcome.pages.len() as u64;
        let true_pages = outcome.is_true.iter().filter(|&&is_true| is_true).count() as u64;
        let warnings: Vec<f64> = outcome.warnings.iter().flatten().copied().collect();
        IncidentScores {
            incidents: self.incidents.len() as u64,
            caught: warnings.len() as u64,
            warning_minutes: Quartiles::of(&warnings),
            pages,
            false_pages: pages - true_pages,
            false_pages_per_week: per_week(pages - true_pages, self.weeks),
            page_precision: (pages > 0).then(|| true_pages as f64 / pages as f64),
        }
    }
}

impl IncidentScores {
    /// Whether the counts are possible and the figures numbers: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let quartiles = self
            .warning_minutes
            .map_or([0.0; 3], |of| [of.lower, of.median, of.upper]);
        let others = [
            self.false_pages_per_week,
            self.page_precision.unwrap_or(0.0),
        ];
        self.caught <= self.incidents
            && self.false_pages <= self.pages
            && quartiles
                .iter()
                .chain(&others)
                .all(|figure| figure.is_finite())
    }
}

/// How many a week that is; 0 where no time was watched.
fn per_week(count: u64, weeks: f64) -> f64 {
    if weeks > 0.0 {
        count as f64 / weeks
    } else {
        0.0
    }
}

impl Timing {
    /// A row or two that are missing, or calm for a moment, do not make two crashes of one.
    fn joins(&self, earlier: i64, later: i64) -> bool {
        later.saturating_sub(earlier) <= micros(JOIN_ROWS * self.interval_minutes)
    }
}

impl Quartiles {
    /// Between two numbers by a straight line, as numpy's `percentile` does; `None` of none.
    #[must_use]
    pub fn of(numbers: &[f64]) -> Option<Self> {
        let mut sorted: Vec<(f64, u32)> = numbers.iter().map(|&number| (number, 0)).collect();
        sort_by_number(&mut sorted);
        let last = sorted.len().checked_sub(1)?;
        let at = |share: f64| {
            let place = share * last as f64;
            let below = libm::floor(place) as usize;
            let (low, high) = (sorted[below].0, sorted[(below + 1).min(last)].0);
            low + (high - low) * (place - below as f64)
        };
        Some(Self {
            lower: at(0.25),
            median: at(0.5),
            upper: at(0.75),
        })
    }
}

fn micros(minutes: f64) -> i64 {
    (minutes * MINUTE as f64) as i64
}

fn before_each(rows: &[ScoredRow]) -> impl Iterator<Item = Option<&ScoredRow>> {
    std::iter::once(None).chain(rows.iter().map(Some))
}
