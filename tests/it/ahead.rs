//! Labels that look ahead: made from labels that mean "down now", from a list of incidents, or recognised as such.

use std::ops::ControlFlow;

use crash_predictor::features::{
    AheadLabels, LabelMeaning, Outages, Target, TimeUnit, Timeline, propose_horizon,
};
use crash_predictor::schema::{LabelMeans, Schema};
use crash_predictor::{
    CrashPredictor, Error, ReadOptions, RoleOptions, Table, TrainOptions, overview,
};

fn table(csv: &str) -> Table {
    Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap()
}

/// One letter a minute: `1` crashed, `0` calm, `?` no label, a blank no row. Several hosts are parted by `|`.
fn log(letters: &str) -> (Timeline, Vec<Option<bool>>) {
    let mut csv = "minute,host\n".to_owned();
    let mut labels = Vec::new();
    for (host, rows) in letters.split('|').enumerate() {
        for (minute, letter) in rows
            .chars()
            .enumerate()
            .filter(|(_, letter)| *letter != ' ')
        {
            csv += &format!("{minute},h{host}\n");
            labels.push((letter != '?').then_some(letter == '1'));
        }
    }
    (
        Timeline::new(&table(&csv), Some("minute"), Some("host")),
        labels,
    )
}

fn letters(labels: &[Option<bool>]) -> String {
    let letter =
        |label: &Option<bool>| label.map_or('-', |crashes| if crashes { '1' } else { '0' });
    labels.iter().map(letter).collect()
}

/// What labels that mean "down now" become; `-` is a row left out.
#[track_caller]
fn check(down: &str, minutes: f64, expected: &str) {
    let (timeline, labels) = log(down);
    let outages = Outages::from_labels(&labels, &timeline);
    let ahead = outages.ahead(&timeline, minutes, &|row| labels[row].is_some());
    assert_eq!(letters(&ahead.labels), expected, "{down}");
    let n_left_out = expected.chars().filter(|&letter| letter == '-').count();
    assert_eq!(ahead.n_down + ahead.n_unknown, n_left_out);
}

#[test]
fn rows_before_a_crash_are_positive_down_rows_and_the_censored_end_are_left_out() {
    check("000001110000000", 3.0, "00111---0000---");
    check("0000010000", 2.0, "00011-00--");
}

#[test]
fn a_crash_is_known_however_early_the_log_ends() {
    check("00001", 4.0, "1111-");
    check("00010", 9.0, "111--");
}

#[test]
fn a_crash_counts_from_just_after_the_row_to_the_end_of_the_horizon() {
    check("00100000", 1.0, "01-0000-");
    check("001 1100", 1.0, "01---0-");
}

#[test]
fn a_second_crash_right_after_the_first_is_one_too() {
    check("000101000000", 2.0, "011-1-0000--");
}

#[test]
fn each_host_has_crashes_of_its_own() {
    check("0001000|0000000", 2.0, "011-0--00000--");
}

#[test]
fn rows_without_a_label_are_not_asked_about_and_end_no_outage() {
    check("0?01?1000", 2.0, "0-1---0--");
}

#[test]
fn rows_of_another_order_have_the_same_labels() {
    let csv = |minutes: &[u32]| -> String {
        "minute\n".to_owned()
            + &minutes
                .iter()
                .map(|minute| format!("{minute}\n"))
                .collect::<String>()
    };
    let of = |minutes: &[u32]| -> AheadLabels {
        let timeline = Timeline::new(&table(&csv(minutes)), Some("minute"), None);
        let labels: Vec<Option<bool>> = minutes.iter().map(|&minute| Some(minute == 4)).collect();
        Outages::from_labels(&labels, &timeline).ahead(&timeline, 2.0, &|_| true)
    };
    let (rising, falling) = (of(&[0, 1, 2, 3, 4, 5, 6, 7]), of(&[7, 6, 5, 4, 3, 2, 1, 0]));
    assert_eq!(letters(&rising.labels), "0011-0--");
    let turned: Vec<_> = falling.labels.into_iter().rev().collect();
    assert_eq!(turned, rising.labels);
}

/// The labels that a list of incidents gives a log of two hosts, a row each minute from 10:00 to 10:09.
#[track_caller]
fn check_list(list: &str, expected: Result<(&str, usize), Error>) {
    let mut csv = "time,server\n".to_owned();
    for host in ["web-1", "web-2"] {
        for minute in 0..10 {
            csv += &format!("2024-05-01T10:{minute:02}:00Z,{host}\n");
        }
    }
    let timeline = Timeline::new(&table(&csv), Some("time"), Some("server"));
    let found = Outages::from_list(&table(list), &timeline).map(|outages| {
        let ahead = outages.ahead(&timeline, 2.0, &|_| true);
        (letters(&ahead.labels), outages.n_elsewhere())
    });
    assert_eq!(
        found,
        expected.map(|(labels, n)| (labels.to_owned(), n)),
        "{list}"
    );
}

