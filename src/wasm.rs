//! The boundary: what JavaScript sees of the engine. The only file that names wasm_bindgen, js_sys, web_sys and JsValue.
//! Results cross by serde, errors as `Error` with a `code`; nothing is computed here.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;

use js_sys::{Array, Function, Map, Object, Reflect};
use tsify::Ts;
use wasm_bindgen::prelude::*;

use crate::batch;
use crate::drift::ColumnDrift;
use crate::error::Error;
use crate::evaluate::Evaluation;
use crate::export;
use crate::features::Warning;
use crate::monitor::{self, Observation};
use crate::options::{self, Given, Options};
use crate::overview::{self, ColumnSummary, SchemaReport};
use crate::predictor::{self, ExportFormat, Prediction};
use crate::provenance::ModelSummary;
use crate::sample;
use crate::schema::RoleOptions;
use crate::table::{self, Dialect, IssueReport, OwnedCell, ReadOptions};
use crate::train::{self, Learner, Performed, Plan, Progress, Shared, Task, TrainOptions};

type JsResult<T> = Result<T, JsValue>;

thread_local! {
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps a panic's text for whoever picks up the pieces, and prints it with its stack.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|info| {
        PANIC.with_borrow_mut(|text| *text = Some(info.to_string()));
        console_error_panic_hook::hook(info);
        web_sys::console::warn_1(&"crash-predictor: this instance is lost; load another".into());
    }));
}

/// The text of the panic that poisoned this instance, if one did.
#[wasm_bindgen(js_name = panicMessage)]
#[must_use]
pub fn panic_message() -> Option<String> {
    PANIC.with_borrow(Clone::clone)
}

/// Version of the engine.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The built-in sample log, synthetic, as CSV bytes.
#[wasm_bindgen(js_name = sampleCsv)]
#[must_use]
pub fn sample_csv(seed: Option<u32>) -> Vec<u8> {
    sample::csv(seed.unwrap_or(0).into())
}

#[wasm_bindgen(typescript_custom_section)]
const ROW: &str = "/** The cells of a row by the names of their columns. */
export type Row = Record<string, number | string | boolean | null | undefined> | Map<string, number | string | boolean | null | undefined>;
/** What is known beside a row: the rows of the same host before it, the earliest first. */
export interface PredictOptions { history?: Row[] | null }";

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since some moment, in pages, workers and Node.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// The clock that the core is handed.
fn seconds() -> f64 {
    now() / 1000.0
}

fn to_js_error(error: Error) -> JsValue {
    let js_error = js_sys::Error::new(&error.to_string());
    // Setting a property of a fresh error cannot fail.
    let _ = Reflect::set(&js_error, &"code".into(), &error.code().into());
    js_error.into()
}

/// Options as everyday JavaScript gives them: undefined and null count as left out.
fn to_rust<T: Options + tsify::Tsify<JsType: Clone>>(options: Option<Ts<T>>) -> JsResult<T> {
    let given = match options {
        Some(options) => named(&options.js_value())?,
        None => Vec::new(),
    };
    options::read(given).map_err(to_js_error)
}

fn named(options: &JsValue) -> JsResult<Vec<(String, Given)>> {
    let Some(entries) = entries(options) else {
        let problem = "not an object".to_owned();
        return Err(to_js_error(Error::BadOptions { problem }));
    };
    let named = |(name, value)| (name, given(&value));
    Ok(entries.into_iter().map(named).collect())
}

fn given(value: &JsValue) -> Given {
    if value.is_null() || value.is_undefined() {
        Given::Nothing
    } else if let Some(text) = value.as_string() {
        Given::Text(text)
    } else if let Some(number) = value.as_f64() {
        Given::Number(number)
    } else if let Some(truth) = value.as_bool() {
        Given::Truth(truth)
    } else if let Some(list) = value.dyn_ref::<Array>() {
        let texts: Option<Vec<String>> = list.iter().map(|text| text.as_string()).collect();
        texts.map_or(
            Given::Other("a list of other things than texts"),
            Given::Texts,
        )
    } else {
        let pair = |(name, value): (String, JsValue)| Some((name, value.as_string()?));
        let pairs = entries(value).and_then(|all| all.into_iter().map(pair).collect());
        pairs.map_or(Given::Other("something else"), Given::Pairs)
    }
}

