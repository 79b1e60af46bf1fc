//! What the values of a label say: words and phrases for a crash and for none.

use super::{normalise, place_in};
use crate::text::{parted, position_in};

/// Words for a crash, the likeliest first.
pub(super) const CRASH_WORDS: &str = "1 true yes y t crashed crash down failed failure fail fault error outage critical dead anomaly abnormal bad \
    unhealthy panic killed oomkilled crashloopbackoff offline unavailable fatal";
const CALM_WORDS: &str = "0 false no n f ok okay up normal healthy alive running good none online available success ready stable";
/// What a phrase about a crash has in it.
const CRASH_STEMS: &str = "crash fail outage panic fault error";
/// Words that say that something did not happen: those that go with things, whose lack is meant, and those that go with all.
const NEGATIONS: [&str; 2] = [
    "kein keine keinen ohne without sans pasde pasd aucun sin sem senza nessun zonder geen inget utan \
     free",
    "no not non never nicht nie niet ikke inte didn didnt pas un",
];

/// What a value says: one of the usual words, or a phrase such as "didn't crash".
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Crash,
    Calm,
    Unknown,
}

pub(super) fn meaning(value: &str) -> Meaning {
    if place_in(CRASH_WORDS, value).is_some() {
        return Meaning::Crash;
    }
    if place_in(CALM_WORDS, value).is_some() {
        return Meaning::Calm;
    }
    meaning_of_phrase(value)
}

/// What a phrase or a name says of a crash: `crashed hard`, and that there was none: `not_crashed`, `crash-free`.
#[inline(never)]
pub(super) fn meaning_of_phrase(phrase: &str) -> Meaning {
    let (mut speaks_of_crash, mut is_negated) = (false, false);
    for word in words_of(phrase).split(' ') {
        // `no of crashes` counts them.
        is_negated &= word != "of";
        is_negated |= !speaks_of_crash && word != "un" && is_negation(word);
        if let Some(at) = stem_in(word) {
            is_negated |= is_negation(parted(word, at).0);
            speaks_of_crash = true;
        }
        is_negated |= speaks_of_crash && word.ends_with("free");
    }
    match is_negated {
        _ if !speaks_of_crash => Meaning::Unknown,
        true => Meaning::Calm,
        false => Meaning::Crash,
    }
}

/// Where a word speaks of a crash.
#[inline(never)]
fn stem_in(word: &str) -> Option<usize> {
    // A default is no fault.
    if word.starts_with("default") {
        return None;
    }
    CRASH_STEMS
        .split(' ')
        .find_map(|stem| position_in(word, stem))
}

/// A name or phrase in lower case with blanks between its words: `crashedNextHour` has three.
#[inline(never)]
pub(super) fn words_of(name: &str) -> String {
    let mut words = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        let is_part = c.is_ascii_alphanumeric() || !c.is_ascii();
        if !is_part || was_lower && c.is_ascii_uppercase() {
            words.push(' ');
        }
        if is_part {
            words.push(c.to_ascii_lowercase());
        }
        was_lower = c.is_ascii_lowercase();
    }
    words
}

/// Whether a name speaks of a crash still to come: `time_to_failure`, `crashed_next_hour`.
pub(super) fn looks_ahead(name: &str) -> bool {
    let (mut speaks_of_crash, mut last) = (false, "");
    let words = words_of(name);
    for word in words.split(' ') {
        let is_crash = stem_in(word).is_some();
        let among = if speaks_of_crash {
            "next within ttf rul"
        } else {
            "ttf rul"
        };
        if place_in(among, word).is_some()
            || is_crash && place_in("to until before next", last).is_some()
        {
            return true;
        }
        speaks_of_crash |= is_crash;
        last = word;
    }
    false
}

#[inline(never)]
fn is_negation(word: &str) -> bool {
    NEGATIONS.iter().any(|list| place_in(list, word).is_some())
}

/// How one value says that another is not so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Negation {
    /// `kein Absturz` beside `Absturz`: there is none of it.
    Lack,
    /// `unreachable` beside `reachable`: it is not so.
    Other,
}

/// Whether a value is another one, in whatever language, with a negation before or after it.
pub(super) fn negation(value: &str, of: &str) -> Option<Negation> {
    let (value, of) = (normalise(value), normalise(of));
    for kind in [Negation::Lack, Negation::Other] {
        for word in NEGATIONS[kind as usize].split(' ') {
            let stem = value
                .strip_prefix(word)
                .or_else(|| value.strip_suffix(word));
            if stem.is_some_and(|stem| stem.len() > 2 && position_in(&of, stem).is_some()) {
                return Some(kind);
            }
        }
    }
    None
}
