//! The moments of a column while it is read, and what the whole column decides: day or month first, the years and dates
//! that are not named, and numbers that count since 1970.

use crate::text::position_in;

use super::column::MISSING_TIME;
use super::format::{DateOrder, Epoch, TimeFormat};
use super::names::place_in;
use super::number_column::{UsualMarks, note};
use super::sampling::keep_ranges;
use super::time::{Moment, TimeForm, add_years, days_from_civil, micros_of, swap_day_and_month};

/// The moments of a column; both vectors end at the last row that has something to say.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// [`MISSING_TIME`] where there is none.
    pub(super) values: Vec<i64>,
    pub(super) count: usize,
    /// The form of a moment, 0 for one that leaves nothing open.
    forms: Vec<u8>,
    n_naive: usize,
}

impl Times {
    pub(super) fn push(&mut self, row: usize, moment: Moment) {
        self.values.resize(row, MISSING_TIME);
        self.values.push(moment.micros);
        self.count += 1;
        self.n_naive += usize::from(moment.is_naive);
        if moment.form != TimeForm::Full {
            note(&mut self.forms, row, moment.form as u8);
        }
    }

    /// Keeps the moments of some rows.
    pub(super) fn keep_ranges(&mut self, ranges: &[(usize, usize)]) {
        keep_ranges(&mut self.values, ranges);
        keep_ranges(&mut self.forms, ranges);
        self.count = self
            .values
            .iter()
            .filter(|&&time| time != MISSING_TIME)
            .count();
    }

    /// How many are of a form.
    #[inline(never)]
    pub(super) fn n(&self, form: TimeForm) -> usize {
        let mut n = 0;
        for &of in &self.forms {
            n += usize::from(of == form as u8);
        }
        n
    }

    /// The rows of a form.
    #[inline(never)]
    fn rows(&self, form: TimeForm) -> Vec<usize> {
        (0..self.forms.len())
            .filter(|&row| self.forms[row] == form as u8)
            .collect()
    }

    /// How the column is written; `day_first` is what the user says, and `usual` how the log writes its numbers.
    pub(super) fn decide(&self, day_first: Option<bool>, usual: UsualMarks) -> TimeFormat {
        TimeFormat {
            order: self.order(day_first, usual),
            epoch: None,
            is_naive: self.n_naive > 0,
            lacks_year: self.n(TimeForm::NoYear) > 0,
            lacks_date: self.n(TimeForm::NoDate) + self.n(TimeForm::Bare) > 0,
            is_joined: false,
        }
    }

    /// What most dates can only be; where all can be both, that in which times fall back less often from row to row. Where
    /// commas are decimal marks, or no delimiters, the day comes first.
    fn order(&self, day_first: Option<bool>, usual: UsualMarks) -> DateOrder {
        let (day, month) = (self.n(TimeForm::DayFirst), self.n(TimeForm::MonthFirst));
        let n_open = self.n(TimeForm::DayOrMonth);
        match day_first {
            _ if day + month + n_open == 0 => return DateOrder::Plain,
            Some(true) => return DateOrder::DayFirst,
            Some(false) => return DateOrder::MonthFirst,
            None => {}
        }
        let (falls_day, falls_month) = if day == month {
            (self.falls(|micros| micros), self.falls(swap_day_and_month))
        } else {
            (month, day)
        };
        match falls_day.cmp(&falls_month) {
            std::cmp::Ordering::Less => DateOrder::DayFirst,
            std::cmp::Ordering::Greater => DateOrder::MonthFirst,
            std::cmp::Ordering::Equal if usual == UsualMarks::Points => DateOrder::MonthAssumed,
            std::cmp::Ordering::Equal => DateOrder::DayAssumed,
        }
    }

    fn falls(&self, read: fn(i64) -> i64) -> usize {
        let mut last = i64::MIN;
        let mut n_falls = 0;
        for row in self.rows(TimeForm::DayOrMonth) {
            let now = read(self.values[row]);
            n_falls += usize::from(now < last);
            last = now;
        }
        n_falls
    }

