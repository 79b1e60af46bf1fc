//! The numbers of a column while it is read, and which marks and units they are written with: what the whole column
//! decides.

use std::ops::Range;

use super::decimal::{Decimal, Marks, OddNumber, Shape, parse_plain, parse_short};
use super::format::NumberFormat;
use super::header::unit_of;
use super::sampling::keep_ranges;
use super::scan::Rows;
use super::units::{N_UNITS, Unit, unit_named};
use super::value::is_missing;

/// Where nothing in a column says which marks it is written with: what the log does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UsualMarks {
    /// Other columns have no decimal commas.
    #[default]
    Points,
    /// Nor do they here, but commas are no delimiters.
    Semicolons,
    /// Other columns have decimal commas.
    Commas,
}

/// A number that needs no unit: it was given as one.
const TYPED: u8 = u8::MAX;

/// The numbers of a column. The vectors end at the last row that has something to say, so that a column of plain numbers
/// is one vector.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// NaN where there is none.
    pub(super) values: Vec<f64>,
    pub(super) count: usize,
    /// The shape of a number and one, 0 for a plain decimal.
    shapes: Vec<u8>,
    /// The index of a unit and one, 0 for none.
    units: Vec<u8>,
}

const SHAPES: [Shape; 6] = [
    Shape::Either,
    Shape::Thousandths,
    Shape::Thousands,
    Shape::Point,
    Shape::Comma,
    Shape::Points,
];

/// Sets the note of a row; rows without one are 0.
#[inline(never)]
pub(super) fn note(notes: &mut Vec<u8>, row: usize, what: u8) {
    notes.resize(row, 0);
    notes.push(what);
}

fn note_of(notes: &[u8], row: usize) -> u8 {
    notes.get(row).copied().unwrap_or(0)
}

impl Numbers {
    #[inline(never)]
    fn push(&mut self, row: usize, value: f64) {
        if self.values.len() < row {
            self.values.resize(row, f64::NAN);
        }
        self.values.push(value);
        self.count += 1;
    }

    /// Adds the cells that a column has in some rows, the first as this row of the table, up to one that is neither a
    /// plain decimal nor missing; how many those are.
    #[inline(always)]
    pub(super) fn push_run(
        &mut self,
        row: usize,
        rows: &Rows<'_>,
        column: usize,
        some: Range<usize>,
    ) -> usize {
        let mut end_of_last = self.values.len();
        self.values.resize(row + some.len(), f64::NAN);
        let run = &mut self.values[row..];
        let text = rows.text.as_bytes();
        let (mut n_taken, mut count) = (0, 0);
        while n_taken < run.len() {
            let (start, end) = rows.cell(some.start + n_taken, column);
            if start < end {
                let cell = start as usize..end as usize;
                let short = parse_short(text, cell.clone());
                if let Some(found) = short.or_else(|| parse_plain(&text[cell.clone()])) {
                    run[n_taken] = found.value;
                    if found.is_grouped {
                        let what = Shape::Thousandths as u8 + 1;
                        note(&mut self.shapes, row + n_taken, what);
                    }
                    count += 1;
                    end_of_last = row + n_taken + 1;
                } else if !rows.text.get(cell).is_some_and(is_missing) {
                    break;
                }
            }
            n_taken += 1;
        }
        self.count += count;
        self.values.truncate(end_of_last);
        n_taken
    }

    /// Adds a plain decimal.
    #[inline(never)]
    pub(super) fn push_decimal(&mut self, row: usize, found: Decimal) {
        self.push(row, found.value);
        if found.is_grouped {
            note(&mut self.shapes, row, Shape::Thousandths as u8 + 1);
        }
    }

    #[inline(never)]
    pub(super) fn push_odd(&mut self, row: usize, odd: OddNumber) {
        self.push(row, odd.value);
        note(&mut self.shapes, row, odd.shape as u8 + 1);
        if let Some(unit) = odd.unit {
            note(&mut self.units, row, unit.index() as u8 + 1);
        }
    }

    /// Adds a number that is no text: it has no marks, and is of the column's unit.
    #[inline(never)]
    pub(super) fn push_typed(&mut self, row: usize, value: f64) {
        self.push(row, value);
        note(&mut self.shapes, row, Shape::Either as u8 + 1);
        note(&mut self.units, row, TYPED);
    }

    /// Keeps the numbers of some rows.
    pub(super) fn keep_ranges(&mut self, ranges: &[(usize, usize)]) {
        keep_ranges(&mut self.values, ranges);
        keep_ranges(&mut self.shapes, ranges);
        keep_ranges(&mut self.units, ranges);
        self.count = self.values.iter().filter(|value| !value.is_nan()).count();
    }

    /// The shape of a number; a plain decimal with a fraction has a point.
    fn shape(&self, row: usize) -> Shape {
        match usize::from(note_of(&self.shapes, row)).checked_sub(1) {
            Some(at) => SHAPES[at],
            None if libm::trunc(self.values[row]) == self.values[row] => Shape::Either,
            None => Shape::Point,
        }
    }

    fn unit(&self, row: usize) -> Option<Unit> {
        usize::from(note_of(&self.units, row))
            .checked_sub(1)
            .and_then(Unit::from_index)
    }

