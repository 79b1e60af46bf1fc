//! Columns that give the answer away: what is known only once a server has crashed tells every crash in the log, and none
//! before it happens.

use super::label::says_more;
use super::words::{looks_ahead, words_of};
use crate::table::{Column, Values, place_in};

/// Words in the names of what is known afterwards.
const AFTERWARDS: &str = "after afterwards cause coredump crash crashed crashes downtime exit exitcode failed failure incident next \
    outage postmortem reason reboot rebooted recovered recovery restart restarted restarts rul ttf";
/// A column so named is set aside where it tells so many crashes.
const TOLD_AFTERWARDS: f64 = 0.5;
/// Fewer crashes are told by chance, unless a column tells them all.
const MIN_CRASHES: usize = 5;
/// In fewer rows a column says by chance what the label says, where there are no more crashes than that.
const MIN_ROWS: usize = 20;

/// Why nothing should be learned from a column that tells the crashes by itself; `None` where it does not, or where it is a
/// metric that may do so.
pub(super) fn giveaway(column: &Column, labels: &[Option<bool>]) -> Option<String> {
    if looks_ahead(&column.name) && !labels.is_empty() {
        return Some("it gives the answer away: its name speaks of a crash to come".to_owned());
    }
    let n_crashes = labels.iter().filter(|label| **label == Some(true)).count();
    let is_few = n_crashes < MIN_CRASHES;
    let told =
        told_alone(column, labels).filter(|told| n_crashes > 1 && (*told == 1.0 || !is_few))?;
    let words = words_of(&column.name);
    let is_afterwards = words
        .split(' ')
        .any(|word| place_in(AFTERWARDS, word).is_some());
    let percent = (told * 100.0) as u32;
    if is_afterwards && told >= TOLD_AFTERWARDS {
        return Some(format!(
            "it gives the answer away: it alone tells {percent} % of the crashes without a false alarm, and its name \
             speaks of what is known afterwards"
        ));
    }
    // A metric of few rows may have two values as well; yes and no, and words, are more than that.
    let is_sure = !is_few || labels.len() >= MIN_ROWS && says_more(column);
    let is_label = told == 1.0 && column.n_distinct().is_some_and(|n| n <= 2) && is_sure;
    is_label
        .then(|| "it gives the answer away: it says in every row what the label says".to_owned())
}

/// The share of the crashes that a column tells without one false alarm: by a value below or above all others, by a word
/// that no other row has, or by holding a value or none. `None` without a crash.
fn told_alone(column: &Column, labels: &[Option<bool>]) -> Option<f64> {
    let is_crash = |row: usize| labels[row] == Some(true);
    let rows = || (0..labels.len()).filter(|&row| labels[row].is_some());
    let n_crashes = rows().filter(|&row| is_crash(row)).count();
    if n_crashes == 0 {
        return None;
    }
    let calm_misses = rows().any(|row| !is_crash(row) && column.is_missing(row));
    let calm_holds = rows().any(|row| !is_crash(row) && !column.is_missing(row));
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut calm_levels = Vec::new();
    for row in rows().filter(|&row| !is_crash(row)) {
        match &column.values {
            Values::Number(numbers) if !numbers[row].is_nan() => {
                low = low.min(numbers[row]);
                high = high.max(numbers[row]);
            }
            Values::Category { codes, levels } => {
                calm_levels.resize(levels.len(), false);
                if let Some(level) = calm_levels.get_mut(codes[row] as usize) {
                    *level = true;
                }
            }
            _ => {}
        }
    }
    let tells = |row: usize| match &column.values {
        _ if column.is_missing(row) => !calm_misses,
        Values::Number(numbers) => numbers[row] < low || numbers[row] > high,
        Values::Category { codes, .. } => !calm_levels
            .get(codes[row] as usize)
            .is_some_and(|&calm| calm),
        _ => !calm_holds,
    };
    let n_told = rows().filter(|&row| is_crash(row) && tells(row)).count();
    Some(n_told as f64 / n_crashes as f64)
}
