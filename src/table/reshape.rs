//! Tables that do not hold one row for each time and host, made into such: one column for each metric and host (`series`),
//! or one row for each metric (long). Both name the cell that each new cell is; a row of the file is used or rejected as
//! before, however many rows it makes.

use std::cmp::Ordering;

use super::column::{Column, MISSING_TIME, Values};
use super::column_builder::{ColumnBuilder, Place};
use super::dialect::Layout;
use super::expected::Expected;
use super::format::{Format, NumberFormat};
use super::issue::{Issue, IssueCode};
use super::names::{HOST_NAMES, rank};
use super::reader::Table;
use super::series::{Series, place_of};
use crate::order::indices_by;

/// Names of columns that name a metric, and of those that hold its value, and of times.
const METRIC_NAMES: &str = "metric metricname measurement field counter parameter variable";
const VALUE_NAMES: &str = "value metricvalue val reading fieldvalue";
const TIME_NAMES: &str = "time timestamp datetime ts date epoch";
/// Metrics of a long log; one with more is left as it is.
const MAX_METRICS: usize = 2_048;
/// Cells of the metrics of such a log, with those that nothing is said of.
const MAX_CELLS: usize = 1 << 25;

/// How the rows of a log are to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// A column for each metric and host.
    Series(Series),
    /// A row for each metric.
    Long(Long),
}

/// The columns of a log of one row for each metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Long {
    /// Two where one names a group of them: `_measurement` and `_field`.
    metrics: Vec<usize>,
    value: usize,
    time: usize,
    host: Option<usize>,
}

impl Shape {
    /// What the names of the columns say; none where rows are to stay as they are.
    pub(super) fn of(names: &[String], expected: &Expected) -> Option<Self> {
        // A model that was trained on columns as they are sees them again.
        if expected.is_as_it_stands
            || expected
                .formats
                .iter()
                .any(|(known, _)| is_odd(known, names))
        {
            return None;
        }
        let shape = Series::of(names).map(Self::Series);
        shape.or_else(|| Long::of(names).map(Self::Long))
    }

    /// The name under which a column of the file is read.
    pub(super) fn name<'a>(&'a self, index: usize, name: &'a str) -> &'a str {
        match self {
            Self::Series(series) => {
                series.places[index].map_or(name, |(metric, _)| &series.metrics[metric])
            }
            Self::Long(_) => name,
        }
    }

    /// The table of one row for each time and host.
    pub(super) fn apply(&self, table: Table, expected: &Expected) -> Table {
        match self {
            Self::Series(series) => one_row_a_host(series, table, expected),
            Self::Long(long) => long.widen(table, expected),
        }
    }
}

/// Whether a column of this name would be gone.
fn is_odd(known: &str, names: &[String]) -> bool {
    (known.ends_with('}') || rank(VALUE_NAMES, known).is_some())
        && names.iter().any(|name| name == known)
}

/// What a cell of the new table is.
enum Of<'a> {
    Nothing,
    /// Of a column of the old one, the first of these rows that says something.
    First(usize, &'a [usize]),
    /// A column and row of the old one.
    Cell(usize, usize),
    /// A host.
    Host(usize),
}

/// A table whose cells are those of another.
struct Plan<'a> {
    /// Columns that are kept; those of other names come after them.
    kept: Vec<usize>,
    names: Vec<&'a String>,
    /// The line of each new row.
    lines: Vec<u32>,
    /// Rows of the old table that are in no row of the new one.
    lost: Vec<usize>,
    hosts: &'a [String],
}

