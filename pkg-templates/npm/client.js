/**
 * The engine in a worker, promised: `CrashPredictorClient`, for pages, and for Node programs that must stay responsive.
 * Tables and predictors live in the worker; what is held here is enough to build them again when it had to be restarted.
 */
import { checkModelSize } from "./limits.js";
import { RestartableWorker, coded } from "./restartable-worker.js";
import { trustedTypesPolicy } from "./trusted-types.js";

export { trustedTypesPolicy };

/**
 * @import { ColumnDrift, Evaluation, LogTable, ModelSummary, Observation, Page, Prediction, PredictOptions, Progress, ReadOptions } from "./crash_predictor.js"
 * @import { RoleOptions, Row, SchemaReport, ScoreOptions, ScoreSummary, TablePredictions, TrainOptions } from "./crash_predictor.js"
 * @import { Step } from "./platform.js"
 */
/** @typedef {Pick<LogTable, "rowCount" | "columns" | "issues" | "dialect" | "preview">} TableDescription */
/** @typedef {{ summary: ModelSummary, evaluation: Evaluation, bytes: Uint8Array<ArrayBuffer> }} ModelDescription */
/** @typedef {Blob | Uint8Array | ArrayBuffer | string | ReadableStream<Uint8Array>} LogSource */
/** A file of several. @typedef {{ name: string, source: Blob, size: number }} NamedBlob */
/** @typedef {import("./forecast.js").Forecast} Forecast */
/**
 * How far reading is; `forecast` comes before the most of a log is read of which a table will not keep every row.
 * @typedef {{ bytesRead: number, bytesTotal: number | null, forecast?: Forecast & { words: string } }} ReadProgress
 */
/** @template [P=unknown] @typedef {import("./restartable-worker.js").Call<P>} Call */
const page = globalThis.location;

let lastId = 0;
/** What a ClientTable or ClientPredictor is built from; absent once it was freed. @type {WeakMap<object, Step>} */
const recipes = new WeakMap();

/** @param {object} object */
function recipeOf(object) {
  const recipe = recipes.get(object);
  if (!recipe) throw coded("Freed", "this table or predictor was freed, or is not one of a client's");
  return recipe;
}

/**
 * A stream is awaited here; awaiting the others too would let later calls overtake.
 * @param {LogSource} source
 * @param {AbortSignal} [signal]
 * @returns {Blob | Promise<Blob>}
 */
function asBlob(source, signal) {
  if (source instanceof Blob) return source;
  if (!(source instanceof ReadableStream)) return new Blob([/** @type {BlobPart} */ (source)], { type: "text/csv" });
  return new Response(source.pipeThrough(new TransformStream(), { signal })).blob();
}

/** @param {File | NamedBlob} file @returns {NamedBlob} */
const asNamed = (file) => (file instanceof Blob ? { name: file.name, source: file, size: file.size } : file);

/** One worker with the engine. */
export class CrashPredictorClient {
  #worker;

  /**
   * Starts the worker, which loads the engine at once.
   * @param {object} [options]
   * @param {BufferSource | WebAssembly.Module | URL | string} [options.wasm]  default: the file beside worker.js
   * @param {URL | string} [options.workerUrl]  default: the worker.js beside this file
   * @param {number} [options.learners]  workers that train a model side by side, 1 to 8; default: one for each core, and 1
   *   for a log so small that starting them takes longer than it saves. The model is the same with any number
   */
  constructor({ wasm, workerUrl = new URL("./worker.js", import.meta.url), learners } = {}) {
    const url = String(workerUrl);
    const isAddress = wasm instanceof URL || (typeof wasm === "string" && page);
    const engine = isAddress ? new URL(/** @type {URL | string} */ (wasm), page?.href).href : wasm;
    const start = { wasm: /** @type {string | undefined} */ (engine), learners };
    this.#worker = new RestartableWorker(trustedTypesPolicy?.createScriptURL(url) ?? url, start);
  }

