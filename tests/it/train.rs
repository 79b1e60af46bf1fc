//! Training from end to end: the figures, the choice, the refusal, and that nothing leaks.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use crash_predictor::evaluate::metrics::Ranking;
use crash_predictor::evaluate::split::{SplitChoice, SplitKind};
use crash_predictor::provenance::AlgorithmName;
use crash_predictor::train::Stage;
use crash_predictor::{
    Algorithm, CrashPredictor, Error, ReadOptions, Result, Table, TrainOptions, sample,
};

use crate::{ask_about_test_rows, data_sets, read_table};

fn read(csv: &[u8]) -> Table {
    Table::from_csv(csv, &ReadOptions::default()).unwrap()
}

fn train(table: &Table, options: &TrainOptions) -> Result<CrashPredictor> {
    CrashPredictor::train(table, options, &mut |_| ControlFlow::Continue(()))
}

fn sample_table() -> Table {
    read(&sample::csv(0))
}

#[test]
fn ranks_the_test_rows_of_every_data_set_as_well_as_scikit_learn() {
    for folder in data_sets() {
        let scores: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join("scores.json")).unwrap()).unwrap();
        let reference = scores["stratified"]["models"]["logreg"]["roc_auc"]
            .as_f64()
            .unwrap();
        // The reference was split at random, so the penalty is chosen on random folds too.
        let options = TrainOptions {
            algorithm: Algorithm::Logistic,
            split: SplitChoice::Random,
            ..TrainOptions::default()
        };
        let model = CrashPredictor::load(
            &train(&read_table(&folder.join("train.csv")), &options)
                .unwrap()
                .save(),
        )
        .unwrap();
        let (y, probabilities) = ask_about_test_rows(&folder, &model);
        let roc_auc = Ranking::new(&y, &probabilities).roc_auc();
        println!(
            "{}: ROC AUC {roc_auc:.4}, scikit-learn's {reference:.4}",
            folder.file_name().unwrap().to_string_lossy()
        );
        assert!(
            roc_auc >= reference - 0.01,
            "{}: {roc_auc} {reference}",
            folder.file_name().unwrap().to_string_lossy()
        );
    }
}

#[test]
fn the_sample_log_is_learned_and_the_figures_are_those_of_later_rows() {
    let predictor = train(&sample_table(), &TrainOptions::default()).unwrap();
    let evaluation = predictor.evaluation();
    println!("{}", evaluation.verdict);
    assert_ne!(predictor.summary().algorithm, AlgorithmName::BaseRate);
    assert_eq!(evaluation.split.kind, SplitKind::Time);
    // An hour, as long as the longest window, lies between both.
    assert_eq!(
        evaluation.split.n_train + evaluation.split.n_test + evaluation.split.n_left_out,
        20_160
    );
    assert!((1..1_000).contains(&evaluation.split.n_left_out));
    assert!(evaluation.model.log_loss < evaluation.baseline.log_loss);
    assert!(
        (0.75..0.95).contains(&evaluation.model.roc_auc),
        "{:?}",
        evaluation.model
    );
    assert_eq!(evaluation.baseline.roc_auc, 0.5);
}

/// 400 rows in which the metric says nothing of the label.
fn noise() -> String {
    let row = |i: u32| {
        let mixed = i.wrapping_mul(2_654_435_761);
        format!(
            "{},{},{}\n",
            i,
            mixed >> 20,
            u8::from((mixed ^ (mixed >> 7)).is_multiple_of(10))
        )
    };
    "minute,cpu,crashed\n".to_owned() + &(0..400).map(row).collect::<String>()
}

#[test]
fn the_base_rate_wins_where_nothing_can_be_learned_and_flags_nobody() {
    let predictor = train(&read(noise().as_bytes()), &TrainOptions::default()).unwrap();
    assert_eq!(predictor.summary().algorithm, AlgorithmName::BaseRate);
    assert_eq!(predictor.evaluation().confusion.false_positives, 0);
    assert_eq!(
        predictor.evaluation().model,
        predictor.evaluation().baseline
    );
}