impl<'a> Plan<'a> {
    /// The table; `of` says what a cell is, by row and by column after those that are kept, or else by the column kept.
    #[inline(never)]
    fn rebuild(
        self,
        mut table: Table,
        expected: &Expected,
        of: &dyn Fn(usize, Option<usize>, usize) -> Of<'a>,
    ) -> Table {
        for row in self.lost {
            let line = u64::from(table.lines[row]);
            table
                .issues
                .unuse_row(Issue::at_line(IssueCode::NotPlaced, line));
        }
        let n_kept = self.kept.len();
        let mut columns: Vec<Column> = Vec::with_capacity(n_kept + self.names.len());
        for index in 0..n_kept + self.names.len() {
            let added = index.checked_sub(n_kept);
            let source = if added.is_none() { self.kept[index] } else { 0 };
            let mut name = match added {
                None => table.columns[source].name.clone(),
                Some(added) => self.names[added].clone(),
            };
            // A column of all hosts may have the name of a metric.
            while columns.iter().any(|column| column.name == name) {
                name.push('_');
            }
            let mut builder = expected.column(&name);
            let mut format: Option<NumberFormat> = None;
            let mut strays = Vec::new();
            for row in 0..self.lines.len() {
                match of(row, added, source) {
                    Of::Nothing => builder.push(""),
                    Of::Host(host) => builder.push(&self.hosts[host]),
                    Of::Cell(column, from) => {
                        let column = &table.columns[column];
                        if let Ok(at) = column
                            .strays
                            .binary_search_by_key(&(from as u32), |stray| stray.0)
                        {
                            strays.push((row as u32, column.strays[at].1.clone()));
                        }
                        push_cell(&mut builder, column, from, &mut format)
                    }
                    Of::First(column, rows) => {
                        let column = &table.columns[column];
                        let found = rows.iter().find(|&&row| column.has_value(row));
                        push_cell(
                            &mut builder,
                            column,
                            *found.unwrap_or(&rows[0]),
                            &mut format,
                        );
                    }
                }
            }
            let place = Place {
                index,
                lines: &self.lines,
            };
            let mut column = builder.finish(name, place, &mut table.issues);
            if column.strays.is_empty() {
                column.strays = strays;
            }
            // Free text is not kept, and is free text still.
            if added.is_none()
                && let Values::Text { n_missing, n_rows } = table.columns[source].values
            {
                column.values = Values::Text { n_missing, n_rows };
            }
            if let (Some(format), Values::Number(_)) = (format, &column.values) {
                if column.unit.is_none() {
                    column.unit = format.unit.map(|unit| unit.name().to_owned());
                }
                column.format = Format::Numbers(format);
            }
            columns.push(column);
        }
        table.columns = columns;
        table.lines = self.lines;
        show(&mut table);
        table
    }
}

/// Writes the preview anew, as long as it was.
pub(super) fn show(table: &mut Table) {
    let n_shown = table.lines.len().min(table.preview.len());
    table.preview.clear();
    for row in 0..n_shown {
        let mut cells = Vec::with_capacity(table.columns.len());
        for column in &table.columns {
            cells.push(column.level_at(row).unwrap_or_default().into_owned());
        }
        table.preview.push(cells);
    }
}

/// The column that most likely says when rows were measured, among those that hold times.
#[inline(never)]
pub(super) fn time_column(table: &Table) -> Option<usize> {
    let (mut time, mut best) = (None, usize::MAX);
    for (index, column) in table.columns.iter().enumerate() {
        let rank = rank(TIME_NAMES, &column.name).unwrap_or(usize::MAX - 1);
        if matches!(column.values, Values::Time(_)) && rank < best {
            (time, best) = (Some(index), rank);
        }
    }
    time
}

