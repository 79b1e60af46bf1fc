/** Packages of npm that learn, predict or read CSV in a browser; here in Node, on one thread. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { N_COLUMNS, compete, readRows } from "./contestant.mjs";
import { COLUMNS, LABEL } from "./data.mjs";
import { median, timed } from "./figures.mjs";

/** @typedef {import("./contestant.mjs").Rows} Rows */

const { resolve } = createRequire(import.meta.url);
const ROWS_ASKED_SINGLY = 200;
/** Of Adam: enough that more change the loss by less than a hundredth. */
const [STEPS, BATCH] = [400, 1024];

/**
 * For who takes no missing values and wants columns of one scale: filled with the median of the training rows, standardised,
 * with an indicator of what was missing beside. What crash-predictor does within its time is not counted here.
 * @param {Rows} rows @param {Rows} train
 */
function standardised({ nRows, x, y }, train) {
  const width = 2 * N_COLUMNS;
  const cells = new Float32Array(nRows * width);
  for (let column = 0; column < N_COLUMNS; column += 1) {
    const known = train.x.subarray(column * train.nRows, (column + 1) * train.nRows).filter((value) => !Number.isNaN(value));
    const fill = median([...known]);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const std = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
    for (let row = 0; row < nRows; row += 1) {
      const value = x[column * nRows + row] ?? NaN;
      cells[row * width + column] = ((Number.isNaN(value) ? fill : value) - mean) / std;
      cells[row * width + N_COLUMNS + column] = Number.isNaN(value) ? 1 : 0;
    }
  }
  return { nRows, width, cells, y };
}

/** @typedef {ReturnType<typeof standardised>} Standardised */

/** @param {Standardised} rows @returns {Promise<any>} rows of a Matrix, with a column of ones for the intercept */
async function matrix({ nRows, width, cells, y }) {
  const { Matrix } = await import("ml-matrix");
  const x = Array.from({ length: nRows }, (_, row) => [1, ...cells.subarray(row * width, (row + 1) * width)]);
  return { x: new Matrix(x), y: Matrix.columnVector([...y]) };
}

