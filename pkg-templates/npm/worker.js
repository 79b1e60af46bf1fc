/**
 * The engine's side of the client: a table of actions. The client sends one request at a time; what an action builds stays
 * here under the number the client chose.
 */
import { TrainLearner } from "./crash_predictor.js";
import { compiled } from "./engine.js";
import { CrashPredictor, CsvScorer, LogReader, LogTable, Monitor, init, panicMessage, sampleCsv } from "./index.js";
import { stemOf, unpacked } from "./gunzip.js";
import { LogRows } from "./log-rows.js";
import { listen } from "./platform.js";
import { Pool, learnersFor } from "./pool.js";

/**
 * @import { EngineSource, TablePredictions } from "./index.js"
 * @import { Message } from "./platform.js"
 * @typedef {(progress: object) => void} Report
 */

/** Blobs in memory may come as one piece; cut, so that the engine copies little at a time and progress is seen. */
const CHUNK = 1 << 20;
/** Milliseconds between two reports of bytes read. */
const REPORT_EVERY = 50;

/** @type {Map<number, any>} */
const objects = new Map();
/** @type {EngineSource | undefined} */
let wasm;
/** How many learners the caller wants. @type {number | undefined} */
let learners;
/** What this worker learns with, where it is one of a pool's. @type {TrainLearner} */
let learner;

/** @type {Record<string, (args: any, report: Report) => any>} */
const actions = {
  start(args) {
    ({ wasm, learners } = args);
  },
  async readLog({ id, source, size, options }, report) {
    const reader = new LogReader(options);
    try {
      const push = (/** @type {Uint8Array} */ chunk) => reader.push(chunk);
      if (Array.isArray(source)) await readFiles(reader, source, report, push);
      else await readAll(source, size, report, push);
    } catch (error) {
      release(reader);
      throw error;
    }
    return describeTable(keep(id, reader.finish()));
  },
  sampleLog({ id, seed }) {
    const csv = sampleCsv(seed);
    return { ...describeTable(keep(id, LogTable.fromCsv(csv))), source: new Blob([asPart(csv)], { type: "text/csv" }) };
  },
  schema: ({ table, options }) => objects.get(table).schema(options),
  async train({ id, table, options }, report) {
    const log = objects.get(table);
    const n = await learnersFor(log, learners);
    // A web worker knows its own address better than a bundler does; a thread of Node has no other.
    const url = globalThis.location?.href ?? import.meta.url;
    const trained = n === 1 ? CrashPredictor.train(log, options, report) : new Pool(log, options, n, report).train(url, compiled());
    return describeModel(keep(id, await trained));
  },
  learn({ shared }) {
    learner = new TrainLearner(shared);
  },
  perform: ({ task }) => ({ performed: learner.perform(task) }),
  load: ({ id, bytes }) => describeModel(keep(id, CrashPredictor.load(bytes))),
  predict: ({ predictor, row, history }) => objects.get(predictor).predict(row, { history }),
  watch({ predictor, rows }) {
    const monitor = new Monitor(objects.get(predictor));
    try {
      return rows.map((/** @type {any} */ row) => monitor.push(row));
    } finally {
      release(monitor);
    }
  },
  async readRows({ source, last, options }, report) {
    const log = new LogRows(options);
    /** @type {Map<string, string>[]} */
    let kept = [];
    const keep = (/** @type {Iterable<Map<string, string>>} */ rows) => {
      kept.push(...rows);
      if (kept.length > 2 * last) kept = kept.slice(-last);
    };
    try {
      await readAll(source, undefined, report, (chunk) => keep(log.push(chunk)));
      keep(log.finish());
      return kept.slice(-last);
    } finally {
      release(log);
    }
  },
  drift: ({ predictor, table }) => objects.get(predictor).drift(objects.get(table)),
  predictTable({ predictor, table }) {
    /** @type {TablePredictions} */
    const result = objects.get(predictor).predictTable(objects.get(table));
    const { probabilities, predictions, warnings } = result;
    result.free();
    return { probabilities, predictions, warnings };
  },
  async predictCsv({ predictor, source, size, options }, report) {
    const scorer = new CsvScorer(objects.get(predictor), options);
    try {
      // One blob a piece: browsers may move blobs out of memory, the pieces of a long string they may not.
      /** @type {Blob[]} */
      const parts = [];
      await readAll(source, size, report, (chunk) => void parts.push(new Blob([asPart(scorer.push(chunk))])));
      parts.push(new Blob([asPart(scorer.finish())]));
      return { blob: new Blob(parts, { type: "text/csv" }), summary: scorer.summary };
    } finally {
      release(scorer);
    }
  },
  export: ({ predictor, format }) => objects.get(predictor).export(format),
  free({ id }) {
    objects.get(id)?.free();
    objects.delete(id);
  },
};

