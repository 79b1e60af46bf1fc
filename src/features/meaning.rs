//! Whether a label says that a host is down now or that it will crash soon: guessed from its name, or else from the shape
//! of what it says, with the reason in words.

use serde::{Deserialize, Serialize};

use super::timeline::{MINUTE, Timeline};

/// What a label's crash value says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum LabelMeans {
    /// The host is down.
    DownNow,
    /// The host will crash within some minutes.
    Ahead,
}

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

/// Words by which a name says that it looks ahead.
const AHEAD_WORDS: [&str; 7] = [
    "ahead", "within", "next", "will", "soon", "upcoming", "future",
];
/// Units a name may give, in minutes.
const UNITS: [(&str, f64); 13] = [
    ("s", 1.0 / 60.0),
    ("sec", 1.0 / 60.0),
    ("m", 1.0),
    ("min", 1.0),
    ("mins", 1.0),
    ("minute", 1.0),
    ("minutes", 1.0),
    ("h", 60.0),
    ("hr", 60.0),
    ("hour", 60.0),
    ("hours", 60.0),
    ("d", 1440.0),
    ("day", 1440.0),
];

/// `None` where the name does not speak of what is coming; else how far it looks ahead, where it says that.
fn minutes_in(name: &str) -> Option<Option<f64>> {
    let words = words(name);
    let number = |at: usize| words.get(at)?.parse::<u32>().ok();
    let unit = |at: usize| {
        let word = words.get(at)?;
        Some(UNITS.iter().find(|(unit, _)| unit == word)?.1)
    };
    let minutes = (0..words.len()).find_map(|at| Some(f64::from(number(at)?) * unit(at + 1)?));
    let is_ahead = |at: usize| {
        let word = words[at].as_str();
        AHEAD_WORDS.contains(&word) || (word == "in" && number(at + 1).is_some())
    };
    let at = (0..words.len()).find(|&at| is_ahead(at))?;
    Some(minutes.or_else(|| unit(at + 1)))
}

/// A name in lower case, parted where letters, digits and other characters meet and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let joins = (before.is_alphabetic()
            && c.is_alphabetic()
            && !(before.is_lowercase() && c.is_uppercase()))
            || (before.is_ascii_digit() && c.is_ascii_digit());
        if !joins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
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
