//! Roles: which column is the label, the time, the host, a feature or ignored, and why. Every guess gives its reason in
//! words and gives way to what the user says. Reads values, never learns from them.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::table::{Column, ColumnKind, Table, Values, same_value, truth};

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// What the user says about the roles; what is left out is guessed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(default, rename_all = "camelCase")]
pub struct RoleOptions {
    /// The label column.
    pub label: Option<String>,
    /// The value of the label that means a crash.
    pub positive: Option<String>,
    /// The time column; empty for none.
    pub time: Option<String>,
    /// The column that names the server; empty for none.
    pub host: Option<String>,
    /// The columns to learn from; all others are ignored.
    pub features: Option<Vec<String>>,
    /// Columns to ignore.
    pub ignore: Vec<String>,
}

/// The role of one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// The label: a column, and which of its values means a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Name of the column.
    pub column: String,
    /// The value that means a crash; every other one means none.
    pub positive: String,
    /// Why this value, in words.
    pub reason: String,
    /// Its values with their rows, the most frequent first.
    pub values: Vec<(String, u64)>,
}

/// The roles of a table's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    columns: Vec<ColumnRole>,
    label: std::result::Result<Label, Error>,
}

/// Columns that the product itself appends when it scores a log.
pub const OUTPUT_COLUMNS: [&str; 2] = ["crash_probability", "crash_prediction"];

const LABEL_NAMES: [&str; 24] = [
    "crashed",
    "crash",
    "hascrashed",
    "iscrashed",
    "iscrash",
    "crashlabel",
    "willcrash",
    "label",
    "target",
    "failure",
    "failed",
    "fail",
    "isfailure",
    "fault",
    "outage",
    "incident",
    "down",
    "isdown",
    "anomaly",
    "isanomaly",
    "class",
    "status",
    "state",
    "up",
];
const TIME_NAMES: [&str; 9] = [
    "timestamp",
    "datetime",
    "time",
    "ts",
    "date",
    "epoch",
    "unixtime",
    "eventtime",
    "createdat",
];
/// Names of numbers that count time where they never fall.
const COUNTER_NAMES: [&str; 8] = [
    "minute", "hour", "second", "day", "step", "tick", "index", "t",
];
const HOST_NAMES: [&str; 17] = [
    "host",
    "hostname",
    "hostid",
    "server",
    "servername",
    "serverid",
    "node",
    "nodename",
    "instance",
    "machine",
    "machineid",
    "pod",
    "container",
    "device",
    "vm",
    "series",
    "ip",
];
const ID_NAMES: [&str; 5] = ["id", "rowid", "uuid", "guid", "requestid"];
const CRASH_WORDS: [&str; 20] = [
    "1",
    "true",
    "yes",
    "y",
    "t",
    "crashed",
    "crash",
    "down",
    "failed",
    "failure",
    "fail",
    "fault",
    "error",
    "outage",
    "critical",
    "dead",
    "anomaly",
    "abnormal",
    "bad",
    "unhealthy",
];
const CALM_WORDS: [&str; 14] = [
    "0", "false", "no", "n", "f", "ok", "okay", "up", "normal", "healthy", "alive", "running",
    "good", "none",
];
/// Labels that say the server is well, so that the crash is the other value.
const WELL_NAMES: [&str; 10] = [
    "up",
    "alive",
    "healthy",
    "available",
    "ok",
    "isup",
    "isalive",
    "ishealthy",
    "isavailable",
    "isok",
];

/// A label has no more values than this; a metric has.
const MAX_LABEL_VALUES: usize = 20;
/// Above this share of different values among the rows a text names single rows.
const ID_SHARE: f64 = 0.5;

