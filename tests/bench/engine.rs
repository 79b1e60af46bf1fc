//! The engine with settings that its own interface leaves to the automatic choice, as WebAssembly: as many trees, as large,
//! as everybody else in `make bench` grows. A module of its own, so that the package does not carry what only a bench asks for.

#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, reason = "nobody but ours.mjs calls it")]

use std::ops::ControlFlow;

use crash_predictor::features::{Dataset, FeatureColumn};
use crash_predictor::model::Model;
use crash_predictor::model::bins::Bins;
use crash_predictor::model::boosting::{self, Boosting};
use crash_predictor::model::forest::{self, Forest};
use crash_predictor::model::logistic::{self, LogisticRegression};
use crash_predictor::{CrashPredictor, Error, ReadOptions, Table, TrainOptions};
use wasm_bindgen::prelude::*;

const SEED: u64 = 0;

/// Typed columns and labels: what a log is when it has been read.
#[wasm_bindgen]
pub struct Rows {
    data: Dataset,
    y: Vec<bool>,
    all: Vec<usize>,
}

#[wasm_bindgen]
impl Rows {
    /// `values` column by column, NaN where missing.
    #[wasm_bindgen(constructor)]
    pub fn new(values: &[f64], labels: &[u8]) -> Self {
        let n_rows = labels.len();
        let columns = values.chunks(n_rows);
        let columns = columns.map(|column| FeatureColumn::numbers(column.to_vec()));
        Self {
            data: Dataset::new(n_rows, columns.collect()),
            y: labels.iter().map(|&label| label == 1).collect(),
            all: (0..n_rows).collect(),
        }
    }

    pub fn logistic(&self) -> Result<Fitted, JsValue> {
        let params = logistic::Params::default().check();
        let model = params
            .and_then(|params| LogisticRegression::fit(&self.data, &self.y, &self.all, params));
        Ok(Fitted(Model::Logistic(model.map_err(to_js)?)))
    }

    pub fn boosting(&self, n_rounds: usize, max_leaves: usize, learning_rate: f64) -> Fitted {
        let params = boosting::Params {
            n_rounds,
            learning_rate,
            max_leaves,
            min_leaf_weight: 2.0,
            lambda: 1.0,
            feature_share: 0.8,
            row_share: 1.0,
        };
        let bins = Bins::fit(&self.data, &self.y, &self.all);
        let binned = bins.transform(&self.data);
        let model = Boosting::fit((&binned, &bins, &self.y), &self.all, params, SEED);
        Fitted(Model::Boosting(bins, model))
    }

    pub fn forest(&self, n_trees: usize) -> Fitted {
        let params = forest::Params {
            n_trees,
            ..forest::Params::default()
        };
        let bins = Bins::fit(&self.data, &self.y, &self.all);
        let binned = bins.transform(&self.data);
        let model = Forest::fit((&binned, &bins, &self.y), &self.all, params, SEED);
        Fitted(Model::Forest(bins, model))
    }
}

#[wasm_bindgen]
pub struct Fitted(Model);

#[wasm_bindgen]
impl Fitted {
    /// The probability for every row.
    pub fn predict(&self, rows: &Rows) -> Vec<f64> {
        self.0.predict_proba(&rows.data)
    }

    /// The model as a file that the package loads. `csv` is a log of the same columns: what surrounds a model, its features
    /// and its origin, comes from a quick training on it.
    #[wasm_bindgen(js_name = asFile)]
    pub fn as_file(&self, csv: &[u8]) -> Result<Vec<u8>, JsValue> {
        let options = TrainOptions {
            algorithm: crash_predictor::Algorithm::Logistic,
            ..TrainOptions::default()
        };
        let table = Table::from_csv(csv, &ReadOptions::default()).map_err(to_js)?;
        let mut go_on = |_| ControlFlow::Continue(());
        let trained = CrashPredictor::train(&table, &options, &mut go_on).map_err(to_js)?;
        let predictor = trained.with_model(self.0.clone());
        let predictor = predictor.ok_or("the log has other columns than the model")?;
        Ok(predictor.save())
    }
}

/// Asks a model for one row after the other, the road of `predictRow`, without leaving WebAssembly; returns the sum.
#[wasm_bindgen(js_name = rowByRow)]
pub fn row_by_row(model_file: &[u8], rows: &[f64], n_features: usize) -> Result<RowByRow, JsValue> {
    let predictor = CrashPredictor::load(model_file).map_err(to_js)?;
    Ok(RowByRow {
        predictor,
        rows: rows.to_vec(),
        n_features,
    })
}

#[wasm_bindgen]
pub struct RowByRow {
    predictor: CrashPredictor,
    rows: Vec<f64>,
    n_features: usize,
}

#[wasm_bindgen]
impl RowByRow {
    pub fn sum(&self) -> Result<f64, JsValue> {
        let mut sum = 0.0;
        for row in self.rows.chunks(self.n_features) {
            sum += self.predictor.predict_row(row).map_err(to_js)?;
        }
        Ok(sum)
    }
}

fn to_js(error: Error) -> JsValue {
    JsValue::from(error.to_string())
}