#[test]
fn incidents_are_joined_by_time_and_host() {
    check_list(
        "start,end,host\n2024-05-01T10:03:30Z,2024-05-01T10:05:00Z,web-2\n2024-05-01T10:01:00Z,,db-1\n",
        Ok(("00000000--0011--00--", 1)),
    );
}

#[test]
fn incidents_without_a_host_are_everybodys_and_without_an_end_a_moment_long() {
    check_list(
        "Started at\n2024-05-01 10:03\n",
        Ok(("011-0000--011-0000--", 0)),
    );
}

#[test]
fn overlapping_incidents_are_one() {
    check_list(
        "start,end\n2024-05-01T10:04:00Z,2024-05-01T10:05:00Z\n2024-05-01T10:03:00Z,2024-05-01T10:07:00Z\n",
        Ok(("011-------011-------", 0)),
    );
}

#[test]
fn epoch_seconds_and_dates_meet() {
    check_list("start\n1714557780\n", Ok(("011-0000--011-0000--", 0)));
}

#[test]
fn a_list_that_cannot_be_joined_is_refused() {
    let bad = |problem| Err(Error::BadIncidents { problem });
    check_list(
        "start\n3\n",
        bad("its times are of another kind than those of the log"),
    );
    check_list(
        "what\nfire\n",
        bad("no column of it holds when an incident started"),
    );
}

#[track_caller]
fn check_meaning(name: &str, rows: &str, expected: (LabelMeans, Option<f64>)) {
    let (timeline, labels) = log(rows);
    let found = LabelMeaning::guess(name, &labels, &timeline);
    assert_eq!((found.means, found.minutes), expected, "{}", found.reason);
    assert!(!found.reason.is_empty());
}

#[test]
fn a_name_says_that_it_looks_ahead_and_how_far() {
    let down = "0001000001100001000";
    for (name, minutes) in [
        ("crash_in_30m", Some(30.0)),
        ("crashes within 2 hours", Some(120.0)),
        ("willCrash", None),
        ("failure_next_hour", Some(60.0)),
        ("crash_ahead_6h", Some(360.0)),
        ("down_within_15_min", Some(15.0)),
    ] {
        check_meaning(name, down, (LabelMeans::Ahead, minutes));
    }
    for name in ["crashed", "in_service", "down30", "goodwill", "in"] {
        check_meaning(name, down, (LabelMeans::DownNow, None));
    }
}

#[test]
fn equal_runs_just_before_gaps_look_ahead() {
    check_meaning(
        "crashed",
        "00001111    0000000001111     01111   000111    0000",
        (LabelMeans::Ahead, Some(4.0)),
    );
}

#[test]
fn runs_of_other_shapes_mean_down_now() {
    let down_now = (LabelMeans::DownNow, None);
    // Runs end without a gap.
    check_meaning("crashed", "00001111000000111100001111000", down_now);
    // They have different lengths.
    check_meaning(
        "crashed",
        "00001111    00111111111  00001  00011  00001",
        down_now,
    );
    // A row or two before a server fell silent.
    check_meaning(
        "crashed",
        "0000011   000011    0000011   0000011   00",
        down_now,
    );
    // Too few of them.
    check_meaning("crashed", "00001111    000001111    00000", down_now);
}

#[test]
fn the_shared_labels_that_look_ahead_are_recognised() {
    for folder in super::data_sets() {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let (expected, time, host) = match name.as_str() {
            "smd_1_6_ahead30" => (Some(30.0), "minute", None),
            "ms_crashrate_ahead6" => (Some(360.0), "timestamp", Some("series")),
            _ => (None, "minute", None),
        };
        let table = super::read_table(&folder.join("data.csv"));
        let timeline = Timeline::new(&table, Some(time), host);
        let column = table.column("crashed").unwrap();
        let labels: Vec<Option<bool>> = (0..table.n_rows())
            .map(|row| column.number_at(row).map(|value| value == 1.0))
            .collect();
        let found = LabelMeaning::guess("crashed", &labels, &timeline);
        assert_eq!(found.minutes, expected, "{name}: {}", found.reason);
        assert_eq!(
            found.means == LabelMeans::Ahead,
            expected.is_some(),
            "{name}"
        );
    }
}

#[test]
fn the_proposed_horizon_holds_several_rows() {
    assert_eq!(
        [0.25, 1.0, 5.0, 10.0, 60.0].map(propose_horizon),
        [30.0, 30.0, 30.0, 60.0, 360.0]
    );
}

#[track_caller]
fn check_interval(csv: &str, time: &str, minutes: f64, unit: TimeUnit) {
    let timeline = Timeline::new(&table(csv), Some(time), None);
    assert_eq!(
        (timeline.interval_minutes(), timeline.unit()),
        (minutes, unit)
    );
}

