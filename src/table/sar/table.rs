//! The rows that were read of what `sar` printed to the records of one table.

use super::{Report, Row, Sar};
use crate::Result;
use crate::order::indices_by;
use crate::table::dialect::Dialect;
use crate::table::fields::Bounds;
use crate::table::records::{Record, Sink};
use crate::table::role::{Aside, RecordRole};
use crate::table::time::{TimeForm, format_time, micros_of, swap_day_and_month};
use crate::table::value::format_number;

impl Sar {
    /// Gives the table.
    pub(in crate::table) fn finish(&mut self, sink: &mut dyn Sink) -> Result<()> {
        if !self.line.is_empty() {
            self.end_line(sink)?;
        }
        let mut made = RowMaker::new(self.dialect);
        self.settle_dates(&mut made, sink)?;
        let header = self.sections.first().map_or(1, |section| section.line);
        made.push("time");
        made.push("host");
        self.names.iter().for_each(|name| made.push(name));
        made.give(header, RecordRole::Header, sink)?;
        self.give_rows(&mut made, sink)
    }

    fn give_rows(&mut self, made: &mut RowMaker, sink: &mut dyn Sink) -> Result<()> {
        let (reports, n_names) = (&self.reports, self.names.len());
        let rows = &mut self.rows;
        let key = |row: &Row| {
            let Report { host, midnight, .. } = &reports[row.report - 1];
            let (n_again, seconds) = row.time;
            (midnight.micros + micros_of(0, seconds), host, n_again)
        };
        let order = indices_by(rows.len(), &|a, b| key(&rows[a]).cmp(&key(&rows[b])));
        for (at, &index) in order.iter().enumerate() {
            let cells = std::mem::take(&mut rows[index].cells);
            // The same time of the same host may be in several rows, as of two reports.
            let next = order.get(at + 1).copied();
            if let Some(next) = next.filter(|&next| key(&rows[next]) == key(&rows[index])) {
                rows[next].line = rows[next].line.min(rows[index].line);
                for (column, &number) in cells.iter().enumerate() {
                    rows[next].note(column, number, n_names);
                }
                continue;
            }
            let (time, host, _) = key(&rows[index]);
            let time = format_time(time);
            made.push(time.strip_suffix('Z').unwrap_or(&time));
            made.push(host);
            for column in 0..n_names {
                let number = cells.get(column).filter(|number| !number.is_nan());
                made.push(&number.map_or_else(String::new, |&number| format_number(number)));
            }
            made.give(rows[index].line, RecordRole::Row, sink)?;
        }
        Ok(())
    }

    /// The day and the month of `02/03/2026` are as the user says, or as in a report in which only one of both can be right;
    /// `sar` by itself writes the month first, and where nothing shows it, that is said.
    fn settle_dates(&mut self, made: &mut RowMaker, sink: &mut dyn Sink) -> Result<()> {
        for report in &self.reports {
            let shown = match report.midnight.form {
                TimeForm::DayFirst => Some(true),
                TimeForm::MonthFirst => Some(false),
                _ => None,
            };
            self.day_first = self.day_first.or(shown);
        }
        for report in &mut self.reports {
            if report.midnight.form != TimeForm::DayOrMonth || self.day_first == Some(true) {
                continue;
            }
            let swapped = swap_day_and_month(report.midnight.micros);
            if self.day_first.is_none() && swapped != report.midnight.micros {
                made.say(&report.date);
                made.give(report.line, RecordRole::Aside(Aside::MonthFirst), sink)?;
            }
            report.midnight.micros = swapped;
        }
        Ok(())
    }
}

/// The cells of a row, and the row as CSV.
#[derive(Debug)]
pub(super) struct RowMaker {
    dialect: Dialect,
    raw: Vec<u8>,
    text: Vec<u8>,
    bounds: Vec<Bounds>,
}

impl RowMaker {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            raw: Vec::new(),
            text: Vec::new(),
            bounds: Vec::new(),
        }
    }

    /// A text that is no row.
    pub(super) fn say(&mut self, text: &str) {
        self.raw.extend_from_slice(text.as_bytes());
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

    pub(super) fn give(&mut self, line: u64, role: RecordRole, sink: &mut dyn Sink) -> Result<()> {
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
