//! The built-in sample log is what it says it is.

use crash_predictor::evaluate::metrics::Ranking;
use crash_predictor::{ReadOptions, Table, sample};

#[test]
fn true_probabilities_rank_well_but_not_perfectly() {
    let log = sample::generate(0);
    let roc_auc = Ranking::new(&log.crashed, &log.true_probabilities).roc_auc();
    let crashes = log.crashed.iter().filter(|&&crashed| crashed).count();
    println!(
        "ROC AUC of the true probabilities: {roc_auc:.4}; {crashes} crashes in {} rows",
        log.crashed.len()
    );
    assert!((0.85..=0.95).contains(&roc_auc), "{roc_auc}");
}

#[test]
fn no_metric_alone_tells_the_crashes() {
    let log = sample::generate(0);
    let table = Table::from_csv(log.csv.as_bytes(), &ReadOptions::default()).unwrap();
    for name in [
        "requests_per_s",
        "cpu_pct",
        "mem_pct",
        "disk_io_mb_s",
        "latency_ms",
        "error_rate_pct",
    ] {
        let column = table.column(name).unwrap();
        let values: Vec<f64> = (0..table.n_rows())
            .map(|row| column.number_at(row).unwrap_or(0.0))
            .collect();
        let roc_auc = Ranking::new(&log.crashed, &values).roc_auc();
        println!("{name}: {roc_auc:.3}");
        assert!((0.2..=0.8).contains(&roc_auc), "{name}: {roc_auc}");
    }
}
