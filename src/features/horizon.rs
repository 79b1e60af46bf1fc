//! From "is down" to "will be down": when each host went down, and for each row whether that lies within the minutes after
//! it. Rows of a host that is down say nothing of what is coming and are left out; so are rows after which the host's log
//! ends before the minutes are over without a crash, for what came then is not known.

use crate::error::{Error, Result};
use crate::order::indices_by;
use crate::schema::{HOST_NAMES, rank};
use crate::table::{Column, MISSING_TIME, Table};

use super::timeline::{MINUTE, TimeUnit, Timeline};

/// When the hosts were down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outages {
    /// For each host of the timeline its outages, by start.
    of_host: Vec<Vec<Outage>>,
    /// Outages of hosts that the log does not hold.
    n_elsewhere: usize,
}

/// A time in which a host was down, both ends included, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// The crash.
    pub start: i64,
    /// When it was last seen down.
    pub end: i64,
}

/// Labels that look ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AheadLabels {
    /// For each row whether its host crashes within the horizon; `None` where that is not known or not asked.
    pub labels: Vec<Option<bool>>,
    /// Rows left out because their host was down.
    pub n_down: usize,
    /// Rows left out because the log of their host ends too early, or because their time or label is missing.
    pub n_unknown: usize,
}

/// What a page is good for: time to act.
const PROPOSED_MINUTES: f64 = 30.0;
/// Rows a crash must have before it for something to be learned from it.
const PROPOSED_ROWS: f64 = 6.0;

/// The horizon proposed for rows that come every so many minutes: half an hour, or six rows where rows are so rare that
/// half an hour would hold fewer.
#[must_use]
pub fn propose_horizon(interval_minutes: f64) -> f64 {
    PROPOSED_MINUTES.max(PROPOSED_ROWS * interval_minutes)
}

impl Outages {
    /// The outages that labels meaning "is down now" tell of: the runs of rows with a crash, rows without a label between
    /// them included.
    #[must_use]
    pub fn from_labels(down: &[Option<bool>], timeline: &Timeline) -> Self {
        let mut outages = Self::none(timeline);
        for rows in timeline.by_host() {
            let of_host = &mut outages.of_host[timeline.hosts()[rows[0]] as usize];
            let mut is_down = false;
            for (moment, label) in rows
                .iter()
                .filter_map(|&row| Some((timeline.moments()[row], down[row]?)))
            {
                match of_host.last_mut() {
                    Some(outage) if label && is_down => outage.end = moment,
                    _ if label => of_host.push(Outage {
                        start: moment,
                        end: moment,
                    }),
                    _ => {}
                }
                is_down = label;
            }
        }
        outages
    }

    /// The outages a list tells of, one a row: a column with the start, and where they are given one with the end and one
    /// with the host, found by name. Without an end, the host was down at the start; without a host, every host was.
    ///
    /// # Errors
    /// `BadIncidents` where no column holds starts, or where its times cannot be those of the log.
    pub fn from_list(list: &Table, timeline: &Timeline) -> Result<Self> {
        let columns = ListColumns::find(list)?;
        let starts = Timeline::new(list, Some(columns.start), columns.host);
        let is_known = |of: &Timeline| !matches!(of.unit(), TimeUnit::Unknown | TimeUnit::Rows);
        if is_known(&starts) != is_known(timeline) {
            let problem = "its times are of another kind than those of the log";
            return Err(bad_list(problem));
        }
        let ends = columns
            .end
            .map(|end| Timeline::new(list, Some(end), None).moments().to_vec());
        let mut outages = Self::none(timeline);
        for row in 0..list.n_rows() {
            let start = starts.moments()[row];
            if start == MISSING_TIME {
                continue;
            }
            let end = ends.as_ref().map_or(start, |ends| ends[row].max(start));
            let name = &starts.host_names()[starts.hosts()[row] as usize];
            outages.add(name, timeline, Outage { start, end });
        }
        for of_host in &mut outages.of_host {
            *of_host = in_order(of_host);
        }
        Ok(outages)
    }

