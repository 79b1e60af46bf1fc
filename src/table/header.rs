//! The first record: whether it is a header, unique names, and the units that names say.

use std::collections::HashMap;

use super::fields::MAX_COLUMNS;
use super::issue::{Issue, IssueCode, Issues};
use super::records::Record;
use super::role::RecordRole;
use super::time_forms::parse_form;
use super::value::{Cell, classify};
use crate::{Error, Result};

/// Whether a cell can be a name: a header has none that is a number or a time.
pub(super) fn can_be_name(cell: &str) -> bool {
    match classify(cell) {
        Cell::Missing => true,
        Cell::Text(text) => !is_decimal_comma(text),
        Cell::Number(_) | Cell::Time(_) => false,
    }
}

/// `3,14`: one number in half of the world.
pub(super) fn is_decimal_comma(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.trim_start_matches('-')
        .split_once(',')
        .is_some_and(|(whole, fraction)| digits(whole) && digits(fraction))
}

/// The lines of a header, one below the other.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Those above each other joined by a space.
    pub(super) cells: Vec<String>,
    pub(super) n_lines: u32,
    issues: Vec<Issue>,
}

impl Header {
    /// Takes a line of the header, or the first row of a log without one.
    ///
    /// # Errors
    /// [`Error::TooManyColumns`] or [`Error::Encoding`]
    pub(super) fn add(&mut self, record: &Record<'_>) -> Result<()> {
        if record.n_fields > MAX_COLUMNS {
            return Err(Error::TooManyColumns {
                found: record.n_fields,
                limit: MAX_COLUMNS,
            });
        }
        if record.role == RecordRole::Row {
            return Ok(());
        }
        if let Err(error) = std::str::from_utf8(record.raw) {
            return Err(Error::Encoding {
                expected: record.dialect.encoding.name(),
                offset: record.offset + error.valid_up_to() as u64,
            });
        }
        self.n_lines += 1;
        self.cells
            .resize(self.cells.len().max(record.n_fields), String::new());
        for (index, field) in record.fields().enumerate() {
            let field = String::from_utf8_lossy(field);
            if field.as_bytes().contains(&0) {
                let issue = Issue::at_line(IssueCode::NulByte, record.line);
                self.issues
                    .push(issue.in_column(index, &field.replace('\0', "")));
            }
            let mut part = field.trim_ascii();
            if index == 0 && part.len() > 1 {
                part = part.trim_start_matches('#').trim_ascii_start();
            }
            let name = &mut self.cells[index];
            if !name.is_empty() && !part.is_empty() {
                name.push(' ');
            }
            name.push_str(part);
        }
        Ok(())
    }

    /// The names of the columns; `record` is the last that was added.
    pub(super) fn into_names(mut self, record: &Record<'_>, issues: &mut Issues) -> Vec<String> {
        let width = record.width.unwrap_or(record.n_fields);
        if record.role == RecordRole::Row {
            return (1..=width)
                .map(|number| format!("column_{number}"))
                .collect();
        }
        self.issues.into_iter().for_each(|issue| issues.add(issue));
        let found = self.cells.len();
        if found != width {
            let code = IssueCode::FieldCount {
                expected: width,
                found,
            };
            issues.add(Issue::at_line(code, record.line).in_column(found.min(width), ""));
            if found + 1 == width {
                // R gives its numbers of rows no name, and reads such a file back like this.
                self.cells.insert(0, String::new());
            }
            self.cells.resize(width, String::new());
        }
        // What `sar` writes above its times is the time it was started.
        if let Some(first) = self.cells.first_mut()
            && parse_form(first).is_some()
        {
            *first = "time".to_owned();
        }
        unique_names(self.cells, record.line, issues)
    }
}

/// The cells of a header as unique names. Empty ones become `column_3`, repeated ones `cpu_2`, each with an issue; NUL
/// bytes are dropped, with an issue; otherwise a name is kept as it is, without the white space around it.
fn unique_names(cells: Vec<String>, line: u64, issues: &mut Issues) -> Vec<String> {
    let clean = |cell: &String| cell.trim_ascii().replace('\0', "");
    let cells: Vec<String> = cells.iter().map(clean).collect();
    // A made-up name must not take one that comes later in the header.
    let mut names = Names(cells.iter().map(|cell| (cell.clone(), 0)).collect());
    let mut unique = Vec::with_capacity(cells.len());
    for (index, cell) in cells.into_iter().enumerate() {
        if !cell.is_empty() && names.is_first(&cell) {
            unique.push(cell);
            continue;
        }
        let (name, code): (String, fn(String) -> IssueCode) = if cell.is_empty() {
            let name = names.free(format!("column_{}", index + 1));
            (name, |renamed| IssueCode::EmptyHeader { renamed })
        } else {
            let name = names.next(&cell);
            (name, |renamed| IssueCode::DuplicateHeader { renamed })
        };
        issues.add(Issue::at_line(code(name.clone()), line).in_column(index, &cell));
        unique.push(name);
    }
    unique
}

