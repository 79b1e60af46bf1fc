//! One cell after the other to a [`Column`], whose kind is decided over all its rows: numbers if at least nine in ten of
//! the cells with a value are numbers (the others become missing, each an issue with its line), times likewise, otherwise
//! a category. Vectors are allocated only for what occurs, so a column of numbers is one `Vec<f64>`.

use std::collections::HashMap;

use super::column::{Column, MAX_LEVELS, MISSING_CODE, MISSING_TIME, Values};
use super::header::unit_of;
use super::issue::{Issue, IssueCode, Issues};
use super::value::{Cell, format_number, format_time};

/// The bytes of a category's levels together; a column with more is free text.
const MAX_LEVEL_BYTES: usize = 16 << 20;
/// The code of a text that came after the levels were full.
const NOT_KEPT: u32 = MISSING_CODE - 1;

/// Where a column is, for its issues.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The column's index, from 0.
    pub index: usize,
    /// The physical line of each row.
    pub lines: &'a [u32],
}

/// Collects the cells of one column.
#[derive(Debug, Default)]
pub struct ColumnBuilder {
    n_rows: usize,
    n_numbers: usize,
    n_times: usize,
    n_texts: usize,
    /// As long as the last row that held a number, and so the other two: a column of one kind pays for one vector.
    numbers: Vec<f64>,
    times: Vec<i64>,
    codes: Vec<u32>,
    levels: Levels,
}

impl ColumnBuilder {
    /// Adds the next row's cell.
    pub fn push(&mut self, cell: Cell<'_>) {
        match cell {
            Cell::Missing => {}
            Cell::Number(number) => {
                self.numbers.resize(self.n_rows, f64::NAN);
                self.numbers.push(number);
                self.n_numbers += 1;
            }
            Cell::Time(time) => {
                self.times.resize(self.n_rows, MISSING_TIME);
                self.times.push(time);
                self.n_times += 1;
            }
            Cell::Text(text) => {
                self.codes.resize(self.n_rows, MISSING_CODE);
                self.codes.push(self.levels.intern(text));
                self.n_texts += 1;
            }
        }
        self.n_rows += 1;
    }

    /// Decides what the column is. Cells that are not of its kind become missing and are added to `issues`.
    #[must_use]
    pub fn finish(self, name: String, place: Place<'_>, issues: &mut Issues) -> Column {
        let n_values = self.n_numbers + self.n_times + self.n_texts;
        let most = |n: usize| n * 10 >= n_values * 9;
        let unit = unit_of(&name);
        let (values, strays) = if n_values == 0 {
            (
                Values::Empty {
                    n_rows: self.n_rows,
                },
                Vec::new(),
            )
        } else if most(self.n_numbers) {
            self.into_numbers(&name, place, issues)
        } else if most(self.n_times) {
            self.into_times(&name, place, issues)
        } else if self.levels.full && self.n_numbers * 2 >= n_values {
            // More texts than can be kept beside mostly numbers: what can be kept is the numbers.
            self.into_numbers(&name, place, issues)
        } else {
            (self.into_category(n_values), Vec::new())
        };
        Column {
            name,
            unit,
            values,
            strays,
        }
    }

    fn into_numbers(mut self, name: &str, place: Place<'_>, issues: &mut Issues) -> WithStrays {
        self.numbers.resize(self.n_rows, f64::NAN);
        let numbers = std::mem::take(&mut self.numbers);
        let strays = self.set_aside(IssueCode::BadNumber, (name, place), issues);
        (Values::Number(numbers), strays)
    }

    fn into_times(mut self, name: &str, place: Place<'_>, issues: &mut Issues) -> WithStrays {
        self.times.resize(self.n_rows, MISSING_TIME);
        let times = std::mem::take(&mut self.times);
        let strays = self.set_aside(IssueCode::BadTime, (name, place), issues);
        (Values::Time(times), strays)
    }

    /// Reports and returns every cell that is left, the column's own kind having been taken out.
    fn set_aside(
        self,
        code: IssueCode,
        (name, place): (&str, Place<'_>),
        issues: &mut Issues,
    ) -> Vec<(u32, String)> {
        let cells = self.into_cells();
        let mut strays = Vec::new();
        for (row, &line) in place.lines.iter().enumerate() {
            if !cells.has_value(row) {
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
        if self.levels.full {
            return free_text;
        }
        self.codes.resize(n_rows, MISSING_CODE);
        if self.n_texts == n_values {
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
        if levels.full {
            return free_text;
        }
        Values::Category {
            codes,
            levels: levels.into_vec(),
        }
    }

    fn into_cells(self) -> Cells {
        Cells {
            numbers: self.numbers,
            times: self.times,
            codes: self.codes,
            levels: self.levels.into_vec(),
        }
    }
}

/// The cells of a column, and those of another kind with their rows.
type WithStrays = (Values, Vec<(u32, String)>);

/// Cells of several kinds side by side; each vector may end before the last row.
struct Cells {
    numbers: Vec<f64>,
    times: Vec<i64>,
    codes: Vec<u32>,
    levels: Vec<String>,
}

impl Cells {
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
    fn text(&self, row: usize) -> Option<std::borrow::Cow<'_, str>> {
        if let Some(number) = self.number(row) {
            return Some(format_number(number).into());
        }
        if let Some(time) = self.time(row) {
            return Some(format_time(time).into());
        }
        let level = self.levels.get(self.code(row)? as usize)?;
        Some(level.as_str().into())
    }
}

/// The different texts of a column, each with the number of its first appearance.
#[derive(Debug, Default)]
struct Levels {
    codes: HashMap<String, u32>,
    n_bytes: usize,
    /// A text came that there was no more room for.
    full: bool,
}

impl Levels {
    fn intern(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.codes.get(text) {
            return code;
        }
        let code = self.codes.len();
        let n_bytes = self.n_bytes + text.len();
        if self.full || code == MAX_LEVELS || n_bytes > MAX_LEVEL_BYTES {
            self.full = true;
            return NOT_KEPT;
        }
        self.n_bytes = n_bytes;
        let code = u32::try_from(code).expect("MAX_LEVELS is below 2^32");
        self.codes.insert(text.to_owned(), code);
        code
    }

    fn into_vec(self) -> Vec<String> {
        let mut levels = vec![String::new(); self.codes.len()];
        for (text, code) in self.codes {
            levels[code as usize] = text;
        }
        levels
    }
}