#[test]
fn the_unit_of_numbers_is_named_or_shown_by_their_size() {
    check_interval(
        "minute,a\n0,1\n1,2\n3,3\n4,4\n",
        "minute",
        1.0,
        TimeUnit::Micros(60_000_000),
    );
    check_interval(
        "uptime (s),a\n0,1\n30,2\n60,3\n",
        "uptime (s)",
        0.5,
        TimeUnit::Micros(1_000_000),
    );
    check_interval(
        "ticks,a\n1714557780,1\n1714557840,2\n",
        "ticks",
        1.0,
        TimeUnit::Micros(1_000_000),
    );
    check_interval(
        "ticks,a\n1714557780000,1\n1714557840000,2\n",
        "ticks",
        1.0,
        TimeUnit::Micros(1_000),
    );
    check_interval(
        "t,a\n1714557780,1\n1714557840,2\n",
        "t",
        1.0,
        TimeUnit::Calendar,
    );
    check_interval("step,a\n5,1\n6,2\n", "step", 1.0, TimeUnit::Unknown);
    check_interval(
        "day,a\n2024-05-01,1\n2024-05-02,2\n",
        "day",
        1440.0,
        TimeUnit::Calendar,
    );
}

/// A log in which `crashed` is the given letters, and what is to be predicted of it.
fn target(letters: &str, options: &RoleOptions) -> Result<Target, Error> {
    let mut csv = "minute,cpu,crashed\n".to_owned();
    for (minute, letter) in letters.chars().enumerate() {
        csv += &format!("{minute},{},{letter}\n", minute % 7);
    }
    let table = table(&csv);
    let schema = Schema::new(&table, &RoleOptions::default()).unwrap();
    Target::new(
        &table,
        &schema,
        &Timeline::new(&table, Some("minute"), None),
        options,
    )
}

#[test]
fn a_label_that_means_down_now_looks_ahead_only_when_asked() {
    let of = |horizon_minutes| {
        let options = RoleOptions {
            horizon_minutes,
            ..RoleOptions::default()
        };
        let target = target("000011000000", &options).unwrap();
        (
            letters(&target.labels),
            target.summary.means,
            target.summary.n_down,
            target.summary.n_unknown,
        )
    };
    assert_eq!(
        of(None),
        ("000011000000".to_owned(), LabelMeans::DownNow, 0, 0)
    );
    assert_eq!(
        of(Some(2.0)),
        ("0011--0000--".to_owned(), LabelMeans::Ahead, 2, 2)
    );
}

#[test]
fn a_label_that_looks_ahead_is_never_shifted() {
    let options = RoleOptions {
        horizon_minutes: Some(2.0),
        label_means: Some(LabelMeans::Ahead),
        ..RoleOptions::default()
    };
    let target = target("000011000000", &options).unwrap();
    assert_eq!(letters(&target.labels), "000011000000");
    assert_eq!(target.summary.horizon_minutes, Some(2.0));
    assert_eq!(target.summary.reason, "as you said");
}

#[test]
fn a_horizon_that_is_none_is_refused() {
    for minutes in [0.0, -5.0, f64::NAN, f64::INFINITY] {
        let options = RoleOptions {
            horizon_minutes: Some(minutes),
            ..RoleOptions::default()
        };
        let found = target("0000110000", &options);
        assert!(
            matches!(
                found,
                Err(Error::BadOption {
                    option: "horizonMinutes",
                    ..
                })
            ),
            "{minutes}"
        );
    }
}

#[test]
fn a_log_without_a_label_is_trained_on_with_a_list_of_incidents() {
    let mut csv = "minute,cpu\n".to_owned();
    for minute in 0..600 {
        csv += &format!(
            "{minute},{}\n",
            if minute % 60 > 50 {
                90 + minute % 7
            } else {
                20 + minute % 11
            }
        );
    }
    let list = (1..10).fold("start_minute,note\n".to_owned(), |list, hour| {
        format!("{list}{},fire\n", hour * 60)
    });
    let options = TrainOptions {
        roles: RoleOptions {
            horizon_minutes: Some(10.0),
            incidents: Some(list),
            ..RoleOptions::default()
        },
        ..TrainOptions::default()
    };
    let log = table(&csv);
    let problem = |roles: &RoleOptions| overview::schema(&log, roles).unwrap().problem;
    assert_eq!(problem(&options.roles), None, "nothing is amiss before it");
    let refused = |incidents: &str, minutes| {
        let roles = RoleOptions {
            incidents: Some(incidents.to_owned()),
            horizon_minutes: Some(minutes),
            ..RoleOptions::default()
        };
        problem(&roles).map(|problem| problem.code)
    };
    assert_eq!(refused("note\nfire\n", 10.0), Some("BadIncidents"));
    assert_eq!(refused("start_minute\n60\n", -1.0), Some("BadOption"));
    assert_eq!(refused("start_minute\n99999\n", 10.0), Some("TooFewRows"));
    let model = CrashPredictor::train(&log, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    let target = model.summary().target;
    // The nine rows at the starts are left out, and the last ten, after which nothing is known.
    assert_eq!((target.n_down, target.n_unknown), (9, 10));
    assert_eq!(model.summary().n_rows_without_label, 0);
    assert!(
        model.evaluation().model.roc_auc > 0.95,
        "{:?}",
        model.evaluation().model
    );
}
