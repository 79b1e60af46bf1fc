//! Where the rows to predict leave what the model was trained on: such rows are predicted all the same, and said.

use std::borrow::Cow;

use serde::Serialize;

use crate::codec::saved;
use crate::table::{Column, Table, Values, format_number};

use super::dataset::{Dataset, FeatureColumn};
use super::spec::{Feature, FeatureKind, FeatureSpec};
use super::window::Windows;

/// Something about the rows that makes a prediction less sure than it looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// A stable name for programs to branch on.
    pub code: WarningCode,
    /// The column it is about; `None` where it is about several.
    pub column: Option<String>,
    /// What and where, in words.
    pub message: String,
}

saved! { struct Warning { code, column, message } }

/// The kinds of warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum WarningCode {
    /// Columns of the model that are not given; they are taken as unknown.
    MissingColumn,
    /// A name that is no column of the log the model was trained on.
    UnknownColumn,
    /// A number outside the range of the training rows.
    OutOfRange,
    /// A word the training rows did not hold, or too rarely.
    UnknownLevel,
    /// A text where the model knows numbers.
    BadNumber,
    /// The model looks at the minutes before a row, and they are not known.
    NoHistory,
    /// A column of an earlier prediction, replaced by this one.
    ReplacedColumn,
}

saved! {
    enum WarningCode {
        0 = MissingColumn, 1 = UnknownColumn, 2 = OutOfRange, 3 = UnknownLevel, 4 = BadNumber,
        5 = NoHistory, 6 = ReplacedColumn,
    }
}

/// Counts over any number of tables; the same however the rows are cut into tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    n_rows: u64,
    /// Rows of which windows said nothing.
    alone: u64,
    counts: Vec<Counts>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Counts {
    /// Tables without the column have all their rows here.
    absent: u64,
    outside: u64,
    unknown: u64,
    unreadable: u64,
    /// The first value that was outside, unknown or unreadable.
    example: Option<String>,
}

impl Counts {
    fn add_column(&mut self, feature: &Feature, column: &Column, values: &FeatureColumn) {
        if let Values::Text { n_missing, n_rows } = column.values {
            self.unreadable += (n_rows - n_missing) as u64;
            return;
        }
        for row in (0..column.n_rows()).filter(|&row| !column.is_missing(row)) {
            self.add_cell(feature, values, row, || {
                column.level_at(row).map(Cow::into_owned)
            });
        }
        for (row, text) in &column.strays {
            self.add_cell(feature, values, *row as usize, || Some(text.clone()));
        }
    }

    fn add_cell(
        &mut self,
        feature: &Feature,
        values: &FeatureColumn,
        row: usize,
        cell: impl FnOnce() -> Option<String>,
    ) {
        let seen = match values {
            values if values.is_missing(row) => &mut self.unreadable,
            values if !feature.is_outside(values, row) => return,
            FeatureColumn::Category { .. } => &mut self.unknown,
            FeatureColumn::Number(_) => &mut self.outside,
        };
        *seen += 1;
        if self.example.is_none() {
            self.example = cell();
        }
    }
}

/// Names a warning lists before it says how many more there are.
const MAX_LISTED: usize = 8;

impl Coverage {
    /// Starts counting for the features of `spec`.
    #[must_use]
    pub fn new(spec: &FeatureSpec) -> Self {
        Self {
            n_rows: 0,
            alone: 0,
            counts: vec![Counts::default(); spec.inputs().len()],
        }
    }

    /// Counts the rows of `table`, of which `data` are the features.
    pub fn add(&mut self, spec: &FeatureSpec, table: &Table, data: &Dataset) {
        let n_rows = table.n_rows();
        self.n_rows += n_rows as u64;
        self.alone += spec.rows_without_history(data).len() as u64;
        for (counts, (feature, values)) in self
            .counts
            .iter_mut()
            .zip(spec.inputs().iter().zip(data.columns()))
        {
            let Some(column) = table.column(&feature.name) else {
                counts.absent += n_rows as u64;
                continue;
            };
            counts.add_column(feature, column, values);
        }
    }