/// Names and values of a Map or of an object's own properties, so that `__proto__` is a name like any other.
fn entries(of: &JsValue) -> Option<Vec<(String, JsValue)>> {
    let entries = match (of.dyn_ref::<Map>(), of.dyn_ref::<Object>()) {
        (Some(map), _) => Array::from(map.as_ref()),
        (None, Some(object)) => Object::entries(object),
        (None, None) => return None,
    };
    let pair = |entry| {
        let entry = Array::from(&entry);
        (entry.get(0).as_string().unwrap_or_default(), entry.get(1))
    };
    Some(entries.iter().map(pair).collect())
}

/// By way of JSON, which the export writes already: a second serialiser for all results is 10 kB more of wasm.
fn to_js<T: tsify::Tsify<JsType: JsCast> + serde::Serialize>(value: &T) -> JsResult<Ts<T>> {
    Ok(Ts::new_unchecked(parsed(value)?))
}

fn parsed(value: &impl serde::Serialize) -> JsResult<JsValue> {
    js_sys::JSON::parse(&export::text::text(value))
}

/// Reads a log in pieces.
#[wasm_bindgen]
pub struct LogReader(table::LogReader);

#[wasm_bindgen]
impl LogReader {
    /// Starts reading; what `options` leaves out is found by itself.
    #[wasm_bindgen(constructor)]
    pub fn new(options: Option<Ts<ReadOptions>>) -> JsResult<LogReader> {
        Ok(Self(
            table::LogReader::new(&to_rust(options)?).map_err(to_js_error)?,
        ))
    }

    /// Says that what follows is a file of this name, of several that are put together by time; the name is the host where
    /// nothing else names it and their times overlap.
    #[wasm_bindgen(js_name = beginFile)]
    pub fn begin_file(&mut self, name: &str) -> JsResult<()> {
        self.0.begin_file(name).map_err(to_js_error)
    }

    /// Reads the next bytes, cut anywhere.
    pub fn push(&mut self, chunk: &[u8]) -> JsResult<()> {
        self.0.push(chunk).map_err(to_js_error)
    }

    /// Ends the log; the reader is used up.
    pub fn finish(self) -> JsResult<LogTable> {
        Ok(LogTable(self.0.finish().map_err(to_js_error)?))
    }
}

/// A log that was read.
#[wasm_bindgen]
pub struct LogTable(table::Table);

#[wasm_bindgen]
impl LogTable {
    /// Reads a whole log.
    #[wasm_bindgen(js_name = fromCsv)]
    pub fn from_csv(bytes: &[u8], options: Option<Ts<ReadOptions>>) -> JsResult<LogTable> {
        Ok(Self(
            table::Table::from_csv(bytes, &to_rust(options)?).map_err(to_js_error)?,
        ))
    }

    /// Rows that could be read.
    #[wasm_bindgen(getter, js_name = rowCount)]
    pub fn row_count(&self) -> usize {
        self.0.n_rows()
    }

    /// The columns as they were understood, with the roles guessed for them.
    #[wasm_bindgen(getter)]
    pub fn columns(&self) -> JsResult<Vec<Ts<ColumnSummary>>> {
        overview::columns(&self.0)
            .map_err(to_js_error)?
            .iter()
            .map(to_js)
            .collect()
    }

    /// What is odd, and where.
    #[wasm_bindgen(getter)]
    pub fn issues(&self) -> JsResult<Ts<IssueReport>> {
        to_js(&self.0.issues().to_report())
    }

