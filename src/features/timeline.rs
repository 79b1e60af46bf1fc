//! When and on which host each row was measured: the one place that reads the time column for what comes before and after
//! a row. Moments are whole microseconds, so that comparing and subtracting them is exact.

use crate::order::indices_by;
use crate::table::{Column, MISSING_CODE, MISSING_TIME, Table, Values};

use super::spec::median;

/// Microseconds in a minute.
pub const MINUTE: i64 = 60_000_000;

/// Times and hosts of the rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    moments: Vec<i64>,
    hosts: Vec<u32>,
    host_names: Vec<String>,
    /// All rows that have a moment, by host, then by moment, then as they stand.
    order: Vec<usize>,
    interval: i64,
    unit: TimeUnit,
}

/// What one step of the time column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// The column holds times.
    Calendar,
    /// It holds numbers, whose unit its name or their size says: so many microseconds since 1970 or since some beginning.
    Micros(i64),
    /// It holds numbers of which nothing is known: one step is taken as a minute.
    Unknown,
    /// There is none, and rows are counted: so is one row.
    Rows,
}

impl Timeline {
    /// Reads the columns called `time` and `host` of `table`. Where no time column is named, rows are one minute apart in the
    /// order of the table; where the table lacks the one named, no row has a time.
    #[must_use]
    pub fn new(table: &Table, time: Option<&str>, host: Option<&str>) -> Self {
        let n_rows = table.n_rows();
        let (moments, unit) = match time.map(|name| table.column(name)) {
            Some(Some(column)) => read_moments(column, n_rows),
            Some(None) => (vec![MISSING_TIME; n_rows], TimeUnit::Unknown),
            None => {
                let moments = (0..n_rows as i64).map(|row| row * MINUTE).collect();
                (moments, TimeUnit::Rows)
            }
        };
        let (hosts, host_names) = match host.and_then(|name| table.column(name)) {
            Some(column) => read_hosts(column, n_rows),
            None => (vec![0; n_rows], vec![String::new()]),
        };
        let mut order = indices_by(n_rows, &|a, b| {
            (hosts[a], moments[a]).cmp(&(hosts[b], moments[b]))
        });
        order.retain(|&row| moments[row] != MISSING_TIME);
        let mut timeline = Self {
            moments,
            hosts,
            host_names,
            order,
            interval: MINUTE,
            unit,
        };
        if let Some(interval) = timeline.median_step() {
            timeline.interval = interval;
        }
        timeline
    }

    /// When each row was measured, in microseconds; [`MISSING_TIME`] where unknown.
    #[must_use]
    pub fn moments(&self) -> &[i64] {
        &self.moments
    }

    /// The number of each row's host: an index into [`host_names`](Self::host_names).
    #[must_use]
    pub fn hosts(&self) -> &[u32] {
        &self.hosts
    }

    /// The hosts' names; one empty name where there is no host column. Rows without a host share an empty name too.
    #[must_use]
    pub fn host_names(&self) -> &[String] {
        &self.host_names
    }

    /// What one step of the time column is.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// The usual time between two rows of a host, in microseconds: the median over all hosts, rows of one moment left out.
    #[must_use]
    pub fn interval(&self) -> i64 {
        self.interval
    }

    /// The same in minutes.
    #[must_use]
    pub fn interval_minutes(&self) -> f64 {
        self.interval as f64 / MINUTE as f64
    }

    /// For each host its rows by time, those of one moment as they stand; rows without a time are in none.
    pub fn by_host(&self) -> impl Iterator<Item = &[usize]> {
        self.order.chunk_by(|&a, &b| self.hosts[a] == self.hosts[b])
    }

    /// Steps are drawn evenly where there are many: a median needs no more.
    fn median_step(&self) -> Option<i64> {
        const ENOUGH: usize = 20_000;
        let stride = self.order.len().div_ceil(ENOUGH).max(1);
        let step = |pair: &[usize]| {
            let step = self.moments[pair[1]].saturating_sub(self.moments[pair[0]]);
            (self.hosts[pair[0]] == self.hosts[pair[1]] && step > 0).then_some(step as f64)
        };
        let pairs = self.order.windows(2).step_by(stride);
        let mut steps: Vec<f64> = pairs.filter_map(step).collect();
        median(&mut steps).map(|step| step as i64)
    }
}

fn read_moments(column: &Column, n_rows: usize) -> (Vec<i64>, TimeUnit) {
    if let Values::Time(times) = &column.values {
        return (times.clone(), TimeUnit::Calendar);
    }
    let numbers: Vec<f64> = (0..n_rows).map(|row| column.time_at(row)).collect();
    let unit = unit_of_numbers(column, &numbers);
    let scale = match unit {
        TimeUnit::Micros(micros) => micros,
        _ => MINUTE,
    };
    let moment = |number: &f64| {
        if number.is_nan() {
            return MISSING_TIME;
        }
        // Seconds with a fraction: to the microsecond. A cast saturates; the least number is the missing one.
        let micros = libm::round(number * scale as f64) as i64;
        micros.max(MISSING_TIME + 1)
    };
    (numbers.iter().map(moment).collect(), unit)
}

/// Units that a name may end in, or be written with, and how many microseconds they are.
const UNITS: [(&str, i64); 8] = [
    ("us", 1),
    ("ms", 1_000),
    ("s", 1_000_000),
    ("sec", 1_000_000),
    ("second", 1_000_000),
    ("minute", MINUTE),
    ("hour", 60 * MINUTE),
    ("day", 24 * 60 * MINUTE),
];
/// Numbers of this size are seconds since 1970 in the years 1973 to 5138; a thousand times as much, milliseconds; and so on.
const EPOCH_SECONDS: std::ops::Range<f64> = 1e8..1e11;

/// The unit of a column of numbers: what its name says, or else what numbers of that size count since 1970.
fn unit_of_numbers(column: &Column, numbers: &[f64]) -> TimeUnit {
    let last_word = column.name.rsplit(['_', ' ', '-', '.', '(']).next();
    let words = [column.unit.as_deref(), last_word];
    for word in words.into_iter().flatten() {
        let is_word = |name: &str| word.eq_ignore_ascii_case(name);
        if let Some((_, micros)) = UNITS.iter().find(|(name, _)| is_word(name)) {
            return TimeUnit::Micros(*micros);
        }
    }
    let first = numbers.iter().find(|number| !number.is_nan());
    for (per_second, micros) in [(1.0, 1_000_000), (1e3, 1_000), (1e6, 1)] {
        if first.is_some_and(|first| EPOCH_SECONDS.contains(&(first / per_second))) {
            return TimeUnit::Micros(micros);
        }
    }
    TimeUnit::Unknown
}

fn read_hosts(column: &Column, n_rows: usize) -> (Vec<u32>, Vec<String>) {
    match &column.values {
        Values::Category { codes, levels }
            if column.strays.is_empty() && !codes.contains(&MISSING_CODE) =>
        {
            return (codes.clone(), levels.clone());
        }
        _ => {}
    }
    // Numbers, or cells of several kinds: found by sorting.
    let names: Vec<String> = (0..n_rows)
        .map(|row| column.level_at(row).map(|name| name.into_owned()))
        .map(Option::unwrap_or_default)
        .collect();
    let order = indices_by(n_rows, &|a, b| names[a].cmp(&names[b]));
    let mut hosts = vec![0; n_rows];
    let mut host_names: Vec<String> = Vec::new();
    for row in order {
        if host_names.last() != Some(&names[row]) {
            host_names.push(names[row].clone());
        }
        hosts[row] = host_names.len() as u32 - 1;
    }
    (hosts, host_names)
}
