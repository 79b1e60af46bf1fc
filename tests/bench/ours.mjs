/**
 * crash-predictor: the package as shipped where its own interface is asked, and `engine.rs`, the same code with settings of
 * the bench, where as many trees are wanted as everybody else grows. In Node, on one thread.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import initEngine, * as engine from "../../dist/bench/engine/bench_engine.js";
import { CrashPredictor, LogTable, init } from "../../dist/npm/index.js";
import { N_COLUMNS, compete, readRows } from "./contestant.mjs";
import { COLUMNS, LABEL } from "./data.mjs";
import { timed } from "./figures.mjs";

const NAME = "crash-predictor";
const ROWS_ASKED_SINGLY = 2_000;
const FEW_ROWS = 1_000;

await initEngine({ module_or_path: readFileSync(new URL("../../dist/bench/engine/bench_engine_bg.wasm", import.meta.url)) });

/** @param {import("./contestant.mjs").Rows} rows */
const typed = ({ x, y }) => new engine.Rows(x, y);
/** @type {(model: engine.Fitted, test: engine.Rows) => Float64Array} */
const predict = (model, test) => model.predict(test);
/** @param {engine.Rows} train */
const boosting = (train) => train.boosting(100, 31, 0.1);

/** The rows as the log that the package reads. @param {import("./contestant.mjs").Rows} rows */
async function table({ nRows, x, y }) {
  await init();
  const lines = [[...COLUMNS.map(([name]) => name), LABEL].join(",")];
  for (let row = 0; row < nRows; row += 1) {
    const cells = COLUMNS.map((_, column) => x[column * nRows + row] ?? NaN).map((value) => (Number.isNaN(value) ? "" : value));
    lines.push(`${cells.join(",")},${y[row]}`);
  }
  return LogTable.fromCsv(`${lines.join("\n")}\n`);
}

/** 100 boosted trees in the package as shipped: the batch, and one row after the other. @param {string} folder */
async function predictAsShipped(folder) {
  await init();
  const [train, test] = [readRows(folder, "train"), readRows(folder, "test")];
  const csv = readFileSync(join(folder, "train.csv"));
  const few = csv.subarray(0, csv.indexOf("\n", 60 * FEW_ROWS) + 1);
  const file = boosting(typed(train)).asFile(few);
  writeFileSync(join(folder, "ours.crashmodel"), file);
  const predictor = CrashPredictor.load(file);
  const log = LogTable.fromCsv(readFileSync(join(folder, "test.csv")));
  const asked = Array.from({ length: Math.min(ROWS_ASKED_SINGLY, test.nRows) }, (_, row) =>
    Float64Array.from(COLUMNS, (_, column) => test.x[column * test.nRows + row] ?? NaN),
  );
  const inside = engine.rowByRow(file, Float64Array.from(asked.flatMap((row) => [...row])), N_COLUMNS);
  const batch = await timed(() => predictor.predictTable(log).probabilities);
  const fromJavaScript = await timed(() => asked.forEach((row) => predictor.predictRow(row)));
  const inWasm = await timed(() => inside.sum());
  const each = (/** @type {number[]} */ seconds) => seconds.map((all) => all / asked.length);
  return { predictSeconds: batch.seconds, rowSeconds: each(fromJavaScript.seconds), insideSeconds: each(inWasm.seconds) };
}

/** CSV to typed columns. @param {string} folder */
async function readCsv(folder) {
  await init();
  const csv = readFileSync(join(folder, "all.csv"));
  LogTable.fromCsv(csv.subarray(0, 200_000)).free();
  let rows = 0;
  const { seconds } = await timed(() => {
    const log = LogTable.fromCsv(csv);
    rows = log.rowCount;
    log.free();
  });
  return { seconds, rows };
}

await compete([
  { topic: "logistic", name: NAME, prepare: typed, fit: (/** @type {engine.Rows} */ train) => train.logistic(), predict },
  { topic: "boosting", name: NAME, prepare: typed, fit: boosting, predict },
  { topic: "forest", name: NAME, prepare: typed, fit: (/** @type {engine.Rows} */ train) => train.forest(100), predict },
  .../** @type {const} */ (["auto", "logistic", "boosting", "forest"]).map((algorithm) => ({
    topic: "defaults",
    name: `${NAME}, ${algorithm}`,
    prepare: table,
    fit: (/** @type {LogTable} */ train) => CrashPredictor.train(train, { label: LABEL, algorithm }),
    predict: (/** @type {CrashPredictor} */ model, /** @type {LogTable} */ test) => model.predictTable(test).probabilities,
  })),
  { topic: "predict", name: NAME, measure: predictAsShipped },
  { topic: "csv", name: NAME, measure: readCsv },
]);
