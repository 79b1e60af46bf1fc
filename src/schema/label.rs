//! The label: which column says that the server crashed, and which of its values say so.

use crate::error::{Error, Result};
use crate::order::indices_by;
use crate::table::{Cell, Column, ColumnKind, Table, Values, classify, same_value, truth};
use crate::text::position_in;

use super::roles::enumerates;
use super::words::{CRASH_WORDS, Meaning, Negation, meaning, meaning_of_phrase, negation};
use super::{HOST_NAMES, Label, MIN_ROWS, RoleOptions, is_output, normalise, rank};

/// Names of a label, the likeliest first.
const LABEL_NAMES: &str = "crashed crash hascrashed iscrashed iscrash crashlabel willcrash label target failure failed fail isfailure \
    fault outage incident down isdown anomaly isanomaly";
/// Names that labels have as well as other columns: they count where a value is known to mean a crash.
const DOUBTFUL_NAMES: &str = "class status state up exitcode exitstatus returncode health outcome";
/// Names of codes of which 0 says that all is well.
const EXIT_NAMES: &str = "exitcode exitstatus returncode";
/// Labels that say the server is well, so that the crash is the other value.
const WELL_NAMES: &str = "up alive healthy available ok isup isalive ishealthy isavailable isok success successful succeeded passed";
/// A label has no more values than this; a metric has.
const MAX_LABEL_VALUES: usize = 20;

const RARER: &str = "the rarer of the two values";
const DENIED: &str = "the other value says that there is none";
/// So many times as frequent is a value that means no crash, whatever else it may say.
const ODDS: u64 = 4;

/// The column most likely to be the label, with the reason.
pub(super) fn guess_label<'a>(
    table: &'a Table,
    options: &RoleOptions,
) -> Option<(&'a Column, &'static str)> {
    // Every column may be listed among the features, the label too; any other part is the user's word.
    let has_other_part = |name: &str| {
        let role = [&options.time, &options.host]
            .into_iter()
            .flatten()
            .any(|of| of == name);
        role || options.ignore.iter().any(|of| of == name)
    };
    let columns = || {
        table
            .columns()
            .iter()
            .filter(|column| has_few_values(column) && !has_other_part(&column.name))
    };
    let named = |names, suits: &dyn Fn(&Column) -> bool| {
        let ranked = columns()
            .filter_map(|column| Some((rank(names, &column.name)?, column)))
            .filter(|(_, column)| suits(column));
        ranked
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, column)| column)
    };
    // What a page or request is called is a label too.
    let is_label =
        |column: &Column| rank("label target", &column.name).is_none() || is_clear(column);
    if let Some(column) = named(LABEL_NAMES, &is_label) {
        return Some((column, "its name says so"));
    }
    let speaks_of_crashes = |column: &&Column| {
        !is_output(&column.name) && position_in(&normalise(&column.name), "crash").is_some()
    };
    if let Some(column) = columns().find(speaks_of_crashes) {
        return Some((column, "its name speaks of crashes"));
    }
    let is_well = |column: &Column| column.n_distinct() == Some(2) && is_clear(column);
    let said = named(DOUBTFUL_NAMES, &is_clear).or_else(|| named(WELL_NAMES, &is_well));
    if let Some(column) = said {
        return Some((column, "its name and its values say so"));
    }
    let any = |_: &Column| true;
    if let Some(column) = named(LABEL_NAMES, &any) {
        return Some((column, "its name says so"));
    }
    let mut two_valued = two_valued(table).filter(|column| !has_other_part(&column.name));
    match (two_valued.next(), two_valued.next()) {
        (Some(column), None) if is_known(column) && !enumerates(column, table) => {
            Some((column, "it is the only column with just two values"))
        }
        // Nothing better: the user is asked which of its values means a crash.
        _ => named(DOUBTFUL_NAMES, &any).map(|column| (column, "its name may say so")),
    }
}

/// Whether the two values of a column, or its name, say what a crash is: a column may have two values for other reasons.
fn is_known(column: &Column) -> bool {
    says_more(column) && is_clear(column) || meaning_of_phrase(&column.name) != Meaning::Unknown
}

/// Whether the values of a column are no mere numbers, as a metric has: words, or 0 and 1.
#[inline(never)]
pub(super) fn says_more(column: &Column) -> bool {
    let is_said = |&number: &f64| number.is_nan() || number == 0.0 || number == 1.0;
    match &column.values {
        Values::Number(numbers) => numbers.iter().all(is_said),
        _ => true,
    }
}

/// Whether more than its being rare says which value means a crash.
#[inline(never)]
fn is_clear(column: &Column) -> bool {
    guess_crash_values(column, &label_values(column)).is_ok_and(|crash| crash.reason != RARER)
}