impl Schema {
    /// Decides every column's role. A log without a usable label has a schema too, which says what is amiss.
    ///
    /// # Errors
    /// `UnknownColumn` where an option names a column that is not there.
    pub fn new(table: &Table, options: &RoleOptions) -> Result<Self> {
        check_names(table, options)?;
        let label = find_label(table, options);
        let label_name = match &label {
            Ok(label) => Some(label.column.as_str()),
            Err(_) => options
                .label
                .as_deref()
                .or_else(|| guess_label(table).map(|(column, _)| column.name.as_str())),
        };
        let host = choose(options.host.as_deref(), || guess_host(table, label_name));
        let time = choose(options.time.as_deref(), || guess_time(table, label_name));
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
        Ok(Self { columns, label })
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
        let is_crash = |row| {
            column
                .level_at(row)
                .map(|value| value == label.positive.as_str())
        };
        Ok((0..table.n_rows()).map(is_crash).collect())
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
            let available = table
                .columns()
                .iter()
                .map(|column| column.name.clone())
                .collect();
            return Err(Error::UnknownColumn {
                column: name.clone(),
                option,
                available,
            });
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

/// ASCII in lower case, letters and digits only: `Has_Crashed` and `has crashed` are one name.
fn normalise(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_ascii_alphanumeric() || !c.is_ascii())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn rank(names: &[&str], name: &str) -> Option<usize> {
    let name = normalise(name);
    names.iter().position(|known| *known == name)
}

/// The column most likely to be the label, with the reason.
fn guess_label(table: &Table) -> Option<(&Column, &'static str)> {
    let few_values = |column: &&Column| {
        column
            .n_distinct()
            .is_some_and(|n| (1..=MAX_LABEL_VALUES).contains(&n))
    };
    let by_name = table
        .columns()
        .iter()
        .filter(few_values)
        .filter_map(|column| Some((rank(&LABEL_NAMES, &column.name)?, column)));
    if let Some((_, column)) = by_name.min_by_key(|(rank, _)| *rank) {
        return Some((column, "its name says so"));
    }
    let mut about_crashes = table.columns().iter().filter(few_values).filter(|column| {
        let is_output = OUTPUT_COLUMNS.contains(&column.name.as_str());
        !is_output && normalise(&column.name).contains("crash")
    });
    if let Some(column) = about_crashes.next() {
        return Some((column, "its name speaks of crashes"));
    }
    let mut two_valued = two_valued(table);
    match (two_valued.next(), two_valued.next()) {
        (Some(column), None) => Some((column, "it is the only column with just two values")),
        _ => None,
    }
}

/// Columns that may be the label for all that their values say; a column that is plainly something else is none of them.
fn two_valued(table: &Table) -> impl Iterator<Item = &Column> {
    let is_other = |column: &Column| {
        column.kind() == ColumnKind::Time
            || rank(&HOST_NAMES, &column.name).is_some()
            || OUTPUT_COLUMNS.contains(&column.name.as_str())
    };
    table
        .columns()
        .iter()
        .filter(move |column| column.n_distinct() == Some(2) && !is_other(column))
}

fn find_label(table: &Table, options: &RoleOptions) -> Result<Label> {
    let column = match &options.label {
        Some(name) => table.column(name),
        None => guess_label(table).map(|(column, _)| column),
    };
    let Some(column) = column else {
        let candidates = two_valued(table)
            .map(|column| column.name.clone())
            .collect();
        return Err(Error::NoLabel { candidates });
    };
    let bad = |problem: String| Error::BadLabel {
        column: column.name.clone(),
        problem,
    };
    match column.n_distinct() {
        None => return Err(bad("holds too many different values".to_owned())),
        Some(n_values) if n_values > MAX_LABEL_VALUES => {
            return Err(bad(format!("holds {n_values} different values")));
        }
        Some(_) => {}
    }
    let values = column.top_values(MAX_LABEL_VALUES);
    match values.as_slice() {
        [] => Err(bad("holds no value".to_owned())),
        [(value, count)] => Err(Error::OneClass {
            column: column.name.clone(),
            value: value.clone(),
            rows: *count as usize,
        }),
        _ => {
            let (positive, reason) = find_positive(column, &values, options.positive.as_deref())?;
            Ok(Label {
                column: column.name.clone(),
                positive,
                reason,
                values,
            })
        }
    }
}

/// The value that means a crash, with the reason.
fn find_positive(
    column: &Column,
    values: &[(String, u64)],
    named: Option<&str>,
) -> Result<(String, String)> {
    let known = |words: &[&str], value: &str| words.contains(&value.to_ascii_lowercase().as_str());
    if let Some(named) = named {
        let same = |(value, _): &&(String, u64)| same_value(value, named);
        let found = || values.iter().map(|(value, _)| value.clone()).collect();
        return match values.iter().find(same) {
            Some((value, _)) => Ok((value.clone(), "as you said".to_owned())),
            None => Err(Error::UnknownPositive {
                column: column.name.clone(),
                positive: named.to_owned(),
                found: found(),
            }),
        };
    }
    let well = rank(&WELL_NAMES, &column.name).is_some();
    let falsy = |value: &str| value == "0" || truth(value) == Some(false);
    if let (true, Some((value, _))) = (well, values.iter().find(|(value, _)| falsy(value))) {
        let reason = format!(
            "\"{}\" says that the server is well, so \"{value}\" means a crash",
            column.name
        );
        return Ok((value.clone(), reason));
    }
    if let Some(word) = CRASH_WORDS.iter().find(|word| {
        values
            .iter()
            .any(|(value, _)| value.to_ascii_lowercase() == **word)
    }) {
        let value = values
            .iter()
            .find(|(value, _)| value.to_ascii_lowercase() == **word)
            .map(|(value, _)| value.clone());
        let others = if values.len() > 2 {
            ", and every other value means none"
        } else {
            ""
        };
        return Ok((
            value.unwrap_or_default(),
            format!("the usual value for a crash{others}"),
        ));
    }
    let not_calm: Vec<&(String, u64)> = values
        .iter()
        .filter(|(value, _)| !known(&CALM_WORDS, value))
        .collect();
    match (values.len(), not_calm.as_slice()) {
        (_, [(value, _)]) => Ok((
            value.clone(),
            "every other value says that the server is well".to_owned(),
        )),
        (2, _) => Ok((
            values[1].0.clone(),
            "the rarer of the two values".to_owned(),
        )),
        (n_values, _) => Err(Error::BadLabel {
            column: column.name.clone(),
            problem: format!(
                "holds {n_values} different values, and none is a usual word for a crash"
            ),
        }),
    }
}

fn guess_host<'a>(table: &'a Table, label: Option<&str>) -> Option<&'a str> {
    let several = |column: &&Column| {
        let recurs = column
            .n_distinct()
            .is_some_and(|n| n > 1 && n * 2 <= table.n_rows());
        recurs && Some(column.name.as_str()) != label
    };
    let ranked = table
        .columns()
        .iter()
        .filter(several)
        .filter_map(|c| Some((rank(&HOST_NAMES, &c.name)?, c)));
    ranked
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, column)| column.name.as_str())
}

