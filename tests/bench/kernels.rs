//! The hot loops, one by one, so that a change's effect is seen in seconds: `cargo bench`, or `make bench-kernels`.

#![allow(missing_docs, reason = "criterion's macros write functions without")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use crash_predictor::features::{Dataset, FeatureColumn};
use crash_predictor::model::bins::Bins;
use crash_predictor::model::boosting::{Boosting, Params};
use crash_predictor::model::forest::{self, Forest};
use crash_predictor::model::logistic::{self, LogisticRegression};
use crash_predictor::{ReadOptions, Table, sample};

const N_ROWS: usize = 20_000;
const N_COLUMNS: usize = 10;
const BOOSTING: Params = Params {
    n_rounds: 100,
    learning_rate: 0.1,
    max_leaves: 31,
    min_leaf_weight: 2.0,
    lambda: 1.0,
    feature_share: 1.0,
    row_share: 1.0,
};

/// Ten columns of noise, 3 % of the cells missing; about one row in ten crashes, for two single causes and a combination.
fn rows() -> (Dataset, Vec<bool>) {
    let mut state = 1u64;
    let mut uniform = || {
        // Knuth's multiplicative generator: good enough to measure on.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut columns = vec![Vec::new(); N_COLUMNS];
    let mut y = Vec::with_capacity(N_ROWS);
    for _ in 0..N_ROWS {
        let row: Vec<f64> = (0..N_COLUMNS).map(|_| uniform()).collect();
        let risk = row[0] * row[0] * 0.15
            + if row[1] > 0.8 && row[2] > 0.6 {
                0.6
            } else {
                0.0
            };
        y.push(uniform() < risk);
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(if uniform() < 0.03 { f64::NAN } else { value });
        }
    }
    (
        Dataset::new(
            N_ROWS,
            columns.into_iter().map(FeatureColumn::numbers).collect(),
        ),
        y,
    )
}

fn reading(c: &mut Criterion) {
    let csv = sample::csv(0);
    let mut group = c.benchmark_group("csv");
    group.throughput(Throughput::Bytes(csv.len() as u64));
    group.bench_function("to typed columns", |b| {
        b.iter(|| Table::from_csv(black_box(&csv), &ReadOptions::default()));
    });
    group.finish();
}

fn learning(c: &mut Criterion) {
    let (data, y) = rows();
    let all: Vec<usize> = (0..N_ROWS).collect();
    let bins = Bins::fit(&data, &y, &all);
    let binned = bins.transform(&data);
    let mut group = c.benchmark_group("20,000 x 10");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(N_ROWS as u64));
    group.bench_function("bins", |b| {
        b.iter(|| Bins::fit(&data, &y, &all).transform(&data))
    });
    group.bench_function("logistic regression", |b| {
        let params = || logistic::Params::default().check();
        b.iter(|| params().and_then(|params| LogisticRegression::fit(&data, &y, &all, params)));
    });
    group.bench_function("boosting, 100 trees of 31 leaves", |b| {
        b.iter(|| Boosting::fit((&binned, &bins, &y), &all, BOOSTING, 0));
    });
    group.bench_function("forest, 100 trees", |b| {
        b.iter(|| Forest::fit((&binned, &bins, &y), &all, forest::Params::default(), 0));
    });
    let boosted = Boosting::fit((&binned, &bins, &y), &all, BOOSTING, 0);
    group.bench_function("predict by 100 boosted trees", |b| {
        b.iter_batched(
            || bins.transform(&data),
            |rows| boosted.predict_proba(&rows),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(kernels, reading, learning);
criterion_main!(kernels);
