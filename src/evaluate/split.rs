//! Which rows a model is checked on. By time where the log has one: a random split lets a model see minutes right beside
//! those it is asked about, which flatters it. Every row index is an index into the rows that have a label.
//!
//! Rows learned from stand apart from rows checked on: none within the gap of one, none of an incident that one belongs to.

use serde::Serialize;

use crate::codec::saved;
use crate::error::{Error, Result};
use crate::order::sorted;
use crate::random::Random;
use crate::schema::MIN_ROWS;

pub use super::parts::Rows;

/// How the user wants the rows split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum SplitChoice {
    /// By time, by incident, by host or at random: the first that leaves crashes on both sides.
    #[default]
    Auto,
    /// The latest rows are held out.
    Time,
    /// Whole hosts are held out.
    Host,
    /// Stretches of time around whole incidents are held out.
    Incident,
    /// Rows drawn at random are held out, as many of each class as its share.
    Random,
}

saved! { enum SplitChoice { 0 = Auto, 1 = Time, 2 = Host, 3 = Incident, 4 = Random } }

/// How the rows were split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum SplitKind {
    /// The latest rows were held out.
    Time,
    /// Whole hosts were held out.
    Host,
    /// Stretches of time around whole incidents were held out.
    Incident,
    /// Rows drawn at random were held out, as many of each class as its share.
    Random,
}

saved! { enum SplitKind { 0 = Time, 1 = Host, 2 = Incident, 3 = Random } }

/// Rows to learn from and rows to check on; no row is in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// How the rows were split.
    pub kind: SplitKind,
    /// Why so, in words.
    pub reason: String,
    /// Rows to learn from, in the order of time or of the log.
    pub train: Vec<usize>,
    /// Rows to check on.
    pub test: Vec<usize>,
}

/// A part of the training rows, and those that a model may learn from to predict it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldRows {
    /// The rows that are predicted.
    pub held: Vec<usize>,
    /// The rows that are learned from.
    pub rest: Vec<usize>,
}

saved! { struct FoldRows { held, rest } }

/// The share of rows held out: one part of so many.
const PARTS: usize = 5;
/// The least rows of each class: one to learn from and one to check on.
const MIN_OF_CLASS: usize = 2;
/// Stream numbers of [`Random`].
const HOLD_OUT_STREAM: u64 = 1;
const FOLD_STREAM: u64 = 2;

/// Holds out a fifth of the rows.
///
/// # Errors
/// `TooFewRows` where a class cannot be in both parts, `BadOption` where the split asked for is impossible.
pub fn hold_out(rows: Rows<'_>, choice: SplitChoice, seed: u64) -> Result<Split> {
    check_enough(rows.y)?;
    let kinds: &[SplitKind] = match choice {
        SplitChoice::Time => &[SplitKind::Time],
        SplitChoice::Host => &[SplitKind::Host],
        SplitChoice::Incident => &[SplitKind::Incident],
        SplitChoice::Random => &[SplitKind::Random],
        SplitChoice::Auto => &[
            SplitKind::Time,
            SplitKind::Incident,
            SplitKind::Host,
            SplitKind::Random,
        ],
    };
    let all: Vec<usize> = rows.in_order();
    let split = kinds.iter().find_map(|&kind| {
        let (train, test) = rows.held_out(&all, kind, seed)?;
        let reason = rows.reason(kind, choice != SplitChoice::Auto);
        Some(Split {
            kind,
            reason,
            train,
            test,
        })
    });
    split.ok_or_else(|| rows.impossible(kinds[0]))
}

/// Checks that there are rows enough to learn from some and to check on others.
///
/// # Errors
/// `TooFewRows`.
pub fn check_enough(y: &[bool]) -> Result<()> {
    let positives = y.iter().filter(|&&crashed| crashed).count();
    let counts = [
        ("with a label", y.len(), MIN_ROWS),
        ("with a crash", positives, MIN_OF_CLASS),
        ("without a crash", y.len() - positives, MIN_OF_CLASS),
    ];
    match counts.into_iter().find(|(_, found, needed)| found < needed) {
        Some((what, found, needed)) => Err(Error::TooFewRows {
            what,
            found,
            needed,
        }),
        None => Ok(()),
    }
}

/// Cuts the training rows into up to `n_folds` parts to validate on in turn, the way the rows were split; another way
/// where a model could not learn from the rest, because one part holds every crash or every calm row. Returns which.
#[must_use]
pub fn folds(
    split: &Split,
    rows: Rows<'_>,
    n_folds: usize,
    seed: u64,
) -> (Vec<FoldRows>, SplitKind) {
    let kinds: &[SplitKind] = match split.kind {
        SplitKind::Time => &[SplitKind::Time, SplitKind::Incident],
        SplitKind::Incident => &[SplitKind::Incident],
        SplitKind::Host => &[SplitKind::Host],
        SplitKind::Random => &[],
    };
    let learnable = |fold: &FoldRows| rows.has_both(&fold.rest);
    for &kind in kinds {
        let folds = rows.folds(&split.train, kind, n_folds, seed);
        if folds.len() > 1 && folds.iter().all(learnable) {
            return (folds, kind);
        }
    }
    let folds = rows.folds(&split.train, SplitKind::Random, n_folds, seed);
    (folds, SplitKind::Random)
}

