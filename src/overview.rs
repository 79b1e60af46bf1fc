//! What was understood of a log, for people: each column with its kind, its values, its role and why.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::evaluate::split::check_enough;
use crate::evaluate::{ENOUGH_INCIDENTS, Moments};
use crate::features::{MAX_FEATURES, Target, TargetSummary, Timeline, propose_horizon};
use crate::schema::{ColumnRole, LabelMeans, Role, RoleOptions, Schema};
use crate::table::{Column, ColumnKind, Format, IssueReport, NumberFormat, Table, Values};

/// A column as it was understood.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct ColumnSummary {
    /// Name of the column, made unique.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Unit of the numbers, where the name or the cells say it.
    pub unit: Option<String>,
    /// How the cells are written and what was assumed of them, in words; null where it is a matter of course.
    pub format: Option<String>,
    /// What it is for.
    pub role: Role,
    /// Why, in words.
    pub reason: String,
    /// Rows without a value.
    pub missing: u64,
    /// Different values; null for free text and where there are more than 1,000.
    pub distinct: Option<u64>,
    /// The least number, or the earliest time in milliseconds since 1970.
    pub min: Option<f64>,
    /// The largest number, or the latest time in milliseconds since 1970.
    pub max: Option<f64>,
    /// The mean of the numbers.
    pub mean: Option<f64>,
    /// The most frequent values, at most ten; none where there are more than 1,000 different ones.
    pub top_values: Vec<ValueCount>,
}

/// A value and the rows that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct ValueCount {
    /// The value as the log spells it.
    pub value: String,
    /// Rows that have it.
    pub count: u64,
}

/// The roles as they stand, and why the log cannot be trained on if it cannot.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct SchemaReport {
    /// The role of each column, in the order of the log.
    pub columns: Vec<ColumnRole>,
    /// The label column; null where none was found.
    pub label: Option<String>,
    /// The value that means a crash; null where it is not known.
    pub positive: Option<String>,
    /// Why this value, in words.
    pub positive_reason: String,
    /// The values of the label column, the most frequent first, at most twenty.
    pub label_values: Vec<ValueCount>,
    /// Rows without a label; they are not learned from.
    pub rows_without_label: u64,
    /// The time column.
    pub time: Option<String>,
    /// The column that names the server.
    pub host: Option<String>,
    /// The columns that are learned from.
    pub features: Vec<String>,
    /// The rows without a label, or with none that is known, each with its line; rows used are those with one.
    pub label_issues: IssueReport,
    /// What is odd about the times of the rows, in words, and last whether there are too few crashes to learn much from.
    pub remarks: Vec<String>,
    /// Whether there are: the last of the remarks is then about them.
    pub too_few_incidents: bool,
    /// What would be predicted of a row; null where that is not known.
    pub target: Option<TargetSummary>,
    /// Crashes there are, rows of one crash taken together; null where that is not known.
    pub incidents: Option<u64>,
    /// How many minutes ahead could be predicted, where the label says that a host is down now; null where it looks ahead
    /// already, and where the log has no times.
    pub proposed_horizon_minutes: Option<f64>,
    /// Features that count up and start anew now and then: what they rise by says more, which the option `rates` makes of
    /// them.
    pub counters: Vec<String>,
    /// Why the log cannot be trained on as it is; null where it can.
    pub problem: Option<Problem>,
}

/// An obstacle, with the code its error has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Problem {
    /// A stable name for programs to branch on.
    pub code: &'static str,
    /// What is amiss and what to do, in words.
    pub message: String,
}

/// Values shown of a column.
const TOP_VALUES: usize = 10;
/// Values shown of the label.
const LABEL_VALUES: usize = 20;

/// Each column of `table`, its role guessed.
///
/// # Errors
/// None in practice: the default options name no column.
pub fn columns(table: &Table) -> Result<Vec<ColumnSummary>> {
    let schema = Schema::new(table, &RoleOptions::default())?;
    Ok(table
        .columns()
        .iter()
        .zip(schema.columns())
        .map(|(column, role)| summarise(column, role))
        .collect())
}