    /// How the log is written.
    #[wasm_bindgen(getter)]
    pub fn dialect(&self) -> JsResult<Ts<Dialect>> {
        to_js(self.0.dialect())
    }

    /// The first rows, cells as text.
    #[wasm_bindgen(getter, unchecked_return_type = "string[][]")]
    pub fn preview(&self) -> Array {
        let row = |cells: &Vec<String>| cells.iter().map(JsValue::from).collect::<Array>();
        self.0.preview().iter().map(row).collect()
    }

    /// The roles of the columns with the user's choices applied.
    pub fn schema(&self, options: Option<Ts<RoleOptions>>) -> JsResult<Ts<SchemaReport>> {
        to_js(&overview::schema(&self.0, &to_rust(options)?).map_err(to_js_error)?)
    }
}

/// A trained model, which a monitor or a scorer made of it shares.
#[wasm_bindgen]
pub struct CrashPredictor(Arc<predictor::CrashPredictor>);

#[wasm_bindgen]
impl CrashPredictor {
    /// Trains on the rows that have a label. `onProgress` may return false to cancel.
    pub fn train(
        table: &LogTable,
        #[wasm_bindgen(unchecked_optional_param_type = "TrainOptions | null")] options: Option<
            Ts<TrainOptions>,
        >,
        #[wasm_bindgen(js_name = onProgress, unchecked_optional_param_type = "(progress: Progress) => boolean | void")]
        on_progress: Option<Function>,
    ) -> JsResult<CrashPredictor> {
        let options = to_rust(options)?;
        let mut thrown = None;
        let mut tell = |progress: Progress| match tell_progress(on_progress.as_ref(), &progress) {
            Ok(flow) => flow,
            Err(error) => {
                thrown = Some(error);
                ControlFlow::Break(())
            }
        };
        let trained = train::train(&table.0, &options, &mut tell, Some(&seconds));
        match (trained, thrown) {
            (_, Some(error)) => Err(error),
            (trained, None) => Ok(Self(trained.map_err(to_js_error)?.into())),
        }
    }

    /// Reads the bytes of a model file.
    pub fn load(bytes: &[u8]) -> JsResult<CrashPredictor> {
        let loaded = predictor::CrashPredictor::load(bytes);
        Ok(Self(loaded.map_err(to_js_error)?.into()))
    }

    /// What the model is, and what it was made from.
    #[wasm_bindgen(getter)]
    pub fn summary(&self) -> JsResult<Ts<ModelSummary>> {
        to_js(&self.0.summary())
    }

    /// How good the model is on rows it has not seen.
    #[wasm_bindgen(getter)]
    pub fn evaluation(&self) -> JsResult<Ts<Evaluation>> {
        to_js(self.0.evaluation())
    }

    /// The answer for one row: an object or a Map from column names to values; what is left out is unknown. `history` are
    /// the rows of the same host before it, the earliest first, for a model that looks at the minutes before a row.
    pub fn predict(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Row")] row: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "PredictOptions | null")] options: Option<
            Object,
        >,
    ) -> JsResult<Ts<Prediction>> {
        let history = rows_before(options.as_ref())?;
        let prediction = self.0.predict_after(cells(row)?, history);
        to_js(&prediction.map_err(to_js_error)?)
    }

    /// How far each column of `table` has moved from the rows the model was fitted on, the farthest first; none where there
    /// are fewer than 200 rows.
    pub fn drift(&self, table: &LogTable) -> JsResult<Vec<Ts<ColumnDrift>>> {
        let drift = self.0.drift(&table.0).map_err(to_js_error)?;
        drift.iter().map(to_js).collect()
    }

    /// The probability for one row of numbers in the order of `summary.features`.
    #[wasm_bindgen(js_name = predictRow)]
    pub fn predict_row(&self, values: &[f64]) -> JsResult<f64> {
        self.0.predict_row(values).map_err(to_js_error)
    }

