/**
 * The engine, synchronous, on the calling thread: for Node, workers and small logs. In a page, take
 * `crash-predictor/client`, which keeps the same calls off the page's own thread.
 */
import initEngine, * as engine from "./crash_predictor.js";
import { compile } from "./engine.js";

/** @typedef {import("./crash_predictor.js").ColumnSummary} ColumnSummary */
/** @typedef {import("./crash_predictor.js").ColumnDrift} ColumnDrift */
/** @typedef {import("./crash_predictor.js").Dialect} Dialect */
/** @typedef {import("./crash_predictor.js").Evaluation} Evaluation */
/** @typedef {import("./crash_predictor.js").FeatureSummary} FeatureSummary */
/** @typedef {import("./crash_predictor.js").Issue} Issue */
/** @typedef {import("./crash_predictor.js").IssueReport} IssueReport */
/** @typedef {import("./crash_predictor.js").ModelSummary} ModelSummary */
/** @typedef {import("./crash_predictor.js").Observation} Observation */
/** @typedef {import("./crash_predictor.js").Page} Page */
/** @typedef {import("./crash_predictor.js").Prediction} Prediction */
/** @typedef {import("./crash_predictor.js").PredictOptions} PredictOptions */
/** @typedef {import("./crash_predictor.js").Progress} Progress */
/** @typedef {import("./crash_predictor.js").ReadOptions} ReadOptions */
/** @typedef {import("./crash_predictor.js").Role} Role */
/** @typedef {import("./crash_predictor.js").RoleOptions} RoleOptions */
/** @typedef {import("./crash_predictor.js").Row} Row */
/** @typedef {import("./crash_predictor.js").RuleScores} RuleScores */
/** @typedef {import("./crash_predictor.js").SchemaReport} SchemaReport */
/** @typedef {import("./crash_predictor.js").ScoreOptions} ScoreOptions */
/** @typedef {import("./crash_predictor.js").ScoreSummary} ScoreSummary */
/** @typedef {import("./crash_predictor.js").Scores} Scores */
/** @typedef {import("./crash_predictor.js").TrainOptions} TrainOptions */
/** @typedef {import("./crash_predictor.js").Warning} Warning */

/** @typedef {import("./engine.js").EngineSource} EngineSource */

/** @type {Promise<void> | undefined} */
let loading;
let loaded = false;

/**
 * Loads the engine; by default the `crash_predictor_bg.wasm` beside this file. Calls made meanwhile or later share the
 * first one's outcome, whatever their source; after a failure the next call tries again.
 * @param {EngineSource | Promise<EngineSource>} [source]
 * @returns {Promise<void>}
 */
export function init(source) {
  loading ??= load(source).catch((error) => {
    loading = undefined;
    throw coded("EngineUnavailable", `the engine could not be loaded: ${error.message}`, error);
  });
  return loading;
}

/** @param {EngineSource | Promise<EngineSource> | undefined} source */
async function load(source) {
  await initEngine({ module_or_path: await compile(await source) });
  loaded = true;
}

/**
 * @param {string} code
 * @param {string} message
 * @param {unknown} [cause]
 */
function coded(code, message, cause) {
  return Object.assign(new Error(message, { cause }), { code });
}

/**
 * Without this, an entry point used too early fails with a remark about `undefined`.
 * @template {(...args: any[]) => any} F
 * @param {F} entry
 * @returns {F}
 */
function afterInit(entry) {
  return /** @type {F} */ (
    (...args) => {
      if (!loaded) throw coded("NotInitialised", "the engine is not loaded yet; call `await init()` first");
      return entry(...args);
    }
  );
}

/** The version of the engine. */
export const version = afterInit(engine.version);

/** The text of the panic that poisoned the engine, if one did. A bug worth reporting; the engine is of no use after it. */
export const panicMessage = afterInit(engine.panicMessage);

/** The built-in example log, simulated and not measured: a small fleet, as the bytes of a CSV file. */
export const sampleCsv = afterInit(engine.sampleCsv);

/** @typedef {(csv: Uint8Array | string, options?: ReadOptions | null) => engine.LogTable} FromCsv */
const { fromCsv } = engine.LogTable;
// Assigned to the class itself, so that `instanceof` and what LogReader.finish() returns agree with what is exported.
Object.assign(engine.LogTable, {
  fromCsv: afterInit(
    /** @type {FromCsv} */ (
      (csv, options) => {
        const bytes = typeof csv === "string" ? new TextEncoder().encode(csv) : csv;
        return fromCsv.call(engine.LogTable, bytes, options);
      }
    ),
  ),
});
engine.CrashPredictor.load = afterInit(engine.CrashPredictor.load.bind(engine.CrashPredictor));

/**
 * A log that was read, column by column. `fromCsv` also takes the text of a CSV file.
 * @typedef {engine.LogTable} LogTable
 */
export const LogTable = /** @type {Omit<typeof engine.LogTable, "fromCsv"> & { fromCsv: FromCsv }} */ (engine.LogTable);

/**
 * Reads a log in pieces.
 * @typedef {engine.LogReader} LogReader
 */
export const LogReader = /** @type {typeof engine.LogReader} */ (
  new Proxy(engine.LogReader, { construct: afterInit(Reflect.construct) })
);

export { CrashPredictor, CsvScorer, Monitor, PlainCsv, TablePredictions } from "./crash_predictor.js";
