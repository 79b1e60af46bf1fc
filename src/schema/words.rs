//! What the values of a label say: words and phrases for a crash and for none.

use super::normalise;
use crate::text::position_in;

/// Words for a crash, the likeliest first.
pub(super) const CRASH_WORDS: [&str; 27] = [
    "1",
    "true",
    "yes",
    "y",
    "t",
    "crashed",
    "crash",
    "down",
    "failed",
    "failure",
    "fail",
    "fault",
    "error",
    "outage",
    "critical",
    "dead",
    "anomaly",
    "abnormal",
    "bad",
    "unhealthy",
    "panic",
    "killed",
    "oomkilled",
    "crashloopbackoff",
    "offline",
    "unavailable",
    "fatal",
];
const CALM_WORDS: [&str; 19] = [
    "0",
    "false",
    "no",
    "n",
    "f",
    "ok",
    "okay",
    "up",
    "normal",
    "healthy",
    "alive",
    "running",
    "good",
    "none",
    "online",
    "available",
    "success",
    "ready",
    "stable",
];
/// What begins a word or phrase that says that something did not happen, without blanks and signs.
const NEGATIONS: [&str; 7] = ["no", "not", "non", "never", "didnt", "didnot", "without"];

/// What a value says: one of the usual words, or a phrase such as "didn't crash".
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Crash,
    Calm,
    Unknown,
}

pub(super) fn meaning(value: &str) -> Meaning {
    let is_any = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    if is_any(&CRASH_WORDS) {
        return Meaning::Crash;
    }
    if is_any(&CALM_WORDS) {
        return Meaning::Calm;
    }
    let phrase = normalise(value);
    let speaks_of_crash = ["crash", "fail", "outage", "panic"]
        .iter()
        .any(|word| position_in(&phrase, word).is_some());
    match NEGATIONS
        .iter()
        .any(|negation| phrase.starts_with(negation))
    {
        _ if !speaks_of_crash => Meaning::Unknown,
        true => Meaning::Calm,
        false => Meaning::Crash,
    }
}