/// Files that were read one after the other, by time. Where none has a host and their times overlap, each is of a host.
#[inline(never)]
pub(super) fn put_together(
    files: &[(String, u64)],
    mut table: Table,
    expected: &Expected,
) -> Table {
    let mut has_host = false;
    for column in &table.columns {
        has_host |= rank(HOST_NAMES, &column.name).is_some();
    }
    let time = time_column(&table).map(|time| &table.columns[time].values);
    let Some(Values::Time(times)) = time else {
        show(&mut table);
        return table;
    };
    let file_of = |row: usize| {
        let line = u64::from(table.lines[row]);
        files
            .iter()
            .rposition(|(_, first)| *first <= line)
            .unwrap_or(0)
    };
    let mut spans = vec![(i64::MAX, i64::MIN); files.len()];
    for (row, &time) in times.iter().enumerate() {
        if time != MISSING_TIME {
            let span = &mut spans[file_of(row)];
            *span = (span.0.min(time), span.1.max(time));
        }
    }
    let mut overlap = false;
    for (at, a) in spans.iter().enumerate() {
        for b in &spans[..at] {
            overlap |= a.0 < b.1 && b.0 < a.1;
        }
    }
    let order = indices_by(times.len(), &|a, b| times[a].cmp(&times[b]));
    let hosts: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let of_row: Vec<usize> = order.iter().map(|&row| file_of(row)).collect();
    let host_name = "host".to_owned();
    let mut plan = Plan {
        kept: (0..table.columns.len()).collect(),
        names: Vec::new(),
        lines: order.iter().map(|&row| table.lines[row]).collect(),
        lost: Vec::new(),
        hosts: &hosts,
    };
    if overlap && !has_host {
        plan.names.push(&host_name);
    }
    plan.rebuild(table, expected, &|row, added, kept| match added {
        None => Of::Cell(kept, order[row]),
        Some(_) => Of::Host(of_row[row]),
    })
}

/// Adds a cell of another column: a number in the unit of the first that came.
#[inline(never)]
fn push_cell(
    builder: &mut ColumnBuilder,
    column: &Column,
    row: usize,
    format: &mut Option<NumberFormat>,
) {
    let (Values::Number(numbers), Format::Numbers(from)) = (&column.values, &column.format) else {
        return builder.push(column.level_at(row).as_deref().unwrap_or_default());
    };
    let to = *format.get_or_insert(*from);
    builder.push_number(to.bring(*from, numbers[row]));
}

/// A row for each host that says something at a time, from one column for each metric and host.
#[inline(never)]
fn one_row_a_host(series: &Series, mut table: Table, expected: &Expected) -> Table {
    let n_hosts = series.hosts.len();
    let mut columns_of = vec![usize::MAX; n_hosts * series.metrics.len()];
    let mut plan = Plan {
        kept: Vec::new(),
        names: vec![&series.host_name],
        lines: Vec::new(),
        lost: Vec::new(),
        hosts: &series.hosts,
    };
    plan.names.extend(&series.metrics);
    for (column, place) in series.places.iter().enumerate() {
        match place {
            Some((metric, host)) => columns_of[metric * n_hosts + host] = column,
            None => plan.kept.push(column),
        }
    }
    let mut places: Vec<(usize, usize)> = Vec::new();
    for row in 0..table.n_rows() {
        let n_before = places.len();
        for host in 0..n_hosts {
            let mut metrics = (host..columns_of.len()).step_by(n_hosts);
            if metrics.any(|at| {
                table
                    .columns
                    .get(columns_of[at])
                    .is_some_and(|column| column.has_value(row))
            }) {
                places.push((row, host));
                plan.lines.push(table.lines[row]);
            }
        }
        if places.len() == n_before {
            plan.lost.push(row);
        }
    }
    table.dialect.layout = Layout::Series;
    plan.rebuild(table, expected, &|row, added, kept| {
        let (from, host) = places[row];
        match added {
            None => Of::Cell(kept, from),
            Some(0) => Of::Host(host),
            Some(added) => match columns_of[(added - 1) * n_hosts + host] {
                usize::MAX => Of::Nothing,
                column => Of::Cell(column, from),
            },
        }
    })
}

