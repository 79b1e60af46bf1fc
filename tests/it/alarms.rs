//! From probabilities to pages.

use crash_predictor::evaluate::alarms::{Alarm, AlarmRule, ScoredRow, alarms};
use crash_predictor::features::MINUTE;
use proptest::prelude::*;

const RULE: AlarmRule = AlarmRule {
    threshold: 0.5,
    needed: 2,
    of: 3,
    merge_minutes: 10.0,
};

/// Rows of host 0: `#` counts, `.` does not, a blank is a minute without a row. The alarms expected as first and last minute.
#[track_caller]
fn check(rule: AlarmRule, rows: &str, expected: &[(i64, i64)]) {
    let found = alarms(&scored(0, rows), &rule);
    let found: Vec<(i64, i64)> = found
        .iter()
        .map(|alarm| (alarm.start / MINUTE, alarm.end / MINUTE))
        .collect();
    assert_eq!(found, expected, "{rows}");
}

fn scored(host: u32, rows: &str) -> Vec<ScoredRow> {
    let row = |(minute, letter): (i64, char)| {
        (letter != ' ').then(|| ScoredRow {
            host,
            moment: minute * MINUTE,
            probability: if letter == '#' { 0.5 } else { 0.4 },
        })
    };
    (0..).zip(rows.chars()).filter_map(row).collect()
}

#[test]
fn a_row_alone_pages_nobody() {
    check(RULE, "...#.....#...", &[]);
}

#[test]
fn two_of_three_rows_page_when_the_second_comes() {
    check(RULE, "..##...", &[(3, 4)]);
    check(RULE, "..#.#..", &[(4, 4)]);
    check(RULE, "..#..#.", &[]);
}

#[test]
fn one_of_one_pages_at_once() {
    let rule = AlarmRule {
        needed: 1,
        of: 1,
        ..RULE
    };
    check(rule, "..#....", &[(2, 2)]);
}

#[test]
fn alarms_within_the_window_are_one_page_however_long_it_lasts() {
    check(RULE, "##.......##......##", &[(1, 18)]);
    check(RULE, "##...........##", &[(1, 2), (14, 14)]);
}

#[test]
fn a_long_gap_makes_rows_before_it_forgotten() {
    check(RULE, "..#         #..", &[(12, 13)]);
    check(RULE, "..#          #..", &[]);
}

#[test]
fn a_page_names_its_host_the_row_that_raised_it_and_the_highest_probability() {
    let mut rows = scored(7, "..##");
    rows.extend(scored(3, ".##."));
    rows[3].probability = 0.9;
    let expected = [
        Alarm {
            host: 3,
            start: 2 * MINUTE,
            end: 3 * MINUTE,
            probability: 0.5,
            row: 6,
        },
        Alarm {
            host: 7,
            start: 3 * MINUTE,
            end: 3 * MINUTE,
            probability: 0.9,
            row: 3,
        },
    ];
    assert_eq!(alarms(&rows, &RULE), expected);
}

#[test]
fn the_customary_window_holds_several_rows() {
    assert_eq!(AlarmRule::new(0.3, 1.0).merge_minutes, 60.0);
    assert_eq!(AlarmRule::new(0.3, 60.0).merge_minutes, 180.0);
    assert!(AlarmRule::new(0.3, 60.0).is_consistent());
}

#[test]
fn a_rule_that_makes_no_sense_is_told() {
    let bad = [
        AlarmRule { needed: 0, ..RULE },
        AlarmRule { needed: 4, ..RULE },
        AlarmRule { of: 65, ..RULE },
        AlarmRule {
            merge_minutes: f64::NAN,
            ..RULE
        },
        AlarmRule {
            threshold: 1.5,
            ..RULE
        },
    ];
    assert!(bad.iter().all(|rule| !rule.is_consistent()));
}

proptest! {
    /// Rows of one moment keep their order, so each row here has a moment of its own.
    #[test]
    fn the_order_of_the_rows_changes_nothing(counts in prop::collection::vec((any::<bool>(), 0..3u32), 1..80), turn in 0..80usize) {
        let row = |(minute, &(counts, host)): (i64, &(bool, u32))| ScoredRow {
            host,
            moment: minute * MINUTE,
            probability: f64::from(u8::from(counts)),
        };
        let rows: Vec<ScoredRow> = (0..).zip(&counts).map(row).collect();
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        let starts = |rows: &[ScoredRow]| -> Vec<(i64, u32, i64)> {
            alarms(rows, &RULE).iter().map(|alarm| (alarm.start, alarm.host, alarm.end)).collect()
        };
        prop_assert_eq!(starts(&rows), starts(&turned));
    }
}