/// The roles of the columns of `table` under the user's `options`.
///
/// # Errors
/// `UnknownColumn` where an option names a column that is not there.
pub fn schema(table: &Table, options: &RoleOptions) -> Result<SchemaReport> {
    let schema = Schema::new(table, options)?;
    let label = schema.label().ok();
    let column = schema
        .named(Role::Label)
        .next()
        .and_then(|name| table.column(name));
    let first = |role| schema.named(role).next().map(str::to_owned);
    let (time, host) = (first(Role::Time), first(Role::Host));
    let timeline = Timeline::new(table, time.as_deref(), host.as_deref());
    let target = Target::new(table, &schema, &timeline, options);
    let problem = problem(&schema, &target);
    let target = target.ok();
    let incidents = target
        .as_ref()
        .map(|target| n_incidents(target, &timeline, time.is_some()));
    let mut remarks = time_remarks(table, &timeline, (time.as_deref(), host.as_deref()));
    let few = incidents.filter(|&n| n < ENOUGH_INCIDENTS);
    if let Some(few) = few {
        let ending = if few == 1 { "" } else { "es" };
        remarks.push(format!(
            "the log holds {few} crash{ending}: fewer than about {ENOUGH_INCIDENTS} teach little, and figures measured on them say little"
        ));
    }
    let is_down_now = |target: &Target| target.summary.means == LabelMeans::DownNow;
    let proposes = time.is_some() && target.as_ref().is_some_and(is_down_now);
    Ok(SchemaReport {
        incidents,
        proposed_horizon_minutes: proposes.then(|| propose_horizon(timeline.interval_minutes())),
        target: target.map(|target| target.summary),
        columns: schema.columns().to_vec(),
        label: first(Role::Label),
        positive: label.map(|label| label.positive.clone()),
        positive_reason: label.map(|label| label.reason.clone()).unwrap_or_default(),
        label_values: column
            .map(|column| counts(column, LABEL_VALUES))
            .unwrap_or_default(),
        rows_without_label: rows_without_label(table, &schema),
        label_issues: schema.label_issues(table).to_report(),
        remarks,
        too_few_incidents: few.is_some(),
        counters: counters(table, &schema, &timeline),
        time,
        host,
        features: schema.named(Role::Feature).map(str::to_owned).collect(),
        problem: problem.map(|error| Problem {
            code: error.code(),
            message: error.to_string(),
        }),
    })
}

/// Crashes there are; rows of one crash are one incident.
fn n_incidents(target: &Target, timeline: &Timeline, has_time: bool) -> u64 {
    let labels = target.labels.iter().enumerate();
    let (rows, y): (Vec<usize>, Vec<bool>) = labels
        .filter_map(|(row, label)| Some((row, (*label)?)))
        .unzip();
    let moments = Moments::new(timeline, &rows, target.summary.means, has_time);
    let all: Vec<usize> = (0..rows.len()).collect();
    let replay = moments.replay(&all, &y, &vec![0.0; rows.len()]);
    replay.incidents().len() as u64
}

/// What is odd about the order of the rows.
fn time_remarks(
    table: &Table,
    timeline: &Timeline,
    (time, host): (Option<&str>, Option<&str>),
) -> Vec<String> {
    if time.is_none() {
        return Vec::new();
    }
    let moments = timeline.moments();
    let (mut n_back, mut n_same) = (0, 0);
    for rows in timeline.by_host() {
        let mut last = 0;
        for (at, &row) in rows.iter().enumerate() {
            n_back += usize::from(row < last);
            n_same += usize::from(at > 0 && moments[row] == moments[rows[at - 1]]);
            last = row;
        }
    }
    let remark =
        |n: usize, what: &str| (n > 0).then(|| format!("{n} of {} rows {what}", table.n_rows()));
    let back = remark(
        n_back,
        "do not stand in the order of time; they are put in order",
    );
    let same = remark(
        n_same,
        if host.is_some() {
            "have the time of another row of the same host"
        } else {
            "have the time of another row"
        },
    );
    back.into_iter().chain(same).collect()
}

