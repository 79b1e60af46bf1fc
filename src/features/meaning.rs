//! Whether a label says that a host is down now or that it will crash soon: guessed from its name, or else from the shape
//! of what it says, with the reason in words.

use crate::schema::{LabelMeans, normalise};
use crate::text::{parted, position_in};

use super::timeline::{MINUTE, Timeline};

/// What a label means, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelMeaning {
    /// What its crash value says.
    pub means: LabelMeans,
    /// How far it looks ahead, where that is known.
    pub minutes: Option<f64>,
    /// Why, in words.
    pub reason: String,
}

impl LabelMeaning {
    /// Guesses what the label called `name` means, whose values are `labels`.
    #[must_use]
    pub fn guess(name: &str, labels: &[Option<bool>], timeline: &Timeline) -> Self {
        let shape = Shape::new(labels, timeline);
        let ahead = |minutes, reason: String| Self {
            means: LabelMeans::Ahead,
            minutes,
            reason,
        };
        let seen = shape.minutes_ahead(timeline);
        if let Some(named) = minutes_in(name) {
            let reason = format!("the name \"{name}\" speaks of what is coming");
            return ahead(named.or(seen), reason);
        }
        if let Some(minutes) = seen {
            let reason = format!(
                "its crash rows stand in runs of {} rows just before a gap in the log, as rows do that were marked before a \
                 crash whose own rows were left out",
                shape.longest
            );
            return ahead(Some(minutes), reason);
        }
        Self {
            means: LabelMeans::DownNow,
            minutes: None,
            reason: "nothing in its name or its values speaks of what is coming".to_owned(),
        }
    }
}

/// Words by which a name says that it looks ahead, wherever they stand in it.
const AHEAD_WORDS: &str = "ahead within next upcoming soon";
/// First letters of the units a name may give, in minutes.
const UNITS: [(&str, f64); 4] = [("d", 1440.0), ("h", 60.0), ("m", 1.0), ("s", 1.0 / 60.0)];

/// `None` where the name does not speak of what is coming; else how far it looks ahead, where it says that.
fn minutes_in(name: &str) -> Option<Option<f64>> {
    let name = normalise(name);
    let digits = name.find(|c: char| c.is_ascii_digit());
    let (before, number) = parted(&name, digits.unwrap_or(name.len()));
    let says_so = AHEAD_WORDS
        .split(' ')
        .any(|word| position_in(&name, word).is_some())
        || name.starts_with("will")
        || (before.ends_with("in") && !number.is_empty());
    if !says_so {
        return None;
    }
    let unit = number.trim_start_matches(|c: char| c.is_ascii_digit());
    let (figure, _) = parted(number, number.len() - unit.len());
    let figure = figure.parse::<u32>().ok();
    // "the next hour" is one.
    const NEXT: &str = "next";
    let (figure, unit) = match (figure, position_in(&name, NEXT)) {
        (None, Some(at)) => (Some(1), parted(&name, at + NEXT.len()).1),
        _ => (figure, unit),
    };
    let minutes = UNITS.iter().find(|(letter, _)| unit.starts_with(letter));
    Some(
        figure
            .zip(minutes)
            .map(|(figure, (_, minutes))| f64::from(figure) * minutes),
    )
}

/// The runs of crash rows.
#[derive(Default)]
struct Shape {
    /// Rows of the longest.
    longest: usize,
    /// Their lengths in rows, and whether a gap in the log or its end comes before and after.
    runs: Vec<Run>,
}

struct Run {
    n_rows: usize,
    gap_before: bool,
    gap_after: bool,
}

/// Runs that can show a pattern.
const MIN_RUNS: usize = 3;
/// Rows of a run: shorter ones may be the last rows of a server before it fell silent.
const MIN_ROWS: usize = 3;
/// The share of runs that keep to the pattern; clocks drift and rows get lost.
const KEEP_TO_IT: f64 = 0.9;
/// A step so many times the usual one is a gap.
const GAP: f64 = 1.5;

impl Shape {
    fn new(labels: &[Option<bool>], timeline: &Timeline) -> Self {
        let mut shape = Self::default();
        let gap = (timeline.interval() as f64 * GAP) as i64;
        for rows in timeline.by_host() {
            let moments = || rows.iter().map(|&row| timeline.moments()[row]);
            let follows: Vec<bool> = moments()
                .zip(moments().skip(1))
                .map(|(a, b)| b.saturating_sub(a) <= gap)
                .collect();
            let is_crash = |at: usize| labels[rows[at]] == Some(true);
            let mut from = 0;
            for at in 0..rows.len() {
                let ends = at + 1 == rows.len() || !follows[at];
                if !is_crash(at) {
                    from = at + 1;
                    continue;
                }
                if ends || !is_crash(at + 1) {
                    shape.runs.push(Run {
                        n_rows: at + 1 - from,
                        gap_before: from == 0 || !follows[from - 1],
                        gap_after: ends,
                    });
                    from = at + 1;
                }
            }
        }
        shape.longest = shape.runs.iter().map(|run| run.n_rows).max().unwrap_or(0);
        shape
    }

    /// How far the label looks ahead, if runs of one length just before gaps say that it does. A run that begins at a gap
    /// may be shorter: the crash before it cut it.
    fn minutes_ahead(&self, timeline: &Timeline) -> Option<f64> {
        let share = |keeps: &dyn Fn(&Run) -> bool| {
            self.runs.iter().filter(|run| keeps(run)).count() as f64 / self.runs.len() as f64
        };
        // One row more or less: clocks and horizons need not fall on the same beat.
        let is_full = |run: &Run| run.n_rows + 1 >= self.longest;
        let keeps = |run: &Run| run.gap_after && (is_full(run) || run.gap_before);
        let is_ahead = self.runs.len() >= MIN_RUNS
            && self.longest >= MIN_ROWS
            && share(&keeps) >= KEEP_TO_IT
            && share(&is_full) >= 0.5;
        is_ahead.then(|| self.longest as f64 * timeline.interval() as f64 / MINUTE as f64)
    }
}
