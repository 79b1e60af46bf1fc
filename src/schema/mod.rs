//! Roles: which column is the label, the time, the host, a feature or ignored, and why. Every guess gives its reason in
//! words and gives way to what the user says. Reads values, never learns from them.

mod giveaway;
mod label;
mod roles;
mod words;

use serde::Serialize;

use crate::codec::saved;
use crate::error::{Error, Result};
pub(crate) use crate::table::{HOST_NAMES, normalise, place_in, rank};
use crate::table::{Issue, IssueCode, Issues, Table};
use giveaway::giveaway;
use label::{find_label, guess_label};
use roles::{Roles, guess_host, guess_time, says_little};

/// Rows with a label that training needs.
pub const MIN_ROWS: usize = 10;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Says whether the server crashed.
    Label,
    /// When the row was measured.
    Time,
    /// Which server the row is about.
    Host,
    /// Learned from.
    Feature,
    /// Not used.
    Ignored,
}

saved! { enum Role { 0 = Label, 1 = Time, 2 = Host, 3 = Feature, 4 = Ignored } }

/// What a label's crash value says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum LabelMeans {
    /// The host is down.
    #[default]
    DownNow,
    /// The host will crash within some minutes.
    Ahead,
}

saved! { enum LabelMeans { 0 = DownNow, 1 = Ahead } }

/// What the user says about the roles and the label; what is left out is guessed.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(default, rename_all = "camelCase")]
pub struct RoleOptions {
    /// The label column.
    pub label: Option<String>,
    /// The value of the label that means a crash; several with commas between them.
    pub positive: Option<String>,
    /// The time column; empty for none.
    pub time: Option<String>,
    /// The column that names the server; empty for none.
    pub host: Option<String>,
    /// The columns to learn from; all others are ignored.
    pub features: Option<Vec<String>>,
    /// Columns to ignore.
    pub ignore: Vec<String>,
    /// What the label says of a row.
    pub label_means: Option<LabelMeans>,
    /// How many minutes ahead to predict. Where it is left out, the label is taken as it stands.
    pub horizon_minutes: Option<f64>,
    /// A list of incidents as CSV, with the columns `start` and, where there are any, `end` and `host`: its starts are then
    /// the crashes, and no label is needed.
    pub incidents: Option<String>,
}

impl RoleOptions {
    /// Whether the user gave the column a part to play, so that no guess may give it another.
    fn claims(&self, name: &str) -> bool {
        let is_role = [&self.label, &self.time, &self.host]
            .into_iter()
            .flatten()
            .any(|of| of == name);
        let is_listed = |names: &[String]| names.iter().any(|of| of == name);
        is_role || is_listed(&self.ignore) || self.features.as_deref().is_some_and(is_listed)
    }
}

/// The role of one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct ColumnRole {
    /// Name of the column.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Why, in words.
    pub reason: String,
}

saved! { struct ColumnRole { name, role, reason } }

/// The label: a column, and which of its values means a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Name of the column.
    pub column: String,
    /// The value that means a crash.
    pub positive: String,
    /// That value in all its spellings, and what else is known to mean a crash; every other value means none.
    pub positives: Vec<String>,
    /// Why this value, in words.
    pub reason: String,
    /// Its values with their rows, the most frequent first.
    pub values: Vec<(String, u64)>,
}

impl Label {
    /// Stands for a list of incidents, which says when hosts crashed.
    fn of_incidents() -> Self {
        Self {
            column: "incidents".to_owned(),
            positive: "start".to_owned(),
            positives: Vec::new(),
            reason: "a list of incidents says when hosts crashed".to_owned(),
            values: Vec::new(),
        }
    }
}

/// The roles of a table's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    columns: Vec<ColumnRole>,
    label: std::result::Result<Label, Error>,
}

/// Columns that the product itself appends when it scores a log.
pub const OUTPUT_COLUMNS: [&str; 2] = ["crash_probability", "crash_prediction"];

/// Whether the product itself wrote a column of this name.
#[inline(never)]
fn is_output(name: &str) -> bool {
    OUTPUT_COLUMNS.contains(&name)
}

impl Schema {
    /// Decides every column's role. A log without a usable label has a schema too, which says what is amiss.
    ///
    /// # Errors
    /// `UnknownColumn` where an option names a column that is not there.
    pub fn new(table: &Table, options: &RoleOptions) -> Result<Self> {
        check_names(table, options)?;
        let label = match options.incidents {
            Some(_) => Ok(Label::of_incidents()),
            None => find_label(table, options),
        };
        let label_name = match &label {
            Ok(label) if options.incidents.is_none() => Some(label.column.as_str()),
            // A label beside a list of incidents is not learned from either.
            _ => options
                .label
                .as_deref()
                .or_else(|| guess_label(table, options).map(|(column, _)| column.name.as_str())),
        };
        let host = choose(options.host.as_deref(), || {
            guess_host(table, options, label_name)
        });
        let time = choose(options.time.as_deref(), || {
            guess_time(table, options, label_name)
        });
        let roles = Roles {
            options,
            label: label_name,
            time,
            host,
        };
        let columns = table
            .columns()
            .iter()
            .map(|column| roles.of(column, table))
            .collect();
        let mut schema = Self { columns, label };
        schema.set_aside(table, options);
        Ok(schema)
    }

