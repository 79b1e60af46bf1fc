//! One cell after the other to a [`Column`], whose kind is decided over all its rows: numbers if at least nine in ten of
//! the cells with a value are numbers (the others become missing, each an issue with its line), times likewise, otherwise
//! a category. Where a model knows the column, it says the kind and how cells are written instead. Vectors are allocated
//! only for what occurs, so a column of numbers is one `Vec<f64>`.

use std::borrow::Cow;
use std::ops::Range;

use super::column::{Column, MISSING_CODE, MISSING_TIME, Values};
use super::day_and_clock::is_clock;
use super::decimal::{Marks, Shape, parse_odd, parse_plain};
use super::expected::{Known, Said};
use super::format::{Format, NumberFormat, TimeFormat, Words};
use super::header::unit_of;
use super::issue::{Issue, IssueCode, Issues};
use super::levels::{Levels, NOT_KEPT, Reading};
use super::number_column::{Numbers, UsualMarks};
use super::sampling::keep_ranges;
use super::scan::Rows;
use super::time::{TimeForm, parse_time};
use super::time_column::{Times, epoch_of};
use super::value::{format_number, format_time, is_missing};

/// Where a column is, for its issues.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The column's index, from 0.
    pub index: usize,
    /// The physical line of each row.
    pub lines: &'a [u32],
}

/// Cells of numbers that are read at a time.
const RUN: usize = 64;

/// Collects the cells of one column.
#[derive(Debug, Default)]
pub struct ColumnBuilder {
    n_rows: usize,
    n_texts: usize,
    /// As long as the last row that held a number, and so the other two: a column of one kind pays for one vector.
    numbers: Numbers,
    times: Times,
    codes: Vec<u32>,
    levels: Levels,
    known: Known,
    /// The marks to read with, where they are special ones.
    given: Option<Marks>,
    /// Cells are texts to the letter.
    is_text: bool,
    /// Rows were dropped: there may be levels that no row has.
    is_thinned: bool,
    /// Rows there will be at most; 0 where that is not known.
    room: usize,
    usual: UsualMarks,
}

impl ColumnBuilder {
    /// A builder for a column of which something is known.
    pub(super) fn knowing(known: Known) -> Self {
        let marks = match &known.format {
            Some(Format::Numbers(format)) => Some(format.marks),
            Some(_) => None,
            None => known.marks,
        };
        let is_text = match &known.format {
            Some(format) => format.is_to_the_letter(),
            None => known.said == Some(Said::Text),
        };
        Self {
            is_text,
            given: marks.filter(|marks| matches!(marks, Marks::Given { .. })),
            known,
            ..Self::default()
        }
    }

    /// Adds the next row's cell.
    pub fn push(&mut self, cell: &str) {
        let text = cell.trim_ascii();
        let row = self.n_rows;
        self.n_rows += 1;
        if self.given.is_none()
            && !self.is_text
            && let Some(found) = parse_plain(text.as_bytes())
        {
            return self.numbers.push_decimal(row, found);
        }
        if !text.is_empty() {
            self.push_other(row, text);
        }
    }

    /// Adds the cells that a column has in some of the rows.
    pub(super) fn push_cells(&mut self, rows: &Rows<'_>, column: usize, some: Range<usize>) {
        let reads_numbers = self.given.is_none() && !self.is_text;
        let n_rows = self.n_rows + some.len();
        ready(&mut self.numbers.values, n_rows, self.room);
        let mut row = some.start;
        while row < some.end {
            if reads_numbers && self.has_numbers_alone() {
                let end = some.end.min(row + RUN);
                let n_taken = self.numbers.push_run(self.n_rows, rows, column, row..end);
                self.n_rows += n_taken;
                row += n_taken;
                if row == end {
                    continue;
                }
            }
            let (start, end) = rows.cell(row, column);
            row += 1;
            if start == end {
                self.n_rows += 1;
            } else {
                let cell = rows.text.get(start as usize..end as usize);
                self.push(cell.unwrap_or_default());
            }
        }
    }