    /// Settles what the forms left open; returns the rows of those that are no moments.
    pub(super) fn convert(&mut self, format: TimeFormat) -> Vec<usize> {
        let is_day_first = format.order.is_day_first();
        let impossible = if is_day_first {
            TimeForm::MonthFirst
        } else {
            TimeForm::DayFirst
        };
        let none = self.rows(impossible);
        if !is_day_first {
            for row in self.rows(TimeForm::DayOrMonth) {
                self.values[row] = swap_day_and_month(self.values[row]);
            }
        }
        for row in self.rows(TimeForm::Bare) {
            self.forms[row] = TimeForm::NoDate as u8;
        }
        self.unroll(TimeForm::NoYear, micros_of(366, 0), add_years);
        self.unroll(TimeForm::NoDate, micros_of(1, 0), |micros, days| {
            micros + micros_of(days, 0)
        });
        none
    }

    /// Times without a year or a date begin anew after each: one that falls back by more than half a round is of the
    /// next one, one that leaps ahead by as much of the last.
    fn unroll(&mut self, form: TimeForm, round: i64, add: fn(i64, i64) -> i64) {
        let (mut n_rounds, mut last) = (0, None);
        for row in self.rows(form) {
            let bare = self.values[row];
            let step = bare - last.unwrap_or(bare);
            if step < -round / 2 {
                n_rounds += 1;
            } else if step > round / 2 {
                n_rounds -= 1;
            }
            last = Some(bare);
            self.values[row] = add(bare, n_rounds);
        }
    }
}

/// Whether a name is that of a column of times.
#[inline(never)]
pub(super) fn speaks_of_time(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_time = "time date epoch datum zeit fecha horodat"
        .split(' ')
        .any(|word| position_in(&name, word).is_some());
    is_time
        || place_in("ts t clock when hora heure", &name).is_some()
        || name.ends_with("_ts")
        || name.ends_with("_at")
}

/// What the numbers of a column count, where its name speaks of time and all lie between 1990 and 2100; or that they are
/// written as dates without marks.
pub(super) fn epoch_of(name: &str, numbers: &[f64]) -> Option<Epoch> {
    const FIRST: f64 = 631_152_000.0;
    const LAST: f64 = 4_102_444_800.0;
    let present = || numbers.iter().filter(|number| !number.is_nan());
    let scale = |epoch: &Epoch| epoch.per_second();
    let fits = |epoch: &Epoch| {
        let of = scale(epoch);
        present().all(|&number| (FIRST * of..LAST * of).contains(&number))
    };
    let is_packed = |number: &f64| unpack(*number).is_some();
    // So many digits that are a moment in every row are no other number.
    let is_long = present().all(|&number| number >= 1e13);
    let is_time = speaks_of_time(name);
    if (is_time || is_long) && present().all(is_packed) {
        return present().next().map(|_| Epoch::Packed);
    }
    if !is_time {
        return None;
    }
    let all = [Epoch::Seconds, Epoch::Millis, Epoch::Micros, Epoch::Nanos];
    present().next()?;
    all.into_iter().find(fits)
}

impl Epoch {
    fn per_second(self) -> f64 {
        match self {
            Self::Seconds => 1.0,
            Self::Millis => 1e3,
            Self::Micros => 1e6,
            Self::Nanos => 1e9,
            Self::Packed => f64::NAN,
        }
    }

    /// A number as a moment, to the microsecond.
    pub(super) fn micros(self, number: f64) -> i64 {
        let micros = match self {
            Self::Packed => return unpack(number).unwrap_or(MISSING_TIME),
            Self::Nanos => number / 1e3,
            _ => number * (1e6 / self.per_second()),
        };
        libm::rint(micros) as i64
    }
}

/// `20240304235900`, without the seconds or without the clock, of a year from 1970 to 2099.
#[inline(never)]
fn unpack(number: f64) -> Option<i64> {
    const FIRST: f64 = 19_700_101.0;
    const WHOLE: i64 = 10_000_000_000_000;
    let mut digits = number as i64;
    if number < FIRST || digits as f64 != number {
        return None;
    }
    while digits < WHOLE {
        digits *= 100;
    }
    let (date, clock) = (digits / 1_000_000, digits % 1_000_000);
    let (hour, minute, second) = (clock / 10_000, clock / 100 % 100, clock % 100);
    let year = Some(date / 10_000).filter(|year| (1970..2100).contains(year))?;
    let days = days_from_civil(year, date / 100 % 100, date % 100)?;
    let is_clock = hour < 24 && minute < 60 && second < 60;
    is_clock.then(|| micros_of(days, hour * 3600 + minute * 60 + second))
}