    /// The answers for the rows of a table.
    #[wasm_bindgen(js_name = predictTable)]
    pub fn predict_table(&self, table: &LogTable) -> JsResult<TablePredictions> {
        Ok(TablePredictions(
            self.0.predict_table(&table.0).map_err(to_js_error)?,
        ))
    }

    /// The bytes of a model file.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        self.0.save()
    }

    /// The model in a form for other programs.
    pub fn export(&self, format: Ts<ExportFormat>) -> JsResult<String> {
        let word = format.js_value().as_string().unwrap_or_default();
        let format = options::export_format(&word).map_err(to_js_error)?;
        Ok(self.0.export(format))
    }
}

/// A model that watches hosts: live rows in, alarms out, by the rule of `evaluation.alarmRule` with the model's own
/// threshold, `summary.threshold`.
#[wasm_bindgen]
pub struct Monitor(monitor::Monitor);

#[wasm_bindgen]
impl Monitor {
    /// Watches with a model.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(predictor: &CrashPredictor) -> Monitor {
        let rule = predictor.0.alarm_rule();
        Self(monitor::Monitor::new(predictor.0.clone(), rule))
    }

    /// Takes a row from before the watch began: later rows are judged with it, and nobody is paged about it.
    pub fn remember(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Row")] row: &JsValue,
    ) -> JsResult<()> {
        self.0.remember(cells(row)?);
        Ok(())
    }

    /// Takes the next row of a host, and says whether somebody is to be paged.
    pub fn push(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Row")] row: &JsValue,
    ) -> JsResult<Ts<Observation>> {
        to_js(&self.0.push(cells(row)?).map_err(to_js_error)?)
    }
}

/// A training under way, for a pool of workers: it hands out tasks and takes in what came of them. The model is the one that
/// `CrashPredictor.train` gives.
#[wasm_bindgen]
pub struct TrainPlan {
    plan: Plan,
    /// For what no other learner could do.
    own: Option<Learner>,
}

#[wasm_bindgen]
impl TrainPlan {
    /// Prepares the training for so many learners.
    #[wasm_bindgen(constructor)]
    pub fn new(
        table: &LogTable,
        options: Option<Ts<TrainOptions>>,
        learners: usize,
    ) -> JsResult<TrainPlan> {
        let plan = Plan::new(&table.0, &to_rust(options)?, learners).map_err(to_js_error)?;
        Ok(Self { plan, own: None })
    }

    /// Where a training stands that is still to be prepared.
    pub fn preparing(options: Option<Ts<TrainOptions>>) -> JsResult<Ts<Progress>> {
        let options: TrainOptions = to_rust(options)?;
        to_js(&Progress::preparing(options.algorithm))
    }

    /// What every learner is made from.
    #[must_use]
    pub fn shared(&self) -> Vec<u8> {
        self.plan.shared().to_bytes()
    }

    /// The next task for the learner of this number, from 0 on, the training having lasted so many seconds; undefined while
    /// it must wait for others, and when there is no more.
    #[wasm_bindgen(js_name = nextTask)]
    pub fn next_task(&mut self, learner: usize, elapsed: f64) -> Option<Vec<u8>> {
        let task = self.plan.next_task(learner, elapsed)?;
        Some(task.to_bytes())
    }

    /// Takes in what a learner made of a task.
    pub fn absorb(&mut self, task: &[u8], performed: &[u8]) -> JsResult<()> {
        let task = Task::from_bytes(task).map_err(to_js_error)?;
        let performed = Performed::from_bytes(performed);
        self.plan.absorb(&task, performed).map_err(to_js_error)
    }

    /// Performs a task that a learner failed at, where its failure can be judged.
    #[wasm_bindgen(js_name = performHere)]
    pub fn perform_here(&mut self, task: &[u8]) -> JsResult<()> {
        let task = Task::from_bytes(task).map_err(to_js_error)?;
        let own = self
            .own
            .get_or_insert_with(|| Learner::new(self.plan.shared()));
        let performed = own.perform(&task, Some(&seconds));
        self.plan.absorb(&task, performed).map_err(to_js_error)
    }