fn has_few_values(column: &Column) -> bool {
    column.n_distinct().is_some_and(|n| n <= MAX_LABEL_VALUES)
}

/// Columns that may be the label for all that their values say; a column that is plainly something else is none of them.
fn two_valued(table: &Table) -> impl Iterator<Item = &Column> {
    let is_other = |column: &Column| {
        column.kind() == ColumnKind::Time
            || rank(HOST_NAMES, &column.name).is_some()
            || is_output(&column.name)
    };
    // In a few rows a metric has two values as well; those of a label recur.
    let recur = |column: &Column| column.top_values(2).iter().all(|(_, count)| *count > 1);
    let columns = table.columns().iter();
    columns
        .filter(move |column| column.n_distinct() == Some(2) && !is_other(column) && recur(column))
}

/// The label as the user says, or as it is guessed.
pub(super) fn find_label(table: &Table, options: &RoleOptions) -> Result<Label> {
    let column = match &options.label {
        Some(name) => table.column(name),
        None => guess_label(table, options).map(|(column, _)| column),
    };
    let Some(column) = column else {
        let candidates = two_valued(table)
            .map(|column| column.name.clone())
            .collect();
        return Err(Error::NoLabel { candidates });
    };
    if !has_few_values(column) {
        let problem = match column.n_distinct() {
            None => "holds too many different values".to_owned(),
            Some(n_values) => format!("holds {n_values} different values"),
        };
        return Err(bad_label(column, problem));
    }
    let values = label_values(column);
    let crash = match (values.as_slice(), options.positive.as_deref()) {
        ([], _) => return Err(bad_label(column, "holds no value".to_owned())),
        ([_], _) => return Err(one_class(column, &values)),
        (_, Some(named)) => named_crash_values(column, &values, named)?,
        (_, None) => guess_crash_values(column, &values)?,
    };
    if crash.values.len() == values.len() {
        let all = crash.values.join(", ");
        return Err(bad_label(
            column,
            format!("holds only values that mean a crash ({all})"),
        ));
    }
    let positive = crash.values[0].clone();
    Ok(Label {
        column: column.name.clone(),
        positive,
        positives: crash.values,
        reason: crash.reason,
        values,
    })
}

/// The values of a column with their rows, the most frequent first. To a column of numbers words are strays; those that
/// labels usually hold are values all the same.
fn label_values(column: &Column) -> Vec<(String, u64)> {
    let mut values = column.top_values(MAX_LABEL_VALUES);
    let is_word = |text: &str| meaning(text) != Meaning::Unknown;
    for (_, text) in column.strays.iter().filter(|(_, text)| is_word(text)) {
        match values.iter_mut().find(|(value, _)| value == text) {
            Some((_, count)) => *count += 1,
            None => values.push((text.clone(), 1)),
        }
    }
    let order = indices_by(values.len(), &|a, b| values[b].1.cmp(&values[a].1));
    order.into_iter().map(|at| values[at].clone()).collect()
}

fn bad_label(column: &Column, problem: String) -> Error {
    Error::BadLabel {
        column: column.name.clone(),
        problem,
    }
}

fn one_class(column: &Column, values: &[(String, u64)]) -> Error {
    let rows = values.iter().map(|(_, count)| *count as usize).sum();
    if rows < 2 {
        return Error::TooFewRows {
            what: "with a label",
            found: rows,
            needed: MIN_ROWS,
        };
    }
    let value = values
        .first()
        .map(|(value, _)| value.clone())
        .unwrap_or_default();
    Error::OneClass {
        column: column.name.clone(),
        value,
        rows,
    }
}

/// The values that mean a crash, at least one, and why.
struct CrashValues {
    values: Vec<String>,
    reason: String,
}

impl CrashValues {
    /// All spellings of one value.
    fn spelled(value: &str, values: &[(String, u64)], reason: String) -> Self {
        let first = std::iter::once(value.to_owned());
        let others = values
            .iter()
            .map(|(other, _)| other)
            .filter(|other| *other != value && means_same(other, value));
        Self {
            values: first.chain(others.cloned()).collect(),
            reason,
        }
    }
}

/// Whether two spellings are one value of a label: `1` and `1.0`, `Yes` and `yes`.
fn means_same(a: &str, b: &str) -> bool {
    let same_truth = truth(a).is_some() && truth(a) == truth(b);
    same_value(a, b) || a.eq_ignore_ascii_case(b) || same_truth
}

