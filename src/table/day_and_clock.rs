//! A day in one column and a clock in another, as spreadsheets, IIS and `vmstat -t` write them: the moment is both, and
//! both columns get it, whichever is taken for the time.

use super::column::{Column, MISSING_TIME, Values};
use super::format::Format;
use super::names::rank;
use super::time::micros_of;

/// Names of a column of clocks, where `10:05` is no duration. The one so named goes before others; or else the first.
const CLOCK_NAMES: [&str; 8] = [
    "time",
    "timeofday",
    "clock",
    "zeit",
    "uhrzeit",
    "heure",
    "hora",
    "ora",
];

pub(super) fn is_clock(name: &str) -> bool {
    rank(&CLOCK_NAMES, name).is_some()
}

/// Puts the only column of days and that of clocks together, where there are both.
#[inline(never)]
pub(super) fn join(columns: &mut [Column]) {
    let (mut n_days, mut day, mut clock) = (0, 0, None);
    for at in 0..columns.len() {
        let column = &columns[at];
        let (Values::Time(times), Format::Times(format)) = (&column.values, &column.format) else {
            continue;
        };
        if format.lacks_date {
            if clock.is_none() || is_clock(&column.name) {
                clock = Some((at, format.is_naive));
            }
        } else if !format.lacks_year && times.iter().all(|&time| is_midnight(time)) {
            n_days += 1;
            day = at;
        }
    }
    let Some((clock, is_naive)) = clock.filter(|_| n_days == 1) else {
        return;
    };
    let mut both = std::mem::replace(&mut columns[day].values, Values::Empty { n_rows: 0 });
    let clocks = std::mem::replace(&mut columns[clock].values, Values::Empty { n_rows: 0 });
    if let (Values::Time(moments), Values::Time(clocks)) = (&mut both, clocks) {
        for row in 0..clocks.len() {
            let is_known = moments[row] != MISSING_TIME && clocks[row] != MISSING_TIME;
            moments[row] = if is_known {
                moments[row] + clocks[row].rem_euclid(micros_of(1, 0))
            } else {
                MISSING_TIME
            };
        }
    }
    if let Format::Times(format) = &mut columns[day].format {
        format.is_joined = true;
        format.is_naive = is_naive;
    }
    columns[clock].format = columns[day].format.clone();
    columns[clock].values = both.clone();
    columns[day].values = both;
}

fn is_midnight(time: i64) -> bool {
    time == MISSING_TIME || time.rem_euclid(micros_of(1, 0)) == 0
}