    /// Takes from the features, unless the user chose them, what says little, the same as another, or too much.
    fn set_aside(&mut self, table: &Table, options: &RoleOptions) {
        if options.features.is_some() {
            return;
        }
        let labels = self.labels(table).unwrap_or_default();
        for at in 0..self.columns.len() {
            if self.columns[at].role != Role::Feature {
                continue;
            }
            let column = &table.columns()[at];
            let is_twin = |before: &usize| {
                let is_feature = self.columns[*before].role == Role::Feature;
                is_feature && table.columns()[*before].has_values_of(column)
            };
            let twin = || (0..at).find(is_twin);
            let reason = says_little(column)
                .or_else(|| giveaway(column, &labels))
                .or_else(|| {
                    Some(format!(
                        "it is the same as \"{}\" in every row",
                        self.columns[twin()?].name
                    ))
                });
            if let Some(reason) = reason {
                self.columns[at].role = Role::Ignored;
                self.columns[at].reason = reason;
            }
        }
    }

    /// The rows without a label that can be used, each with its line.
    #[must_use]
    pub fn label_issues(&self, table: &Table) -> Issues {
        let mut issues = Issues::default();
        let (Ok(label), Ok(labels)) = (self.label(), self.labels(table)) else {
            return issues;
        };
        let Some(index) = table
            .columns()
            .iter()
            .position(|column| column.name == label.column)
        else {
            return issues;
        };
        let mut strays = table.columns()[index].strays.iter().peekable();
        for (row, &line) in table.lines().iter().enumerate() {
            let stray = strays.next_if(|(at, _)| *at as usize == row);
            if labels[row].is_some() {
                issues.use_rows(1);
                continue;
            }
            let code = if stray.is_some() {
                IssueCode::BadLabel
            } else {
                IssueCode::MissingLabel
            };
            let issue = Issue::at_line(code, u64::from(line)).in_column(index, &label.column);
            issues.reject_row(match stray {
                Some((_, text)) => issue.with_cell(text),
                None => issue,
            });
        }
        issues
    }

    /// The roles in the order of the table's columns.
    #[must_use]
    pub fn columns(&self) -> &[ColumnRole] {
        &self.columns
    }

    /// The label.
    ///
    /// # Errors
    /// Why there is none that could be trained on.
    pub fn label(&self) -> Result<&Label> {
        self.label.as_ref().map_err(Clone::clone)
    }

    /// Names of the columns with this role, in the order of the table.
    pub fn named(&self, role: Role) -> impl Iterator<Item = &str> {
        self.columns
            .iter()
            .filter(move |column| column.role == role)
            .map(|column| column.name.as_str())
    }

    /// Whether each row crashed; `None` where the label is missing.
    ///
    /// # Errors
    /// As [`Schema::label`].
    pub fn labels(&self, table: &Table) -> Result<Vec<Option<bool>>> {
        let label = self.label()?;
        let Some(column) = table.column(&label.column) else {
            return Ok(vec![None; table.n_rows()]);
        };
        let is_crash = |value: &str| label.positives.iter().any(|positive| positive == value);
        let of_row = |row| column.level_at(row).map(|value| is_crash(&value));
        let mut labels: Vec<Option<bool>> = (0..table.n_rows()).map(of_row).collect();
        let is_value = |text: &str| label.values.iter().any(|(value, _)| value == text);
        for (row, text) in column.strays.iter().filter(|(_, text)| is_value(text)) {
            labels[*row as usize] = Some(is_crash(text));
        }
        Ok(labels)
    }

    /// Why the log cannot be trained on as it is; `None` where it can.
    #[must_use]
    pub fn problem(&self) -> Option<Error> {
        match &self.label {
            Err(error) => Some(error.clone()),
            Ok(_) if self.named(Role::Feature).next().is_none() => Some(Error::NoFeatures),
            Ok(_) => None,
        }
    }
}

fn check_names(table: &Table, options: &RoleOptions) -> Result<()> {
    let single = [
        ("label", &options.label),
        ("time", &options.time),
        ("host", &options.host),
    ];
    let single = single
        .into_iter()
        .filter_map(|(option, name)| Some((option, name.as_ref()?)));
    let features = options
        .features
        .iter()
        .flatten()
        .map(|name| ("features", name));
    let ignored = options.ignore.iter().map(|name| ("ignore", name));
    for (option, name) in single.chain(features).chain(ignored) {
        let means_none = name.is_empty() && option != "label";
        if !means_none && table.column(name).is_none() {
            return Err(table.unknown_column(name, option));
        }
    }
    Ok(())
}

/// What the user named, nothing where the user said none, or else the guess.
fn choose<'a>(named: Option<&'a str>, guess: impl FnOnce() -> Option<&'a str>) -> Option<&'a str> {
    match named {
        Some("") => None,
        Some(name) => Some(name),
        None => guess(),
    }
}
