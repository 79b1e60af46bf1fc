//! The rows that training counts: those with a label, and what of the table is known of them.

use crate::error::Result;
use crate::evaluate::Moments;
use crate::evaluate::split::Rows;
use crate::features::{
    Dataset, FeatureSpec, MINUTE, Target, TargetSummary, Timeline, WINDOW_REACH,
};
use crate::schema::{Role, RoleOptions, Schema};
use crate::table::{MISSING_TIME, Table};

use super::TrainOptions;

/// The rows that have a label; every row index of training counts these.
pub(super) struct Labelled {
    /// Their rows in the table.
    pub rows: Vec<usize>,
    pub y: Vec<bool>,
    time: Option<Vec<f64>>,
    host: Option<Vec<u32>>,
    timeline: Timeline,
    /// What is predicted of a row.
    pub target: TargetSummary,
}

/// The gap between rows learned from and rows checked on is at most this share of the log: a short one would be all gap.
const GAP_SHARE: f64 = 0.1;

impl Labelled {
    pub fn new(table: &Table, schema: &Schema, options: &RoleOptions) -> Result<Self> {
        let (time, host) = (
            schema.named(Role::Time).next(),
            schema.named(Role::Host).next(),
        );
        let timeline = Timeline::new(table, time, host);
        let Target { labels, summary } = Target::new(table, schema, &timeline, options)?;
        let (rows, y): (Vec<usize>, Vec<bool>) = labels
            .iter()
            .enumerate()
            .filter_map(|(row, label)| Some((row, (*label)?)))
            .unzip();
        let moment = |&row: &usize| match timeline.moments()[row] {
            MISSING_TIME => f64::NAN,
            moment => moment as f64,
        };
        let host_of = |&row: &usize| timeline.hosts()[row];
        Ok(Self {
            time: time.map(|_| rows.iter().map(moment).collect()),
            host: host.map(|_| rows.iter().map(host_of).collect()),
            rows,
            y,
            timeline,
            target: summary,
        })
    }

    /// What a split goes by.
    pub fn rows(&self) -> Rows<'_> {
        Rows {
            y: &self.y,
            time: self.time.as_deref(),
            host: self.host.as_deref(),
            gap: self.gap(),
        }
    }

    /// When and on which host the rows were measured.
    pub fn moments(&self) -> Moments {
        let means = self.target.means;
        Moments::new(&self.timeline, &self.rows, means, self.time.is_some())
    }

    /// As long as the horizon and the longest window: then no row learned from says what a row checked on is about, nor has
    /// either seen the minutes that the other is judged by.
    fn gap(&self) -> f64 {
        let Some(time) = &self.time else { return 0.0 };
        let known = || time.iter().copied().filter(|moment| !moment.is_nan());
        let first = known().fold(f64::INFINITY, f64::min);
        let last = known().fold(f64::NEG_INFINITY, f64::max);
        let horizon = self.target.horizon_minutes.unwrap_or(0.0) * MINUTE as f64;
        let reach = self.timeline.interval() as f64 * f64::from(WINDOW_REACH);
        (horizon + reach).min((last - first).max(0.0) * GAP_SHARE)
    }

    /// Learns the features from the labelled rows `rows` and transforms all labelled rows. The windows are those of `given`,
    /// or are chosen by these rows; a log without times has none.
    pub fn fit_features(
        &self,
        table: &Table,
        schema: &Schema,
        (rows, given): (&[usize], Option<&FeatureSpec>),
        options: &TrainOptions,
    ) -> Result<(FeatureSpec, Dataset)> {
        let names: Vec<String> = schema.named(Role::Feature).map(str::to_owned).collect();
        let in_table: Vec<usize> = rows.iter().map(|&row| self.rows[row]).collect();
        let spec =
            FeatureSpec::fit(table, &names, &in_table)?.with_signs(&options.monotone, table)?;
        let timeline = &self.timeline;
        let (spec, data) = match given {
            _ if self.time.is_none() => {
                let data = spec.transform(table);
                (spec, data)
            }
            Some(given) => spec.windows_like(given, table, (timeline, &in_table)),
            None => {
                let mut labels = vec![None; table.n_rows()];
                for (&row, &crashed) in self.rows.iter().zip(&self.y) {
                    labels[row] = Some(crashed);
                }
                spec.choose_windows(table, timeline, (&labels, &in_table))
            }
        };
        let signs = spec.signs();
        let data = match self.rows.len() == table.n_rows() {
            true => data,
            false => data.select(&self.rows),
        };
        Ok((spec, data.with_signs(signs)))
    }
}
