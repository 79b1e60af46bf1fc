//! What `sar` prints to rows of one time and host. `sar -A` prints section after section, each a table of its own with the
//! same times: they are joined by time. Of a section with a row for each device the largest of their values is taken, so
//! that the columns are those of any host; of one with a row for all of them (`all` CPUs, the `sum` of interrupts), that
//! row. Reports of other days and hosts may follow one another, each under the line that names its day and host. Lines to
//! rows here, rows to the table in `table`.

mod table;

use super::decimal::parse_plain;
use super::decode::Encoding;
use super::dialect::{Dialect, Layout};
use super::fields::{MAX_COLUMNS, MAX_RECORD_BYTES};
use super::records::Sink;
use super::role::{Aside, RecordRole};
use super::series::place_of;
use super::time::{Moment, TimeForm, micros_of, parse_time};
use super::time_forms::parse_form;
use super::value::is_missing;
use crate::text::{parted, position_in};
use crate::{Error, Result};
use table::RowMaker;

/// Cells that are kept until all sections have come: 64 MiB, or 280 days of 200 metrics every ten minutes.
const MAX_CELLS: usize = 1 << 23;
/// What a row or a report takes besides its cells, in cells.
const ROW_CELLS: usize = 8;
/// Kinds of sections; `sar` knows fifty.
const MAX_SECTIONS: usize = 1 << 10;
const DAY: i64 = 86_400;
/// What the key of a row for all devices says.
const TOTALS: [&str; 3] = ["all", "sum", "summary"];
/// A name that has no column yet.
const NOWHERE: usize = usize::MAX;

/// Reads what `sar` printed in pieces.
#[derive(Debug, Default)]
pub(super) struct Sar {
    /// How its rows are written.
    pub(super) dialect: Dialect,
    /// A line whose end has not come yet.
    line: Vec<u8>,
    /// With those of the files before.
    pub(super) n_lines: u64,
    /// Whether the day comes first in dates, where that is known.
    pub(super) day_first: Option<bool>,
    /// Whether an empty line came before.
    is_apart: bool,
    reports: Vec<Report>,
    /// Whether the last title could be read.
    is_titled: bool,
    /// The time of the last header, and the day that its section was at.
    last_header: (i64, i64),
    sections: Vec<Section>,
    /// The section that is read.
    section: Option<usize>,
    names: Vec<String>,
    /// Those of a report by time.
    rows: Vec<Row>,
    n_cells: usize,
}

/// What begins with a line such as `Linux 6.1.0 (web-1)  11/29/2026  _x86_64_  (4 CPU)`.
#[derive(Debug)]
struct Report {
    line: u64,
    host: String,
    date: String,
    midnight: Moment,
    first_row: usize,
}

#[derive(Debug)]
struct Section {
    line: u64,
    fields: Vec<Field>,
    /// The field that says of what device a row is, and its name: `CPU`, `DEV`, `IFACE`.
    key: Option<(usize, String)>,
    /// The number of the report in which the rest holds.
    report: usize,
    has_total: bool,
    clock: Clock,
}

#[derive(Debug)]
struct Field {
    name: String,
    /// The column of rows for all devices, and that of the largest.
    columns: [usize; 2],
}

/// Of each line only the time of the day is printed. One that falls by more than half a day is of the next day; one that
/// falls by less is the same hour again, as where summer time ends.
#[derive(Debug, Default)]
struct Clock {
    day: i64,
    last: i64,
    n_again: u32,
}

#[derive(Debug)]
struct Row {
    report: usize,
    /// How often the clock had been put back, and seconds since the report's midnight.
    time: (u32, i64),
    line: u64,
    cells: Vec<f64>,
}

impl Sar {
    /// The reader of a log that begins like this, after so many lines of other files, or `None` if no `sar` printed it: no
    /// day and host, or no time of the day.
    pub(super) fn open(
        head: &[u8],
        encoding: Encoding,
        n_lines: u64,
        day_first: Option<bool>,
    ) -> Option<Self> {
        let mut lines = head.split(|&byte| byte == b'\n');
        Report::of(&String::from_utf8_lossy(lines.next()?))?;
        lines.find(|line| take_clock(&mut cells_of(&String::from_utf8_lossy(line))).is_some())?;
        Some(Self {
            dialect: Dialect {
                encoding,
                layout: Layout::Sections,
                ..Dialect::default()
            },
            n_lines,
            day_first,
            ..Self::default()
        })
    }

    /// Reads what comes next. What is no part of the table is given on at once.
    pub(super) fn read(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<()> {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(piece);
            self.line.truncate(MAX_RECORD_BYTES);
            if piece.ends_with(b"\n") {
                self.end_line(sink)?;
            }
        }
        Ok(())
    }

