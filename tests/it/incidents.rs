//! Incidents, pages and warnings, worked out by hand; the thresholds that follow from costs and budgets.

use crash_predictor::evaluate::alarms::{AlarmRule, ScoredRow};
use crash_predictor::evaluate::incidents::{IncidentScores, Quartiles, Replay, Timing};
use crash_predictor::evaluate::metrics::Ranking;
use crash_predictor::evaluate::threshold::{NEVER, at_most_pages, least_cost, least_cost_in_rows};
use crash_predictor::features::MINUTE;
use crash_predictor::schema::LabelMeans;

/// Pages at once, from 0.5 on, and again after more than 10 minutes.
const AT_ONCE: AlarmRule = AlarmRule {
    threshold: 0.5,
    needed: 1,
    of: 1,
    merge_minutes: 10.0,
};

/// One row a minute for each host: `.` calm and quiet, `!` calm and loud, `c` a crash and quiet, `C` a crash and loud; the
/// loud ones have a probability of 0.9.
fn replay(means: LabelMeans, hosts: &[&str]) -> Replay {
    let (mut rows, mut y) = (Vec::new(), Vec::new());
    for (host, line) in (0..).zip(hosts) {
        for (minute, sign) in (0..).zip(line.chars()) {
            let probability = if matches!(sign, '!' | 'C') { 0.9 } else { 0.1 };
            rows.push(ScoredRow {
                host,
                moment: minute * MINUTE,
                probability,
            });
            y.push(matches!(sign, 'c' | 'C'));
        }
    }
    let timing = Timing {
        interval_minutes: 1.0,
        merge_minutes: 10.0,
        means,
    };
    Replay::new(&rows, &y, timing)
}

fn scores(means: LabelMeans, hosts: &[&str]) -> IncidentScores {
    let replay = replay(means, hosts);
    replay.scores(&replay.outcome(&AT_ONCE))
}

/// Incidents, caught, pages, false pages, and the warning of each caught one where there is one only.
#[track_caller]
fn check(means: LabelMeans, hosts: &[&str], counts: [u64; 4], warning: Option<f64>) {
    let scores = scores(means, hosts);
    let found = [
        scores.incidents,
        scores.caught,
        scores.pages,
        scores.false_pages,
    ];
    assert_eq!(found, counts, "{scores:?}");
    assert_eq!(scores.warning_minutes.map(|of| of.median), warning);
    assert!(scores.is_consistent());
}

#[test]
fn a_label_that_looks_ahead_ends_with_the_crash() {
    // Paged on the third of five rows before the crash, which comes a minute after the last: 3 minutes.
    check(
        LabelMeans::Ahead,
        &["....ccCCC....."],
        [1, 1, 1, 0],
        Some(3.0),
    );
    check(LabelMeans::Ahead, &["....ccccc....."], [1, 0, 0, 0], None);
}

#[test]
fn a_label_that_says_down_begins_with_the_crash() {
    check(
        LabelMeans::DownNow,
        &["....ccCCC....."],
        [1, 1, 1, 0],
        Some(-2.0),
    );
    // Raised two minutes before and still alarming.
    check(
        LabelMeans::DownNow,
        &["..!!CCCCC....."],
        [1, 1, 1, 0],
        Some(2.0),
    );
}

#[test]
fn crash_rows_close_to_each_other_are_one_incident() {
    check(
        LabelMeans::DownNow,
        &["..cc..cc......."],
        [1, 0, 0, 0],
        None,
    );
    check(
        LabelMeans::DownNow,
        &["cc...cc........"],
        [2, 0, 0, 0],
        None,
    );
    // Those of two hosts never are.
    check(LabelMeans::DownNow, &["..cc", "cc.."], [2, 0, 0, 0], None);
}

#[test]
fn a_page_of_another_time_or_host_is_false() {
    check(
        LabelMeans::Ahead,
        &["!..............cc", "................."],
        [1, 0, 1, 1],
        None,
    );
    check(
        LabelMeans::Ahead,
        &["......cc", "......!!"],
        [1, 0, 1, 1],
        None,
    );
}

#[test]
fn a_page_without_end_catches_nothing_but_what_it_was_raised_for() {
    check(
        LabelMeans::Ahead,
        &["!!!!!!!!!!!!!!!!!!!!!!CC"],
        [1, 0, 1, 1],
        None,
    );
}

