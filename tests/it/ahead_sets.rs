//! Prediction ahead of time on real logs: trained on the first four fifths with nothing said but the label, asked about the rest.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use crash_predictor::evaluate::Evaluation;
use crash_predictor::evaluate::incidents::IncidentScores;
use crash_predictor::evaluate::metrics::{Ranking, log_loss};
use crash_predictor::{Algorithm, CrashPredictor, ReadOptions, RoleOptions, Table, TrainOptions};

struct Shares {
    /// The log loss of the later rows, of the base rate's.
    loss: f64,
    /// Their PR AUC, of the best reference model's.
    pr_auc: f64,
    judged: Evaluation,
}

fn shares(folder: &Path, algorithm: Algorithm) -> Shares {
    let text = fs::read_to_string(folder.join("data.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let cut = 1 + (lines.len() - 1) * 4 / 5;
    let read = |lines: &[&str]| {
        let csv = lines.join("\n") + "\n";
        Table::from_csv(csv.as_bytes(), &ReadOptions::default()).unwrap()
    };
    let early = read(&lines[..cut]);
    let late = read(&[&lines[..1], &lines[cut..]].concat());
    let labels = |table: &Table| -> Vec<bool> {
        let column = table.column("crashed").unwrap();
        let crashed = |row| column.number_at(row) == Some(1.0);
        (0..table.n_rows()).map(crashed).collect()
    };
    let (known, y) = (labels(&early), labels(&late));
    let options = TrainOptions {
        roles: RoleOptions {
            label: Some("crashed".to_owned()),
            ..RoleOptions::default()
        },
        algorithm,
        ..TrainOptions::default()
    };
    let model =
        CrashPredictor::train(&early, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    let probabilities = model.predict_table(&late).unwrap().probabilities;
    let rate = known.iter().filter(|&&crashed| crashed).count() as f64 / known.len() as f64;
    let (loss, base) = (
        log_loss(&y, &probabilities),
        log_loss(&y, &vec![rate; y.len()]),
    );
    let pr_auc = Ranking::new(&y, &probabilities).average_precision();
    let scores: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("scores.json")).unwrap()).unwrap();
    let models = scores["chronological"]["models"].as_object().unwrap();
    let references = models.values().map(|of| of["pr_auc"].as_f64().unwrap());
    // The constant one has the crash rate, which is no model.
    let best = models
        .keys()
        .zip(references)
        .filter(|(name, _)| *name != "constant_train_rate")
        .fold(0.0, |best, (_, pr_auc)| f64::max(best, pr_auc));
    println!(
        "{} {algorithm:?}: log loss {loss:.4}, base rate {base:.4}; PR AUC {pr_auc:.4}, best reference {best:.4}\n  {}",
        folder.file_name().unwrap().to_string_lossy(),
        model.evaluation().verdict
    );
    let judged = model.evaluation();
    assert!(
        judged.model.log_loss <= 1.01 * judged.baseline.log_loss,
        "{judged:?}"
    );
    for rule in &judged.rules {
        println!("  {}: {}", rule.text, rule.message);
    }
    Shares {
        loss: loss / base,
        pr_auc: pr_auc / best,
        judged: judged.clone(),
    }
}

#[test]
fn later_rows_of_real_logs_are_told_better_than_by_the_base_rate() {
    let folders = crate::data_sets().into_iter();
    let ahead = folders.filter(|folder| folder.to_string_lossy().contains("_ahead"));
    let mut found = Vec::new();
    for folder in ahead {
        found.push(shares(&folder, Algorithm::Auto));
        // Whoever names an algorithm is promised the same.
        for asked in [Algorithm::Logistic, Algorithm::Boosting, Algorithm::Forest] {
            let loss = shares(&folder, asked).loss;
            assert!(loss <= 1.01, "{} {asked:?}: {loss}", folder.display());
        }
    }
    if found.is_empty() {
        return;
    }
    assert!(found.iter().all(|of| of.loss <= 1.01));
    // At least the best of the reference models on one of them, nine tenths of it on the other.
    let pr_aucs: Vec<f64> = found.iter().map(|of| of.pr_auc).collect();
    assert!(
        pr_aucs.iter().any(|share| *share >= 1.0) && pr_aucs.iter().all(|share| *share >= 0.9),
        "{pr_aucs:?}"
    );
    // The best rule pages about as often as the model, and on one of them catches less with as many pages.
    let of_best = |of: &Shares| {
        let [rule] = &of.judged.rules[..] else {
            panic!("{:?}", of.judged.rules)
        };
        let scores = [&rule.incidents, &rule.model_incidents, &of.judged.incidents];
        scores.map(|scores| scores.clone().unwrap())
    };
    let compared: Vec<[IncidentScores; 3]> = found.iter().map(of_best).collect();
    let [pages, own] = [0, 2].map(|at| compared.iter().map(|of| of[at].pages).sum::<u64>());
    assert!(2 * pages >= own && pages <= 2 * own, "{pages} {own}");
    let is_better = |[rule, model, _]: &[IncidentScores; 3]| {
        rule.pages > 0 && model.pages <= rule.pages && model.caught > rule.caught
    };
    assert!(compared.iter().any(is_better), "{compared:?}");
}
