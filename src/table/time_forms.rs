//! Times as logs write them besides ISO 8601: Apache's, syslog's, mail's, `date`'s and spreadsheets'. What a text leaves
//! open (day or month first, the year, the date) is said in its form and decided over the whole column.

use crate::text::{parted, position_in};

use super::time::{Cursor, Moment, TimeForm, days_from_civil, micros_of};

const MONTHS: [&[u8; 3]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];
const WEEKDAYS: [&[u8; 3]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
/// Zones by their usual names, in hours east of UTC. Those of North America are meant by their names. A time in one that is
/// not here is no time that is known.
const ZONES: [(&str, i8); 18] = [
    ("UTC", 0),
    ("GMT", 0),
    ("WET", 0),
    ("WEST", 1),
    ("CET", 1),
    ("CEST", 2),
    ("EET", 2),
    ("EEST", 3),
    ("MSK", 3),
    ("JST", 9),
    ("EDT", -4),
    ("EST", -5),
    ("CDT", -5),
    ("CST", -6),
    ("MDT", -6),
    ("MST", -7),
    ("PDT", -7),
    ("PST", -8),
];
/// A leap year, for times without a year.
const ANY_YEAR: i64 = 2000;

/// Reads one of
/// `2026/11/24 12:00`, `2026-1-4`, `20261124T120000Z`, `24/11/2026 12:00`, `11/24/26 1:05 PM`, `24.11.2026 12:00`,
/// `24/Nov/2026:12:00:00 +0000`, `24 Nov 2026`, `Tue, 24 Nov 2026 12:00:00 +0000`, `Nov 24, 2026 1:05 PM`,
/// `Tue Nov 24 12:00:00 CET 2026`, `Nov 24 12:00:00` and `12:00:00`, also in square brackets. A zone may be an offset, a usual
/// name or both, as in `GMT+1`; another name of it behind them, in brackets, says nothing more.
pub(super) fn parse_form(text: &str) -> Option<Moment> {
    let text = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let open = match text.as_bytes().last() {
        Some(b']') => "[",
        Some(b')') => " (",
        _ => "",
    };
    let text = match open {
        "" => text,
        _ => parted(text, position_in(text, open)?).0,
    };
    if text.len() > 48 || text.len() < 5 {
        return None;
    }
    let mut rest = Cursor(text.as_bytes());
    if rest.name_of(&WEEKDAYS).is_some() {
        let _ = rest.one_of(b",");
        let _ = rest.one_of(b" ");
    }
    let clock_comes_first = text.bytes().take(3).any(|byte| byte == b':');
    let mut date = if clock_comes_first {
        Date::NONE
    } else {
        rest.any_date()?
    };
    let clock = if rest.0.is_empty() {
        Clock::default()
    } else {
        if !clock_comes_first {
            let _ = rest.one_of(b",");
            rest.one_of(b" T:")?;
            while rest.one_of(b" @").is_some() {}
        }
        rest.any_clock(&mut date)?
    };
    if !rest.0.is_empty() || (date.form == TimeForm::NoYear && !clock.is_given) {
        return None;
    }
    let days = match date.form {
        TimeForm::NoDate | TimeForm::Bare => 0,
        _ => days_from_civil(date.year, date.month, date.day)?,
    };
    Some(Moment {
        micros: micros_of(days, clock.seconds - clock.offset.unwrap_or(0)) + clock.micros,
        form: date.form,
        is_naive: clock.offset.is_none(),
    })
}

/// A date, and what its text leaves open.
struct Date {
    year: i64,
    month: i64,
    day: i64,
    form: TimeForm,
}

impl Date {
    const NONE: Self = Self {
        year: 1970,
        month: 1,
        day: 1,
        form: TimeForm::NoDate,
    };
}

/// A time of the day and its zone.
#[derive(Default)]
struct Clock {
    seconds: i64,
    micros: i64,
    offset: Option<i64>,
    is_given: bool,
}

impl Cursor<'_> {
    /// One to `max` digits, and how many they were.
    fn number(&mut self, max: usize) -> Option<(i64, usize)> {
        let n = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if n > max {
            return None;
        }
        Some((self.digits(n)?, n)).filter(|_| n > 0)
    }

    /// A month or weekday by its first three letters; the others are skipped.
    fn name_of(&mut self, names: &[&[u8; 3]]) -> Option<i64> {
        let n = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let (word, rest) = self.0.split_at(n);
        let start = word.get(..3)?;
        let at = names
            .iter()
            .position(|name| start.eq_ignore_ascii_case(*name))?;
        if n > 9 {
            return None;
        }
        self.0 = rest;
        i64::try_from(at + 1).ok()
    }

    fn any_date(&mut self) -> Option<Date> {
        if let Some(month) = self.name_of(&MONTHS) {
            return self.date_after_month(month);
        }
        let (first, n_digits) = self.number(8)?;
        if n_digits == 8 {
            self.0.first().filter(|byte| **byte == b'T')?;
            return Date::of(first / 10_000, first / 100 % 100, first % 100);
        }
        let separator = self.one_of(b"/-. ")?;
        if let Some(month) = self.name_of(&MONTHS) {
            self.one_of(&[separator])?;
            return Date::of(self.year()?, month, first);
        }
        let (second, _) = self.number(2)?;
        self.one_of(&[separator])?;
        if separator == b' ' {
            None
        } else if n_digits == 4 {
            Date::of(first, second, self.number(2)?.0)
        } else {
            Date::of_numbers((first, second), self.year()?, separator)
        }
    }

    /// `Nov 24, 2026`, or `Nov 24` with the year behind the clock or nowhere.
    fn date_after_month(&mut self, month: i64) -> Option<Date> {
        while self.one_of(b" ").is_some() {}
        let (day, _) = self.number(2)?;
        let year = match self.0 {
            [b',', b' ', rest @ ..] | [b' ', rest @ ..] if has_year(rest) => {
                self.0 = rest;
                Some(self.digits(4)?)
            }
            _ => None,
        };
        let form = if year.is_some() {
            TimeForm::Full
        } else {
            TimeForm::NoYear
        };
        Some(Date {
            year: year.unwrap_or(ANY_YEAR),
            month,
            day,
            form,
        })
    }

    /// Four digits, or two: those from 70 on are of the last century.
    fn year(&mut self) -> Option<i64> {
        match self.number(4)? {
            (year, 4) => Some(year),
            (year, 2) if year < 70 => Some(2000 + year),
            (year, 2) => Some(1900 + year),
            _ => None,
        }
    }

    fn any_clock(&mut self, date: &mut Date) -> Option<Clock> {
        let (mut hour, n_digits) = self.number(6)?;
        let (mut second, mut micros, mut has_seconds) = (0, 0, true);
        let minute = if n_digits == 6 {
            let minute = hour / 100 % 100;
            (hour, second) = (hour / 10_000, hour % 100);
            minute
        } else {
            self.one_of(b":").filter(|_| n_digits <= 2)?;
            let minute = self.digits(2)?;
            has_seconds = self.one_of(b":").is_some();
            if has_seconds {
                second = self.digits(2)?;
            }
            minute
        };
        if has_seconds && self.one_of(b".,").is_some() {
            micros = self.fraction()?;
        }
        let half = self.half_of_day();
        if half.is_some() {
            hour = if (1..=12).contains(&hour) {
                hour % 12
            } else {
                24
            };
        }
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        if date.form == TimeForm::NoDate && !has_seconds && half.is_none() {
            date.form = TimeForm::Bare;
        }
        if date.form == TimeForm::NoYear {
            self.year_behind(date);
        }
        let hours = hour + half.unwrap_or(0);
        Some(Clock {
            seconds: hours * 3600 + minute * 60 + second,
            micros,
            offset: self.zone()?,
            is_given: true,
        })
    }

    /// Hours to add for AM and PM, also `p. m.`; the space may be one that does not break.
    fn half_of_day(&mut self) -> Option<i64> {
        const SPACES: &[u8] = b" .\xc2\xa0\xe2\x80\xaf";
        let mut rest = Cursor(self.0);
        while rest.one_of(SPACES).is_some() {}
        let half = rest.one_of(b"aApP")?;
        while rest.one_of(SPACES).is_some() {}
        rest.one_of(b"mM")?;
        let _ = rest.one_of(b".");
        self.0 = rest.0;
        Some(if half | 32 == b'p' { 12 } else { 0 })
    }

    /// The year that `asctime` and `date` print last, the latter behind a zone.
    fn year_behind(&mut self, date: &mut Date) {
        if let Some((zone, [b' ', digits @ ..])) = self.0.split_last_chunk::<5>()
            && let Some(year) = Cursor(digits).digits(4)
        {
            date.year = year;
            date.form = TimeForm::Full;
            self.0 = zone;
        }
    }

    /// The zone; Go prints an offset and then its name.
    #[expect(clippy::option_option, reason = "not readable, or not there")]
    fn zone(&mut self) -> Option<Option<i64>> {
        if self.0.starts_with(b" +0000 ") {
            self.0 = self.0.strip_suffix(b" UTC").unwrap_or(self.0);
        }
        let named = self.0.strip_prefix(b" ").unwrap_or(self.0);
        let is_letter = |byte: &&u8| byte.is_ascii_alphabetic();
        let (name, rest) = named.split_at(named.iter().take_while(is_letter).count());
        if name.len() > 1 {
            let (_, hours) = ZONES
                .iter()
                .find(|zone| zone.0.as_bytes().eq_ignore_ascii_case(name))?;
            // `GMT+1`
            if let [sign @ (b'+' | b'-'), digit @ b'0'..=b'9'] = rest
                && *hours == 0
            {
                let east = i64::from(digit - b'0') * 3600;
                self.0 = &[];
                return Some(Some(if *sign == b'-' { -east } else { east }));
            }
            self.0 = rest;
            if rest.is_empty() || *hours != 0 {
                return Some(Some(i64::from(*hours) * 3600));
            }
        }
        self.offset()
    }
}

fn has_year(rest: &[u8]) -> bool {
    let n = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    n == 4 && rest.get(n) != Some(&b':')
}

impl Date {
    /// A date whose day and month are known; the calendar is asked later.
    #[expect(clippy::unnecessary_wraps, reason = "it ends functions that may fail")]
    fn of(year: i64, month: i64, day: i64) -> Option<Self> {
        Some(Self {
            year,
            month,
            day,
            form: TimeForm::Full,
        })
    }

    /// `03/04/2026`. With points the day comes first everywhere.
    fn of_numbers((first, second): (i64, i64), year: i64, separator: u8) -> Option<Self> {
        let form = match (first > 12, second > 12) {
            (true, true) => return None,
            _ if separator == b'.' => TimeForm::Full,
            (true, false) => TimeForm::DayFirst,
            (false, true) => TimeForm::MonthFirst,
            (false, false) => TimeForm::DayOrMonth,
        };
        let (day, month) = if form == TimeForm::MonthFirst {
            (second, first)
        } else {
            (first, second)
        };
        Some(Self {
            year,
            month,
            day,
            form,
        })
    }
}
