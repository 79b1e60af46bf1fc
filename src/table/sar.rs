//! What `sar` prints to rows of one time and host. `sar -A` prints section after section, each a table of its own with the
//! same times: they are joined by time. Of a section with a row for each device the largest of their values is taken, so
//! that the columns are those of any host; of one with a row for all of them (`all` CPUs, the `sum` of interrupts), that
//! row. Reports of other days and hosts may follow one another, each under the line that names its day and host.

use super::decimal::parse_plain;
use super::decode::Encoding;
use super::dialect::{Dialect, Layout};
use super::fields::{Bounds, MAX_RECORD_BYTES};
use super::records::{Record, Sink};
use super::role::{Aside, RecordRole};
use super::series::place_of;
use super::time::{Moment, TimeForm, format_time, micros_of, parse_time, swap_day_and_month};
use super::time_forms::parse_form;
use super::value::format_number;
use crate::order::indices_by;
use crate::text::{parted, position_in};
use crate::{Error, Result};

/// Cells that are kept until all sections have come: 64 MiB, or 280 days of 200 metrics every ten minutes.
const MAX_CELLS: usize = 1 << 23;
/// What a row takes besides its cells, in cells.
const ROW_CELLS: usize = 8;
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
    n_lines: u64,
    /// Whether an empty line came before: `sar` prints one above each header. Words alone may also be a row without a number.
    is_apart: bool,
    reports: Vec<Report>,
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
    host: String,
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
    pub(super) fn open(head: &[u8], encoding: Encoding, n_lines: u64) -> Option<Self> {
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

    /// Gives the table, and returns how many lines there were.
    pub(super) fn finish(mut self, sink: &mut dyn Sink) -> Result<u64> {
        if !self.line.is_empty() {
            self.end_line(sink)?;
        }
        self.settle_dates();
        let Self {
            dialect,
            n_lines,
            reports,
            sections,
            names,
            mut rows,
            ..
        } = self;
        let mut made = RowMaker::new(dialect);
        let header = sections.first().map_or(1, |section| section.line);
        made.push("time");
        made.push("host");
        names.iter().for_each(|name| made.push(name));
        made.give(header, RecordRole::Header, sink)?;
        let key = |row: &Row| {
            let Report { host, midnight, .. } = &reports[row.report - 1];
            let (n_again, seconds) = row.time;
            (midnight.micros + micros_of(0, seconds), host, n_again)
        };
        let order = indices_by(rows.len(), &|a, b| key(&rows[a]).cmp(&key(&rows[b])));
        for (at, &index) in order.iter().enumerate() {
            let row = std::mem::take(&mut rows[index].cells);
            // The same time of the same host may be in several rows, as of two reports.
            let next = order.get(at + 1).copied();
            if let Some(next) = next.filter(|&next| key(&rows[next]) == key(&rows[index])) {
                rows[next].line = rows[next].line.min(rows[index].line);
                for (column, &number) in row.iter().enumerate() {
                    rows[next].note(column, number, names.len());
                }
                continue;
            }
            let (time, host, _) = key(&rows[index]);
            let time = format_time(time);
            made.push(time.strip_suffix('Z').unwrap_or(&time));
            made.push(host);
            for column in 0..names.len() {
                let number = row.get(column).filter(|number| !number.is_nan());
                made.push(&number.map_or_else(String::new, |&number| format_number(number)));
            }
            made.give(rows[index].line, RecordRole::Row, sink)?;
        }
        Ok(n_lines)
    }

    /// The day and the month of `02/03/2026` are as in the report in which only one of both can be right; `sar` by itself
    /// writes the month first.
    fn settle_dates(&mut self) {
        let is_form = |report: &Report, form| report.midnight.form == form;
        let mut reports = self.reports.iter();
        if !reports.any(|report| is_form(report, TimeForm::DayFirst)) {
            for report in &mut self.reports {
                if is_form(report, TimeForm::DayOrMonth) {
                    report.midnight.micros = swap_day_and_month(report.midnight.micros);
                }
            }
        }
    }

    fn end_line(&mut self, sink: &mut dyn Sink) -> Result<()> {
        self.n_lines += 1;
        let mut line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        if let Some(what) = self.take_line(text.trim_ascii())? {
            let mut made = RowMaker::new(self.dialect);
            made.raw.extend_from_slice(text.trim_ascii().as_bytes());
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
        if let Some(mut report) = Report::of(line) {
            report.first_row = self.rows.len();
            self.reports.push(report);
            self.section = None;
            self.is_apart = true;
            return Ok(None);
        }
        let mut cells = cells_of(line);
        let Some(seconds) = take_clock(&mut cells) else {
            let is_average = cells[0].ends_with(':');
            return Ok((!is_average).then_some(Aside::Stray));
        };
        match cells[..] {
            ["LINUX", "RESTART", ..] | ["COM", ..] => return Ok(Some(Aside::Comment)),
            _ => {}
        }
        let is_word = |cell: &&str| number_in(cell).is_none();
        if is_apart && !cells.is_empty() && cells.iter().all(is_word) {
            self.begin_section(&cells, seconds);
            return Ok(None);
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

    /// A header comes again and again: page after page, after each interval while `sar` measures, in each report.
    fn begin_section(&mut self, cells: &[&str], seconds: i64) {
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
            section.clock = Clock {
                last: seconds,
                ..Clock::default()
            };
        }
    }

    fn add_row(&mut self, at: usize, time: (u32, i64), cells: &[&str]) -> Result<Option<Aside>> {
        let Section {
            fields,
            key,
            has_total,
            ..
        } = &mut self.sections[at];
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
        if self.n_cells > MAX_CELLS {
            return Err(Error::NotCsv {
                found: "a report of sar too long to be joined by time",
                advice: "give fewer days or sections at once",
            });
        }
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
            host: host.to_owned(),
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

/// The cells of a row, and the row as CSV.
#[derive(Debug)]
struct RowMaker {
    dialect: Dialect,
    raw: Vec<u8>,
    text: Vec<u8>,
    bounds: Vec<Bounds>,
}

impl RowMaker {
    fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            raw: Vec::new(),
            text: Vec::new(),
            bounds: Vec::new(),
        }
    }

    fn push(&mut self, cell: &str) {
        if !self.bounds.is_empty() {
            self.raw.push(b',');
        }
        self.dialect.write_field(cell.as_bytes(), &mut self.raw);
        let start = self.text.len() as u32;
        self.text.extend_from_slice(cell.as_bytes());
        self.bounds.push((start, self.text.len() as u32));
    }

    fn give(&mut self, line: u64, role: RecordRole, sink: &mut dyn Sink) -> Result<()> {
        sink.take(&Record {
            line,
            offset: 0,
            raw: &self.raw,
            dialect: self.dialect,
            role,
            problem: None,
            n_fields: self.bounds.len(),
            stray_quote: None,
            is_first_windows_1252: false,
            text: &self.text,
            bounds: &self.bounds,
            width: None,
        })?;
        self.raw.clear();
        self.text.clear();
        self.bounds.clear();
        Ok(())
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

/// `sar` writes the decimal mark of the language it runs in.
fn number_in(cell: &str) -> Option<f64> {
    let mut bytes = cell.as_bytes().to_vec();
    for byte in &mut bytes {
        if *byte == b',' {
            *byte = b'.';
        }
    }
    parse_plain(&bytes).map(|decimal| decimal.value)
}