    fn has_numbers_alone(&self) -> bool {
        self.numbers.count > 0 && self.times.count == 0 && self.codes.is_empty()
    }

    /// Adds the next row's cell, a number that comes as one and not as a text.
    pub fn push_number(&mut self, number: f64) {
        if number.is_finite() && !self.is_text {
            self.numbers.push_typed(self.n_rows, number + 0.0);
            self.n_rows += 1;
        } else if number.is_nan() {
            self.push("");
        } else {
            self.push(&format_number(number));
        }
    }

    #[inline(never)]
    fn push_other(&mut self, row: usize, text: &str) {
        if let Some(moment) = parse_time(text)
            && !self.is_text
        {
            return self.times.push(row, moment);
        }
        if self.given.is_some()
            && !self.is_text
            && let Some(odd) = parse_odd(text, self.given)
        {
            return self.numbers.push_odd(row, odd);
        }
        if is_missing(text) {
            return;
        }
        let (code, reading) = if self.is_text {
            (self.levels.intern(text), Reading::Text)
        } else {
            self.levels.read(text, self.given)
        };
        if code != NOT_KEPT || reading == Reading::Text {
            self.codes.resize(row, MISSING_CODE);
            self.codes.push(code);
        }
        match reading {
            Reading::Text => self.n_texts += 1,
            Reading::Number(odd) => self.numbers.push_odd(row, odd),
            Reading::Time(moment) => self.times.push(row, moment),
        }
    }

    /// Says that there will be so many rows at most.
    pub(super) fn at_most(&mut self, n_rows: usize) {
        self.room = n_rows;
    }

    /// Keeps some rows, which are so many.
    pub(super) fn keep_ranges(&mut self, ranges: &[(usize, usize)], n_rows: usize) {
        self.n_rows = n_rows;
        self.is_thinned = true;
        self.numbers.keep_ranges(ranges);
        self.times.keep_ranges(ranges);
        keep_ranges(&mut self.codes, ranges);
        self.n_texts = 0;
        for &code in &self.codes {
            self.n_texts += usize::from(code != MISSING_CODE && self.levels.is_text(code));
        }
    }

    /// Adds rows without a value, so that there are so many.
    pub(super) fn fill(&mut self, n_rows: usize) {
        self.n_rows = n_rows;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.n_rows == 0
    }

    /// Whether the column proves marks, those of this shape.
    pub(super) fn speaks(&self, shape: Shape) -> bool {
        // Some versions and addresses look like thousands; not all of a column do.
        let are_numbers = self.n_texts == 0 && self.times.count == 0;
        (are_numbers || shape != Shape::Points) && self.numbers.speaks(shape)
    }

    /// Says how the rest of the log is written, for a column that does not show it.
    pub(super) fn assume(&mut self, usual: UsualMarks) {
        self.usual = usual;
    }

    /// Decides what the column is. Cells that are not of its kind become missing and are added to `issues`.
    #[must_use]
    pub fn finish(self, name: String, place: Place<'_>, issues: &mut Issues) -> Column {
        let n_values = self.numbers.count + self.times.count + self.n_texts;
        let format = self.decide(&name, n_values);
        let n_rows = self.n_rows;
        let (values, strays) = match &format {
            Format::Words(_) if n_values == 0 => (Values::Empty { n_rows }, Vec::new()),
            Format::Words(_) => (self.into_category(n_values), Vec::new()),
            Format::Numbers(format) => self.into_numbers(*format, (&name, place), issues),
            Format::Times(format) => self.into_times(*format, (&name, place), issues),
        };
        let unit = match &format {
            Format::Numbers(format) => format.unit.map(|unit| unit.name().to_owned()),
            _ => None,
        };
        Column {
            unit: unit_of(&name).or(unit),
            name,
            values,
            strays,
            format,
        }
    }