/// The names that are taken, each with the number it was last given: 0 where it is still to come. Without the number a
/// header of one name 10,000 times would take quadratic time.
struct Names(HashMap<String, u32>);

impl Names {
    /// Whether a name of the header comes for the first time.
    fn is_first(&mut self, name: &str) -> bool {
        match self.0.get_mut(name) {
            Some(number @ 0) => {
                *number = 1;
                true
            }
            _ => false,
        }
    }

    fn free(&mut self, name: String) -> String {
        if self.0.contains_key(&name) {
            return self.next(&name);
        }
        self.0.insert(name.clone(), 1);
        name
    }

    fn next(&mut self, stem: &str) -> String {
        let mut number = self.0.get(stem).copied().unwrap_or(0).max(1);
        loop {
            number += 1;
            let name = format!("{stem}_{number}");
            if !self.0.contains_key(&name) {
                self.0.insert(name.clone(), 1);
                if let Some(last @ 1..) = self.0.get_mut(stem) {
                    *last = number;
                }
                return name;
            }
        }
    }
}

/// The unit a name says: what stands in brackets at its end (`latency (ms)`, `latency [ms]`), or a known suffix
/// (`latency_ms`, `cpu_pct`).
///
/// ```
/// use crash_predictor::table::unit_of;
/// assert_eq!(unit_of("latency (ms)").as_deref(), Some("ms"));
/// assert_eq!(unit_of("cpu_pct").as_deref(), Some("%"));
/// assert_eq!(unit_of("host"), None);
/// ```
#[must_use]
pub fn unit_of(name: &str) -> Option<String> {
    /// Longer brackets hold a remark.
    const MAX_UNIT: usize = 12;
    for (open, close) in [('(', ')'), ('[', ']')] {
        let Some((stem, unit)) = name
            .strip_suffix(close)
            .and_then(|rest| rest.rsplit_once(open))
        else {
            continue;
        };
        let unit = unit.trim();
        if !stem.trim().is_empty() && (1..=MAX_UNIT).contains(&unit.chars().count()) {
            return Some(unit.to_owned());
        }
    }
    if let Some(unit) = rate_of(name) {
        return Some(unit);
    }
    let (stem, suffix) = name.rsplit_once('_')?;
    let unit = match suffix.to_ascii_lowercase().as_str() {
        "ns" => "ns",
        "us" => "µs",
        "ms" => "ms",
        "s" | "sec" | "secs" | "seconds" => "s",
        "min" | "minutes" => "min",
        "pct" | "percent" => "%",
        "bytes" => "bytes",
        "kb" => "KB",
        "kib" => "KiB",
        "mb" => "MB",
        "mib" => "MiB",
        "gb" => "GB",
        "gib" => "GiB",
        "mbps" => "Mbps",
        "gbps" => "Gbps",
        "hz" => "Hz",
        "mhz" => "MHz",
        "ghz" => "GHz",
        _ => return None,
    };
    (!stem.is_empty()).then(|| unit.to_owned())
}

/// The unit of a rate: `requests_per_s`, `disk_io_mb_s`.
fn rate_of(name: &str) -> Option<String> {
    /// Suffixes of amounts that are measured per second.
    const AMOUNTS: [(&str, &str); 8] = [
        ("_b", "B"),
        ("_kb", "KB"),
        ("_kib", "KiB"),
        ("_mb", "MB"),
        ("_mib", "MiB"),
        ("_gb", "GB"),
        ("_gib", "GiB"),
        ("_bytes", "bytes"),
    ];
    let name = name.to_ascii_lowercase();
    for (ending, time) in [
        ("_per_second", "s"),
        ("_per_sec", "s"),
        ("_per_s", "s"),
        ("_per_min", "min"),
    ] {
        if let Some(stem) = name.strip_suffix(ending) {
            return Some(
                amount_of(stem, &AMOUNTS).map_or(format!("/{time}"), |of| format!("{of}/{time}")),
            );
        }
    }
    let stem = name.strip_suffix("_s")?;
    amount_of(stem, &AMOUNTS).map(|of| format!("{of}/s"))
}

fn amount_of(stem: &str, amounts: &[(&str, &'static str)]) -> Option<&'static str> {
    let found = amounts.iter().find(|(suffix, _)| stem.ends_with(suffix));
    found.map(|(_, unit)| *unit)
}
