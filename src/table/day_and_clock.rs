//! A day in one column and a clock in another, as spreadsheets, IIS and `vmstat -t` write them: the moment is both, and
//! both columns get it, whichever is taken for the time.

use super::column::{Column, MISSING_TIME, Values};
use super::format::{Format, TimeFormat};
use super::names::rank;
use super::time::micros_of;

/// Names of a column of clocks, where `10:05` is no duration. The one so named goes before others.
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

/// Puts the only column of days and the only one of clocks together, where there are both.
#[inline(never)]
pub(super) fn join(columns: &mut [Column]) {
    let (mut days, mut clocks) = (Vec::new(), Vec::new());
    for (at, column) in columns.iter().enumerate() {
        let (Values::Time(times), Format::Times(format)) = (&column.values, &column.format) else {
            continue;
        };
        if format.lacks_date {
            clocks.push((at, *format));
        } else if !format.lacks_year && times.iter().all(|&time| is_midnight(time)) {
            days.push((at, *format));
        }
    }
    if clocks.len() > 1 {
        clocks.retain(|(at, _)| is_clock(&columns[*at].name));
    }
    let (&[(day, format)], &[(clock, of_clock)]) = (&days[..], &clocks[..]) else {
        return;
    };
    let format = TimeFormat {
        is_joined: true,
        is_naive: of_clock.is_naive,
        ..format
    };
    let Values::Time(mut moments) = columns[day].values.clone() else {
        return;
    };
    if let Values::Time(clocks) = &columns[clock].values {
        for (moment, &clock) in moments.iter_mut().zip(clocks) {
            *moment = match (*moment, clock) {
                (MISSING_TIME, _) | (_, MISSING_TIME) => MISSING_TIME,
                (day, clock) => day + clock.rem_euclid(micros_of(1, 0)),
            };
        }
    }
    for at in [day, clock] {
        columns[at].values = Values::Time(moments.clone());
        columns[at].format = Format::Times(format);
    }
}

fn is_midnight(time: i64) -> bool {
    time == MISSING_TIME || time.rem_euclid(micros_of(1, 0)) == 0
}