    /// Where the training stands.
    #[wasm_bindgen(getter)]
    pub fn progress(&self) -> JsResult<Ts<Progress>> {
        to_js(&self.plan.progress())
    }

    /// Whether a model was chosen, so that `refit` can begin.
    #[wasm_bindgen(getter, js_name = isChosen)]
    pub fn is_chosen(&self) -> bool {
        self.plan.is_chosen()
    }

    /// Whether nothing but `finish` is left.
    #[wasm_bindgen(getter, js_name = isEvaluated)]
    pub fn is_evaluated(&self) -> bool {
        self.plan.is_evaluated()
    }

    /// Fits the chosen model on all rows, if that was not done.
    pub fn refit(&mut self, table: &LogTable) -> JsResult<()> {
        self.plan.refit(&table.0).map_err(to_js_error)
    }

    /// The trained model; the plan is used up.
    pub fn finish(self, table: &LogTable) -> JsResult<CrashPredictor> {
        let trained = self.plan.finish(&table.0);
        Ok(CrashPredictor(trained.map_err(to_js_error)?.into()))
    }
}

/// Performs the tasks of a training.
#[wasm_bindgen]
pub struct TrainLearner(Learner);

#[wasm_bindgen]
impl TrainLearner {
    /// Takes what `TrainPlan.shared` gave.
    #[wasm_bindgen(constructor)]
    pub fn new(shared: &[u8]) -> JsResult<TrainLearner> {
        let shared = Shared::from_bytes(shared).map_err(to_js_error)?;
        Ok(Self(Learner::new(Arc::new(shared))))
    }

    /// Performs a task that `TrainPlan.nextTask` gave.
    pub fn perform(&mut self, task: &[u8]) -> JsResult<Vec<u8>> {
        let task = Task::from_bytes(task).map_err(to_js_error)?;
        let performed = self.0.perform(&task, Some(&seconds));
        Ok(performed.map_err(to_js_error)?.to_bytes())
    }
}

fn tell_progress(on_progress: Option<&Function>, progress: &Progress) -> JsResult<ControlFlow<()>> {
    let Some(on_progress) = on_progress else {
        return Ok(ControlFlow::Continue(()));
    };
    let answer = on_progress.call1(&JsValue::NULL, &serde_wasm_bindgen::to_value(progress)?)?;
    Ok(if answer == JsValue::FALSE {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    })
}

/// The cells of a row.
fn cells(row: &JsValue) -> JsResult<Vec<(String, OwnedCell)>> {
    let entries = entries(row).ok_or_else(|| bad_row("not an object"))?;
    entries.into_iter().map(cell).collect()
}

/// The option `history`: rows, or nothing.
fn rows_before(options: Option<&Object>) -> JsResult<Vec<Vec<(String, OwnedCell)>>> {
    let Some(options) = options else {
        return Ok(Vec::new());
    };
    let history = Reflect::get(options, &"history".into())?;
    match history.dyn_ref::<Array>() {
        Some(rows) => rows.iter().map(|row| cells(&row)).collect(),
        None if history.is_null() || history.is_undefined() => Ok(Vec::new()),
        None => Err(bad_row("history that is no array")),
    }
}

fn cell((name, value): (String, JsValue)) -> JsResult<(String, OwnedCell)> {
    let cell = match given(&value) {
        Given::Nothing => OwnedCell::Missing,
        Given::Number(number) => OwnedCell::Number(number),
        Given::Text(text) => OwnedCell::Text(text),
        Given::Truth(truth) => OwnedCell::Boolean(truth),
        Given::Texts(_) | Given::Pairs(_) | Given::Other(_) => {
            return Err(bad_row(&format!("\"{name}\" with a value of another type")));
        }
    };
    Ok((name, cell))
}