#[test]
fn a_test_row_changes_no_figure_but_its_own() {
    // The latest fifth is held out: other metrics there must leave the model that is evaluated, and its threshold, alone.
    let csv = String::from_utf8(sample::csv(0)).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    let cut = 1 + (lines.len() - 1) * 4 / 5 + 12;
    let swap = |line: &&str| line.replacen(",web,", ",novel,", 1);
    let other: Vec<String> = lines[cut..].iter().map(swap).collect();
    let changed = lines[..cut].join("\n") + "\n" + &other.join("\n") + "\n";
    let options = TrainOptions {
        algorithm: Algorithm::Logistic,
        ..TrainOptions::default()
    };
    let (a, b) = (
        train(&sample_table(), &options),
        train(&read(changed.as_bytes()), &options),
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_ne!(a.evaluation().model, b.evaluation().model);
    assert_eq!(a.evaluation().threshold, b.evaluation().threshold);
    assert_eq!(a.summary().candidates, b.summary().candidates);
}

#[test]
fn the_order_of_columns_changes_nothing() {
    let csv = String::from_utf8(sample::csv(0)).unwrap();
    let reverse = |line: &str| line.split(',').rev().collect::<Vec<_>>().join(",") + "\n";
    let reversed: String = csv.lines().map(reverse).collect();
    let options = TrainOptions::default();
    let (a, b) = (
        train(&sample_table(), &options),
        train(&read(reversed.as_bytes()), &options),
    );
    assert_eq!(a.unwrap().save(), b.unwrap().save());
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_another_split() {
    let options = |seed| TrainOptions {
        seed,
        split: SplitChoice::Random,
        ..TrainOptions::default()
    };
    let bytes = |seed| train(&sample_table(), &options(seed)).unwrap().save();
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn cancelling_stops_at_once_and_progress_counts_up() {
    let table = sample_table();
    let mut seen = Vec::new();
    let trained = CrashPredictor::train(&table, &TrainOptions::default(), &mut |progress| {
        seen.push(progress);
        let stop = progress.stage == Stage::Evaluate;
        if stop {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!(trained.unwrap_err(), Error::Cancelled);
    let mut done: Vec<u32> = seen.iter().map(|progress| progress.done).collect();
    done.dedup();
    assert_eq!(done, (0..done.len() as u32).collect::<Vec<u32>>());
    assert!(seen.iter().all(|progress| progress.done < progress.total));
}

#[track_caller]
fn check_refused(csv: &str, options: &TrainOptions, expected: fn(&Error) -> bool) {
    let error = train(&read(csv.as_bytes()), options).unwrap_err();
    assert!(expected(&error), "{error:?}");
}

#[test]
fn what_cannot_be_trained_on_is_said() {
    let options = TrainOptions::default();
    let rows = |n: usize, row: fn(usize) -> String| {
        "cpu,mem,crashed\n".to_owned() + &(0..n).map(row).collect::<String>()
    };
    let calm = rows(40, |i| format!("{i},{},0\n", i % 7));
    check_refused(&calm, &options, |e| {
        matches!(e, Error::OneClass { rows: 40, .. })
    });
    let one = rows(1, |_| "5,6,1\n".to_owned());
    check_refused(&one, &options, |e| {
        matches!(e, Error::OneClass { .. } | Error::TooFewRows { .. })
    });
    let few = rows(40, |i| format!("{i},{},{}\n", i % 7, u8::from(i == 3)));
    check_refused(&few, &options, |e| {
        matches!(
            e,
            Error::TooFewRows {
                found: 1,
                needed: 2,
                ..
            }
        )
    });
    let constant = rows(40, |i| format!("5,6,{}\n", i % 2));
    check_refused(&constant, &options, |e| matches!(e, Error::NoFeatures));
    let plain = rows(40, |i| format!("{i},{},{}\n", i % 7, i % 2));
    let bad = TrainOptions {
        threshold: Some(1.5),
        ..TrainOptions::default()
    };
    check_refused(&plain, &bad, |e| {
        matches!(
            e,
            Error::BadOption {
                option: "threshold",
                ..
            }
        )
    });
    let by_time = TrainOptions {
        split: SplitChoice::Time,
        ..TrainOptions::default()
    };
    check_refused(&plain, &by_time, |e| {
        matches!(
            e,
            Error::BadOption {
                option: "split",
                ..
            }
        )
    });
}

/// Probabilities of the sample log's first rows and the model's checksum, as the other ways in must give them too: the
/// package in Node, the command line and the page check the same file. `UPDATE_FIXTURES=1 cargo test` writes it anew.
#[test]
fn the_sample_model_has_the_bits_that_every_way_in_must_give() {
    use sha2::{Digest, Sha256};
    let table = sample_table();
    let predictor = train(&table, &TrainOptions::default()).unwrap();
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let probabilities = predictor.predict_table(&table).unwrap().probabilities;
    let bits: Vec<String> = probabilities[..200]
        .iter()
        .map(|p| format!("{:016x}", p.to_bits()))
        .collect();
    let found = serde_json::json!({
        "modelSha256": hex(&Sha256::digest(predictor.save())),
        "probabilities": bits,
    });
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sample_predictions.json");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let expected: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(found, expected);
}

/// 2,000 minutes with two incidents of half an hour, at 700 and 1,800, in which a metric is high.
fn two_incidents() -> String {
    let row = |i: u32| {
        let crashed = (700..730).contains(&i) || (1_800..1_830).contains(&i);
        let cpu = i.wrapping_mul(2_654_435_761) >> 26;
        format!(
            "{i},{},{}\n",
            cpu + if crashed { 50 } else { 0 },
            u8::from(crashed)
        )
    };
    "minute,cpu,crashed\n".to_owned() + &(0..2_000).map(row).collect::<String>()
}

#[test]
fn a_log_of_one_incident_to_learn_from_gives_a_sound_model() {
    // Cut by time, one fold would hold every crash, and models of the others would know none.
    let table = read(two_incidents().as_bytes());
    for algorithm in [
        Algorithm::Auto,
        Algorithm::Logistic,
        Algorithm::Boosting,
        Algorithm::Forest,
    ] {
        let options = TrainOptions {
            algorithm,
            ..TrainOptions::default()
        };
        let model = train(&table, &options).unwrap();
        assert_eq!(
            CrashPredictor::load(&model.save()).as_ref(),
            Ok(&model),
            "{algorithm:?}"
        );
        assert!(model.summary().algorithm_reason.contains("drawn at random"));
        let found = model.evaluation().confusion;
        assert!(
            found.true_positives >= 10 && found.false_positives <= 20,
            "{algorithm:?}: {found:?}"
        );
    }
}

#[test]
fn categories_that_say_nothing_are_not_taken_for_something() {
    // A category's order is learned from labels: a fold that knew its own would find sense in noise.
    let mut taken = 0;
    for seed in 0..10u64 {
        let mut state = seed.wrapping_mul(7919) + 1;
        let mut draw = |n: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        let rows: String = (0..1_500)
            .map(|_| {
                format!(
                    "a{},b{},c{},{}\n",
                    draw(50),
                    draw(50),
                    draw(50),
                    u8::from(draw(5) == 0)
                )
            })
            .collect();
        let table = read(("a,b,c,crashed\n".to_owned() + &rows).as_bytes());
        let model = train(&table, &TrainOptions::default()).unwrap();
        taken += u32::from(model.summary().algorithm != AlgorithmName::BaseRate);
    }
    assert!(
        taken <= 2,
        "a model was taken in {taken} of 10 logs of noise"
    );
}

#[test]
fn a_metric_left_out_is_unknown_and_not_high() {
    let row = |i: u32| {
        let (cpu, latency) = (i * 37 % 101, i * 61 % 97);
        format!("{cpu},{latency},{}\n", u8::from(latency > 80 && cpu > 30))
    };
    let csv = "cpu,latency,crashed\n".to_owned() + &(0..1_000).map(row).collect::<String>();
    let table = read(csv.as_bytes());
    for algorithm in [Algorithm::Boosting, Algorithm::Forest] {
        let options = TrainOptions {
            algorithm,
            ..TrainOptions::default()
        };
        let model = train(&table, &options).unwrap();
        let cells = vec![("cpu".to_owned(), crash_predictor::OwnedCell::Number(50.0))];
        let probability = model.predict(cells).unwrap().probability;
        // One row in six of such a cpu crashed, and nearly all of those whose latency was high.
        assert!(probability < 0.4, "{algorithm:?}: {probability}");
    }
}

/// A log in time of which so many rows in a hundred crash, in each fifth of it; `cpu` is higher in them at some times and lower at others.
fn fifths(rates: [u32; 5]) -> Table {
    const HIGHER: [i64; 5] = [300, -300, 300, -300, 300];
    let row = |i: u32| {
        let drawn = |k: u32| {
            let mixed = (i * 10 + k).wrapping_mul(2_654_435_761);
            (mixed ^ mixed >> 15).wrapping_mul(2_246_822_507) >> 12 & 1023
        };
        let crashed = drawn(1) < rates[(i / 600) as usize] * 1024 / 100;
        let higher = i64::from(crashed) * HIGHER[(i / 600) as usize];
        let cpu = i64::from(drawn(2) + drawn(3)) + higher;
        format!("{i},{cpu},{}\n", u8::from(crashed))
    };
    let rows: String = (0..3000).map(row).collect();
    read(("minute,cpu,crashed\n".to_owned() + &rows).as_bytes())
}

#[test]
fn the_threshold_moves_with_the_crash_rate_of_all_rows() {
    let table = fifths([10, 10, 10, 10, 40]);
    let options = TrainOptions {
        algorithm: Algorithm::Boosting,
        ..TrainOptions::default()
    };
    let model = train(&table, &options).unwrap();
    let (checked, now) = (model.evaluation().threshold, model.threshold());
    println!("{checked} {now} {:?}", model.evaluation().split);
    assert!(now > checked && now < 1.0, "{now} {checked}");
    assert_eq!(model.summary().threshold, now);
    assert_eq!(model.alarm_rule().threshold, now);
    assert_eq!(model.evaluation().alarm_rule.threshold, checked);
    let answers = model.predict_table(&table).unwrap();
    for (probability, prediction) in answers.probabilities.iter().zip(&answers.predictions) {
        assert_eq!(*prediction, u8::from(*probability >= now));
    }
    let loaded = CrashPredictor::load(&model.save()).unwrap();
    assert_eq!(loaded.threshold(), now);
    // What the user said stays, and so does the model that was checked.
    let given = train(
        &table,
        &TrainOptions {
            threshold: Some(0.3),
            ..options.clone()
        },
    );
    assert_eq!(given.unwrap().threshold(), 0.3);
    let kept = train(
        &table,
        &TrainOptions {
            keep_checked: true,
            ..options
        },
    );
    let kept = kept.unwrap();
    assert_eq!(kept.threshold(), kept.evaluation().threshold);
}

#[test]
fn where_times_differ_a_few_rows_are_no_leaf_of_boosting() {
    // Thirty rows in which it all depends on `rare`: they weigh at most 30 / 4, a share of 0.04 of all rows more.
    let row = |i: u32| {
        let drawn = (i * 7 + 1).wrapping_mul(2_654_435_761) >> 12 & 1023;
        let rare = i % 100 == 7;
        let crashed = rare || drawn < 150;
        format!("{i},{},{}\n", u8::from(rare), u8::from(crashed))
    };
    let rows: String = (0..3000).map(row).collect();
    let table = read(("minute,rare,crashed\n".to_owned() + &rows).as_bytes());
    let gained = |split| {
        let options = TrainOptions {
            algorithm: Algorithm::Boosting,
            split,
            ..TrainOptions::default()
        };
        let features = train(&table, &options).unwrap().summary().features;
        features[0].importance.unwrap_or(0.0)
    };
    assert!(gained(SplitChoice::Random) > 0.0);
    assert_eq!(gained(SplitChoice::Time), 0.0);
}

#[test]
fn an_algorithm_that_cannot_take_the_minutes_before_a_row_too_gets_rows_alone() {
    // A hundred metrics, of which windows make more columns than logistic regression takes.
    let names: String = (0..120).map(|k| format!(",m{k}")).collect();
    let row = |i: u32| {
        let crashed = i % 50 >= 40;
        let metric = |k: u32| {
            let drawn = (i * 131 + k).wrapping_mul(2_654_435_761) >> 24;
            format!(",{}", drawn + if crashed { k } else { 0 })
        };
        let metrics: String = (0..120).map(metric).collect();
        format!("{i}{metrics},{}\n", u8::from(crashed))
    };
    let rows: String = (0..900).map(row).collect();
    let table = read(format!("minute{names},crashed\n{rows}").as_bytes());
    let options = TrainOptions {
        algorithm: Algorithm::Logistic,
        ..TrainOptions::default()
    };
    let model = train(&table, &options).unwrap();
    assert_eq!(model.summary().algorithm, AlgorithmName::Logistic);
    assert!(model.summary().windows.is_empty());
    let reason = model.summary().algorithm_reason;
    assert!(reason.contains("on the minutes before a row"), "{reason}");
}