fn guess_time<'a>(table: &'a Table, label: Option<&str>) -> Option<&'a str> {
    let suits = |column: &Column| match column.kind() {
        ColumnKind::Time => Some(rank(&TIME_NAMES, &column.name).unwrap_or(TIME_NAMES.len())),
        ColumnKind::Number if never_falls(column) => {
            let names: Vec<&str> = TIME_NAMES.into_iter().chain(COUNTER_NAMES).collect();
            Some(names.len() + rank(&names, &column.name)?)
        }
        _ => None,
    };
    let others = table
        .columns()
        .iter()
        .filter(|column| Some(column.name.as_str()) != label);
    let ranked = others.filter_map(|column| Some((suits(column)?, column)));
    ranked
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, column)| column.name.as_str())
}

/// Whether the numbers rise overall and never fall from row to row.
fn never_falls(column: &Column) -> bool {
    let Values::Number(values) = &column.values else {
        return false;
    };
    let present = values.iter().filter(|value| !value.is_nan());
    let first = present.clone().next();
    first < present.clone().next_back() && present.is_sorted()
}

/// What decides a column's role.
struct Roles<'a> {
    options: &'a RoleOptions,
    label: Option<&'a str>,
    time: Option<&'a str>,
    host: Option<&'a str>,
}

impl Roles<'_> {
    fn of(&self, column: &Column, table: &Table) -> ColumnRole {
        let (role, reason) = self.decide(column, table);
        ColumnRole {
            name: column.name.clone(),
            role,
            reason,
        }
    }

    fn decide(&self, column: &Column, table: &Table) -> (Role, String) {
        let name = Some(column.name.as_str());
        let said = |chosen: bool, guess: &str| {
            if chosen {
                "as you said".to_owned()
            } else {
                guess.to_owned()
            }
        };
        if name == self.label {
            let why = guess_label(table).map_or("its name says so", |(_, why)| why);
            return (Role::Label, said(self.options.label.is_some(), why));
        }
        if name == self.time {
            return (
                Role::Time,
                said(self.options.time.is_some(), time_reason(column)),
            );
        }
        if name == self.host {
            return (
                Role::Host,
                said(self.options.host.is_some(), "its name says so"),
            );
        }
        if self.options.ignore.contains(&column.name) {
            return (Role::Ignored, "as you said".to_owned());
        }
        let chosen = self
            .options
            .features
            .as_ref()
            .map(|features| features.contains(&column.name));
        match (chosen, unusable(column, table)) {
            (Some(false), _) => (Role::Ignored, "not among the columns you chose".to_owned()),
            (_, Some((Cure::None, reason))) => (Role::Ignored, reason),
            (Some(true), _) => (Role::Feature, "as you said".to_owned()),
            (None, Some((Cure::Choose, reason))) => (Role::Ignored, reason),
            (None, None) => (Role::Feature, feature_reason(column).to_owned()),
        }
    }
}

