//! Window features: worked out by hand, the same in a table and row by row, and dependent on the window's rows only.

use crash_predictor::features::{
    Dataset, FeatureColumn, Feed, MINUTE, Stat, Timeline, WindowFeature, WindowState, Windows,
};
use crash_predictor::{ReadOptions, Table};
use proptest::prelude::*;

/// Rows before those of a check: without values, they say nothing but that the log goes back that far.
const BEFORE: usize = 60;

/// One value a minute, `None` missing; the feature of each row.
#[track_caller]
fn check(stat: Stat, values: &[Option<f64>], expected: &[Option<f64>]) {
    let feature = WindowFeature {
        metric: 0,
        length: 5,
        stat,
    };
    let windows = Windows::new(MINUTE, vec![feature]);
    let whole = [&[None; BEFORE], values].concat();
    let (inputs, timeline) = one_host(&whole);
    let columns = Feed::default().window_columns(&windows, &inputs, &timeline);
    assert_eq!(values.len(), expected.len());
    for (row, expected) in expected.iter().enumerate() {
        let found = columns[0].number(BEFORE + row);
        let fits = expected.map_or(found.is_nan(), |expected| (found - expected).abs() < 1e-12);
        assert!(
            fits,
            "{stat:?} of row {row}: {found}, expected {expected:?}"
        );
    }
}

fn one_host(values: &[Option<f64>]) -> (Dataset, Timeline) {
    let csv = (0..values.len()).fold("minute\n".to_owned(), |csv, minute| {
        format!("{csv}{minute}\n")
    });
    let column = values
        .iter()
        .map(|value| value.unwrap_or(f64::NAN))
        .collect();
    let inputs = Dataset::new(values.len(), vec![FeatureColumn::numbers(column)]);
    (inputs, timeline(&csv, None))
}

fn timeline(csv: &str, host: Option<&str>) -> Timeline {
    let table = Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap();
    Timeline::new(&table, Some("minute"), host)
}

/// Seven rows, of which the window of five forgets two.
const VALUES: [Option<f64>; 7] = [
    Some(2.0),
    Some(4.0),
    Some(9.0),
    Some(1.0),
    Some(4.0),
    Some(7.0),
    Some(7.0),
];

#[test]
fn a_window_says_nothing_until_half_of_it_is_known() {
    let expected = [
        None,
        None,
        Some(5.0),
        Some(4.0),
        Some(4.0),
        Some(5.0),
        Some(5.6),
    ];
    check(Stat::Mean, &VALUES, &expected);
}

#[test]
fn each_statistic_is_as_worked_out_by_hand() {
    let last_three = |of_row: [f64; 3]| {
        let mut expected = [None; 7];
        for (to, from) in expected[4..].iter_mut().zip(of_row) {
            *to = Some(from);
        }
        expected
    };
    #[track_caller]
    fn check_last(stat: Stat, expected: &[Option<f64>]) {
        let mut whole = expected.to_vec();
        whole[2] = Some(match stat {
            Stat::Max => 9.0,
            Stat::Deviation => (26.0_f64 / 3.0).sqrt(),
            Stat::Slope => 3.5,
            Stat::Change => 7.0,
            _ => 4.0,
        });
        whole[3] = Some(match stat {
            Stat::Max => 9.0,
            Stat::Deviation => 9.5_f64.sqrt(),
            Stat::Slope => 0.2,
            Stat::Change => -1.0,
            _ => -3.0,
        });
        check(stat, &VALUES, &whole);
    }
    check_last(Stat::Max, &last_three([9.0, 9.0, 9.0]));
    // The squares about the mean add up to 38, 38 and 39.2.
    check_last(
        Stat::Deviation,
        &last_three([7.6_f64.sqrt(), 7.6_f64.sqrt(), 7.84_f64.sqrt()]),
    );
    check_last(Stat::Slope, &last_three([0.1, 0.1, 0.2]));
    check_last(Stat::Change, &last_three([2.0, 3.0, -2.0]));
    check_last(Stat::Distance, &last_three([0.0, 2.0, 1.4]));
}

#[test]
fn missing_values_are_left_out_and_a_row_without_one_has_no_change() {
    let values = [Some(1.0), None, Some(3.0), Some(5.0), None, Some(4.0)];
    check(
        Stat::Mean,
        &values,
        &[None, None, None, Some(3.0), Some(3.0), Some(4.0)],
    );
    check(
        Stat::Change,
        &values,
        &[None, None, None, Some(4.0), None, Some(1.0)],
    );
}