    fn decide(&self, name: &str, n_values: usize) -> Format {
        if let Some(format) = &self.known.format {
            return format.clone();
        }
        if self.is_text {
            return Format::Words(Words::to_the_letter());
        }
        let words = Format::Words(self.known.words.clone());
        if n_values == 0 {
            return words;
        }
        let numbers = match self.known.marks {
            Some(marks) => NumberFormat {
                marks,
                ..self.numbers.decide(name, self.usual)
            },
            None => self.numbers.decide(name, self.usual),
        };
        let n_numbers = self.numbers.count_under(numbers);
        let most = |n: usize| n * 10 >= n_values * 9;
        match self.known.said {
            Some(Said::Number | Said::Rate) => return Format::Numbers(numbers),
            Some(Said::Time) => {
                let epoch = epoch_of("time", &self.numbers.values);
                return Format::Times(TimeFormat {
                    epoch: epoch.filter(|_| self.times.count == 0),
                    ..self.times.decide(self.known.day_first, self.usual)
                });
            }
            _ => {}
        }
        // More texts than can be kept beside mostly numbers: what can be kept is the numbers.
        if most(n_numbers) || (self.levels.is_full && n_numbers * 2 >= n_values) {
            if self.are_named_words() {
                return words;
            }
            return match epoch_of(name, &self.numbers.values).filter(|_| most(self.numbers.count)) {
                Some(epoch) => Format::Times(TimeFormat {
                    epoch: Some(epoch),
                    ..TimeFormat::default()
                }),
                None => Format::Numbers(numbers),
            };
        }
        // Where nothing speaks of a clock, `10:05` may be minutes and seconds.
        let n_bare = if is_clock(name) {
            0
        } else {
            self.times.n(TimeForm::Bare)
        };
        if most(self.times.count - n_bare) {
            return Format::Times(self.times.decide(self.known.day_first, self.usual));
        }
        words
    }

    /// Whether all numbers are words for true and false that the user named.
    fn are_named_words(&self) -> bool {
        let words = &self.known.words;
        let is_named =
            |number: &f64| number.is_nan() || words.truth(&format_number(*number)).is_some();
        !words.is_empty() && self.numbers.values.iter().all(is_named)
    }

