//! A day in one column and a clock in another, as spreadsheets, IIS and `vmstat -t` write them: the moment is both, and
//! both columns get it, whichever is taken for the time.

use super::column::{Column, MISSING_TIME, Values};
use super::format::{Format, TimeFormat};
use super::names::rank;
use super::time::micros_of;

/// Names of a column of clocks: under any other, `10:05` may be a duration.
const CLOCK_NAMES: &str = "time timeofday clock zeit uhrzeit heure hora ora utc";

pub(super) fn is_clock(name: &str) -> bool {
    rank(CLOCK_NAMES, name).is_some()
}

/// Puts the only column of days and that of clocks together, where there are both.
#[inline(never)]
pub(super) fn join(columns: &mut [Column]) {
    let (mut n_days, mut day, mut clock) = (0, 0, None);
    for (at, column) in columns.iter_mut().enumerate() {
        let is_clock = is_clock(&column.name);
        let Some((times, format)) = times_of(column) else {
            continue;
        };
        if format.lacks_date {
            if is_clock {
                clock = Some(at);
            }
        } else if !format.lacks_year && times.iter().all(|&time| is_midnight(time)) {
            n_days += 1;
            day = at;
        }
    }
    let Some(clock) = clock.filter(|_| n_days == 1) else {
        return;
    };
    let Some((clocks, of_clock)) = times_of(&mut columns[clock]) else {
        return;
    };
    let (clocks, of_clock) = (clocks.clone(), *of_clock);
    let Some((moments, format)) = times_of(&mut columns[day]) else {
        return;
    };
    for row in 0..clocks.len() {
        let is_known = moments[row] != MISSING_TIME && clocks[row] != MISSING_TIME;
        moments[row] = if is_known {
            moments[row] + clocks[row].rem_euclid(micros_of(1, 0))
        } else {
            MISSING_TIME
        };
    }
    format.is_joined = true;
    format.is_naive = of_clock.is_naive;
    let (moments, format) = (moments.clone(), *format);
    if let Some((clocks, of_clock)) = times_of(&mut columns[clock]) {
        *clocks = moments;
        *of_clock = format;
    }
}

fn times_of(column: &mut Column) -> Option<(&mut Vec<i64>, &mut TimeFormat)> {
    match (&mut column.values, &mut column.format) {
        (Values::Time(times), Format::Times(format)) => Some((times, format)),
        _ => None,
    }
}

fn is_midnight(time: i64) -> bool {
    time == MISSING_TIME || time.rem_euclid(micros_of(1, 0)) == 0
}
