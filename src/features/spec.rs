//! Which columns a model sees and what is known of them from the training rows: ranges, levels, usual values. Saved with
//! the model; every table and every hand-typed row goes through [`FeatureSpec::transform`], by column name.

use std::collections::HashMap;

use serde::Serialize;

use crate::codec::saved;
use crate::error::{Error, Result};
use crate::order::indices_by;
use crate::table::{
    Cell, Column, Format, Table, Values, classify, format_number, format_time, truth,
};

use super::dataset::{Dataset, FeatureColumn, MISSING};
use super::window::Windows;

/// The features of a model, in the order of its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureSpec {
    /// Columns of a log, sorted by name so that their order in the log changes nothing; then what windows say of them.
    pub(super) features: Vec<Feature>,
    pub(super) windows: Option<Windows>,
}

saved! { struct FeatureSpec { features, windows } }

/// One feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Name of the column.
    pub name: String,
    /// Unit, where the log names one.
    pub unit: Option<String>,
    /// Share of the training rows that had no value, 0 to 1.
    pub missing: f64,
    /// What values it takes.
    pub kind: FeatureKind,
    /// How its cells are written.
    pub format: Format,
    /// 1 where the probability of a crash may only rise with it, -1 where it may only fall, 0 where it may do both.
    pub sign: f64,
}

saved! { struct Feature { name, unit, missing, kind, format, sign } }

/// What values a feature takes, from the training rows.
#[derive(Debug, Clone, PartialEq)]
pub enum FeatureKind {
    /// Finite numbers.
    Number {
        /// The least value.
        min: f64,
        /// The largest value.
        max: f64,
        /// The usual value.
        median: f64,
        /// Whether all values were whole numbers.
        integer: bool,
    },
    /// A word for false and one for true, entering as 0 and 1.
    Boolean {
        /// The words as the log spells them, false first, each with its rows.
        words: [Level; 2],
    },
    /// Words. Any other word is "other".
    Category {
        /// The levels frequent enough to learn something of, the most frequent first.
        levels: Vec<Level>,
    },
}

saved! {
    enum FeatureKind {
        0 = Number { min, max, median, integer }, 1 = Boolean { words }, 2 = Category { levels },
    }
}

/// One value of a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Level {
    /// The value as the log spells it.
    pub value: String,
    /// Training rows that had it.
    pub count: u64,
}

saved! { struct Level { value, count } }

/// Rows a level must have to be learned from; rarer ones share the "other" level.
const MIN_LEVEL_ROWS: u64 = 5;
/// Levels a feature has at most; rarer ones share the "other" level.
const MAX_LEVELS: usize = 50;
/// Features a model takes: the linear solve grows with the cube of their number.
pub(crate) const MAX_FEATURES: usize = 1_000;

impl FeatureSpec {
    /// Learns the features called `names` from the given rows of `table`.
    ///
    /// # Errors
    /// `NoFeatures` where no column is left, `TooManyColumns` above 1,000 of them.
    pub fn fit(table: &Table, names: &[String], rows: &[usize]) -> Result<Self> {
        if names.len() > MAX_FEATURES {
            return Err(Error::TooManyColumns {
                found: names.len(),
                limit: MAX_FEATURES,
            });
        }
        let by_name = indices_by(names.len(), &|a, b| names[a].cmp(&names[b]));
        let columns = by_name
            .into_iter()
            .filter_map(|at| table.column(&names[at]));
        let features: Vec<Feature> = columns
            .filter_map(|column| Feature::fit(column, rows))
            .collect();
        if features.is_empty() {
            Err(Error::NoFeatures)
        } else {
            Ok(Self {
                features,
                windows: None,
            })
        }
    }

    /// All features.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The features that are columns of a log, sorted by name.
    #[must_use]
    pub fn inputs(&self) -> &[Feature] {
        let n_windows = self.windows.as_ref().map_or(0, Windows::n_columns);
        &self.features[..self.features.len().saturating_sub(n_windows)]
    }

    /// The [inputs](Self::inputs) of every row of `table`, found by name; a column the table lacks is missing throughout.
    /// [`Feed`](super::Feed) adds what windows say.
    #[must_use]
    pub fn transform(&self, table: &Table) -> Dataset {
        let n_rows = table.n_rows();
        let columns = self
            .inputs()
            .iter()
            .map(|feature| feature.transform(table.column(&feature.name), n_rows));
        Dataset::new(n_rows, columns.collect())
    }

