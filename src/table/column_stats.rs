//! What a column's cells are taken together: how many differ, which are frequent.

use std::collections::HashMap;

use super::column::{Column, MISSING_CODE, MISSING_TIME, Values};
use super::value::{Cell, classify, format_number, format_time};
use crate::order::indices_by;

/// Different numbers or times are counted up to here: beyond, a column is a measurement.
const MAX_COUNTED: usize = 1_000;

impl Column {
    /// Whether the cell of this row is missing, not kept, or past the end.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        match &self.values {
            Values::Number(numbers) => numbers.get(row).is_none_or(|number| number.is_nan()),
            Values::Category { codes, .. } => {
                codes.get(row).is_none_or(|&code| code == MISSING_CODE)
            }
            Values::Time(times) => times.get(row).is_none_or(|&time| time == MISSING_TIME),
            Values::Text { .. } | Values::Empty { .. } => true,
        }
    }

    /// Whether another column holds the same in every row, whatever it is called; never of free text, which is not kept.
    #[must_use]
    pub fn has_values_of(&self, other: &Self) -> bool {
        matches!(self.values, Values::Number(_) | Values::Category { .. })
            && self.values == other.values
    }

    /// How many different values there are; `None` for free text and for more than 1,000 numbers or times.
    #[must_use]
    pub fn n_distinct(&self) -> Option<usize> {
        match &self.values {
            Values::Number(_) | Values::Time(_) => Some(self.counted()?.len()),
            Values::Category { levels, .. } => Some(levels.len()),
            Values::Text { .. } => None,
            Values::Empty { .. } => Some(0),
        }
    }

    /// The `n` most frequent values with their rows, the most frequent first, of equals the first by name; none where
    /// [`n_distinct`](Self::n_distinct) does not count them.
    #[must_use]
    pub fn top_values(&self, n: usize) -> Vec<(String, u64)> {
        let counted = || self.counted().into_iter().flatten();
        let counts: Vec<(String, u64)> = match &self.values {
            Values::Number(_) => counted()
                .map(|(bits, count)| (format_number(f64::from_bits(bits)), count))
                .collect(),
            Values::Time(_) => counted()
                .map(|(bits, count)| (format_time(bits.cast_signed()), count))
                .collect(),
            Values::Category { codes, levels } => {
                let mut counts = vec![0; levels.len()];
                for &code in codes {
                    counts
                        .get_mut(code as usize)
                        .into_iter()
                        .for_each(|count| *count += 1);
                }
                let counted = levels.iter().cloned().zip(counts);
                counted.filter(|(_, count)| *count > 0).collect()
            }
            Values::Text { .. } | Values::Empty { .. } => Vec::new(),
        };
        let order = indices_by(counts.len(), &|a, b| {
            counts[b]
                .1
                .cmp(&counts[a].1)
                .then_with(|| counts[a].0.cmp(&counts[b].0))
        });
        order
            .into_iter()
            .take(n)
            .map(|at| counts[at].clone())
            .collect()
    }

    /// The different numbers or times by their bits, each with its rows; `None` for more than 1,000.
    fn counted(&self) -> Option<HashMap<u64, u64>> {
        match &self.values {
            Values::Number(numbers) => {
                let present = numbers.iter().filter(|number| !number.is_nan());
                count(&mut present.map(|number| bits(*number)))
            }
            Values::Time(times) => {
                let present = times.iter().filter(|&&time| time != MISSING_TIME);
                count(&mut present.map(|time| time.cast_unsigned()))
            }
            _ => Some(HashMap::new()),
        }
    }

    /// The cell as a position in time, later being larger; NaN where missing or no number or time.
    #[must_use]
    pub fn time_at(&self, row: usize) -> f64 {
        match &self.values {
            Values::Time(times) => match times.get(row) {
                Some(&time) if time != MISSING_TIME => time as f64,
                _ => f64::NAN,
            },
            _ => self.number_at(row).unwrap_or(f64::NAN),
        }
    }
}

/// Whether two spellings are one value, such as `1` and `1.0`.
#[must_use]
pub fn same_value(a: &str, b: &str) -> bool {
    a == b || matches!((classify(a), classify(b)), (Cell::Number(a), Cell::Number(b)) if a == b)
}

/// A number's bits, with one zero.
fn bits(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

/// One for all kinds of value: each kind of map is a kilobyte of wasm.
fn count(values: &mut dyn Iterator<Item = u64>) -> Option<HashMap<u64, u64>> {
    let mut counts = HashMap::new();
    for value in values {
        *counts.entry(value).or_insert(0) += 1;
        if counts.len() > MAX_COUNTED {
            return None;
        }
    }
    Some(counts)
}