fn bad_row(found: &str) -> JsValue {
    let expected = "an object or a Map of numbers, strings, booleans and nulls";
    to_js_error(Error::BadOption {
        option: "row",
        found: found.to_owned(),
        expected,
    })
}

/// The answers for the rows of a table.
#[wasm_bindgen]
pub struct TablePredictions(predictor::TablePredictions);

#[wasm_bindgen]
impl TablePredictions {
    /// Probability of a crash for each row.
    #[wasm_bindgen(getter)]
    pub fn probabilities(&self) -> Vec<f64> {
        self.0.probabilities.clone()
    }

    /// 1 where the probability is at least the threshold, else 0, for each row.
    #[wasm_bindgen(getter)]
    pub fn predictions(&self) -> Vec<u8> {
        self.0.predictions.clone()
    }

    /// What makes the answers less sure than they look.
    #[wasm_bindgen(getter)]
    pub fn warnings(&self) -> JsResult<Vec<Ts<Warning>>> {
        self.0.warnings.iter().map(to_js).collect()
    }
}

/// CSV in, CSV out, in pieces: `crash_probability` and `crash_prediction` appended to every row.
#[wasm_bindgen]
pub struct CsvScorer(batch::CsvScorer);

#[wasm_bindgen]
impl CsvScorer {
    /// Starts scoring with the model, at its threshold or the one given.
    #[wasm_bindgen(constructor)]
    pub fn new(
        predictor: &CrashPredictor,
        options: Option<Ts<batch::ScoreOptions>>,
    ) -> JsResult<CsvScorer> {
        let scorer = batch::CsvScorer::new(predictor.0.clone(), &to_rust(options)?);
        Ok(Self(scorer.map_err(to_js_error)?))
    }

    /// Reads the next bytes, cut anywhere, and returns what is ready of the output.
    pub fn push(&mut self, chunk: &[u8]) -> JsResult<Vec<u8>> {
        self.0.push(chunk).map_err(to_js_error)
    }

    /// Ends the log and returns the rest of the output.
    pub fn finish(&mut self) -> JsResult<Vec<u8>> {
        self.0.finish().map_err(to_js_error)
    }

    /// The pages raised by the rows read so far, without those told before; none without the option `watch`. How the log is
    /// written is found from what came before it is first asked for pages, where that is less than 64 KiB: a log that grows
    /// slowly is watched from its third line on.
    pub fn pages(&mut self) -> JsResult<Vec<Ts<monitor::Page>>> {
        let pages = self.0.pages().map_err(to_js_error)?;
        pages.iter().map(to_js).collect()
    }

    /// What was scored, and what was odd.
    #[wasm_bindgen(getter)]
    pub fn summary(&self) -> JsResult<Ts<batch::ScoreSummary>> {
        to_js(&self.0.summary())
    }
}

/// A log as it was understood, in pieces: plain CSV, every cell as its text.
#[wasm_bindgen]
pub struct PlainCsv(table::PlainCsv);

#[wasm_bindgen]
impl PlainCsv {
    /// Starts rewriting; what `options` leaves out is found by itself.
    #[wasm_bindgen(constructor)]
    pub fn new(options: Option<Ts<ReadOptions>>) -> JsResult<PlainCsv> {
        let plain = table::PlainCsv::new(&to_rust(options)?);
        Ok(Self(plain.map_err(to_js_error)?))
    }

    /// Reads the next bytes, cut anywhere, and returns what is ready of the output.
    pub fn push(&mut self, chunk: &[u8]) -> JsResult<Vec<u8>> {
        self.0.push(chunk).map_err(to_js_error)
    }

    /// Ends the log and returns the rest of the output.
    pub fn finish(&mut self) -> JsResult<Vec<u8>> {
        self.0.finish().map_err(to_js_error)
    }
}
