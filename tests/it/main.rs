//! The public API, one module a feature, in one binary.

#![allow(clippy::unwrap_used)]

mod ahead;
mod ahead_sets;
mod alarms;
mod architecture;
mod batch;
mod calibration;
mod drift;
mod errors;
mod export;
mod incidents;
mod judgement;
mod logistic;
mod metrics;
mod model_file;
mod monitor;
mod monotone;
mod numbers;
mod options;
mod plan;
mod predict;
mod rule;
mod same_bits;
mod sample;
mod schema;
mod split;
mod table;
mod train;
mod trees;
mod values;
mod window;

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crash_predictor::schema::Schema;
use crash_predictor::{Algorithm, CrashPredictor, ReadOptions, RoleOptions, Table, TrainOptions};

/// The folders of `../shared/data`; none, and a line that says so, where it is absent.
#[expect(
    clippy::explicit_write,
    reason = "the test harness swallows what eprintln writes"
)]
fn data_sets() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let Ok(entries) = fs::read_dir(root) else {
        writeln!(std::io::stderr(), "skipped: ../shared/data is not here").unwrap();
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// The rows of `test.csv` in a folder of [`data_sets`]: what happened, and what a model says.
fn ask_about_test_rows(folder: &Path, model: &CrashPredictor) -> (Vec<bool>, Vec<f64>) {
    let test = read_table(&folder.join("test.csv"));
    let schema = Schema::new(&test, &RoleOptions::default()).unwrap();
    let y = schema
        .labels(&test)
        .unwrap()
        .into_iter()
        .flatten()
        .collect();
    (y, model.predict_table(&test).unwrap().probabilities)
}

fn read_table(path: &Path) -> Table {
    Table::from_csv(&fs::read(path).unwrap(), &ReadOptions::default()).unwrap()
}

/// The sample log and the model of it.
static SAMPLE: LazyLock<(Table, CrashPredictor)> =
    LazyLock::new(|| trained_on(&crash_predictor::sample::csv(0)));
/// [`mixed_csv`] and the model of it.
static MIXED: LazyLock<(Table, CrashPredictor)> =
    LazyLock::new(|| trained_on(mixed_csv().as_bytes()));

fn trained_on(csv: &[u8]) -> (Table, CrashPredictor) {
    trained_by(Algorithm::Logistic, csv)
}

fn trained_by(algorithm: Algorithm, csv: &[u8]) -> (Table, CrashPredictor) {
    let table = Table::from_csv(csv, &ReadOptions::default()).unwrap();
    let options = TrainOptions {
        algorithm,
        ..TrainOptions::default()
    };
    let trained = CrashPredictor::train(&table, &options, &mut |_| ControlFlow::Continue(()));
    (table, trained.unwrap())
}

/// A small log of every kind of column, with missing cells, rare words and a name that is special elsewhere.
fn mixed_csv() -> String {
    let row = |i: u32| {
        let draw = |n: u32| (i.wrapping_mul(2_654_435_761) >> 8).wrapping_mul(n + 7) / 97 % 100;
        let cpu = draw(1);
        let backup = draw(2) < 30;
        let tier = if i % 90 == 1 {
            "edge"
        } else {
            ["web", "api", "db"][draw(3) as usize % 3]
        };
        let queue = f64::from(draw(4)) / 8.0;
        let crashed = cpu + 20 * u32::from(backup) + draw(5) / 3 > 105;
        let cell = |missing: bool, text: String| if missing { String::new() } else { text };
        [
            format!("host-{}", i % 4),
            cell(draw(6) < 8, cpu.to_string()),
            cell(draw(7) < 8, if backup { "yes" } else { "no" }.to_owned()),
            cell(draw(8) < 8, tier.to_owned()),
            queue.to_string(),
            "eu".to_owned(),
            if crashed { "crashed" } else { "ok" }.to_owned(),
        ]
        .join(",")
            + "\n"
    };
    "host,cpu_pct,backup,tier,__proto__,zone,state\n".to_owned()
        + &(0..360).map(row).collect::<String>()
}
