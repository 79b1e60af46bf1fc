//! Training in pieces: whoever performs them, in whatever order they are reported, the model is the same.

use std::cell::Cell;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use crash_predictor::train::{
    self, Candidate, Learner, Performed, Plan, Select, Shared, Stage, Task,
};
use crash_predictor::{
    Algorithm, CrashPredictor, Error, ReadOptions, Result, Table, TrainOptions, sample,
};

fn table() -> Table {
    Table::from_csv(&sample::csv(0), &ReadOptions::default()).unwrap()
}

/// Trains by several learners, each given a task as soon as it is free; what they do is reported in the order of `turns`,
/// over and over: a 0 is the first learner that is busy, and so on.
fn train_together(
    table: &Table,
    options: &TrainOptions,
    n_learners: usize,
    turns: &[usize],
) -> Vec<u8> {
    let mut plan = Plan::new(table, options, n_learners).unwrap();
    // By the road of a pool: everything goes from one worker to the other as bytes.
    let shared = plan.shared().to_bytes();
    let learner = |_| Learner::new(Arc::new(Shared::from_bytes(&shared).unwrap()));
    let mut learners: Vec<Learner> = (0..n_learners).map(learner).collect();
    let mut busy: VecDeque<(usize, Vec<u8>, Vec<u8>)> = VecDeque::new();
    for turn in turns.iter().cycle() {
        for (number, learner) in learners.iter_mut().enumerate() {
            if busy.iter().any(|(of, ..)| *of == number) {
                continue;
            }
            if let Some(task) = plan.next_task(number, 0.0) {
                let task = task.to_bytes();
                let received = Task::from_bytes(&task).unwrap();
                let performed = learner.perform(&received, None).unwrap();
                busy.push_back((number, task, performed.to_bytes()));
            }
        }
        if busy.is_empty() {
            break;
        }
        let (_, task, performed) = busy.remove(turn % busy.len()).unwrap();
        let task = Task::from_bytes(&task).unwrap();
        plan.absorb(&task, Performed::from_bytes(&performed))
            .unwrap();
        if plan.is_chosen() {
            plan.refit(table).unwrap();
        }
    }
    assert!(plan.is_evaluated());
    plan.finish(table).unwrap().save()
}

#[test]
fn any_number_of_learners_in_any_order_give_the_same_bytes() {
    let table = table();
    let options = TrainOptions::default();
    let alone = train(&table, &options).save();
    for (n_learners, turns) in [
        (1, &[0][..]),
        (2, &[1, 0, 0]),
        (3, &[2, 0, 1, 1, 0]),
        (8, &[7, 3]),
    ] {
        assert!(
            train_together(&table, &options, n_learners, turns) == alone,
            "{n_learners}"
        );
    }
}