/** @param {Standardised} rows */
async function tensors({ nRows, width, cells, y }) {
  const tf = await import("@tensorflow/tfjs");
  const { setThreadsCount, setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${join(resolve("@tensorflow/tfjs-backend-wasm"), "..")}/`);
  setThreadsCount(1);
  await tf.setBackend("wasm");
  return { tf, x: tf.tensor2d(cells, [nRows, width]), y: tf.tensor2d(Float32Array.from(y), [nRows, 1]) };
}

/** @param {Awaited<ReturnType<typeof tensors>>} train */
async function tfjs({ tf, x, y }) {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2 * N_COLUMNS], activation: "sigmoid" })] });
  model.compile({ optimizer: tf.train.adam(0.05), loss: "binaryCrossentropy" });
  const epochs = Math.max(5, Math.round(STEPS / (x.shape[0] / BATCH)));
  await model.fit(x, y, { batchSize: BATCH, epochs, verbose: 0, yieldEvery: "never" });
  return model;
}

/** @param {Rows} rows */
async function arrays({ nRows, x, y }) {
  const columns = COLUMNS.map(([name], at) => [name, Array.from(x.subarray(at * nRows, (at + 1) * nRows))]);
  const load = (await import("ydf-training")).default;
  return { ydf: await load({ print() {}, printErr() {} }), columns: { ...Object.fromEntries(columns), [LABEL]: Array.from(y, String) } };
}

/** @param {"GradientBoostedTreesLearner" | "RandomForestLearner"} learner */
const ydfLearner = (learner) => ({
  prepare: arrays,
  fit: (/** @type {Awaited<ReturnType<typeof arrays>>} */ { ydf, columns }) => new ydf[learner](LABEL, "CLASSIFICATION").train(columns),
  predict: (/** @type {any} */ model, /** @type {Awaited<ReturnType<typeof arrays>>} */ { columns }) => model.predict(columns),
});

/** The 100 boosted trees of LightGBM, as ONNX. @param {string} folder */
async function onnxruntime(folder) {
  const ort = await import("onnxruntime-web/wasm");
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(readFileSync(join(folder, "model.onnx")), { executionProviders: ["wasm"] });
  const { nRows, x } = readRows(folder, "test");
  const cells = Float32Array.from({ length: nRows * N_COLUMNS }, (_, at) => x[(at % N_COLUMNS) * nRows + Math.floor(at / N_COLUMNS)] ?? NaN);
  const ask = (/** @type {number} */ from, /** @type {number} */ count) =>
    session.run({ rows: new ort.Tensor("float32", cells.subarray(from * N_COLUMNS, (from + count) * N_COLUMNS), [count, N_COLUMNS]) }, ["probabilities"]);
  const batch = await timed(() => ask(0, nRows));
  const single = await timed(async () => {
    for (let row = 0; row < ROWS_ASKED_SINGLY; row += 1) await ask(row, 1);
  });
  return { predictSeconds: batch.seconds, rowSeconds: single.seconds.map((all) => all / ROWS_ASKED_SINGLY) };
}

/** To typed columns, as a reader of metrics wants them; a string, because that is what it takes. @param {string} folder */
async function papaparse(folder) {
  const Papa = (await import("papaparse")).default;
  const bytes = readFileSync(join(folder, "all.csv"));
  let rows = 0;
  const { seconds } = await timed(() => {
    /** @type {number[][]} */
    const columns = [...COLUMNS, LABEL].map(() => []);
    const step = (/** @type {{ data: string[] }} */ { data }) =>
      columns.forEach((column, at) => column.push(data[at] === "" ? NaN : Number(data[at])));
    Papa.parse(new TextDecoder().decode(bytes), { step, skipEmptyLines: true });
    rows = columns.map((column) => Float64Array.from(column))[0]?.length ?? 0;
  });
  return { seconds, rows: rows - 1 };
}

/** A database in WebAssembly: into a table of its own, which is typed columns too. @param {string} folder */
async function duckdb(folder) {
  const dist = join(resolve("@duckdb/duckdb-wasm"), "..");
  const { createDuckDB, NODE_RUNTIME, VoidLogger } = createRequire(import.meta.url)(join(dist, "duckdb-node-blocking.cjs"));
  const [mvp, eh] = ["duckdb-mvp.wasm", "duckdb-eh.wasm"].map((file) => ({ mainModule: join(dist, file) }));
  const database = await createDuckDB({ mvp, eh }, new VoidLogger(), NODE_RUNTIME);
  await database.instantiate(() => {});
  database.open({});
  const connection = database.connect();
  const bytes = Uint8Array.from(readFileSync(join(folder, "all.csv")));
  const { seconds } = await timed(() => {
    database.registerFileBuffer("all.csv", bytes.slice());
    connection.query("create or replace table log as from read_csv('all.csv')");
    database.dropFile("all.csv");
  });
  const [{ rows }] = connection.query("select count(*)::int as rows from log").toArray();
  return { seconds, rows };
}

await compete([
  {
    topic: "logistic",
    name: "@tensorflow/tfjs",
    note: "WebAssembly backend; Adam, 400 steps or 5 epochs",
    prepare: async (rows, train) => tensors(standardised(rows, train)),
    fit: tfjs,
    predict: (model, { x }) => model.predict(x).data(),
  },
  {
    topic: "logistic",
    name: "ml-logistic-regression",
    note: "100 steps of gradient descent",
    maxRows: 100_000,
    prepare: async (rows, train) => matrix(standardised(rows, train)),
    async fit({ x, y }) {
      const { default: LogisticRegression } = await import("ml-logistic-regression");
      const model = new LogisticRegression({ numSteps: 100, learningRate: 4 / x.rows });
      model.train(x, y);
      return model;
    },
    // One model for each class: that of class 0 says how little a row is of it.
    predict: (model, { x }) => model.classifiers[0].testScores(x),
  },
  {
    topic: "forest",
    name: "ml-random-forest",
    note: "10 trees of at most 10 levels",
    maxRows: 10_000,
    prepare: async (rows, train) => matrix(standardised(rows, train)),
    async fit({ x, y }) {
      const { RandomForestRegression } = await import("ml-random-forest");
      const treeOptions = { minNumSamples: 5, maxDepth: 10 };
      const model = new RandomForestRegression({ nEstimators: 10, maxFeatures: 0.4, seed: 1, replacement: false, noOOB: true, treeOptions });
      model.train(x, y.to1DArray());
      return model;
    },
    predict: (model, { x }) => model.predict(x),
  },
  { topic: "boosting", name: "ydf-training", note: "takes no settings: its defaults", ...ydfLearner("GradientBoostedTreesLearner") },
  { topic: "forest", name: "ydf-training", note: "takes no settings: its defaults", maxRows: 10_000, ...ydfLearner("RandomForestLearner") },
  { topic: "predict", name: "onnxruntime-web", note: "LightGBM's trees", measure: onnxruntime },
  { topic: "csv", name: "papaparse", measure: papaparse },
  { topic: "csv", name: "duckdb-wasm", measure: duckdb },
]);
