//! Live rows: the same bits as in a table, and the alarms that the rule of the evaluation counts.

use crash_predictor::evaluate::alarms::{AlarmEvent, AlarmRule, ScoredRow, alarms};
use crash_predictor::monitor::Monitor;
use crash_predictor::table::Column;
use crash_predictor::{CrashPredictor, OwnedCell, Table};

use crate::{MIXED, SAMPLE};

fn typed(table: &Table, row: usize) -> Vec<(String, OwnedCell)> {
    let cell = |column: &Column| {
        let text = column.level_at(row).unwrap_or_default().into_owned();
        (column.name.clone(), OwnedCell::Text(text))
    };
    table.columns().iter().map(cell).collect()
}

/// Replays a log row by row: every probability has the bits it has in the table, and what is raised is what is counted.
#[track_caller]
fn check((table, predictor): &(Table, CrashPredictor), threshold: f64) {
    let timeline = predictor.timeline(table);
    let rule = AlarmRule::new(threshold, timeline.interval_minutes());
    let probabilities = predictor.predict_table(table).unwrap().probabilities;
    let mut monitor = Monitor::new(predictor.clone(), rule);
    let mut raised = Vec::new();
    for (row, probability) in probabilities.iter().enumerate() {
        let seen = monitor.push(typed(table, row)).unwrap();
        assert_eq!(
            seen.probability.to_bits(),
            probability.to_bits(),
            "row {row}"
        );
        assert_eq!(
            seen.host,
            timeline.host_names()[timeline.hosts()[row] as usize]
        );
        if seen.event == AlarmEvent::Raised {
            raised.push(row);
        }
    }
    let scored: Vec<ScoredRow> = (0..table.n_rows())
        .map(|row| ScoredRow {
            host: timeline.hosts()[row],
            moment: timeline.moments()[row],
            probability: probabilities[row],
        })
        .collect();
    let mut counted: Vec<usize> = alarms(&scored, &rule)
        .iter()
        .map(|alarm| alarm.row)
        .collect();
    counted.sort_unstable();
    assert!(
        !counted.is_empty(),
        "nothing was raised, so nothing was shown"
    );
    assert_eq!(raised, counted);
}

#[test]
fn a_replay_has_the_bits_of_the_table_and_raises_the_alarms_that_are_counted() {
    check(&SAMPLE, SAMPLE.1.threshold());
}

#[test]
fn rows_without_times_are_taken_as_they_come() {
    check(&MIXED, MIXED.1.threshold());
}

#[test]
fn a_row_that_comes_late_or_without_a_time_raises_nothing() {
    let (table, predictor) = &*SAMPLE;
    let rule = AlarmRule {
        needed: 1,
        of: 1,
        ..AlarmRule::new(1e-9, 1.0)
    };
    let mut monitor = Monitor::new(predictor.clone(), rule);
    let time = predictor.summary().time.unwrap();
    let at = |moment: &str| {
        let mut row = typed(table, 0);
        row.retain(|(name, _)| *name != time);
        row.push((time.clone(), OwnedCell::Text(moment.to_owned())));
        row
    };
    let event = |monitor: &mut Monitor, moment| monitor.push(at(moment)).unwrap().event;
    assert_eq!(event(&mut monitor, ""), AlarmEvent::Calm);
    assert_eq!(
        event(&mut monitor, "2030-01-02T00:00:00Z"),
        AlarmEvent::Raised
    );
    assert_eq!(
        event(&mut monitor, "2030-01-01T00:00:00Z"),
        AlarmEvent::Calm
    );
    assert_eq!(
        event(&mut monitor, "2030-01-02T00:01:00Z"),
        AlarmEvent::Continues
    );
}