fn train(table: &Table, options: &TrainOptions) -> CrashPredictor {
    CrashPredictor::train(table, options, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// Trains with a clock on which each look takes `tick` seconds.
fn train_timed(options: &TrainOptions, tick: f64) -> Result<CrashPredictor> {
    let now = Cell::new(0.0);
    let clock = || now.replace(now.get() + tick);
    train::train(
        &table(),
        options,
        &mut |_| ControlFlow::Continue(()),
        Some(&clock),
    )
}

#[test]
fn a_budget_that_cuts_says_what_it_cut_and_one_that_does_not_changes_nothing() {
    let of = |budget_seconds| TrainOptions {
        budget_seconds,
        ..TrainOptions::default()
    };
    let unlimited = train_timed(&of(None), 0.01).unwrap();
    assert!(train_timed(&of(Some(1e6)), 0.01).unwrap().save() == unlimited.save());
    for budget in [0.05, 0.5, 1.5] {
        let cut = train_timed(&of(Some(budget)), 0.01).unwrap().summary();
        assert!(
            cut.algorithm_reason.contains("the budget of"),
            "{}",
            cut.algorithm_reason
        );
        assert!(cut.candidates.iter().any(|of| of.algorithm == "base-rate"));
        let boosting = TrainOptions {
            algorithm: Algorithm::Boosting,
            ..of(Some(budget))
        };
        let asked = train_timed(&boosting, 0.01).unwrap().summary();
        assert!(asked.candidates.iter().any(|of| of.algorithm == "boosting"));
    }
    let bad = |budget| {
        matches!(
            train_timed(&of(Some(budget)), 1.0),
            Err(Error::BadOption {
                option: "budgetSeconds",
                ..
            })
        )
    };
    assert!([0.0, -1.0, f64::NAN, f64::INFINITY].into_iter().all(bad));
    let without_clock =
        CrashPredictor::train(&table(), &of(Some(1.0)), &mut |_| ControlFlow::Continue(()));
    assert!(matches!(
        without_clock,
        Err(Error::BadOption {
            option: "budgetSeconds",
            ..
        })
    ));
}

#[test]
fn the_leaderboard_has_times_beside_the_file_and_sizes_in_it() {
    let model = train_timed(&TrainOptions::default(), 0.01).unwrap();
    let summary = model.summary();
    let seconds = summary.candidate_seconds.unwrap();
    assert_eq!(seconds.len(), summary.candidates.len());
    assert!(seconds.iter().all(|seconds| *seconds > 0.0));
    assert!(summary.candidates.iter().all(|of| of.model_bytes > 0));
    let loaded = CrashPredictor::load(&model.save()).unwrap().summary();
    assert_eq!(loaded.candidate_seconds, None);
    assert_eq!(loaded.candidates, summary.candidates);
    assert!(model.save() == train_timed(&TrainOptions::default(), 0.5).unwrap().save());
}

#[test]
fn best_takes_the_lowest_loss() {
    let options = TrainOptions {
        select: Select::Best,
        ..TrainOptions::default()
    };
    let candidates: Vec<Candidate> = train(&table(), &options).summary().candidates;
    let chosen = candidates.iter().find(|of| of.chosen).unwrap();
    assert!(candidates.iter().all(|of| chosen.log_loss <= of.log_loss));
}

#[test]
fn progress_never_goes_back_and_ends_at_the_refit() {
    let mut seen = Vec::new();
    CrashPredictor::train(&table(), &TrainOptions::default(), &mut |progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(seen.windows(2).all(|pair| pair[0].done <= pair[1].done));
    let last = seen.last().unwrap();
    assert_eq!((last.stage, last.done + 1), (Stage::Refit, last.total));
}

#[test]
fn what_is_no_message_is_refused() {
    assert!(Shared::from_bytes(b"").is_err());
    assert!(Task::from_bytes(&[255]).is_err());
    assert!(Performed::from_bytes(&[7]).is_err());
}

#[test]
fn each_candidate_has_its_own_time_and_no_check_is_counted() {
    // Every task takes a second by this clock.
    let now = Cell::new(0.0);
    let clock = || {
        now.set(now.get() + 1.0);
        now.get()
    };
    let options = TrainOptions {
        algorithm: Algorithm::Logistic,
        ..TrainOptions::default()
    };
    let proceed = &mut |_| ControlFlow::Continue(());
    let model = train::train(&crate::MIXED.0, &options, proceed, Some(&clock)).unwrap();
    let seconds = model.summary().candidate_seconds.unwrap();
    assert_eq!(seconds.len(), 2);
    assert_eq!(seconds[0], seconds[1], "a task for each fold");
}

#[test]
fn a_random_split_that_cannot_be_done_costs_its_figures_alone() {
    let table = table();
    let options = TrainOptions {
        algorithm: Algorithm::Logistic,
        ..TrainOptions::default()
    };
    // Of the checks, one after the other is said to have failed.
    let train_without = |failing: usize| -> Option<Result<CrashPredictor>> {
        let mut plan = Plan::new(&table, &options, 1).unwrap();
        let mut learner = Learner::new(plan.shared());
        let mut n_checks = 0;
        while let Some(task) = plan.next_task(0, 0.0) {
            let is_check = plan.is_chosen();
            let performed = match is_check && n_checks == failing {
                true => Err(Error::NotConverged { iterations: 1 }),
                false => learner.perform(&task, None),
            };
            n_checks += usize::from(is_check);
            if let Err(error) = plan.absorb(&task, performed) {
                return Some(Err(error));
            }
        }
        (failing < n_checks).then(|| plan.finish(&table))
    };
    let trained: Vec<Result<CrashPredictor>> = (0..).map_while(train_without).collect();
    let random_splits = trained.iter().flatten();
    let random_splits: Vec<bool> = random_splits
        .map(|of| of.evaluation().random_split.is_some())
        .collect();
    assert_eq!(random_splits, [false]);
    assert_eq!(
        trained.len(),
        1 + trained.iter().filter(|of| of.is_err()).count()
    );
}
