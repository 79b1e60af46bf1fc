//! Which rows a model is checked on. By time where the log has one: a random split lets a model see minutes right beside
//! those it is asked about, which flatters it. Every row index is an index into the rows that have a label.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::order::sort_by_number;
use crate::random::Random;

/// How the user wants the rows split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum SplitChoice {
    /// By time where there is a time column, at random otherwise.
    #[default]
    Auto,
    /// The latest rows are held out.
    Time,
    /// Rows drawn at random are held out, as many of each class as its share.
    Random,
}

/// How the rows were split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub enum SplitKind {
    /// The latest rows were held out.
    Time,
    /// Rows drawn at random were held out, as many of each class as its share.
    Random,
}

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

/// The share of rows held out.
const TEST_SHARE: f64 = 0.2;
/// The least rows of each class: one to learn from and one to check on.
const MIN_OF_CLASS: usize = 2;
/// The least rows in all.
const MIN_ROWS: usize = 10;

/// Stream numbers of [`Random`].
const HOLD_OUT_STREAM: u64 = 1;
const FOLD_STREAM: u64 = 2;

/// Holds out a fifth of the rows. `time` is one number a row, later is larger, NaN where unknown.
///
/// # Errors
/// `TooFewRows` where a class cannot be in both parts, `BadOption` where a split by time was asked for and is impossible.
pub fn hold_out(y: &[bool], time: Option<&[f64]>, choice: SplitChoice, seed: u64) -> Result<Split> {
    check_enough(y)?;
    let by_time = time.map(|time| latest(y, time));
    match (choice, by_time) {
        (SplitChoice::Time, None) => Err(bad_split(
            "time",
            "auto or random: the log has no time column; name one with `time`",
        )),
        (SplitChoice::Time, Some(Err(_))) => Err(bad_split(
            "time",
            "auto or random here: the earlier or the later rows hold no crash, or nothing else",
        )),
        (SplitChoice::Time | SplitChoice::Auto, Some(Ok(split))) => Ok(split),
        (SplitChoice::Auto, Some(Err(OneSided))) => Ok(stratified(
            y,
            seed,
            "the rows are split at random, because the latest fifth or the rows before it hold no crash, or nothing else; \
             figures from a random split flatter the model",
        )),
        (SplitChoice::Auto, None) => Ok(stratified(
            y,
            seed,
            "the rows are split at random, because the log has no time column; figures from a random split flatter the model \
             where neighbouring rows resemble each other",
        )),
        (SplitChoice::Random, _) => Ok(stratified(
            y,
            seed,
            "the rows are split at random, as asked",
        )),
    }
}

fn bad_split(found: &str, expected: &'static str) -> Error {
    Error::BadOption {
        option: "split",
        found: found.to_owned(),
        expected,
    }
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

/// One side of a split would hold one class only.
struct OneSided;

/// The latest fifth. Rows of one time stay together, on the training side; rows without a time are learned from.
fn latest(y: &[bool], time: &[f64]) -> std::result::Result<Split, OneSided> {
    // Rows without a time stand first.
    let key = |time: f64| {
        if time.is_nan() {
            f64::NEG_INFINITY
        } else {
            time
        }
    };
    let mut by_time: Vec<(f64, u32)> = time
        .iter()
        .zip(0..)
        .map(|(&time, row)| (key(time), row))
        .collect();
    sort_by_number(&mut by_time);
    let mut cut = y.len() - held_out(y.len());
    while cut < by_time.len() && by_time[cut].0 == by_time[cut - 1].0 {
        cut += 1;
    }
    let mut order: Vec<usize> = by_time.into_iter().map(|(_, row)| row as usize).collect();
    let test = order.split_off(cut);
    let both = |rows: &[usize]| rows.iter().any(|&row| y[row]) && rows.iter().any(|&row| !y[row]);
    if !both(&order) || !both(&test) {
        return Err(OneSided);
    }
    let reason = "the latest fifth of the rows is held out, because the log has a time column: \
                  the model is asked about a time it has not seen"
        .to_owned();
    Ok(Split {
        kind: SplitKind::Time,
        reason,
        train: order,
        test,
    })
}

/// A fifth of each class drawn at random.
fn stratified(y: &[bool], seed: u64, reason: &str) -> Split {
    let mut random = Random::new(seed, HOLD_OUT_STREAM);
    let mut in_test = vec![false; y.len()];
    for class in [true, false] {
        let mut rows: Vec<usize> = (0..y.len()).filter(|&row| y[row] == class).collect();
        random.shuffle(&mut rows);
        for &row in &rows[..held_out(rows.len())] {
            in_test[row] = true;
        }
    }
    let (test, train) = (0..y.len()).partition(|&row| in_test[row]);
    Split {
        kind: SplitKind::Random,
        reason: reason.to_owned(),
        train,
        test,
    }
}

/// How many of `count` rows are held out: a fifth, and at least one.
fn held_out(count: usize) -> usize {
    ((count as f64 * TEST_SHARE).round() as usize).max(1)
}

/// Cuts the training rows into `n_folds` parts to validate on in turn: blocks of neighbouring rows where the split is by
/// time (`train` is then in the order of time), parts of equal class shares otherwise, and where one block would hold every
/// crash or every calm row: a model cannot learn from the others. Returns which it was.
#[must_use]
pub fn folds(split: &Split, y: &[bool], n_folds: usize, seed: u64) -> (Vec<Vec<usize>>, SplitKind) {
    if split.kind == SplitKind::Time {
        let blocks = blocks(&split.train, n_folds);
        let count =
            |rows: &[usize], class: bool| rows.iter().filter(|&&row| y[row] == class).count();
        let holds_all =
            |block: &Vec<usize>, class| count(block, class) == count(&split.train, class);
        if !blocks
            .iter()
            .any(|block| holds_all(block, true) || holds_all(block, false))
        {
            return (blocks, SplitKind::Time);
        }
    }
    let mut rows = split.train.clone();
    Random::new(seed, FOLD_STREAM).shuffle(&mut rows);
    let (crashed, calm): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(|&row| y[row]);
    let mut folds = vec![Vec::new(); n_folds];
    for (i, row) in calm.into_iter().chain(crashed).enumerate() {
        folds[i % n_folds].push(row);
    }
    (folds, SplitKind::Random)
}

/// Neighbouring rows in parts of equal length.
fn blocks(rows: &[usize], n_blocks: usize) -> Vec<Vec<usize>> {
    let mut blocks = vec![Vec::new(); n_blocks];
    for (i, &row) in rows.iter().enumerate() {
        blocks[i * n_blocks / rows.len()].push(row);
    }
    blocks
}