    /// How many numbers there are of each shape.
    #[inline(never)]
    fn n_shapes(&self) -> [usize; SHAPES.len()] {
        let mut counts = [0; SHAPES.len()];
        for row in 0..self.values.len() {
            if !self.values[row].is_nan() {
                counts[self.shape(row) as usize] += 1;
            }
        }
        counts
    }

    /// Whether there are numbers that are none without decimal commas; their shapes are the last.
    #[inline(never)]
    fn wants_commas(&self) -> bool {
        let last_other = Shape::Point as u8 + 1;
        self.shapes.iter().any(|&note| note > last_other)
    }

    /// Whether the column is written with the marks of a shape, whatever the others are: with decimal commas, with decimal
    /// points, or with points between thousands.
    pub(super) fn speaks(&self, shape: Shape) -> bool {
        if shape != Shape::Point && !self.wants_commas() {
            return false;
        }
        let counts = self.n_shapes();
        let n = |shape: Shape| counts[shape as usize];
        match shape {
            Shape::Comma => n(Shape::Comma) > n(Shape::Point),
            Shape::Point => n(Shape::Point) > n(Shape::Comma),
            _ => n(Shape::Points) > 0 && n(Shape::Point) + n(Shape::Thousands) == 0,
        }
    }

    /// How the column is written: the marks of most numbers, or else the usual ones, and one unit.
    pub(super) fn decide(&self, name: &str, usual: UsualMarks) -> NumberFormat {
        NumberFormat {
            marks: self.marks(usual),
            ..self.units(name)
        }
    }

    fn marks(&self, usual: UsualMarks) -> Marks {
        let is_open = usual != UsualMarks::Points || self.wants_commas();
        if self.shapes.is_empty() || !is_open {
            return Marks::Point;
        }
        let counts = self.n_shapes();
        let n = |shape: Shape| counts[shape as usize];
        let is_comma = match (n(Shape::Point), n(Shape::Comma), usual) {
            (0, 0, UsualMarks::Commas) => true,
            // A column of `1.234` alone has points.
            (0, 0, UsualMarks::Semicolons) => n(Shape::Thousands) > n(Shape::Thousandths),
            (points, commas, _) => commas > points,
        };
        if is_comma { Marks::Comma } else { Marks::Point }
    }

    /// The header's unit where cells have units of its kind, or else the most frequent one of the most frequent unit's
    /// kind. Units that are few beside plain numbers are none of the column's.
    fn units(&self, name: &str) -> NumberFormat {
        let header = unit_of(name).and_then(|unit| unit_named(&unit));
        let mut format = NumberFormat {
            unit: header,
            ..NumberFormat::default()
        };
        let mut counts = [0_usize; N_UNITS];
        for row in 0..self.units.len() {
            if let Some(unit) = self.unit(row) {
                counts[unit.index()] += 1;
            }
        }
        let mut top = 0;
        for index in 1..N_UNITS {
            if counts[index] > counts[top] {
                top = index;
            }
        }
        let Some(top) = Unit::from_index(top).filter(|unit| counts[unit.index()] > 0) else {
            return format;
        };
        let mut n_of_kind = 0;
        for unit in (0..N_UNITS).filter_map(Unit::from_index) {
            if unit.dimension() == top.dimension() {
                n_of_kind += counts[unit.index()];
            }
        }
        let is_headers = header.is_some_and(|unit| unit.dimension() == top.dimension());
        if !is_headers && n_of_kind * 10 >= self.count {
            format.unit = Some(top);
            // What prints sizes for people leaves bytes bare: `512`, `1.5K`.
            let bytes = Unit::BYTE;
            let is_bare =
                n_of_kind < self.count && top != bytes && top.dimension() == bytes.dimension();
            format.bare_unit = is_bare.then_some(bytes);
        }
        format
    }

    /// Whether every number is what it seems, so that nothing is to be converted.
    fn is_plain(&self, format: NumberFormat) -> bool {
        let no_commas = format.marks != Marks::Comma && !self.wants_commas();
        no_commas && self.units.is_empty() && format.bare_unit.is_none()
    }

    /// The number of a row as it is so written; `None` where it is none.
    #[inline(never)]
    fn under(&self, row: usize, format: NumberFormat) -> Option<f64> {
        let value = match format.marks {
            // Read under these marks already.
            Marks::Given { .. } => self.values[row],
            marks => self.shape(row).under(self.values[row], marks)?,
        };
        if note_of(&self.units, row) == TYPED {
            return Some(value);
        }
        format
            .convert(value, self.unit(row))
            .filter(|value| value.is_finite())
    }

    /// How many numbers there are under this format.
    pub(super) fn count_under(&self, format: NumberFormat) -> usize {
        if self.is_plain(format) {
            return self.count;
        }
        let rows = 0..self.values.len();
        rows.filter(|&row| !self.values[row].is_nan() && self.under(row, format).is_some())
            .count()
    }

    /// Brings all numbers to the format; returns the rows of those that are none.
    pub(super) fn convert(&mut self, format: NumberFormat) -> Vec<usize> {
        let mut none = Vec::new();
        if self.is_plain(format) {
            return none;
        }
        for row in 0..self.values.len() {
            if self.values[row].is_nan() {
                continue;
            }
            match self.under(row, format) {
                Some(value) => self.values[row] = value,
                None => none.push(row),
            }
        }
        none
    }
}
