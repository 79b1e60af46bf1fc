//! What training says of itself: incidents and pages, rules beside the model, intervals, a random split, and that the alarms
//! that were counted are those that are raised.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use crash_predictor::evaluate::alarms::AlarmEvent;
use crash_predictor::evaluate::intervals::Figure;
use crash_predictor::evaluate::rule::RuleOrigin;
use crash_predictor::evaluate::split::SplitChoice;
use crash_predictor::monitor::Monitor;
use crash_predictor::table::Column;
use crash_predictor::{
    CrashPredictor, Error, OwnedCell, ReadOptions, Result, RoleOptions, Table, TrainOptions,
    overview, sample,
};

fn read(csv: &[u8]) -> Table {
    Table::from_csv(csv, &ReadOptions::default()).unwrap()
}

fn train(table: &Table, options: &TrainOptions) -> Result<CrashPredictor> {
    CrashPredictor::train(table, options, &mut |_| ControlFlow::Continue(()))
}

/// The sample log and the model of its earlier rows alone, that the evaluation judged.
static CHECKED: LazyLock<(Table, CrashPredictor)> = LazyLock::new(|| {
    let table = read(&sample::csv(0));
    let options = TrainOptions {
        keep_checked: true,
        rule: Some("cpu_pct > 90 and latency_ms > 200".to_owned()),
        ..TrainOptions::default()
    };
    let model = train(&table, &options).unwrap();
    (table, model)
});

fn typed(table: &Table, row: usize) -> Vec<(String, OwnedCell)> {
    let cell = |column: &Column| {
        let text = column.level_at(row).unwrap_or_default().into_owned();
        (column.name.clone(), OwnedCell::Text(text))
    };
    table.columns().iter().map(cell).collect()
}

#[test]
fn a_replay_of_the_held_out_rows_raises_the_pages_that_were_counted() {
    let (table, model) = &*CHECKED;
    let evaluation = model.evaluation();
    let timeline = model.timeline(table);
    let mut order: Vec<usize> = (0..table.n_rows()).collect();
    order.sort_by_key(|&row| (timeline.moments()[row], row));
    let n_test = evaluation.split.n_test as usize;
    let (before, test) = order.split_at(order.len() - n_test);
    let mut monitor = Monitor::new(model.clone(), model.alarm_rule());
    before
        .iter()
        .for_each(|&row| monitor.remember(typed(table, row)));
    let mut raised = 0;
    let mut flagged = 0;
    for &row in test {
        let seen = monitor.push(typed(table, row)).unwrap();
        raised += u64::from(seen.event == AlarmEvent::Raised);
        flagged += u64::from(seen.probability >= model.threshold());
    }
    let counted = evaluation.confusion.true_positives + evaluation.confusion.false_positives;
    assert_eq!(flagged, counted);
    let pages = evaluation.incidents.as_ref().unwrap().pages;
    assert!(pages > 0, "nothing was raised, so nothing was shown");
    assert_eq!(raised, pages);
}

#[test]
fn half_an_hour_ahead_the_model_catches_more_of_the_sample_log_than_the_best_rule_with_as_many_pages()
 {
    let options = TrainOptions {
        roles: RoleOptions {
            horizon_minutes: Some(30.0),
            ..RoleOptions::default()
        },
        ..TrainOptions::default()
    };
    let model = train(&CHECKED.0, &options).unwrap();
    let evaluation = model.evaluation();
    println!("{}", evaluation.verdict);
    let [best] = &evaluation.rules[..] else {
        panic!("{:?}", evaluation.rules)
    };
    println!("{}: {}", best.text, best.message);
    assert_eq!(best.origin, RuleOrigin::Best);
    let (rule, model) = (
        best.incidents.as_ref().unwrap(),
        best.model_incidents.as_ref().unwrap(),
    );
    assert!(
        model.pages <= rule.pages && model.caught > rule.caught,
        "{rule:?} {model:?}"
    );
    let warning = evaluation.incidents.as_ref().unwrap().warning_minutes;
    assert!(warning.unwrap().median > 0.0);
}

#[test]
fn the_rule_of_today_stands_beside_the_best_one() {
    let rules = &CHECKED.1.evaluation().rules;
    let origins: Vec<RuleOrigin> = rules.iter().map(|of| of.origin).collect();
    assert_eq!(origins, [RuleOrigin::Yours, RuleOrigin::Best]);
    assert_eq!(rules[0].text, "cpu_pct > 90 and latency_ms > 200");
    for rule in rules {
        let (pages, most) = (rule.model_incidents.as_ref(), rule.incidents.as_ref());
        assert!(pages.unwrap().pages <= most.unwrap().pages);
    }
}

#[test]
fn every_figure_has_an_interval_about_it() {
    let evaluation = CHECKED.1.evaluation();
    let figures = [
        (Figure::RocAuc, evaluation.model.roc_auc),
        (Figure::PrAuc, evaluation.model.pr_auc),
        (Figure::LogLoss, evaluation.model.log_loss),
        (Figure::Recall, evaluation.model.recall),
    ];
    for (figure, value) in figures {
        let interval = evaluation.interval(figure).unwrap();
        assert!(
            interval.low <= value && value <= interval.high,
            "{figure:?} {value} {interval:?}"
        );
        assert!(interval.low < interval.high);
    }
    let incidents = evaluation.incidents.as_ref().unwrap();
    let share = incidents.caught as f64 / incidents.incidents as f64;
    let interval = evaluation.interval(Figure::CaughtShare).unwrap();
    assert!(interval.low <= share && share <= interval.high);
    assert_eq!(evaluation.split.incidents_test, incidents.incidents);
    let n_rows: u64 = evaluation.reliability.iter().map(|bin| bin.n_rows).sum();
    assert_eq!(n_rows, evaluation.split.n_test);
}