#[test]
fn a_page_is_news_of_one_crash_only() {
    // Alarming again within ten minutes, nobody is paged again.
    check(
        LabelMeans::Ahead,
        &["cCc......cCc"],
        [2, 1, 1, 0],
        Some(2.0),
    );
}

#[test]
fn several_pages_of_one_crash_catch_it_once() {
    let line = format!("CC{}CC", "c".repeat(12));
    check(LabelMeans::Ahead, &[&line], [1, 1, 2, 0], Some(16.0));
}

#[test]
fn false_pages_are_counted_by_the_week_of_the_whole_log() {
    // Two hosts watched for 20 minutes each: 20 minutes of 10080 in a week, and one false page.
    let scores = scores(
        LabelMeans::Ahead,
        &["!...................", "....................", ""],
    );
    assert!((scores.false_pages_per_week - 504.0).abs() < 1e-9);
    assert_eq!(scores.page_precision, Some(0.0));
}

#[test]
fn quartiles_are_those_of_numpy() {
    // numpy.percentile([7, 1, 3, 10], [25, 50, 75])
    let of = Quartiles::of(&[7.0, 1.0, 3.0, 10.0]).unwrap();
    assert_eq!((of.lower, of.median, of.upper), (2.5, 5.0, 7.75));
    assert_eq!(Quartiles::of(&[]), None);
}

/// Ten crashes announced at 0.8, five at 0.4; thirty false pages at 0.6 and a hundred at 0.3.
fn mixed() -> (Replay, Ranking) {
    let (mut rows, mut y) = (Vec::new(), Vec::new());
    for (probability, crashed, count) in [
        (0.8, true, 10),
        (0.4, true, 5),
        (0.6, false, 30),
        (0.3, false, 100),
    ] {
        for _ in 0..count {
            for quiet in 0..12 {
                rows.push(ScoredRow {
                    host: 0,
                    moment: rows.len() as i64 * MINUTE,
                    probability: if quiet == 0 { probability } else { 0.01 },
                });
                y.push(crashed && quiet == 0);
            }
        }
    }
    let timing = Timing {
        interval_minutes: 1.0,
        merge_minutes: 10.0,
        means: LabelMeans::Ahead,
    };
    let probabilities: Vec<f64> = rows.iter().map(|row| row.probability).collect();
    (
        Replay::new(&rows, &y, timing),
        Ranking::new(&y, &probabilities),
    )
}

#[test]
fn the_threshold_follows_from_what_a_crash_and_a_page_cost() {
    let (replay, ranking) = mixed();
    // Five more crashes for thirty more false pages are worth it from six pages a crash on.
    for (missed, page, expected) in [
        (5.0, 1.0, 0.8),
        (7.0, 1.0, 0.4),
        (1e-9, 1.0, 0.8),
        (1.0, 0.0, 0.4),
    ] {
        assert_eq!(
            least_cost(&replay, &ranking, AT_ONCE, (missed, page)),
            expected
        );
        assert_eq!(least_cost_in_rows(&ranking, missed, page), expected);
    }
    let worthless = Ranking::new(&[false, true], &[0.9, 0.1]);
    assert_eq!(least_cost_in_rows(&worthless, 1.0, 2.0), NEVER);
}

#[test]
fn the_threshold_keeps_to_a_budget_of_pages() {
    let (replay, ranking) = mixed();
    for (pages, expected) in [
        (9.0, NEVER),
        (10.0, 0.8),
        (39.0, 0.8),
        (40.0, 0.6),
        (45.0, 0.4),
        (1e6, 0.01),
    ] {
        assert_eq!(
            at_most_pages(&replay, &ranking, AT_ONCE, pages),
            expected,
            "{pages}"
        );
    }
}

#[test]
fn what_is_not_told_apart_pages_nobody() {
    let (replay, _) = mixed();
    let ranking = Ranking::new(&[true, false], &[0.5, 0.5]);
    assert_eq!(at_most_pages(&replay, &ranking, AT_ONCE, 1e9), NEVER);
    assert_eq!(least_cost(&replay, &ranking, AT_ONCE, (1.0, 0.0)), NEVER);
    assert_eq!(least_cost_in_rows(&ranking, 1.0, 0.0), NEVER);
}