    fn none(timeline: &Timeline) -> Self {
        Self {
            of_host: vec![Vec::new(); timeline.host_names().len()],
            n_elsewhere: 0,
        }
    }

    fn add(&mut self, name: &str, timeline: &Timeline, outage: Outage) {
        let mut is_here = false;
        for (of_host, host) in self.of_host.iter_mut().zip(timeline.host_names()) {
            if name.is_empty() || host.is_empty() || name == host {
                of_host.push(outage);
                is_here = true;
            }
        }
        self.n_elsewhere += usize::from(!is_here);
    }

    /// The outages of the host with this number, by start.
    #[must_use]
    pub fn of_host(&self, host: u32) -> &[Outage] {
        &self.of_host[host as usize]
    }

    /// Outages of hosts that the log does not hold.
    #[must_use]
    pub fn n_elsewhere(&self) -> usize {
        self.n_elsewhere
    }

    /// For each row whether its host crashes within `minutes` after it: later than the row, and not later than `minutes`
    /// after it. `is_known` says whether a row may be asked about at all.
    #[must_use]
    pub fn ahead(
        &self,
        timeline: &Timeline,
        minutes: f64,
        is_known: &dyn Fn(usize) -> bool,
    ) -> AheadLabels {
        let horizon = (minutes * MINUTE as f64) as i64;
        let mut ahead = AheadLabels {
            labels: vec![None; timeline.moments().len()],
            n_down: 0,
            n_unknown: 0,
        };
        for rows in timeline.by_host() {
            let moment = |row: usize| timeline.moments()[row];
            let outages = self.of_host(timeline.hosts()[rows[0]]);
            let log_end = moment(rows[rows.len() - 1]);
            for &row in rows {
                let next = outages.partition_point(|outage| outage.start <= moment(row));
                let is_down = next > 0 && outages[next - 1].end >= moment(row);
                let until = moment(row).saturating_add(horizon);
                let crashes = outages
                    .get(next)
                    .is_some_and(|outage| outage.start <= until);
                if is_down {
                    ahead.n_down += 1;
                } else if is_known(row) && (crashes || until <= log_end) {
                    ahead.labels[row] = Some(crashes);
                }
            }
        }
        let n_labelled = ahead.labels.iter().flatten().count();
        ahead.n_unknown = ahead.labels.len() - n_labelled - ahead.n_down;
        ahead
    }
}

/// By start; what overlaps is one outage.
fn in_order(outages: &[Outage]) -> Vec<Outage> {
    let order = indices_by(outages.len(), &|a, b| {
        outages[a].start.cmp(&outages[b].start)
    });
    let mut merged: Vec<Outage> = Vec::new();
    for outage in order.into_iter().map(|at| outages[at]) {
        match merged.last_mut() {
            Some(last) if outage.start <= last.end => last.end = last.end.max(outage.end),
            _ => merged.push(outage),
        }
    }
    merged
}

/// The columns of an incident list.
struct ListColumns<'a> {
    start: &'a str,
    end: Option<&'a str>,
    host: Option<&'a str>,
}

const START_NAMES: &str =
    "start started startedat starttime begin began from opened openedat time timestamp date";
const END_NAMES: &str =
    "end ended endedat endtime until to resolved resolvedat closed closedat finished";
impl<'a> ListColumns<'a> {
    fn find(list: &'a Table) -> Result<Self> {
        let named = |names: &str| {
            let ranked = list
                .columns()
                .iter()
                .filter_map(|column| Some((rank(names, &column.name)?, column)));
            ranked
                .min_by_key(|(rank, _)| *rank)
                .map(|(_, column)| column)
        };
        let holds_times = |column: &&Column| !column.time_at(0).is_nan();
        let start = named(START_NAMES)
            .or_else(|| list.columns().iter().find(holds_times))
            .ok_or_else(|| bad_list("no column of it holds when an incident started"))?;
        let name = |column: &'a Column| column.name.as_str();
        Ok(Self {
            start: name(start),
            end: named(END_NAMES).map(name),
            host: named(HOST_NAMES).map(name),
        })
    }
}

fn bad_list(problem: &'static str) -> Error {
    Error::BadIncidents { problem }
}
