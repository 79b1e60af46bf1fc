//! ISO 8601 dates and date-times to microseconds since 1970-01-01T00:00:00Z and back, in the proleptic Gregorian calendar.
//! The day count is Howard Hinnant's `days_from_civil` (<https://howardhinnant.github.io/date_algorithms.html>). Epoch
//! numbers are plain numbers to this module.

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A moment, and what its text leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub(super) micros: i64,
    pub(super) form: TimeForm,
    /// Whether it names no zone.
    pub(super) is_naive: bool,
}

/// What a time's text leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeForm {
    /// Nothing.
    Full,
    /// `03/04/2026`: day and month may be either; read with the day first.
    DayOrMonth,
    /// `24/11/2026`
    DayFirst,
    /// `11/24/2026`
    MonthFirst,
    /// `Nov 24 12:00:00`: read as of the year 2000, which has every day.
    NoYear,
    /// `12:00:00`: read as of 1970-01-01.
    NoDate,
    /// `12:00`: the same, if it is no duration of minutes and seconds.
    Bare,
}

/// Reads `YYYY-MM-DD`, optionally followed by `T` or a space, `HH:MM`, `:SS`, a fraction after `.` or `,`, and `Z`, `UTC`
/// or an offset (`+02`, `+0200`, `+02:00`, also after one space). A time without an offset is taken as UTC. Digits beyond
/// the microsecond are cut off.
pub(super) fn parse_time(text: &str) -> Option<Moment> {
    let mut rest = Cursor(text.as_bytes());
    let (year, month, day) = rest.date()?;
    let days = days_from_civil(year, month, day)?;
    let (mut in_day, mut fraction, mut offset) = (0, 0, None);
    if !rest.0.is_empty() {
        rest.one_of(b"Tt ")?;
        (in_day, fraction) = rest.clock()?;
        offset = rest.offset()?;
    }
    rest.0.is_empty().then_some(Moment {
        micros: micros_of(days, in_day - offset.unwrap_or(0)) + fraction,
        form: TimeForm::Full,
        is_naive: offset.is_none(),
    })
}

/// Days since 1970 and seconds since midnight as microseconds.
pub(super) fn micros_of(days: i64, seconds: i64) -> i64 {
    (days * SECONDS_PER_DAY + seconds) * MICROS_PER_SECOND
}

/// The day of a moment, and the microseconds since its midnight.
fn split_day(micros: i64) -> (i64, i64) {
    let per_day = SECONDS_PER_DAY * MICROS_PER_SECOND;
    (micros.div_euclid(per_day), micros.rem_euclid(per_day))
}

/// The same time on the date whose day is the month and whose month is the day; both are at most 12.
pub(super) fn swap_day_and_month(micros: i64) -> i64 {
    let (days, in_day) = split_day(micros);
    let (year, month, day) = civil_from_days(days);
    days_from_civil(year, day, month).map_or(micros, |days| micros_of(days, 0) + in_day)
}

/// The same time of the year so many years later; the 29th of February may become the 1st of March.
pub(super) fn add_years(micros: i64, years: i64) -> i64 {
    let (days, in_day) = split_day(micros);
    let (year, month, day) = civil_from_days(days);
    let date = days_from_civil(year + years, month, day)
        .or_else(|| days_from_civil(year + years, month + 1, 1));
    date.map_or(micros, |days| micros_of(days, 0) + in_day)
}

/// The bytes that are still to be read.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl Cursor<'_> {
    /// Exactly `n` digits as a number.
    pub(super) fn digits(&mut self, n: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(n)?;
        let mut value = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i64::from(digit - b'0');
        }
        self.0 = rest;
        Some(value)
    }

    /// Takes one byte if it is among `wanted`.
    pub(super) fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        if !wanted.contains(&byte) {
            return None;
        }
        self.0 = rest;
        Some(byte)
    }

    fn date(&mut self) -> Option<(i64, i64, i64)> {
        let year = self.digits(4)?;
        self.one_of(b"-")?;
        let month = self.digits(2)?;
        self.one_of(b"-")?;
        Some((year, month, self.digits(2)?))
    }

    /// Seconds since midnight and microseconds. Second 60, a leap second, is the next minute's first.
    fn clock(&mut self) -> Option<(i64, i64)> {
        let hour = self.digits(2)?;
        self.one_of(b":")?;
        let minute = self.digits(2)?;
        let (mut second, mut micros) = (0, 0);
        if self.one_of(b":").is_some() {
            second = self.digits(2)?;
            if self.one_of(b".,").is_some() {
                micros = self.fraction()?;
            }
        }
        (hour < 24 && minute < 60 && second <= 60)
            .then_some((hour * 3600 + minute * 60 + second, micros))
    }

    pub(super) fn fraction(&mut self) -> Option<i64> {
        let n_digits = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let kept = n_digits.min(6);
        let micros = self.digits(kept)? * 10_i64.pow(6 - u32::try_from(kept).ok()?);
        self.0 = self.0.get(n_digits - kept..)?;
        (n_digits > 0).then_some(micros)
    }

    /// Seconds east of UTC; nothing inside where nothing is said.
    #[expect(clippy::option_option, reason = "not readable, or not there")]
    pub(super) fn offset(&mut self) -> Option<Option<i64>> {
        if self.0.is_empty() {
            return Some(None);
        }
        let _ = self.one_of(b" ");
        let is_utc = |name: &[u8]| self.0.eq_ignore_ascii_case(name);
        if is_utc(b"Z") || is_utc(b"UTC") || is_utc(b"GMT") {
            self.0 = &[];
            return Some(Some(0));
        }
        let sign = if self.one_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.digits(2)?;
        let mut minutes = 0;
        if !self.0.is_empty() {
            let _ = self.one_of(b":");
            minutes = self.digits(2)?;
        }
        (hours < 24 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60)))
    }
}

/// Days since 1970-01-01, or `None` for a date that does not exist.
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 {
        month_index + 3
    } else {
        month_index - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// A moment (microseconds since 1970-01-01T00:00:00Z) as ISO 8601 in UTC, with a fraction only where there is one.
#[must_use]
pub fn format_time(micros: i64) -> String {
    let seconds = micros.div_euclid(MICROS_PER_SECOND);
    let fraction = micros.rem_euclid(MICROS_PER_SECOND);
    let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
    let in_day = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (in_day / 3600, in_day / 60 % 60, in_day % 60);
    let clock = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    match (fraction, fraction % 1000) {
        (0, _) => format!("{clock}Z"),
        (_, 0) => format!("{clock}.{:03}Z", fraction / 1000),
        _ => format!("{clock}.{fraction:06}Z"),
    }
}