#[test]
fn a_random_split_is_shown_beside_one_by_time_only() {
    let evaluation = CHECKED.1.evaluation();
    let random = evaluation.random_split.as_ref().unwrap();
    assert!(random.log_loss < random.base_log_loss);
    let options = TrainOptions {
        split: SplitChoice::Random,
        ..TrainOptions::default()
    };
    let table = read(crate::mixed_csv().as_bytes());
    let at_random = train(&table, &options).unwrap();
    assert_eq!(at_random.evaluation().random_split, None);
    assert_eq!(at_random.evaluation().incidents, None);
}

#[test]
fn costs_and_budgets_move_the_threshold_the_way_they_point() {
    let table = read(&sample::csv(0));
    let pages = |options: TrainOptions| {
        let options = TrainOptions {
            algorithm: crash_predictor::Algorithm::Boosting,
            ..options
        };
        let model = train(&table, &options).unwrap();
        let incidents = model.evaluation().incidents.clone().unwrap();
        (incidents.pages, model.threshold())
    };
    let few = pages(TrainOptions {
        pages_per_week: Some(2.0),
        ..TrainOptions::default()
    });
    let dear = pages(TrainOptions {
        cost_missed: Some(1000.0),
        ..TrainOptions::default()
    });
    assert!(few.1 > dear.1 && few.0 < dear.0, "{few:?} {dear:?}");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let table = read(crate::mixed_csv().as_bytes());
    let refused = |options: TrainOptions| train(&table, &options).unwrap_err();
    let bad = |error: Error, name: &str| matches!(error, Error::BadOption { option, .. } if option == name);
    let default = TrainOptions::default;
    assert!(bad(
        refused(TrainOptions {
            cost_missed: Some(-1.0),
            ..default()
        }),
        "costMissed"
    ));
    assert!(bad(
        refused(TrainOptions {
            pages_per_week: Some(f64::NAN),
            ..default()
        }),
        "pagesPerWeek"
    ));
    assert!(bad(
        refused(TrainOptions {
            alarm_needed: Some(3),
            alarm_of: Some(2),
            ..default()
        }),
        "alarmNeeded"
    ));
    let rule = refused(TrainOptions {
        rule: Some("cpu_pct >".to_owned()),
        ..default()
    });
    assert!(matches!(rule, Error::BadRule { .. }));
}

/// A log of `n` crashes of ten rows each, one every 150 minutes.
fn crashes(n: u32) -> Table {
    let row = |i: u32| {
        let crashed = i % 150 >= 140;
        let cpu = (i.wrapping_mul(2_654_435_761) >> 26) + if crashed { 30 } else { 0 };
        format!("{i},{cpu},{}\n", u8::from(crashed))
    };
    let rows: String = (0..150 * n).map(row).collect();
    read(("minute,cpu,crashed\n".to_owned() + &rows).as_bytes())
}

#[test]
fn few_crashes_are_said_before_training_and_after_it() {
    for (n, is_few) in [(4, true), (30, false)] {
        let table = crashes(n);
        let report = overview::schema(&table, &Default::default()).unwrap();
        assert_eq!(report.incidents, Some(u64::from(n)));
        assert_eq!(
            report
                .remarks
                .iter()
                .any(|of| of.contains("fewer than about 10")),
            is_few
        );
        assert_eq!(report.too_few_incidents, is_few);
        assert_eq!(report.proposed_horizon_minutes, Some(30.0));
        let model = train(&table, &TrainOptions::default()).unwrap();
        let evaluation = model.evaluation();
        assert_eq!(evaluation.too_few_incidents, is_few);
        assert_eq!(
            evaluation.verdict.contains("Too few crashes to tell"),
            is_few
        );
    }
}

#[test]
fn later_rows_that_moved_are_told_by_column() {
    let (table, model) = &*CHECKED;
    assert!(
        model.drift(&crashes(1)).unwrap().is_empty(),
        "too few rows to tell"
    );
    let csv = String::from_utf8(sample::csv(0)).unwrap();
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let cpu = names.iter().position(|name| *name == "cpu_pct").unwrap();
    let moved: Vec<String> = lines
        .map(|line| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            cells[cpu] = "99.9".to_owned();
            cells.join(",")
        })
        .collect();
    let moved = read((names.join(",") + "\n" + &moved.join("\n") + "\n").as_bytes());
    let drift = model.drift(&moved).unwrap();
    assert_eq!(drift.len(), model.summary().features.len());
    assert_eq!(drift[0].column, "cpu_pct");
    assert!(drift[0].stability_index > 0.25 && drift[1].stability_index < 0.1);
    assert!(
        model
            .drift(table)
            .unwrap()
            .iter()
            .all(|of| of.stability_index < 0.1)
    );
}