  /**
   * Reads a CSV log, piece by piece; of several files one log, put together by time. A file's name without its endings is the
   * host where nothing in the files names it and their times overlap.
   * @param {LogSource | (File | NamedBlob)[]} source
   * @param {ReadOptions & Call<ReadProgress>} [options]
   */
  async readLog(source, { signal, onProgress, ...options } = {}) {
    const found = Array.isArray(source) ? source.map(asNamed) : asBlob(source, signal);
    const given = found instanceof Promise ? await found : found;
    const step = { action: "readLog", args: { id: ++lastId, source: given, options } };
    return new ClientTable(this.#worker, step, await this.#worker.ask(step, [], { signal, onProgress }), given);
  }

  /**
   * Reads the built-in example log, which is simulated.
   * @param {number} [seed]
   * @param {Call} [call]
   */
  async sampleLog(seed, call) {
    const step = { action: "sampleLog", args: { id: ++lastId, seed } };
    const description = await this.#worker.ask(step, [], call);
    return new ClientTable(this.#worker, step, description, description.source);
  }

  /**
   * @param {ClientTable} table
   * @param {TrainOptions & Call<Progress>} [options]
   */
  async train(table, { signal, onProgress, ...options } = {}) {
    const recipe = recipeOf(table);
    const args = { id: ++lastId, table: recipe.args.id, options };
    const description = await this.#worker.ask({ action: "train", args }, [recipe], { signal, onProgress });
    return new ClientPredictor(this.#worker, args.id, description);
  }

  /**
   * @param {Uint8Array | ArrayBuffer | Blob} saved  what `save` gave
   * @param {Call} [call]
   */
  async load(saved, call) {
    if (saved instanceof Blob) checkModelSize(saved.size);
    const bytes = new Uint8Array(saved instanceof Blob ? await saved.arrayBuffer() : saved);
    const args = { id: ++lastId, bytes };
    return new ClientPredictor(this.#worker, args.id, await this.#worker.ask({ action: "load", args }, [], call));
  }

  /** Ends the worker; what is under way, and all that follows, rejects with the code "Closed". */
  close() {
    this.#worker.close();
  }
}

/** A log that was read. */
export class ClientTable {
  #worker;
  /** @readonly */ rowCount;
  /** @readonly */ columns;
  /** @readonly */ issues;
  /** @readonly */ dialect;
  /** @readonly */ preview;
  /** The bytes of the log as CSV, or its files where there are several. @readonly */ source;

  /**
   * @internal
   * @param {RestartableWorker} worker
   * @param {Step} recipe
   * @param {TableDescription} description
   * @param {Blob | NamedBlob[]} source
   */
  constructor(worker, recipe, { rowCount, columns, issues, dialect, preview }, source) {
    this.#worker = worker;
    recipes.set(this, recipe);
    this.rowCount = rowCount;
    this.columns = columns;
    this.issues = issues;
    this.dialect = dialect;
    this.preview = preview;
    this.source = source;
  }

  /**
   * The roles of the columns, with the caller's choices applied.
   * @param {RoleOptions} [options]
   * @param {Call} [call]
   * @returns {Promise<SchemaReport>}
   */
  async schema(options, call) {
    const recipe = recipeOf(this);
    return this.#worker.ask({ action: "schema", args: { table: recipe.args.id, options } }, [recipe], call);
  }

  /** Gives back the worker's memory; the table is of no use afterwards. */
  free() {
    free(this, this.#worker);
  }
}

/** A trained model. */
export class ClientPredictor {
  #worker;
  #bytes;
  /** @readonly */ summary;
  /** @readonly */ evaluation;

  /**
   * @internal
   * @param {RestartableWorker} worker
   * @param {number} id
   * @param {ModelDescription} description
   */
  constructor(worker, id, { summary, evaluation, bytes }) {
    this.#worker = worker;
    this.#bytes = bytes;
    recipes.set(this, { action: "load", args: { id, bytes } });
    this.summary = summary;
    this.evaluation = evaluation;
  }

  /**
   * The answer for one row; `history` are the rows of the same host before it, the earliest first.
   * @param {Row} row
   * @param {PredictOptions & Call} [options]
   * @returns {Promise<Prediction>}
   */
  async predict(row, { history, ...call } = {}) {
    return this.#ask("predict", { row, history }, [], call);
  }

  /**
   * What a `Monitor` says of rows as they come, the earliest first: their probabilities, and whether somebody is to be paged.
   * @param {Row[]} rows
   * @param {Call} [call]
   * @returns {Promise<Observation[]>}
   */
  async watch(rows, call) {
    return this.#ask("watch", { rows }, [], call);
  }

  /**
   * How far each column of the table has moved from the rows the model was fitted on.
   * @param {ClientTable} table
   * @param {Call} [call]
   * @returns {Promise<ColumnDrift[]>}
   */
  async drift(table, call) {
    const recipe = recipeOf(table);
    return this.#ask("drift", { table: recipe.args.id }, [recipe], call);
  }

  /**
   * @param {ClientTable} table
   * @param {Call} [call]
   * @returns {Promise<Pick<TablePredictions, "probabilities" | "predictions" | "warnings">>}
   */
  async predictTable(table, call) {
    const recipe = recipeOf(table);
    return this.#ask("predictTable", { table: recipe.args.id }, [recipe], call);
  }

  /**
   * Scores a CSV log into another one: crash_probability and crash_prediction appended, every line kept. With `watch`, also the
   * pages that a `Monitor` would raise: the first 1,000, and `summary.pages` counts them all.
   * @param {LogSource} source
   * @param {ScoreOptions & Call<ReadProgress>} [options]
   * @returns {Promise<{ blob: Blob, summary: ScoreSummary, pages: Page[] }>}
   */
  async predictCsv(source, { signal, onProgress, ...options } = {}) {
    const found = asBlob(source, signal);
    const blob = found instanceof Blob ? found : await found;
    return this.#ask("predictCsv", { source: blob, options }, [], { signal, onProgress });
  }

  /** The model as a file, for `load`. */
  async save() {
    recipeOf(this);
    return this.#bytes.slice();
  }

  /**
   * @param {"json"} format
   * @param {Call} [call]
   * @returns {Promise<string>}
   */
  async export(format, call) {
    return this.#ask("export", { format }, [], call);
  }

  /** Gives back the worker's memory; the predictor is of no use afterwards. */
  free() {
    free(this, this.#worker);
  }

  /**
   * @param {string} action
   * @param {object} args
   * @param {Step[]} needs  beside the predictor itself
   * @param {Call<any>} [call]
   */
  #ask(action, args, needs, call) {
    const recipe = recipeOf(this);
    return this.#worker.ask({ action, args: { predictor: recipe.args.id, ...args } }, [recipe, ...needs], call);
  }
}

/**
 * @param {object} object
 * @param {RestartableWorker} worker
 */
function free(object, worker) {
  const { id } = recipes.get(object)?.args ?? {};
  if (!recipes.delete(object)) return;
  worker.ask({ action: "free", args: { id } }, []).catch(() => {}); // closed: nothing to give back
}