    /// The inputs of one row from numbers in their order: NaN where unknown, booleans as 0 and 1, categories as the
    /// index of the level (any other number is "other").
    ///
    /// # Errors
    /// `RowLength` where there are not as many values as inputs.
    pub fn row(&self, values: &[f64]) -> Result<Dataset> {
        self.check_length(values)?;
        let columns =
            self.inputs()
                .iter()
                .zip(values)
                .map(|(feature, &value)| match &feature.kind {
                    FeatureKind::Category { levels } => {
                        let n_levels = levels.len() as u32;
                        FeatureColumn::Category {
                            codes: vec![code_of(value, n_levels)],
                            n_levels,
                        }
                    }
                    _ => FeatureColumn::numbers(vec![finite(value)]),
                });
        Ok(Dataset::new(1, columns.collect()))
    }

    /// Checks that there are as many values as features.
    ///
    /// # Errors
    /// `RowLength` where there are not.
    pub fn check_length(&self, values: &[f64]) -> Result<()> {
        if values.len() == self.inputs().len() {
            return Ok(());
        }
        Err(Error::RowLength {
            found: values.len(),
            expected: self.inputs().len(),
        })
    }

    /// Whether the figures are in range and the names sorted: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let inputs = self.inputs();
        let names_sorted = inputs.windows(2).all(|pair| pair[0].name < pair[1].name);
        let windows_fit = self
            .windows
            .as_ref()
            .is_none_or(|windows| windows.is_consistent(inputs.len()));
        names_sorted
            && windows_fit
            && !inputs.is_empty()
            && self.features.iter().all(Feature::is_consistent)
    }
}

impl Feature {
    /// `None` where the rows hold no value, or values nothing can be learned from.
    fn fit(column: &Column, rows: &[usize]) -> Option<Self> {
        let missing =
            rows.iter().filter(|&&row| column.is_missing(row)).count() as f64 / rows.len() as f64;
        let kind = match &column.values {
            Values::Number(values) => fit_number(values, rows)?,
            Values::Category { codes, levels } => fit_category(column, (codes, levels), rows)?,
            Values::Time(_) | Values::Text { .. } | Values::Empty { .. } => return None,
        };
        Some(Self {
            name: column.name.clone(),
            unit: column.unit.clone(),
            missing,
            kind,
            format: column.format.clone(),
            sign: 0.0,
        })
    }

    fn transform(&self, column: Option<&Column>, n_rows: usize) -> FeatureColumn {
        match (&self.kind, column) {
            (
                FeatureKind::Number { .. },
                Some(Column {
                    values: Values::Number(values),
                    format,
                    ..
                }),
            ) => FeatureColumn::Number(
                self.converted(format, values)
                    .map_or_else(|| values.clone(), Into::into),
            ),
            (FeatureKind::Number { .. }, Some(column)) => {
                let numbers = per_row(column, n_rows, f64::NAN, |cell| match cell {
                    Cell::Number(number) => number,
                    Cell::Text(text) => self.format.number(text).unwrap_or(f64::NAN),
                    _ => f64::NAN,
                });
                FeatureColumn::numbers(numbers)
            }
            (FeatureKind::Boolean { .. }, Some(column)) => {
                let numbers = per_row(column, n_rows, f64::NAN, |cell| match cell {
                    Cell::Number(number) if number == 0.0 || number == 1.0 => number,
                    Cell::Text(text) => self.truth(text).map_or(f64::NAN, f64::from),
                    _ => f64::NAN,
                });
                FeatureColumn::numbers(numbers)
            }
            (FeatureKind::Category { levels }, Some(column)) => {
                let codes: HashMap<&str, u32> = levels
                    .iter()
                    .enumerate()
                    .map(|(code, level)| (level.value.as_str(), code as u32))
                    .collect();
                let n_levels = levels.len() as u32;
                let code = |spelling: &str| codes.get(spelling).copied().unwrap_or(n_levels);
                let codes = per_row(column, n_rows, MISSING, |cell| match cell {
                    Cell::Missing => MISSING,
                    Cell::Text(text) => code(text),
                    Cell::Number(number) => code(&format_number(number)),
                    Cell::Time(time) => code(&format_time(time)),
                });
                FeatureColumn::Category { codes, n_levels }
            }
            (FeatureKind::Category { levels }, None) => FeatureColumn::Category {
                codes: vec![MISSING; n_rows],
                n_levels: levels.len() as u32,
            },
            (_, None) => FeatureColumn::numbers(vec![f64::NAN; n_rows]),
        }
    }

    /// Numbers of a column so written in the unit of the training log, where it is another.
    fn converted(&self, format: &Format, values: &[f64]) -> Option<Vec<f64>> {
        match (&self.format, format) {
            (Format::Numbers(ours), Format::Numbers(theirs)) => ours.brought_from(*theirs, values),
            _ => None,
        }
    }

    /// What a word says, to the training log.
    fn truth(&self, text: &str) -> Option<bool> {
        match &self.format {
            Format::Words(words) => words.truth(text),
            _ => truth(text),
        }
    }