fn time_reason(column: &Column) -> &'static str {
    match column.kind() {
        ColumnKind::Time => "it holds times",
        _ => "its name says so, and it never falls",
    }
}

fn feature_reason(column: &Column) -> &'static str {
    match column.kind() {
        ColumnKind::Number => "a metric: it holds numbers that vary",
        ColumnKind::Boolean => "it holds yes and no",
        _ => "it holds words that recur",
    }
}

/// Whether the user can have an unusable column used all the same.
enum Cure {
    /// Nothing could be learned from it.
    None,
    /// By naming it among the features.
    Choose,
}

/// Why nothing should be learned from a column, and whether the user may overrule it.
fn unusable(column: &Column, table: &Table) -> Option<(Cure, String)> {
    let distinct = column.n_distinct();
    match column.kind() {
        ColumnKind::Empty => return Some((Cure::None, "it holds no value".to_owned())),
        ColumnKind::Text => {
            return Some((
                Cure::None,
                "free text: too many different values to learn from".to_owned(),
            ));
        }
        ColumnKind::Time => {
            return Some((
                Cure::None,
                "a time; the time of a row says nothing of the next crash".to_owned(),
            ));
        }
        _ => {}
    }
    if distinct == Some(1) {
        let value = column
            .top_values(1)
            .into_iter()
            .next()
            .map(|(value, _)| value)
            .unwrap_or_default();
        return Some((Cure::None, format!("constant: every value is \"{value}\"")));
    }
    if OUTPUT_COLUMNS.contains(&column.name.as_str()) {
        return Some((
            Cure::Choose,
            "an earlier prediction of crash-predictor".to_owned(),
        ));
    }
    let n_present = table.n_rows() - column.n_missing();
    let distinct = distinct.unwrap_or(n_present);
    let mostly_distinct = distinct > 20 && distinct as f64 > ID_SHARE * n_present as f64;
    match column.kind() {
        ColumnKind::Category if mostly_distinct => Some((
            Cure::Choose,
            format!("nearly every row has a word of its own ({distinct} different ones)"),
        )),
        ColumnKind::Number if rank(&ID_NAMES, &column.name).is_some() && mostly_distinct => Some((
            Cure::Choose,
            "its name says that it numbers the rows".to_owned(),
        )),
        _ => None,
    }
}