    fn end_line(&mut self, sink: &mut dyn Sink) -> Result<()> {
        self.n_lines += 1;
        let mut line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        if let Some(what) = self.take_line(text.trim_ascii())? {
            let mut made = RowMaker::new(self.dialect);
            made.say(text.trim_ascii());
            made.give(self.n_lines, RecordRole::Aside(what), sink)?;
        }
        line.clear();
        self.line = line;
        Ok(())
    }

    /// What the line is where nothing of it is used and something might be missed; titles, headers and averages go without
    /// saying.
    fn take_line(&mut self, line: &str) -> Result<Option<Aside>> {
        let is_apart = std::mem::replace(&mut self.is_apart, line.is_empty());
        if line.is_empty() {
            return Ok(None);
        }
        if line.starts_with("Linux ") {
            return self.begin_report(line);
        }
        let mut cells = cells_of(line);
        let Some(seconds) = take_clock(&mut cells) else {
            // In French with a space before the colon.
            let is_average = cells[..cells.len().min(2)]
                .iter()
                .any(|cell| cell.ends_with(':'));
            return Ok((!is_average).then_some(Aside::Stray));
        };
        if !self.is_titled {
            return Ok(Some(Aside::Stray));
        }
        match cells[..] {
            ["LINUX", "RESTART", ..] | ["COM", ..] => return Ok(Some(Aside::Comment)),
            _ => {}
        }
        // An empty line stands above each header, unless somebody took them out.
        let is_word = |cell: &&str| number_in(cell).is_none() && !is_missing(cell);
        if (is_apart && !cells.is_empty() || cells.len() > 1) && cells.iter().all(is_word) {
            return self.begin_section(&cells, seconds);
        }
        let Some(section) = self.section else {
            return Ok(Some(Aside::Stray));
        };
        let time = self.sections[section].clock.at(seconds);
        if self.sections[section].fields.len() != cells.len() {
            return Ok(Some(Aside::Stray));
        }
        self.add_row(section, time, &cells)
    }

    /// What stands under a title that cannot be read belongs to no report.
    fn begin_report(&mut self, line: &str) -> Result<Option<Aside>> {
        let report = Report::of(line);
        self.section = None;
        self.is_apart = true;
        self.is_titled = report.is_some();
        let Some(mut report) = report else {
            return Ok(Some(Aside::Stray));
        };
        report.line = self.n_lines;
        report.first_row = self.rows.len();
        self.reports.push(report);
        self.last_header = (0, 0);
        self.n_cells += ROW_CELLS;
        self.check_room()?;
        Ok(None)
    }

    /// A header comes again and again: page after page, after each interval while `sar` measures, in each report.
    fn begin_section(&mut self, cells: &[&str], seconds: i64) -> Result<Option<Aside>> {
        if cells.len() > MAX_COLUMNS {
            return Ok(Some(Aside::Stray));
        }
        let is_same = |section: &Section| {
            let mut pairs = section.fields.iter().zip(cells);
            section.fields.len() == cells.len() && pairs.all(|(field, cell)| field.name == *cell)
        };
        let known = self.sections.iter().position(is_same);
        let at = known.unwrap_or(self.sections.len());
        if known.is_none() {
            let field = |name: &&str| Field {
                name: (*name).to_owned(),
                columns: [NOWHERE; 2],
            };
            let key = cells.iter().enumerate().find(|(_, name)| is_key(name));
            self.sections.push(Section {
                line: self.n_lines,
                fields: cells.iter().map(field).collect(),
                key: key.map(|(at, name)| (at, (*name).to_owned())),
                report: 0,
                has_total: false,
                clock: Clock::default(),
            });
        }
        self.section = Some(at);
        let section = &mut self.sections[at];
        if section.report != self.reports.len() {
            section.report = self.reports.len();
            section.has_total = false;
            // While `sar` measures, the sections of an interval follow each other, all with its time above them.
            let (last, day) = self.last_header;
            section.clock = Clock {
                last: seconds,
                day: if last == seconds { day } else { 0 },
                n_again: 0,
            };
        }
        self.last_header = (seconds, section.clock.day);
        self.check_room()?;
        Ok(None)
    }

    fn check_room(&self) -> Result<()> {
        let (n_sections, n_names) = (self.sections.len(), self.names.len());
        if self.n_cells > MAX_CELLS || n_sections > MAX_SECTIONS || n_names > MAX_COLUMNS {
            return Err(Error::NotCsv {
                found: "a report of sar too long to be joined by time",
                advice: "give fewer days or sections at once",
            });
        }
        Ok(())
    }