/**
 * @template T
 * @param {number} id
 * @param {T} object
 */
function keep(id, object) {
  objects.set(id, object);
  return object;
}

/** @param {LogTable} table */
function describeTable({ rowCount, columns, issues, dialect, preview }) {
  return { rowCount, columns, issues, dialect, preview };
}

/** @param {CrashPredictor} predictor */
function describeModel(predictor) {
  return { summary: predictor.summary, evaluation: predictor.evaluation, bytes: predictor.save() };
}

/** After a crash of the engine even freeing fails, and must not hide why. @param {{ free(): void }} object */
function release(object) {
  try {
    object.free();
  } catch {}
}

/** @param {Uint8Array} bytes from the engine, never over shared memory */
const asPart = (bytes) => /** @type {Uint8Array<ArrayBuffer>} */ (bytes);

/**
 * @param {Blob | ReadableStream<Uint8Array>} source
 * @param {number | undefined} size  of a stream, which does not know it
 * @param {Report} report
 * @param {(chunk: Uint8Array) => void} take
 */
async function readAll(source, size, report, take) {
  for await (const piece of unpacked(counted(source, size, report))) {
    for (let at = 0; at < piece.length; at += CHUNK) take(piece.subarray(at, at + CHUNK));
  }
}

/**
 * @param {LogReader} reader
 * @param {{ name: string, source: Blob | ReadableStream<Uint8Array>, size: number }[]} files
 * @param {Report} report
 * @param {(chunk: Uint8Array) => void} push
 */
async function readFiles(reader, files, report, push) {
  const bytesTotal = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const { name, source, size } of files) {
    reader.beginFile(stemOf(name));
    const start = before;
    const counts = (/** @type {any} */ { bytesRead }) => report({ bytesRead: start + bytesRead, bytesTotal });
    await readAll(source, size, counts, push);
    before += size;
  }
}

/**
 * The bytes of the source, counted as they are taken.
 * @param {Blob | ReadableStream<Uint8Array>} source
 * @param {number | undefined} size
 * @param {Report} report
 */
async function* counted(source, size, report) {
  const bytesTotal = source instanceof Blob ? source.size : (size ?? null);
  const reader = (source instanceof Blob ? source.stream() : source).getReader();
  let bytesRead = 0;
  let reported = performance.now();
  report({ bytesRead, bytesTotal });
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    for (let at = 0; at < piece.value.length; at += CHUNK) {
      const chunk = piece.value.subarray(at, at + CHUNK);
      yield chunk;
      bytesRead += chunk.length;
      if (performance.now() - reported < REPORT_EVERY) continue;
      reported = performance.now();
      report({ bytesRead, bytesTotal });
    }
  }
  report({ bytesRead, bytesTotal });
}

/**
 * A trap, or a stack that overflowed inside the engine: nothing it holds can be trusted any more. The engine's own
 * errors carry a code.
 * @param {any} error
 */
function isCrash(error) {
  const inEngine = error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error?.name === "InternalError";
  return inEngine && typeof error.code !== "string";
}

/** @param {any} error */
function describeError(error) {
  const { name = "Error", message = String(error), code } = error ?? {};
  return { name, message, code: typeof code === "string" ? code : undefined };
}

/** Typed arrays in a result are handed over, not copied. @param {any} value @returns {Transferable[]} */
function buffersOf(value) {
  return Object.values(value ?? {})
    .filter(ArrayBuffer.isView)
    .map((view) => /** @type {ArrayBuffer} */ (view.buffer));
}

/** @param {Message} message */
async function answer({ action, args, restore = [] }) {
  const reply = await replying;
  if (action === "start") {
    actions.start?.(args, () => {});
    return void init(wasm).catch(() => {}); // compiles while nobody waits; the first request reports a failure
  }
  try {
    await init(wasm);
    for (const step of restore) await actions[step.action]?.(step.args, () => {});
    const value = await actions[action]?.(args, (progress) => reply({ progress }, []));
    reply({ value, held: [...objects.keys()] }, buffersOf(value));
  } catch (error) {
    // A trap without a panic is nearly always an allocation that failed.
    if (isCrash(error)) reply({ crash: panicMessage() ?? `out of memory (${error})` }, []);
    else reply({ error: describeError(error), held: [...objects.keys()] }, []);
  }
}

const replying = listen((message) => void answer(message));