    fn is_consistent(&self) -> bool {
        let kind = match &self.kind {
            FeatureKind::Number {
                min, max, median, ..
            } => min.is_finite() && max.is_finite() && min <= median && median <= max,
            FeatureKind::Boolean { words } => words[0].value != words[1].value,
            FeatureKind::Category { levels } => levels.len() <= MAX_LEVELS,
        };
        kind && (0.0..=1.0).contains(&self.missing) && [-1.0, 0.0, 1.0].contains(&self.sign)
    }
}

/// The code of the level that is number `value` of `n_levels`; any other number is "other".
pub(crate) fn code_of(value: f64, n_levels: u32) -> u32 {
    if value.is_nan() {
        MISSING
    } else if value >= 0.0 && value < f64::from(n_levels) && libm::trunc(value) == value {
        value as u32
    } else {
        n_levels
    }
}

/// A number that is not finite is missing, as in a log.
pub(crate) fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// One value a row: `of` each cell, worked out once for each level of a category.
fn per_row<T: Copy>(
    column: &Column,
    n_rows: usize,
    missing: T,
    of: impl Fn(Cell<'_>) -> T,
) -> Vec<T> {
    let mut result = match &column.values {
        Values::Number(numbers) => {
            let cell = |number: &f64| {
                if number.is_nan() {
                    missing
                } else {
                    of(Cell::Number(*number))
                }
            };
            numbers.iter().map(cell).collect()
        }
        Values::Category { codes, levels } => {
            let is_text = column.format.is_to_the_letter();
            let cell = |level: &String| match is_text {
                true => of(Cell::Text(level)),
                false => of(classify(level)),
            };
            let of_level: Vec<T> = levels.iter().map(cell).collect();
            codes
                .iter()
                .map(|&code| of_level.get(code as usize).copied().unwrap_or(missing))
                .collect()
        }
        Values::Time(times) => {
            let cell = |time: &i64| {
                if *time == i64::MIN {
                    missing
                } else {
                    of(Cell::Time(*time))
                }
            };
            times.iter().map(cell).collect()
        }
        Values::Text { .. } | Values::Empty { .. } => vec![missing; n_rows],
    };
    for (row, text) in &column.strays {
        result[*row as usize] = of(classify(text));
    }
    result
}

pub(super) fn fit_number(values: &[f64], rows: &[usize]) -> Option<FeatureKind> {
    let mut present: Vec<f64> = rows
        .iter()
        .map(|&row| values[row])
        .filter(|value| !value.is_nan())
        .collect();
    let median = median(&mut present)?;
    Some(FeatureKind::Number {
        min: present.iter().copied().fold(f64::INFINITY, f64::min),
        max: present.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        median,
        integer: present.iter().all(|value| libm::trunc(*value) == *value),
    })
}

fn fit_category(
    column: &Column,
    (codes, levels): (&[u32], &[String]),
    rows: &[usize],
) -> Option<FeatureKind> {
    let mut counts = vec![0u64; levels.len()];
    for &row in rows {
        if let Some(count) = counts.get_mut(codes[row] as usize) {
            *count += 1;
        }
    }
    let level = |(value, count): (&String, u64)| Level {
        value: value.clone(),
        count,
    };
    let found: Vec<Level> = levels
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(level)
        .collect();
    let order = indices_by(found.len(), &|a, b| {
        let (a, b): (&Level, &Level) = (&found[a], &found[b]);
        b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value))
    });
    let mut found: Vec<Level> = order.into_iter().map(|at| found[at].clone()).collect();
    if let Some(words) = boolean_words(&found, |text| column.truth(text)) {
        return Some(FeatureKind::Boolean { words });
    }
    found.retain(|level| level.count >= MIN_LEVEL_ROWS);
    found.truncate(MAX_LEVELS);
    (!found.is_empty()).then_some(FeatureKind::Category { levels: found })
}

/// The most frequent spelling of false and of true, where all levels are one or the other and both occur.
fn boolean_words(levels: &[Level], truth: impl Fn(&str) -> Option<bool>) -> Option<[Level; 2]> {
    let word = |wanted: bool| {
        let mut spellings = levels
            .iter()
            .filter(|level| truth(&level.value) == Some(wanted));
        let first = spellings.next()?;
        let count = first.count + spellings.map(|level| level.count).sum::<u64>();
        Some(Level {
            value: first.value.clone(),
            count,
        })
    };
    if levels.iter().any(|level| truth(&level.value).is_none()) {
        return None;
    }
    Some([word(false)?, word(true)?])
}

/// The median; of an even number of values the mean of the middle two. `None` of none.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    let odd = values.len() % 2 == 1;
    let (_, &mut low, above) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let high = above
        .iter()
        .copied()
        .min_by(f64::total_cmp)
        .filter(|_| !odd)
        .unwrap_or(low);
    // Halved before adding: the sum of two large values may not be finite.
    Some(if low == high {
        low
    } else {
        low / 2.0 + high / 2.0
    })
}
