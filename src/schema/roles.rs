//! The roles that are not the label's: time, host, and what nothing should be learned from.

use crate::order::sort_by_number;
use crate::table::{Column, ColumnKind, Table, Values};

use super::label::guess_label;
use super::words::words_of;
use super::{ColumnRole, HOST_NAMES, Role, RoleOptions, is_output, place_in, rank};

const TIME_NAMES: &str = "timestamp datetime time ts date epoch unixtime eventtime createdat";
/// Names of numbers that count time where they never fall.
const COUNTER_NAMES: &str = "minute hour second day step tick index t";
/// Last words of names of numbers that are names: which process, request or port.
const ID_WORDS: &str = "id pid ppid tid uid gid sid uuid guid nr no zip plz port row trace rowid rowname itemid requestid traceid \
    sessionid userid eventid processid threadid";
/// Above this share of different values among the rows a text names single rows.
const ID_SHARE: f64 = 0.5;

/// The column that most likely names the server.
pub(super) fn guess_host<'a>(
    table: &'a Table,
    options: &RoleOptions,
    label: Option<&str>,
) -> Option<&'a str> {
    let several = |column: &&Column| {
        let recurs = column
            .n_distinct()
            .is_some_and(|n| n > 1 && n * 2 <= table.n_rows());
        recurs && Some(column.name.as_str()) != label && !options.claims(&column.name)
    };
    let ranked = table
        .columns()
        .iter()
        .filter(several)
        .filter_map(|c| Some((host_rank(c, table)?, c)));
    ranked
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, column)| column.name.as_str())
}

/// How likely a column names the server: by its name, or else by words of which each time has a row for each.
fn host_rank(column: &Column, table: &Table) -> Option<usize> {
    let names_rows = || column.kind() == ColumnKind::Category && enumerates(column, table);
    rank(HOST_NAMES, &column.name).or_else(|| names_rows().then_some(usize::MAX))
}

/// The column that most likely says when a row was measured.
pub(super) fn guess_time<'a>(
    table: &'a Table,
    options: &RoleOptions,
    label: Option<&str>,
) -> Option<&'a str> {
    /// More than one list has.
    const NAMES: usize = 100;
    let suits = |column: &Column| match column.kind() {
        ColumnKind::Time => Some(rank(TIME_NAMES, &column.name).unwrap_or(NAMES)),
        ColumnKind::Number if never_falls(column) => {
            let named = |names, first| Some(first + rank(names, &column.name)?);
            named(TIME_NAMES, NAMES + 1).or_else(|| named(COUNTER_NAMES, 2 * NAMES))
        }
        _ => None,
    };
    let others = table
        .columns()
        .iter()
        .filter(|column| Some(column.name.as_str()) != label && !options.claims(&column.name));
    let ranked = others.filter_map(|column| Some((suits(column)?, column)));
    ranked
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, column)| column.name.as_str())
}

/// Whether each time has a row for each value of a column, so that it names what the rows are of: a host or another series.
#[inline(never)]
pub(super) fn enumerates(column: &Column, table: &Table) -> bool {
    let is_time = |column: &&Column| column.kind() == ColumnKind::Time;
    let (Some(time), Some(n_values)) = (table.columns().iter().find(is_time), column.n_distinct())
    else {
        return false;
    };
    let Values::Time(times) = &time.values else {
        return false;
    };
    let mut pairs = Vec::with_capacity(times.len());
    for row in 0..times.len() {
        let value = match &column.values {
            Values::Number(numbers) => numbers[row] as u32,
            Values::Category { codes, .. } => codes[row],
            _ => 0,
        };
        pairs.push((times[row] as f64, value));
    }
    sort_by_number(&mut pairs);
    let n_rows = pairs.len();
    let mut n_times = 1;
    for at in 1..n_rows {
        if pairs[at] == pairs[at - 1] {
            return false;
        }
        n_times += usize::from(pairs[at].0 != pairs[at - 1].0);
    }
    // A row may be missing now and then.
    n_values > 1 && n_times > 1 && n_rows * 10 >= n_times * n_values * 9
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
pub(super) struct Roles<'a> {
    pub options: &'a RoleOptions,
    pub label: Option<&'a str>,
    pub time: Option<&'a str>,
    pub host: Option<&'a str>,
}

impl Roles<'_> {
    /// The role of a column, and why.
    pub fn of(&self, column: &Column, table: &Table) -> ColumnRole {
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
            let why = guess_label(table, self.options).map_or("its name says so", |(_, why)| why);
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
                said(self.options.host.is_some(), host_reason(column)),
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

fn host_reason(column: &Column) -> &'static str {
    match rank(HOST_NAMES, &column.name) {
        Some(_) => "its name says so",
        None => "each time has a row for each of its words",
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

/// Below this share of rows with a value a column is nearly empty.
const LEAST_SHARE: f64 = 0.02;

/// Why a column that could be learned from says too little.
pub(super) fn says_little(column: &Column) -> Option<String> {
    let n_present = column.n_rows() - column.n_missing();
    let is_nearly_empty = (n_present as f64) < LEAST_SHARE * column.n_rows() as f64;
    is_nearly_empty.then(|| {
        format!(
            "nearly empty: only {n_present} of {} rows hold a value",
            column.n_rows()
        )
    })
}

/// Whether the user can have an unusable column used all the same.
enum Cure {
    /// Nothing could be learned from it.
    None,
    /// By naming it among the features.
    Choose,
}

/// Whether a column is the index that pandas and R write without a name before the others: from row to row one more, but
/// where rows were left out.
fn is_index(column: &Column) -> bool {
    let Values::Number(numbers) = &column.values else {
        return false;
    };
    let mut n_ones = 0;
    for at in 1..numbers.len() {
        n_ones += usize::from(numbers[at] - numbers[at - 1] == 1.0);
    }
    let is_nameless = column.name.starts_with("Unnamed") || column.name == "column_1";
    is_nameless && n_ones * 10 >= numbers.len() * 9
}

/// Whether a name is that of numbers that are names, and not of how many there are: `errors_per_port`.
fn is_id(name: &str) -> bool {
    let (mut last, mut is_share) = ("", false);
    let words = words_of(name);
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        is_share |= word == "per";
        last = word;
    }
    !is_share && place_in(ID_WORDS, last).is_some()
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
    if is_output(&column.name) {
        return Some((
            Cure::Choose,
            "an earlier prediction of crash-predictor".to_owned(),
        ));
    }
    if is_index(column) {
        return Some((
            Cure::Choose,
            "it has no name of its own and numbers the rows".to_owned(),
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
        ColumnKind::Number if is_id(&column.name) => {
            let reason = match mostly_distinct {
                true => "its name says that it numbers the rows",
                false => "its name says that it numbers things",
            };
            Some((Cure::Choose, reason.to_owned()))
        }
        _ => None,
    }
}
