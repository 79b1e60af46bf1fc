//! [`CrashPredictor`]: a trained model with everything needed to ask it, and what is known of how good it is.

use serde::Serialize;

use crate::codec::{Unsaved, saved};
use crate::drift::{ColumnDrift, Drift, Reference};
use crate::error::{Error, Result};
use crate::evaluate::Evaluation;
use crate::evaluate::alarms::AlarmRule;
use crate::evaluate::metrics::Scores;
use crate::export;
use crate::features::{Coverage, Dataset, FeatureSpec, Feed, Timeline, Warning, WarningCode};
use crate::model::{CalibratedModel, Model};
use crate::model_file;
use crate::numerals::format_number;
use crate::provenance::{ModelSummary, Provenance};
use crate::table::{Expected, Format, OwnedCell, Table};
use crate::train::{self, OnProgress, TrainOptions};

/// A trained model, the features it sees, its evaluation and its origin.
#[derive(Debug, Clone, PartialEq)]
pub struct CrashPredictor {
    spec: FeatureSpec,
    model: CalibratedModel,
    threshold: f64,
    evaluation: Evaluation,
    provenance: Provenance,
    /// How the rows it was fitted on were distributed.
    reference: Reference,
    /// Seconds that each candidate took; not in the file, which is the same however long the training took.
    seconds: Unsaved<Option<Vec<f64>>>,
    /// Where the model looks at the minutes before a row: one that does not, for rows of which they are not known.
    plain: Option<CalibratedModel>,
}

saved! { struct CrashPredictor { spec, model, threshold, evaluation, provenance, reference, seconds, plain } }

/// The answer for one row.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
#[serde(rename_all = "camelCase")]
pub struct Prediction {
    /// 1 where the probability is at least the threshold, else 0.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "0 | 1"))]
    pub prediction: u8,
    /// Probability of a crash, 0 to 1.
    pub probability: f64,
    /// The model's threshold.
    pub threshold: f64,
    /// The prediction in words.
    pub message: String,
    /// What makes the answer less sure than it looks.
    pub warnings: Vec<Warning>,
    /// Where the row was judged without the rows before it, by the model kept for that: what that model scores. Null where
    /// the model knew all that it looks at.
    pub row_alone: Option<Scores>,
}

/// The answers for the rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TablePredictions {
    /// Probability of a crash for each row.
    pub probabilities: Vec<f64>,
    /// 1 where the probability is at least the threshold, else 0, for each row.
    pub predictions: Vec<u8>,
    /// What makes the answers less sure than they look.
    pub warnings: Vec<Warning>,
}

/// What can be exported to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// The whole model as one JSON document.
    Json,
}

impl CrashPredictor {
    /// Puts the parts together; [`train`](CrashPredictor::train) is the way to make them.
    pub(crate) fn new(
        spec: FeatureSpec,
        (model, threshold): (CalibratedModel, f64),
        (evaluation, provenance): (Evaluation, Provenance),
        reference: Reference,
    ) -> Self {
        Self {
            spec,
            model,
            threshold,
            evaluation,
            provenance,
            reference,
            seconds: Unsaved::default(),
            plain: None,
        }
    }

    /// Adds the seconds that each candidate took.
    pub(crate) fn timed(self, seconds: Option<Vec<f64>>) -> Self {
        Self {
            seconds: Unsaved(seconds),
            ..self
        }
    }

    /// Adds the model for rows of which nothing before them is known.
    pub(crate) fn with_plain(self, plain: Option<CalibratedModel>) -> Self {
        Self { plain, ..self }
    }

    /// Trains on the rows of `table` that have a label; `on_progress` may break off.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use crash_predictor::{CrashPredictor, ReadOptions, Table, TrainOptions, sample};
    ///
    /// let table = Table::from_csv(&sample::csv(0), &ReadOptions::default())?;
    /// let predictor = CrashPredictor::train(&table, &TrainOptions::default(), &mut |_| ControlFlow::Continue(()))?;
    /// assert!(predictor.evaluation().model.roc_auc > 0.8);
    /// # Ok::<(), crash_predictor::Error>(())
    /// ```
    ///
    /// # Errors
    /// Why the log cannot be trained on; `Cancelled` where `on_progress` broke off.
    pub fn train(
        table: &Table,
        options: &TrainOptions,
        on_progress: OnProgress<'_>,
    ) -> Result<Self> {
        train::train(table, options, on_progress, None)
    }

    /// How good the model is on rows it has not seen. The saved model was then fitted again on all rows.
    #[must_use]
    pub fn evaluation(&self) -> &Evaluation {
        &self.evaluation
    }

    /// What the model is, and what it was made from.
    #[must_use]
    pub fn summary(&self) -> ModelSummary {
        ModelSummary {
            candidate_seconds: self.seconds.0.clone(),
            ..self
                .provenance
                .summary(&self.spec, self.model(), self.threshold())
        }
    }

    /// The features; its inputs are in the order of [`predict_row`](Self::predict_row).
    #[must_use]
    pub fn spec(&self) -> &FeatureSpec {
        &self.spec
    }

