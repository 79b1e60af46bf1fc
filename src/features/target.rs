//! What is to be predicted of each row: the label as it stands, or whether the host crashes within the horizon.

use serde::Serialize;

use crate::codec::saved;
use crate::error::{Error, Result};
use crate::numerals::format_number;
use crate::schema::{LabelMeans, RoleOptions, Schema};
use crate::table::{ReadOptions, Table};

use super::horizon::{AheadLabels, Outages};
use super::meaning::LabelMeaning;
use super::timeline::Timeline;

/// What is to be predicted.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct TargetSummary {
    /// Whether the model says what is or what is coming.
    pub means: LabelMeans,
    /// How many minutes it looks ahead, where that is known.
    pub horizon_minutes: Option<f64>,
    /// Why it is taken so, in words.
    pub reason: String,
    /// Rows left out because their host was down.
    pub n_down: u64,
    /// Rows left out because nothing is known of what followed them.
    pub n_unknown: u64,
}

saved! { struct TargetSummary { means, horizon_minutes, reason, n_down, n_unknown } }

/// Labels to learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// For each row of the table whether it is positive; `None` where it is not learned from.
    pub labels: Vec<Option<bool>>,
    /// What they mean.
    pub summary: TargetSummary,
}

/// A year: what lies further ahead is no warning.
const MAX_MINUTES: f64 = 525_600.0;

impl Target {
    /// Decides what is to be predicted of the rows of `table`.
    ///
    /// # Errors
    /// As [`Schema::label`] without a list of incidents, `BadIncidents` with one that cannot be used, `BadOption` for a
    /// horizon that is none, and whatever reading the list may fail with.
    pub fn new(
        table: &Table,
        schema: &Schema,
        timeline: &Timeline,
        options: &RoleOptions,
    ) -> Result<Self> {
        options.horizon_minutes.map_or(Ok(()), check_minutes)?;
        if let Some(list) = &options.incidents {
            return Self::from_incidents(list, timeline, options);
        }
        let labels = schema.labels(table)?;
        let name = &schema.label()?.column;
        let mut meaning = LabelMeaning::guess(name, &labels, timeline);
        if let Some(means) = options.label_means {
            let is_guess = means == meaning.means;
            meaning = LabelMeaning {
                means,
                minutes: meaning.minutes.filter(|_| is_guess),
                reason: "as you said".to_owned(),
            };
        }
        Ok(match (meaning.means, options.horizon_minutes) {
            (LabelMeans::Ahead, minutes) => Self::as_it_stands(
                labels,
                LabelMeaning {
                    minutes: minutes.or(meaning.minutes),
                    ..meaning
                },
            ),
            (LabelMeans::DownNow, None) => Self::as_it_stands(labels, meaning),
            (LabelMeans::DownNow, Some(minutes)) => {
                let outages = Outages::from_labels(&labels, timeline);
                let ahead = outages.ahead(timeline, minutes, &|row| labels[row].is_some());
                let reason = format!(
                    "a row counts where a crash begins within {} minutes after it, as you asked; the label says when \
                     a host is down ({})",
                    format_number(minutes),
                    meaning.reason
                );
                Self::looking_ahead(ahead, minutes, reason)
            }
        })
    }

    fn as_it_stands(labels: Vec<Option<bool>>, meaning: LabelMeaning) -> Self {
        Self {
            labels,
            summary: TargetSummary {
                means: meaning.means,
                horizon_minutes: meaning.minutes,
                reason: meaning.reason,
                n_down: 0,
                n_unknown: 0,
            },
        }
    }

    fn looking_ahead(ahead: AheadLabels, minutes: f64, reason: String) -> Self {
        Self {
            labels: ahead.labels,
            summary: TargetSummary {
                means: LabelMeans::Ahead,
                horizon_minutes: Some(minutes),
                reason,
                n_down: ahead.n_down as u64,
                n_unknown: ahead.n_unknown as u64,
            },
        }
    }

    fn from_incidents(list: &str, timeline: &Timeline, options: &RoleOptions) -> Result<Self> {
        let list = Table::from_csv(list.as_bytes(), &ReadOptions::default())?;
        let outages = Outages::from_list(&list, timeline)?;
        let (minutes, chosen) = match options.horizon_minutes {
            Some(minutes) => (minutes, "as you asked"),
            None => (
                super::propose_horizon(timeline.interval_minutes()),
                "which is proposed for rows that come as often as these",
            ),
        };
        let elsewhere = match outages.n_elsewhere() {
            0 => String::new(),
            n => format!("; {n} of its incidents are of hosts that the log does not hold"),
        };
        let reason = format!(
            "a row counts where an incident of the list begins within {} minutes after it, {chosen}{elsewhere}",
            format_number(minutes)
        );
        let ahead = outages.ahead(timeline, minutes, &|_| true);
        Ok(Self::looking_ahead(ahead, minutes, reason))
    }
}

fn check_minutes(minutes: f64) -> Result<()> {
    if minutes > 0.0 && minutes <= MAX_MINUTES {
        return Ok(());
    }
    Err(Error::BadOption {
        option: "horizonMinutes",
        found: format_number(minutes),
        expected: "a number of minutes above 0, up to a year",
    })
}