impl Rows<'_> {
    /// A fifth of the rows `all`, which stand in order, and those that may be learned from; `None` where the log does not
    /// have what the split goes by, or one side would hold one class only.
    fn held_out(
        &self,
        all: &[usize],
        kind: SplitKind,
        seed: u64,
    ) -> Option<(Vec<usize>, Vec<usize>)> {
        let mut random = Random::new(seed, HOLD_OUT_STREAM);
        let incidents = self.incidents(all);
        let mut parts = match kind {
            SplitKind::Time => self.blocks(all, PARTS, self.time?),
            SplitKind::Incident => {
                self.dealt(all, &self.segments(all, &incidents)?, PARTS, &mut random)
            }
            SplitKind::Host => self.dealt(all, self.host?, PARTS, &mut random),
            SplitKind::Random => {
                let mut rows: Vec<usize> = (0..self.y.len()).collect();
                random.shuffle(&mut rows);
                self.stratified(&rows, PARTS)
            }
        };
        let apart = |held: &[usize]| self.apart(all, held, &incidents, kind);
        let good = |train: &[usize], held: &[usize]| self.has_both(train) && self.has_both(held);
        if kind == SplitKind::Time {
            let test = parts.pop()?;
            let train = apart(&test);
            return good(&train, &test).then_some((train, test));
        }
        random.shuffle(&mut parts);
        parts.into_iter().find_map(|test| {
            let test = sorted(&test);
            let train = apart(&test);
            good(&train, &test).then_some((train, test))
        })
    }

    fn folds(&self, train: &[usize], kind: SplitKind, n_folds: usize, seed: u64) -> Vec<FoldRows> {
        let mut random = Random::new(seed, FOLD_STREAM);
        let incidents = self.incidents(train);
        let parts = match kind {
            SplitKind::Time => self.time.map(|time| self.blocks(train, n_folds, time)),
            SplitKind::Incident => self
                .segments(train, &incidents)
                .map(|segments| self.dealt(train, &segments, n_folds, &mut random)),
            SplitKind::Host => self
                .host
                .map(|host| self.dealt(train, host, n_folds, &mut random)),
            SplitKind::Random => {
                let mut rows = train.to_vec();
                random.shuffle(&mut rows);
                Some(self.stratified(&rows, n_folds))
            }
        };
        let parts = parts.unwrap_or_default().into_iter();
        parts
            .filter(|held| !held.is_empty())
            .map(|held| FoldRows {
                rest: self.apart(train, &held, &incidents, kind),
                held,
            })
            .collect()
    }

    /// Why the rows were split so.
    fn reason(&self, kind: SplitKind, asked: bool) -> String {
        let what = match kind {
            SplitKind::Time => "the latest fifth of the rows is held out",
            SplitKind::Host => "about a fifth of the hosts is held out",
            SplitKind::Incident => {
                "stretches of time around about a fifth of the incidents are held out"
            }
            SplitKind::Random => "the rows are split at random",
        };
        let why = match (kind, self.time, self.host) {
            _ if asked => "as asked",
            (SplitKind::Time, ..) => {
                "because the log has a time column: the model is asked about a time it has not seen"
            }
            (SplitKind::Incident, ..) => {
                "because the latest fifth or the rows before it hold no crash, or nothing else"
            }
            (SplitKind::Host, ..) => {
                "because the log has no time to split by: the model is asked about hosts it has not seen"
            }
            (SplitKind::Random, Some(_), _) => {
                "because the latest fifth or the rows before it hold no crash, or nothing else, and whole incidents \
                 cannot be parted; figures from a random split flatter the model"
            }
            (SplitKind::Random, None, Some(_)) => {
                "because the log has no time column and the crashes of its hosts cannot be parted; figures from a random \
                 split flatter the model where neighbouring rows resemble each other"
            }
            (SplitKind::Random, None, None) => {
                "because the log has no time column; figures from a random split flatter the model where neighbouring \
                 rows resemble each other"
            }
        };
        format!("{what}, {why}")
    }

    /// Why a split that was asked for cannot be had.
    fn impossible(&self, kind: SplitKind) -> Error {
        let (found, expected) = match (kind, self.time.is_some(), self.host.is_some()) {
            (SplitKind::Time, true, _) => (
                "time",
                "auto, incident or random here: the earlier or the later rows hold no crash, or nothing else",
            ),
            (SplitKind::Incident, true, _) => (
                "incident",
                "auto, time or random here: there are not two incidents to part",
            ),
            (SplitKind::Host, _, true) => (
                "host",
                "auto, time or random here: no few hosts hold some of the crashes and not all of them",
            ),
            (SplitKind::Host, _, false) => (
                "host",
                "auto, time or random: the log has no host column; name one with `host`",
            ),
            (SplitKind::Incident, ..) => (
                "incident",
                "auto or random: the log has no time column; name one with `time`",
            ),
            _ => (
                "time",
                "auto or random: the log has no time column; name one with `time`",
            ),
        };
        Error::BadOption {
            option: "split",
            found: found.to_owned(),
            expected,
        }
    }
}
