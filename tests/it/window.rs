//! Window features: worked out by hand, the same in a table and row by row, and dependent on the window's rows only.

use crash_predictor::features::{
    Dataset, FeatureColumn, MINUTE, Stat, Timeline, WindowFeature, WindowState, Windows,
};
use crash_predictor::{ReadOptions, Table};
use proptest::prelude::*;

/// One value a minute, `None` missing; the feature of each row.
#[track_caller]
fn check(stat: Stat, values: &[Option<f64>], expected: &[Option<f64>]) {
    let feature = WindowFeature {
        metric: 0,
        length: 5,
        stat,
    };
    let windows = Windows::new(MINUTE, vec![feature]);
    let (inputs, timeline) = one_host(values);
    let FeatureColumn::Number(found) = &windows.transform(&inputs, &timeline)[0] else {
        panic!("a window feature is a number");
    };
    assert_eq!(found.len(), expected.len());
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
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
    let inputs = Dataset::new(values.len(), vec![FeatureColumn::Number(column)]);
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

#[test]
fn rows_before_the_window_are_forgotten_by_time_not_by_count() {
    let timeline = timeline("minute\n0\n1\n2\n3\n7\n8\n9\n", None);
    let values = vec![100.0, 100.0, 100.0, 100.0, 1.0, 2.0, 3.0];
    let inputs = Dataset::new(7, vec![FeatureColumn::Number(values)]);
    let feature = WindowFeature {
        metric: 0,
        length: 5,
        stat: Stat::Max,
    };
    let columns = Windows::new(MINUTE, vec![feature]).transform(&inputs, &timeline);
    let found: Vec<f64> = (0..7).map(|row| columns[0].number(row)).collect();
    assert!(found[4].is_nan() && found[5].is_nan());
    assert_eq!(found[6], 3.0);
}

#[test]
fn minutes_since_a_gap_are_known_after_one_or_after_the_longest_window() {
    let minutes: Vec<u32> = (0..4).chain(10..80).collect();
    let csv = minutes.iter().fold("minute\n".to_owned(), |csv, minute| {
        format!("{csv}{minute}\n")
    });
    let inputs = Dataset::new(74, vec![FeatureColumn::Number(vec![1.0; 74])]);
    let columns = Windows::new(MINUTE, Vec::new()).transform(&inputs, &timeline(&csv, None));
    let found: Vec<f64> = (0..74).map(|row| columns[0].number(row)).collect();
    assert!(found[..4].iter().all(|minutes| minutes.is_nan()));
    assert_eq!(found[4..7], [0.0, 1.0, 2.0]);
    assert_eq!(found[62..66], [58.0, 59.0, 60.0, 60.0]);
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
    let columns = vec![FeatureColumn::Number(first), FeatureColumn::Number(second)];
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
        let windows = Windows::all_of(MINUTE, &[0, 1]);
        let columns = windows.transform(&inputs, &timeline);
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
        let windows = Windows::all_of(MINUTE, &[0]);
        let column = |values: &[f64]| Dataset::new(values.len(), vec![FeatureColumn::Number(values.to_vec())]);
        let (_, long) = one_host(&vec![None; values.len()]);
        let (_, short) = one_host(&[None; 61]);
        let whole = windows.transform(&column(&values), &long);
        let last = windows.transform(&column(&values[values.len() - 61..]), &short);
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