fn named_crash_values(
    column: &Column,
    values: &[(String, u64)],
    named: &str,
) -> Result<CrashValues> {
    let exactly = values.iter().find(|(value, _)| value == named);
    match exactly.or_else(|| values.iter().find(|(value, _)| means_same(value, named))) {
        Some((value, _)) => Ok(CrashValues::spelled(
            value,
            values,
            "as you said".to_owned(),
        )),
        None => named_list(values, named).ok_or_else(|| Error::UnknownPositive {
            column: column.name.clone(),
            positive: named.to_owned(),
            found: values.iter().map(|(value, _)| value.clone()).collect(),
        }),
    }
}

/// Several values with commas between them, if all occur.
fn named_list(values: &[(String, u64)], named: &str) -> Option<CrashValues> {
    let parts: Vec<&str> = named.split(',').map(str::trim_ascii).collect();
    let occurs = |part: &&str| values.iter().any(|(value, _)| means_same(value, part));
    let is_named = |value: &str| parts.iter().any(|part| means_same(value, part));
    let crash = values
        .iter()
        .map(|(value, _)| value)
        .filter(|value| is_named(value));
    parts.iter().all(occurs).then(|| CrashValues {
        values: crash.cloned().collect(),
        reason: "as you said".to_owned(),
    })
}

/// The rarer of two unknown values, unless it says that there is no other; none where either may be the crash.
fn crash_of_two(values: &[(String, u64)]) -> Option<CrashValues> {
    let [(common, n_common), (rare, n_rare)] = values else {
        return None;
    };
    let (value, reason) = match (negation(rare, common), negation(common, rare)) {
        (Some(Negation::Lack), _) => (common, DENIED),
        // Servers are "unreachable" now and then; crashed or "not crashed" they may be for long.
        (Some(Negation::Other), _) if n_rare * ODDS > *n_common => return None,
        (None, Some(_)) => (rare, DENIED),
        _ => (rare, RARER),
    };
    Some(CrashValues::spelled(value, values, reason.to_owned()))
}

/// The values that usually mean a crash, or what is left beside those that mean none.
fn guess_crash_values(column: &Column, values: &[(String, u64)]) -> Result<CrashValues> {
    let falsy = |value: &str| value == "0" || truth(value) == Some(false);
    if (rank(WELL_NAMES, &column.name).is_some()
        || meaning_of_phrase(&column.name) == Meaning::Calm)
        && let Some((value, _)) = values.iter().find(|(value, _)| falsy(value))
    {
        let reason = format!(
            "\"{}\" says that the server is well, so \"{value}\" means a crash",
            column.name
        );
        return Ok(CrashValues::spelled(value, values, reason));
    }
    let is_zero = |value: &str| same_value(value, "0");
    if rank(EXIT_NAMES, &column.name).is_some() && values.iter().any(|(value, _)| is_zero(value)) {
        let others = values.iter().filter(|(value, _)| !is_zero(value));
        return Ok(CrashValues {
            values: others.map(|(value, _)| value.clone()).collect(),
            reason: format!(
                "\"{}\" is 0 where all is well, so every other value means a crash",
                column.name
            ),
        });
    }
    // Words in the order of the list, then phrases.
    let mut crash: Vec<String> = Vec::new();
    for word in CRASH_WORDS.split(' ').chain([""]) {
        for (value, _) in values {
            let is_next = value.eq_ignore_ascii_case(word) || word.is_empty();
            if is_next && meaning(value) == Meaning::Crash && !crash.contains(value) {
                crash.push(value.clone());
            }
        }
    }
    let unknown: Vec<&String> = values
        .iter()
        .map(|(value, _)| value)
        .filter(|value| meaning(value) == Meaning::Unknown)
        .collect();
    match (values.len(), crash.as_slice(), unknown.as_slice()) {
        (n_values, [_, ..], [number, ..])
            if n_values > 2 && matches!(classify(number), Cell::Number(_)) =>
        {
            Err(bad_label(
                column,
                format!(
                    "holds {n_values} different values, among them \"{number}\", and not all are known"
                ),
            ))
        }
        (2, [_], _) => Ok(CrashValues {
            values: crash,
            reason: "the usual value for a crash".to_owned(),
        }),
        (_, [_], _) => Ok(CrashValues {
            values: crash,
            reason: "the usual value for a crash, and every other value means none".to_owned(),
        }),
        (_, [_, ..], _) => {
            let reason = format!(
                "these usually mean a crash, every other value none: {}",
                crash.join(", ")
            );
            Ok(CrashValues {
                values: crash,
                reason,
            })
        }
        (_, [], [value]) => {
            let reason = "every other value says that the server is well".to_owned();
            Ok(CrashValues::spelled(value, values, reason))
        }
        (n_values, [], _) => crash_of_two(values).ok_or_else(|| {
            bad_label(
                column,
                format!("holds {n_values} different values, and none is a usual word for a crash"),
            )
        }),
    }
}