/// The features that are counters: they rise at most steps, or at some where their name says so, and fall only to begin anew.
fn counters(table: &Table, schema: &Schema, timeline: &Timeline) -> Vec<String> {
    const MIN_STEPS: usize = 20;
    const NAMES: &str = "total count counter sum";
    let mut counters = Vec::new();
    for name in schema.named(Role::Feature) {
        let Some(column) = table.column(name) else {
            continue;
        };
        let (Values::Number(values), Format::Numbers(NumberFormat { is_rate: false, .. })) =
            (&column.values, &column.format)
        else {
            continue;
        };
        let (mut n_steps, mut n_rises, mut n_restarts, mut n_falls) = (0, 0, 0, 0);
        for rows in timeline.by_host() {
            let mut last = f64::NAN;
            for &row in rows {
                let value = values[row];
                if value.is_nan() {
                    continue;
                }
                n_steps += usize::from(!last.is_nan());
                n_rises += usize::from(value > last);
                n_restarts += usize::from(value < last * 0.5);
                n_falls += usize::from(value < last);
                last = value;
            }
        }
        let lower = name.to_ascii_lowercase();
        let is_named = NAMES.split(' ').any(|end| lower.ends_with(end));
        let needed = if is_named { n_steps / 10 } else { n_steps / 2 };
        let only_restarts = n_falls == n_restarts && n_falls * 50 <= n_steps;
        if n_steps >= MIN_STEPS && n_rises > needed && only_restarts {
            counters.push(name.to_owned());
        }
    }
    counters
}

fn rows_without_label(table: &Table, schema: &Schema) -> u64 {
    match schema.labels(table) {
        Ok(labels) => labels.iter().filter(|label| label.is_none()).count() as u64,
        Err(_) => table.n_rows() as u64,
    }
}

/// What training would say before it starts.
fn problem(schema: &Schema, target: &Result<Target>) -> Option<Error> {
    let n_features = schema.named(Role::Feature).count();
    let too_many = (n_features > MAX_FEATURES).then_some(Error::TooManyColumns {
        found: n_features,
        limit: MAX_FEATURES,
    });
    schema.problem().or(too_many).or_else(|| match target {
        Err(error) => Some(error.clone()),
        Ok(target) => {
            let y: Vec<bool> = target.labels.iter().copied().flatten().collect();
            check_enough(&y).err()
        }
    })
}

fn summarise(column: &Column, role: &ColumnRole) -> ColumnSummary {
    let (min, max, mean) = range(&column.values).map_or((None, None, None), |(min, max, mean)| {
        (Some(min), Some(max), mean)
    });
    ColumnSummary {
        name: column.name.clone(),
        kind: column.kind(),
        unit: column.unit.clone(),
        format: column.format.sentence(),
        role: role.role,
        reason: role.reason.clone(),
        missing: column.n_missing() as u64,
        distinct: column.n_distinct().map(|count| count as u64),
        min,
        max,
        mean,
        top_values: counts(column, TOP_VALUES),
    }
}

/// Least and largest value, and the mean of numbers; times in milliseconds.
fn range(values: &Values) -> Option<(f64, f64, Option<f64>)> {
    let present: Vec<f64> = match values {
        Values::Number(numbers) => numbers
            .iter()
            .copied()
            .filter(|number| !number.is_nan())
            .collect(),
        Values::Time(times) => times
            .iter()
            .filter(|&&time| time != i64::MIN)
            .map(|&time| time as f64 / 1000.0)
            .collect(),
        _ => return None,
    };
    let count = present.len() as f64;
    let min = present.iter().copied().reduce(f64::min)?;
    let max = present.iter().copied().reduce(f64::max)?;
    let mean = matches!(values, Values::Number(_))
        .then(|| present.iter().map(|value| value / count).sum());
    Some((min, max, mean))
}

fn counts(column: &Column, n: usize) -> Vec<ValueCount> {
    column
        .top_values(n)
        .into_iter()
        .map(|(value, count)| ValueCount { value, count })
        .collect()
}