    fn into_numbers(
        mut self,
        format: NumberFormat,
        place: (&str, Place<'_>),
        issues: &mut Issues,
    ) -> WithStrays {
        for row in self.numbers.convert(format) {
            let number = std::mem::replace(&mut self.numbers.values[row], f64::NAN);
            self.keep_as_text(row, &format_number(number));
        }
        self.numbers.values.resize(self.n_rows, f64::NAN);
        self.numbers.values.shrink_to_fit();
        let numbers = std::mem::take(&mut self.numbers.values);
        let is_taken = |row: usize| !numbers[row].is_nan();
        let strays = self.set_aside(IssueCode::BadNumber, &is_taken, place, issues);
        (Values::Number(numbers.into()), strays)
    }

    fn into_times(
        mut self,
        format: TimeFormat,
        place: (&str, Place<'_>),
        issues: &mut Issues,
    ) -> WithStrays {
        for row in self.times.convert(format) {
            let time = std::mem::replace(&mut self.times.values[row], MISSING_TIME);
            self.keep_as_text(row, &format_time(time));
        }
        self.times.values.resize(self.n_rows, MISSING_TIME);
        self.times.values.shrink_to_fit();
        let mut times = std::mem::take(&mut self.times.values);
        if let Some(epoch) = format.epoch {
            let numbers = std::mem::take(&mut self.numbers.values);
            for (time, number) in times
                .iter_mut()
                .zip(numbers)
                .filter(|(_, number)| !number.is_nan())
            {
                *time = epoch.micros(number);
            }
        }
        let is_taken = |row: usize| times[row] != MISSING_TIME;
        let strays = self.set_aside(IssueCode::BadTime, &is_taken, place, issues);
        (Values::Time(times), strays)
    }

    /// A cell that turned out not to be of the column's kind; most have their text among the levels already.
    fn keep_as_text(&mut self, row: usize, text: &str) {
        self.codes
            .resize(self.codes.len().max(row + 1), MISSING_CODE);
        if self.codes[row] == MISSING_CODE {
            self.codes[row] = self.levels.intern(text);
        }
    }

    /// Reports and returns every cell that is not taken and has a value.
    fn set_aside(
        self,
        code: IssueCode,
        is_taken: &dyn Fn(usize) -> bool,
        (name, place): (&str, Place<'_>),
        issues: &mut Issues,
    ) -> Vec<(u32, String)> {
        let cells = self.into_cells();
        let mut strays = Vec::new();
        if cells.are_none() {
            return strays;
        }
        for (row, &line) in place.lines.iter().enumerate() {
            if is_taken(row) || !cells.has_value(row) {
                continue;
            }
            let text = cells.text(row);
            let line = u64::from(line);
            if issues.keeps(line) {
                let issue = Issue::at_line(code.clone(), line).in_column(place.index, name);
                issues.add(match &text {
                    Some(text) => issue.with_cell(text),
                    None => issue,
                });
            } else {
                issues.count(code.name());
            }
            strays.extend(text.map(|text| (row as u32, text.into_owned())));
        }
        strays
    }

    fn into_category(mut self, n_values: usize) -> Values {
        let n_rows = self.n_rows;
        let free_text = Values::Text {
            n_missing: n_rows - n_values,
            n_rows,
        };
        if self.levels.is_full {
            return free_text;
        }
        self.codes.resize(n_rows, MISSING_CODE);
        self.codes.shrink_to_fit();
        let n_with_code = self
            .codes
            .iter()
            .filter(|&&code| code != MISSING_CODE)
            .count();
        if n_with_code == n_values && !self.is_thinned {
            return Values::Category {
                codes: self.codes,
                levels: self.levels.into_vec(),
            };
        }
        let cells = self.into_cells();
        let mut levels = Levels::default();
        let codes: Vec<u32> = (0..n_rows)
            .map(|row| {
                cells
                    .text(row)
                    .map_or(MISSING_CODE, |text| levels.intern(&text))
            })
            .collect();
        if levels.is_full {
            return free_text;
        }
        Values::Category {
            codes,
            levels: levels.into_vec(),
        }
    }

    fn into_cells(self) -> Cells {
        Cells {
            numbers: self.numbers.values,
            times: self.times.values,
            codes: self.codes,
            levels: self.levels.into_vec(),
        }
    }
}

/// Readies a vector for so many rows, where growing twofold would take more than all that there is room for.
fn ready(items: &mut Vec<f64>, n_rows: usize, room: usize) {
    let capacity = items.capacity();
    if capacity < n_rows && n_rows <= room && room < 2 * capacity {
        items.reserve_exact(room - items.len());
    }
}

/// The cells of a column, and those of another kind with their rows.
type WithStrays = (Values, Vec<(u32, String)>);

/// Cells of several kinds side by side; each vector may end before the last row. One that is a number or a time by its
/// marks or words has its text as well.
struct Cells {
    numbers: Vec<f64>,
    times: Vec<i64>,
    codes: Vec<u32>,
    levels: Vec<String>,
}

impl Cells {
    fn are_none(&self) -> bool {
        self.numbers.is_empty() && self.times.is_empty() && self.codes.is_empty()
    }

    fn number(&self, row: usize) -> Option<f64> {
        self.numbers
            .get(row)
            .copied()
            .filter(|number| !number.is_nan())
    }

    fn time(&self, row: usize) -> Option<i64> {
        self.times
            .get(row)
            .copied()
            .filter(|&time| time != MISSING_TIME)
    }

    fn code(&self, row: usize) -> Option<u32> {
        self.codes
            .get(row)
            .copied()
            .filter(|&code| code != MISSING_CODE)
    }

    fn has_value(&self, row: usize) -> bool {
        self.number(row).is_some() || self.time(row).is_some() || self.code(row).is_some()
    }

    /// The cell as a text; `None` where it is missing or its text was not kept.
    fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        if let Some(code) = self.code(row)
            && let Some(level) = self.levels.get(code as usize)
        {
            return Some(level.as_str().into());
        }
        if let Some(number) = self.number(row) {
            return Some(format_number(number).into());
        }
        self.time(row).map(|time| format_time(time).into())
    }
}
