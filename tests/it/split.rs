//! Which rows are held out: no later row, no neighbour, no other part of an incident or host is learned from.

use crash_predictor::Error;
use crash_predictor::evaluate::split::{
    FoldRows, Rows, Split, SplitChoice, SplitKind, folds, hold_out,
};
use proptest::prelude::*;

fn rows<'a>(y: &'a [bool], time: Option<&'a [f64]>, host: Option<&'a [u32]>) -> Rows<'a> {
    Rows {
        y,
        time,
        host,
        gap: 0.0,
    }
}

/// Crashes where a row's number modulo 25 is below 3: incidents of three rows.
fn incidents(n: usize) -> (Vec<bool>, Vec<f64>) {
    (
        (0..n).map(|i| i % 25 < 3).collect(),
        (0..n).map(|i| i as f64).collect(),
    )
}

/// What holds of any split and its folds.
#[track_caller]
fn check_apart(rows: Rows<'_>, split: &Split) {
    check_pair(rows, (&split.train, &split.test), split.kind);
    let (folds, kind) = folds(split, rows, 5, 1);
    let mut all: Vec<usize> = folds.iter().flat_map(|fold| fold.held.clone()).collect();
    all.sort_unstable();
    let mut train = split.train.clone();
    train.sort_unstable();
    assert_eq!(all, train, "each training row is predicted once");
    for FoldRows { held, rest } in &folds {
        check_pair(rows, (rest, held), kind);
    }
}

#[track_caller]
fn check_pair(rows: Rows<'_>, (learned, held): (&[usize], &[usize]), kind: SplitKind) {
    assert!(learned.iter().all(|row| !held.contains(row)));
    if kind == SplitKind::Random {
        return;
    }
    for &row in learned {
        for &other in held {
            let one_host = rows.host.is_none_or(|host| host[row] == host[other]);
            assert!(kind != SplitKind::Host || !one_host);
            let Some(time) = rows.time.filter(|_| kind != SplitKind::Host) else {
                continue;
            };
            assert!(rows.gap == 0.0 || (time[row] - time[other]).abs() >= rows.gap);
            let between = |&at: &usize| {
                let (low, high) = (time[row].min(time[other]), time[row].max(time[other]));
                (low..=high).contains(&time[at])
                    && rows.host.is_none_or(|host| host[at] == host[row])
            };
            let of_one_incident = (0..rows.y.len()).filter(between).all(|at| rows.y[at]);
            assert!(!(one_host && rows.y[row] && rows.y[other] && of_one_incident));
        }
    }
}

#[test]
fn by_time_no_row_is_as_late_as_one_that_is_held_out() {
    let y: Vec<bool> = (0..100).map(|i| i % 4 == 0).collect();
    // Two rows a moment, in no order; three rows without a time.
    let mut time: Vec<f64> = (0..100).map(|i| f64::from((i * 37 % 100) / 2)).collect();
    time[10..13].fill(f64::NAN);
    let split = hold_out(rows(&y, Some(&time), None), SplitChoice::Auto, 0).unwrap();
    assert_eq!(split.kind, SplitKind::Time);
    let latest = split.train.iter().map(|&row| time[row]);
    let latest = latest.fold(f64::MIN, f64::max);
    assert!(split.test.iter().all(|&row| time[row] > latest));
    assert!((18..=20).contains(&split.test.len()));
}

#[test]
fn at_random_the_shares_are_kept_and_the_folds_part_the_training_rows() {
    let y: Vec<bool> = (0..200).map(|i| i % 10 == 0).collect();
    let split = hold_out(rows(&y, None, None), SplitChoice::Auto, 3).unwrap();
    assert_eq!(split.kind, SplitKind::Random);
    let crashes = |rows: &[usize]| rows.iter().filter(|&&row| y[row]).count();
    assert_eq!((split.test.len(), crashes(&split.test)), (40, 4));
    check_apart(rows(&y, None, None), &split);
}

#[test]
fn a_gap_is_left_and_no_incident_is_cut() {
    let (y, time) = incidents(400);
    for choice in [SplitChoice::Time, SplitChoice::Incident] {
        for gap in [0.0, 7.5] {
            let rows = Rows {
                gap,
                ..rows(&y, Some(&time), None)
            };
            check_apart(rows, &hold_out(rows, choice, 0).unwrap());
        }
    }
}

#[test]
fn crashes_that_are_all_early_are_parted_by_incident() {
    let (mut y, time) = incidents(400);
    y[250..].fill(false);
    let rows = rows(&y, Some(&time), None);
    let split = hold_out(rows, SplitChoice::Auto, 0).unwrap();
    assert_eq!(split.kind, SplitKind::Incident);
    assert_eq!(split.train.len() + split.test.len(), 400);
    check_apart(rows, &split);
}

#[test]
fn one_early_incident_leaves_a_random_split_which_says_so() {
    let y: Vec<bool> = (0..100).map(|i| i < 20).collect();
    let time: Vec<f64> = (0..100).map(f64::from).collect();
    let split = hold_out(rows(&y, Some(&time), None), SplitChoice::Auto, 0).unwrap();
    assert_eq!(split.kind, SplitKind::Random);
    assert!(split.reason.contains("latest fifth"));
}

#[test]
fn hosts_are_held_out_whole() {
    let host: Vec<u32> = (0..300).map(|i| i % 10).collect();
    let y: Vec<bool> = (0..300).map(|i| i % 10 < 6 && i % 7 == 0).collect();
    for choice in [SplitChoice::Auto, SplitChoice::Host] {
        let rows = rows(&y, None, Some(&host));
        let split = hold_out(rows, choice, 0).unwrap();
        assert_eq!(split.kind, SplitKind::Host);
        check_apart(rows, &split);
    }
}

#[test]
fn a_split_that_cannot_be_had_is_refused() {
    let (y, time) = incidents(100);
    let early: Vec<bool> = (0..100).map(|i| i < 20).collect();
    for (y, time, choice, option) in [
        (&y, None, SplitChoice::Time, "time"),
        (&y, None, SplitChoice::Incident, "incident"),
        (&y, None, SplitChoice::Host, "host"),
        (&early, Some(&time[..]), SplitChoice::Time, "time"),
        (&early, Some(&time[..]), SplitChoice::Incident, "incident"),
    ] {
        let error = hold_out(rows(y, time, None), choice, 0).unwrap_err();
        assert!(
            matches!(&error, Error::BadOption { option: "split", found, .. } if found == option),
            "{error:?}"
        );
    }
}

proptest! {
    #[test]
    fn rows_learned_from_always_stand_apart(
        y in prop::collection::vec(prop::bool::weighted(0.3), 60..90),
        n_hosts in 1u32..5,
        gap in 0u8..4,
        choice in prop::sample::select(vec![SplitChoice::Auto, SplitChoice::Time, SplitChoice::Host, SplitChoice::Incident]),
    ) {
        let host: Vec<u32> = (0..y.len() as u32).map(|i| i % n_hosts).collect();
        let time: Vec<f64> = host.iter().zip(0..).map(|(_, i)| f64::from(i / n_hosts)).collect();
        let rows = Rows { gap: gap.into(), ..rows(&y, Some(&time), Some(&host)) };
        if let Ok(split) = hold_out(rows, choice, 0) {
            check_apart(rows, &split);
        }
    }
}