    fn add_row(&mut self, at: usize, time: (u32, i64), cells: &[&str]) -> Result<Option<Aside>> {
        let Section {
            fields,
            key,
            has_total,
            ..
        } = &mut self.sections[at];
        let (mut n_said, mut is_odd) = (0, false);
        for (field, cell) in fields.iter().zip(cells) {
            let is_said = number_in(cell).is_some() || is_missing(cell);
            n_said += usize::from(is_said && !is_key(&field.name));
            is_odd |=
                !is_said && cell.starts_with(|c: char| c.is_ascii_digit()) && !is_key(&field.name);
        }
        if is_odd || n_said == 0 {
            return Ok(Some(Aside::Stray));
        }
        let is_total = |at: usize| TOTALS.contains(&cells[at]);
        let is_of_device = key.as_ref().is_some_and(|(at, _)| !is_total(*at));
        *has_total |= key.is_some() && !is_of_device;
        if is_of_device && *has_total {
            return Ok(None);
        }
        let first = self.reports.last().map_or(0, |report| report.first_row);
        let found = self.rows[first..].binary_search_by(|row| row.time.cmp(&time));
        let row = found.map_or(self.rows.len(), |at| first + at);
        if found.is_err() {
            // Out of order, as hardly ever, it may be missed from now on: there are two rows then, put together at the end.
            self.n_cells += ROW_CELLS;
            self.rows.push(Row {
                report: self.reports.len(),
                time,
                line: self.n_lines,
                cells: Vec::new(),
            });
        }
        let row = &mut self.rows[row];
        for (field, cell) in fields.iter_mut().zip(cells) {
            let Some(number) = number_in(cell).filter(|_| !is_key(&field.name)) else {
                continue;
            };
            let column = &mut field.columns[usize::from(is_of_device)];
            if *column == NOWHERE {
                let of = if is_of_device { " max" } else { "" };
                let name = match key {
                    None => field.name.clone(),
                    Some((_, device)) => format!("{device}{of} {}", field.name),
                };
                *column = place_of(&name, &mut self.names);
            }
            self.n_cells += row.note(*column, number, self.names.len());
        }
        self.check_room()?;
        Ok(None)
    }
}

impl Report {
    fn of(line: &str) -> Option<Self> {
        let version = line.strip_prefix("Linux ")?;
        let (_, rest) = parted(version, position_in(version, " (")? + 2);
        let (host, rest) = parted(rest, position_in(rest, ")")?);
        let date = rest.split_ascii_whitespace().nth(1)?;
        Some(Self {
            line: 0,
            host: host.to_owned(),
            date: date.to_owned(),
            midnight: parse_time(date).or_else(|| parse_form(date))?,
            first_row: 0,
        })
    }
}

impl Row {
    /// Notes a number where it is the largest; returns how many cells that took.
    fn note(&mut self, column: usize, number: f64, n_columns: usize) -> usize {
        let n_before = self.cells.len();
        if column >= n_before {
            self.cells.reserve_exact(n_columns - n_before);
            self.cells.resize(n_columns, f64::NAN);
        }
        // One that is missing is never the largest.
        self.cells[column] = self.cells[column].max(number);
        self.cells.len() - n_before
    }
}

impl Clock {
    fn at(&mut self, seconds: i64) -> (u32, i64) {
        if self.last - seconds > DAY / 2 {
            self.day += DAY;
        } else if seconds < self.last {
            self.n_again += 1;
        }
        self.last = seconds;
        (self.n_again, self.day + seconds)
    }
}

fn cells_of(line: &str) -> Vec<&str> {
    line.split_ascii_whitespace().collect()
}

/// Takes the time of the day from the first cells of a line, `23:50:01` or `11:50:01 PM`, in seconds.
fn take_clock(cells: &mut Vec<&str>) -> Option<i64> {
    const HOUR: i64 = 3600;
    let clock = parse_form(cells.first()?).filter(|clock| clock.form == TimeForm::NoDate)?;
    cells.remove(0);
    let mut seconds = clock.micros / micros_of(0, 1);
    if let Some(&half @ ("AM" | "PM")) = cells.first() {
        cells.remove(0);
        seconds %= 12 * HOUR;
        seconds += if half == "PM" { 12 * HOUR } else { 0 };
    }
    Some(seconds)
}

/// Whether a name says what a row is about. Metrics are written small.
fn is_key(name: &str) -> bool {
    name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// `sar` writes the decimal mark of the language it runs in, and for people (`-h`) its kB as kB, MB, GB by their letters.
fn number_in(cell: &str) -> Option<f64> {
    const LETTERS: &[u8; 4] = b"kMGT";
    let mut bytes = cell.as_bytes().to_vec();
    for byte in &mut bytes {
        if *byte == b',' {
            *byte = b'.';
        }
    }
    let mut factor = 1.0;
    if bytes.last() == Some(&b'%') {
        bytes.pop();
    }
    for (at, letter) in LETTERS.iter().enumerate() {
        if bytes.last() == Some(letter) {
            bytes.pop();
            factor = (1_u64 << (10 * at)) as f64;
        }
    }
    parse_plain(&bytes).map(|decimal| decimal.value * factor)
}