impl Long {
    #[inline(never)]
    fn of(names: &[String]) -> Option<Self> {
        let ranked = |known: &str| {
            let mut best = (usize::MAX, 0);
            for (column, name) in names.iter().enumerate() {
                let rank = rank(known, name).unwrap_or(usize::MAX);
                if rank < best.0 {
                    best = (rank, column);
                }
            }
            (best.0 < usize::MAX).then_some(best.1)
        };
        let metrics = match (ranked("measurement"), ranked("field")) {
            (Some(group), Some(field)) => vec![group, field],
            _ => vec![ranked(METRIC_NAMES)?],
        };
        Some(Self {
            metrics,
            value: ranked(VALUE_NAMES)?,
            time: ranked(TIME_NAMES)?,
            host: ranked(HOST_NAMES),
        })
    }

    /// The metrics that rows name, and for each row which; none where there are too many.
    #[inline(never)]
    fn metrics_of(&self, table: &Table) -> Option<(Vec<String>, Vec<usize>)> {
        let mut names: Vec<String> = Vec::new();
        let mut of = Vec::with_capacity(table.n_rows());
        for row in 0..table.n_rows() {
            let mut name = String::new();
            for &column in &self.metrics {
                if let Some(part) = table.columns[column].level_at(row) {
                    name.push_str(if name.is_empty() { "" } else { "_" });
                    name.push_str(&part);
                }
            }
            // Neighbours mostly name the same metric, or the one after.
            let last = of.last().map_or(usize::MAX, |last: &usize| *last);
            of.push(if name.is_empty() {
                usize::MAX
            } else if names.get(last.wrapping_add(1)) == Some(&name) {
                last.wrapping_add(1)
            } else {
                place_of(&name, &mut names)
            });
            if names.len() > MAX_METRICS {
                return None;
            }
        }
        (!names.is_empty()).then_some((names, of))
    }

    /// A row for each time and host, from one row for each metric.
    #[inline(never)]
    fn widen(&self, mut table: Table, expected: &Expected) -> Table {
        let Some((names, metric_of)) = self.metrics_of(&table) else {
            return table;
        };
        let key = |column: usize, row: usize| match &table.columns[column].values {
            Values::Time(times) => times[row],
            Values::Number(numbers) => numbers[row].to_bits() as i64,
            Values::Category { codes, .. } => i64::from(codes[row]),
            _ => MISSING_TIME,
        };
        let by = |a: usize, b: usize| {
            let order = key(self.time, a).cmp(&key(self.time, b));
            match self.host {
                Some(host) => order.then_with(|| key(host, a).cmp(&key(host, b))),
                None => order,
            }
        };
        let order = indices_by(table.n_rows(), &by);
        let mut plan = Plan {
            kept: Vec::new(),
            names: names.iter().collect(),
            lines: Vec::new(),
            lost: Vec::new(),
            hosts: &[],
        };
        for column in 0..table.columns.len() {
            if column != self.value && !self.metrics.contains(&column) {
                plan.kept.push(column);
            }
        }
        // Where in the order each new row begins, and the row that says each of its metrics.
        let mut starts: Vec<usize> = Vec::new();
        let mut cells: Vec<usize> = Vec::new();
        for (at, &row) in order.iter().enumerate() {
            if at == 0 || by(order[at - 1], row) != Ordering::Equal {
                starts.push(at);
                plan.lines.push(table.lines[row]);
                cells.resize(starts.len() * names.len(), usize::MAX);
                if cells.len() > MAX_CELLS {
                    return table;
                }
            }
            let start = cells.len() - names.len();
            match cells.get_mut(start.saturating_add(metric_of[row])) {
                Some(cell) if *cell == usize::MAX => *cell = row,
                _ => plan.lost.push(row),
            }
        }
        starts.push(order.len());
        table.dialect.layout = Layout::Long;
        plan.rebuild(table, expected, &|row, added, kept| match added {
            None => Of::First(kept, &order[starts[row]..starts[row + 1]]),
            Some(added) => match cells[row * names.len() + added] {
                usize::MAX => Of::Nothing,
                from => Of::Cell(self.value, from),
            },
        })
    }
}