/// The column of one feature of a metric that is measured at the given minutes.
fn column(minutes: &[u32], values: Vec<f64>, windows: &Windows) -> Vec<f64> {
    let csv = minutes.iter().fold("minute\n".to_owned(), |csv, minute| {
        format!("{csv}{minute}\n")
    });
    let inputs = Dataset::new(minutes.len(), vec![FeatureColumn::numbers(values)]);
    let columns = Feed::default().window_columns(windows, &inputs, &timeline(&csv, None));
    (0..minutes.len())
        .map(|row| columns[0].number(row))
        .collect()
}

#[test]
fn rows_before_the_window_are_forgotten_by_time_not_by_count() {
    let minutes: Vec<u32> = (0..60).chain([66, 67, 68]).collect();
    let values = (0..63).map(|row| if row < 60 { 100.0 } else { f64::from(row - 59) });
    let feature = WindowFeature {
        metric: 0,
        length: 5,
        stat: Stat::Max,
    };
    let found = column(
        &minutes,
        values.collect(),
        &Windows::new(MINUTE, vec![feature]),
    );
    assert_eq!(found[59], 100.0);
    assert!(found[60].is_nan() && found[61].is_nan());
    assert_eq!(found[62], 3.0);
}

#[test]
fn rows_far_rarer_than_those_learned_from_have_no_features() {
    let rare: Vec<u32> = (0..200).map(|row| row * 3).collect();
    let dense: Vec<u32> = (0..200).map(|row| row * 2).collect();
    let windows = Windows::all_of(MINUTE, &[0]);
    let known = |minutes: &[u32]| {
        let found = column(
            minutes,
            vec![1.0; 200],
            &Windows::new(MINUTE, vec![windows.features()[17]]),
        );
        found.iter().filter(|value| !value.is_nan()).count()
    };
    assert_eq!(windows.features()[17].length, 60);
    assert_eq!([known(&rare), known(&dense)], [0, 171]);
}

#[test]
fn minutes_since_a_gap_are_known_after_one_or_after_the_longest_window() {
    let minutes: Vec<u32> = (0..70).chain(80..150).collect();
    let found = column(
        &minutes,
        vec![1.0; 140],
        &Windows::new(MINUTE, Vec::new()).with_gap(),
    );
    assert!(found[..60].iter().all(|minutes| minutes.is_nan()));
    assert_eq!(found[60..73], [&[60.0; 10][..], &[0.0, 1.0, 2.0]].concat());
    assert_eq!(found[128..133], [58.0, 59.0, 60.0, 60.0, 60.0]);
}

/// Rows of several hosts in any order: minute, host, two metrics.
type Rows = Vec<(u32, u8, Option<f64>, f64)>;

fn rows() -> impl Strategy<Value = Rows> {
    let metric = prop::option::weighted(0.9, -1e3..1e3);
    prop::collection::vec((0..200u32, 0..3u8, metric, 0.0..1.0), 1..400)
}

fn read(rows: &Rows) -> (Dataset, Timeline) {
    let csv = rows
        .iter()
        .fold("minute,host\n".to_owned(), |csv, (minute, host, ..)| {
            format!("{csv}{minute},h{host}\n")
        });
    let first = rows.iter().map(|row| row.2.unwrap_or(f64::NAN)).collect();
    let second = rows.iter().map(|row| row.3).collect();
    let columns = vec![
        FeatureColumn::numbers(first),
        FeatureColumn::numbers(second),
    ];
    (
        Dataset::new(rows.len(), columns),
        timeline(&csv, Some("host")),
    )
}

fn bits(columns: &[FeatureColumn], row: usize) -> Vec<u64> {
    columns
        .iter()
        .map(|column| column.number(row).to_bits())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_table_and_its_rows_one_by_one_have_the_same_features(rows in rows()) {
        let (inputs, timeline) = read(&rows);
        let windows = Windows::all_of(MINUTE, &[0, 1]).with_gap();
        let columns = Feed::default().window_columns(&windows, &inputs, &timeline);
        // As they arrive: by time over all hosts, the hosts' rows mixed.
        let mut arrival: Vec<usize> = (0..rows.len()).collect();
        arrival.sort_by_key(|&row| rows[row].0);
        let mut states = vec![WindowState::default(); 3];
        let mut found = vec![0.0; windows.n_columns()];
        for row in arrival {
            let (minute, host, first, second) = rows[row];
            let values = [first.unwrap_or(f64::NAN), second];
            windows.push(&mut states[host as usize], i64::from(minute) * MINUTE, &values, &mut found);
            let found: Vec<u64> = found.iter().map(|value| value.to_bits()).collect();
            prop_assert_eq!(found, bits(&columns, row));
        }
    }

    /// So it does not matter how long a service has run, or how much of the past it is given.
    #[test]
    fn only_the_rows_of_the_longest_window_matter(values in prop::collection::vec(-1e3..1e3, 130..400)) {
        let windows = Windows::all_of(MINUTE, &[0]).with_gap();
        let column = |values: &[f64]| Dataset::new(values.len(), vec![FeatureColumn::numbers(values.to_vec())]);
        let (_, long) = one_host(&vec![None; values.len()]);
        let (_, short) = one_host(&[None; 61]);
        let whole = Feed::default().window_columns(&windows, &column(&values), &long);
        let last = Feed::default().window_columns(&windows, &column(&values[values.len() - 61..]), &short);
        prop_assert_eq!(bits(&whole, values.len() - 1), bits(&last, 60));
    }
}