    /// Whether no row had any of the features' columns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts
            .iter()
            .all(|counts| counts.absent == self.n_rows)
    }

    /// What is to be said about the rows counted so far.
    #[must_use]
    pub fn warnings(&self, spec: &FeatureSpec) -> Vec<Warning> {
        let pairs = || spec.inputs().iter().zip(&self.counts);
        let absent: Vec<&str> = pairs()
            .filter(|(_, counts)| counts.absent > 0)
            .map(|(feature, _)| feature.name.as_str())
            .collect();
        let about_cells = pairs().flat_map(|(feature, counts)| self.about_cells(feature, counts));
        let no_history = spec.windows().and_then(|windows| self.no_history(windows));
        missing_columns(&absent)
            .into_iter()
            .chain(no_history)
            .chain(about_cells)
            .collect()
    }

    /// The first rows of a log have none before them, which is no news; where most have none, it is.
    fn no_history(&self, windows: &Windows) -> Option<Warning> {
        if self.alone * 2 < self.n_rows.max(1) {
            return None;
        }
        let which = match self.n_rows {
            1 => "it was".to_owned(),
            all => format!("{} of {all} rows were", self.alone),
        };
        let message = format!(
            "the model looks at the {} before a row, which need rows of the same host with their times, the earliest first; \
             {which} judged without them, by the model kept for that",
            windows.reach_words()
        );
        Some(Warning {
            code: WarningCode::NoHistory,
            column: None,
            message,
        })
    }

    fn about_cells(&self, feature: &Feature, counts: &Counts) -> Vec<Warning> {
        let example = counts.example.as_deref().unwrap_or_default();
        let name = &feature.name;
        let rows = |count: u64| match self.n_rows {
            1 => String::new(),
            all => format!(" in {count} of {all} rows"),
        };
        let mut warnings = Vec::new();
        let mut warn = |count: u64, code, what: String| {
            if count > 0 {
                let message = format!("\"{name}\" {what}{}", rows(count));
                warnings.push(Warning {
                    code,
                    column: Some(name.clone()),
                    message,
                });
            }
        };
        if let FeatureKind::Number { min, max, .. } = feature.kind {
            let range = format!("{} to {}", format_number(min), format_number(max));
            let what = format!("is outside {range}, the range it was trained on (e.g. {example})");
            warn(counts.outside, WarningCode::OutOfRange, what);
        }
        let what = format!(
            "holds a value the training log did not hold, or too rarely (e.g. \"{example}\")"
        );
        warn(counts.unknown, WarningCode::UnknownLevel, what);
        let what = format!(
            "holds \"{example}\" or the like, which cannot be read as its values and counts as unknown"
        );
        warn(counts.unreadable, WarningCode::BadNumber, what);
        warnings
    }
}

impl Feature {
    /// Whether the value of this row is a number outside the range of the training rows, or a word that they did not hold.
    #[must_use]
    pub fn is_outside(&self, values: &FeatureColumn, row: usize) -> bool {
        match (&self.kind, values) {
            (FeatureKind::Number { min, max, .. }, FeatureColumn::Number(values)) => {
                values[row] < *min || values[row] > *max
            }
            (_, FeatureColumn::Category { codes, n_levels }) => codes[row] == *n_levels,
            _ => false,
        }
    }
}

fn missing_columns(names: &[&str]) -> Option<Warning> {
    if names.is_empty() {
        return None;
    }
    let shown: Vec<String> = names
        .iter()
        .take(MAX_LISTED)
        .map(|name| format!("\"{name}\""))
        .collect();
    let more = match names.len().saturating_sub(MAX_LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("not given, so taken as unknown: {}{more}", shown.join(", "));
    let column = if let [only] = names {
        Some((*only).to_owned())
    } else {
        None
    };
    Some(Warning {
        code: WarningCode::MissingColumn,
        column,
        message,
    })
}