    /// How the columns it sees are written, by name.
    #[must_use]
    pub fn formats(&self) -> Vec<(String, Format)> {
        let inputs = self.spec.inputs().iter();
        inputs
            .map(|feature| (feature.name.clone(), feature.format.clone()))
            .collect()
    }

    /// A table of one row, its texts read as those of the training log were.
    #[must_use]
    pub fn row(&self, cells: Vec<(String, OwnedCell)>) -> Table {
        let expected = Expected::default().with_formats(self.formats());
        Table::from_cells(cells, &expected)
    }

    /// The fitted model.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model.model
    }

    /// The same with another model of the same features, calibrated as this one; `None` where it does not fit them.
    #[must_use]
    pub fn with_model(self, model: Model) -> Option<Self> {
        let calibration = self.model.calibration.clone();
        let model = CalibratedModel { model, calibration };
        let exchanged = Self { model, ..self };
        exchanged.is_consistent().then_some(exchanged)
    }

    /// The model for rows of which nothing before them is known, where [`model`](Self::model) looks at the minutes before.
    #[must_use]
    pub fn plain(&self) -> Option<&CalibratedModel> {
        self.plain.as_ref()
    }

    /// The model that judges a row by itself: the [`plain`](Self::plain) one, or the only one.
    #[must_use]
    pub fn of_one_row(&self) -> &CalibratedModel {
        self.plain.as_ref().unwrap_or(&self.model)
    }

    /// Probability from which on a crash is predicted. It was chosen for the model that was [checked](Self::evaluation); where
    /// the model was then fitted on rows of another crash rate, it is moved as the probabilities are.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// How its probabilities become pages.
    #[must_use]
    pub fn alarm_rule(&self) -> AlarmRule {
        AlarmRule {
            threshold: self.threshold,
            ..self.evaluation.alarm_rule
        }
    }

    /// The answer for one row of named cells. A column that is left out is unknown.
    ///
    /// # Errors
    /// `MissingColumns` where not one name is a column of the model.
    pub fn predict(&self, row: Vec<(String, OwnedCell)>) -> Result<Prediction> {
        self.predict_after(row, Vec::new())
    }

    /// The answer for one row of named cells after the rows `history` of the same host, the earliest first. The minutes
    /// that the model looks back are the [reach](crate::features::Windows::reach) of its windows; without them it judges the
    /// row by itself.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_after(
        &self,
        row: Vec<(String, OwnedCell)>,
        history: Vec<Vec<(String, OwnedCell)>>,
    ) -> Result<Prediction> {
        let mut feed = Feed::default();
        for before in history {
            self.remember(before, &mut feed);
        }
        let unknown: Vec<Warning> = row
            .iter()
            .filter_map(|(name, _)| self.unknown_column(name))
            .collect();
        let predictions = self.predict_next(&self.row(row), &mut feed)?;
        let prediction = predictions.predictions[0];
        let is_alone = |warning: &Warning| warning.code == WarningCode::NoHistory;
        let alone = predictions.warnings.iter().any(is_alone);
        Ok(Prediction {
            row_alone: self.evaluation.row_alone.clone().filter(|_| alone),
            prediction,
            probability: predictions.probabilities[0],
            threshold: self.threshold(),
            message: if prediction == 1 {
                "The server may crash."
            } else {
                "The server is okay."
            }
            .to_owned(),
            warnings: predictions.warnings.into_iter().chain(unknown).collect(),
        })
    }

    /// Has `feed` take a row that is not asked about.
    pub(crate) fn remember(&self, row: Vec<(String, OwnedCell)>, feed: &mut Feed) {
        let table = self.row(row);
        feed.transform(&self.spec, &table, &self.timeline(&table));
    }

    fn unknown_column(&self, name: &str) -> Option<Warning> {
        let known = self
            .spec
            .inputs()
            .iter()
            .any(|feature| feature.name == name)
            || self.provenance.knows(name);
        let message = format!(
            "\"{name}\" is no column of the log this model was trained on, so it is not used"
        );
        (!known).then(|| Warning {
            code: WarningCode::UnknownColumn,
            column: Some(name.to_owned()),
            message,
        })
    }

    /// The probability for one row of numbers in the order of the inputs: NaN where unknown, booleans as 0 and 1,
    /// categories as the index of the level. Nothing before the row is known.
    ///
    /// # Errors
    /// `RowLength` where there are not as many values as inputs.
    pub fn predict_row(&self, values: &[f64]) -> Result<f64> {
        self.of_one_row().predict_row(&self.spec, values)
    }

    /// The answers for the rows of a table, whose columns are found by name.
    ///
    /// # Errors
    /// `MissingColumns` where the table has none of the model's columns; `BadOption` where what the model knows as a rate was
    /// read as a counter.
    pub fn predict_table(&self, table: &Table) -> Result<TablePredictions> {
        self.check_rates(table)?;
        self.predict_next(table, &mut Feed::default())
    }

    fn check_rates(&self, table: &Table) -> Result<()> {
        let rates = Expected::default().with_formats(self.formats()).rates();
        match rates.due_in(table) {
            None => Ok(()),
            Some(name) => Err(Error::BadOption {
                option: "rates",
                found: format!("a table whose counter \"{name}\" was read as it stands"),
                expected: "the option to be given when the log is read",
            }),
        }
    }

    /// The answers for the rows of a table that follow those `feed` has seen.
    ///
    /// # Errors
    /// As [`predict_table`](Self::predict_table).
    pub fn predict_next(&self, table: &Table, feed: &mut Feed) -> Result<TablePredictions> {
        let mut coverage = Coverage::new(&self.spec);
        let probabilities = self.predict_counting(table, feed, (&mut coverage, None))?;
        let predictions = probabilities
            .iter()
            .map(|&p| u8::from(p >= self.threshold()))
            .collect();
        Ok(TablePredictions {
            probabilities,
            predictions,
            warnings: coverage.warnings(&self.spec),
        })
    }

    /// The probabilities alone, `coverage` counting what leaves the training rows, and `drift` how the rows are distributed.
    pub(crate) fn predict_counting(
        &self,
        table: &Table,
        feed: &mut Feed,
        (coverage, drift): (&mut Coverage, Option<&mut Drift>),
    ) -> Result<Vec<f64>> {
        let data = feed.transform(&self.spec, table, &self.timeline(table));
        coverage.add(&self.spec, table, &data);
        if let Some(drift) = drift {
            drift.add(&self.reference, &self.spec, &data);
        }
        if coverage.is_empty() {
            let needed = self
                .spec
                .inputs()
                .iter()
                .map(|feature| feature.name.clone())
                .collect();
            return Err(Error::MissingColumns { needed });
        }
        Ok(self.probabilities(&data))
    }

    /// The column that says when a row was measured.
    pub(crate) fn time(&self) -> Option<&str> {
        self.provenance.time()
    }

    /// When and on which host the rows of `table` were measured, by the columns the model was trained with.
    #[must_use]
    pub fn timeline(&self, table: &Table) -> Timeline {
        Timeline::new(table, self.provenance.time(), self.provenance.host())
    }

    /// The probabilities of rows with all features: by the plain model where nothing is known of what was before.
    fn probabilities(&self, data: &Dataset) -> Vec<f64> {
        let mut probabilities = self.model.predict_proba(data);
        if let Some(plain) = &self.plain {
            let alone = self.spec.rows_without_history(data);
            let inputs = data.first_columns(self.spec.inputs().len());
            let of_alone = plain.predict_proba(&inputs.select(&alone));
            for (row, probability) in alone.into_iter().zip(of_alone) {
                probabilities[row] = probability;
            }
        }
        probabilities
    }

    /// How far each column of `table` has moved from the rows the model was fitted on, the farthest first; none where there
    /// are fewer than 200 rows, in which shares move by chance.
    ///
    /// # Errors
    /// `BadOption` where what the model knows as a rate was read as a counter.
    pub fn drift(&self, table: &Table) -> Result<Vec<ColumnDrift>> {
        self.check_rates(table)?;
        let mut drift = Drift::default();
        drift.add(&self.reference, &self.spec, &self.spec.transform(table));
        Ok(drift.columns(&self.reference, &self.spec))
    }

    /// How far each column moved of the rows that `drift` counted.
    pub(crate) fn moved(&self, drift: &Drift) -> Vec<ColumnDrift> {
        drift.columns(&self.reference, &self.spec)
    }

    /// The bytes of a model file.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        model_file::save(self)
    }

    /// Reads the bytes of a model file.
    ///
    /// # Errors
    /// `NotAModel`, `ModelVersion`, `ModelTruncated`, `ModelChecksum` or `ModelInvalid`.
    pub fn load(bytes: &[u8]) -> Result<Self> {
        model_file::load(bytes)
    }

    /// The model in a form for other programs.
    #[must_use]
    pub fn export(&self, format: ExportFormat) -> String {
        match format {
            ExportFormat::Json => export::json::to_json(self),
        }
    }

    /// Whether the parts fit each other: what a file from elsewhere must satisfy.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        check_threshold(self.threshold()).is_ok()
            && self.evaluation.is_consistent()
            && self.provenance.is_consistent()
            && self.spec.is_consistent()
            && self.model.is_consistent(&self.spec)
            && self.reference.is_consistent(&self.spec)
            && self.plain.is_some() == self.spec.windows().is_some()
            && self
                .plain
                .iter()
                .all(|plain| plain.is_consistent(&self.spec.without_windows()))
    }
}

/// Checks a threshold that a user gave.
pub(crate) fn check_threshold(threshold: f64) -> Result<()> {
    if threshold > 0.0 && threshold <= 1.0 {
        return Ok(());
    }
    let expected = "a probability above 0 and up to 1";
    Err(Error::BadOption {
        option: "threshold",
        found: format_number(threshold),
        expected,
    })
}