#[test]
fn features_that_make_no_sense_are_told() {
    let of = |metric, length| {
        Windows::new(
            MINUTE,
            vec![WindowFeature {
                metric,
                length,
                stat: Stat::Max,
            }],
        )
    };
    assert!(of(1, 15).is_consistent(2));
    assert!(!of(2, 15).is_consistent(2));
    assert!(!of(1, 7).is_consistent(2));
}

/// A metric that trembles in the half hour before each crash and one that says nothing, one row a minute.
fn trembling(n_rows: usize) -> (Dataset, Timeline, Vec<Option<bool>>) {
    let minutes: Vec<u32> = (0..n_rows as u32).collect();
    let csv = minutes.iter().fold("minute\n".to_owned(), |csv, minute| {
        format!("{csv}{minute}\n")
    });
    let noise = |row: u32, of: u32| {
        f64::from((row * 2 + of).wrapping_mul(2_654_435_761) >> 16) / 65_536.0 - 0.5
    };
    let is_close = |row: u32| row % 150 >= 120;
    let first = |&row: &u32| noise(row, 0) * if is_close(row) { 3.0 } else { 1.0 };
    let columns = vec![
        FeatureColumn::numbers(minutes.iter().map(first).collect()),
        FeatureColumn::numbers(minutes.iter().map(|&row| noise(row, 1)).collect()),
    ];
    let y = minutes.iter().map(|&row| Some(is_close(row))).collect();
    (Dataset::new(n_rows, columns), timeline(&csv, None), y)
}

#[test]
fn the_window_feature_that_tells_is_chosen() {
    let (inputs, timeline, y) = trembling(3000);
    let rows: Vec<usize> = (0..3000).collect();
    let windows = Windows::choose(&inputs, &timeline, &y, &rows).unwrap();
    let is_it = |of: &&WindowFeature| (of.metric, of.stat) == (0, Stat::Deviation);
    assert!(
        windows.features().iter().any(|of| is_it(&of)),
        "{windows:?}"
    );
    // What is asked is asked of all metrics alike.
    let of_metric = |metric| {
        windows
            .features()
            .iter()
            .filter(|of| of.metric == metric)
            .count()
    };
    assert_eq!(of_metric(0), of_metric(1));
}

#[test]
fn nothing_is_chosen_by_rows_that_are_not_learned_from() {
    let (inputs, timeline, mut y) = trembling(3000);
    let rows: Vec<usize> = (0..2000).collect();
    let chosen = Windows::choose(&inputs, &timeline, &y, &rows);
    y[2000..].fill(Some(true));
    let FeatureColumn::Number(first) = &inputs.columns()[0] else {
        panic!()
    };
    let mut first = first.to_vec();
    first[2000..].fill(1e9);
    let inputs = Dataset::new(
        3000,
        vec![FeatureColumn::numbers(first), inputs.columns()[1].clone()],
    );
    assert_eq!(Windows::choose(&inputs, &timeline, &y, &rows), chosen);
}

#[test]
fn rows_that_come_in_several_tables_have_the_features_of_one() {
    let (inputs, timeline, _) = trembling(300);
    let windows = Windows::all_of(MINUTE, &[0, 1]);
    let whole = Feed::default().window_columns(&windows, &inputs, &timeline);
    let mut feed = Feed::default();
    for part in [0..7, 7..130, 130..300] {
        let rows: Vec<usize> = part.collect();
        let csv = rows.iter().fold("minute\n".to_owned(), |csv, minute| {
            format!("{csv}{minute}\n")
        });
        let found =
            feed.window_columns(&windows, &inputs.select(&rows), &self::timeline(&csv, None));
        for (at, &row) in rows.iter().enumerate() {
            assert_eq!(bits(&found, at), bits(&whole, row), "row {row}");
        }
    }
    // What comes late changes nothing and is told nothing.
    let before = feed.clone();
    let late = feed.window_columns(
        &windows,
        &inputs.select(&[5]),
        &self::timeline("minute\n5\n", None),
    );
    assert!(late.iter().all(|column| column.is_missing(0)));
    assert_eq!(feed, before);
}
