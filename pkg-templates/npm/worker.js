/**
 * The engine's side of the client: a table of actions. The client sends one request at a time; what an action builds stays
 * here under the number the client chose.
 */
import { TrainLearner } from "./crash_predictor.js";
import { compiled } from "./engine.js";
import { CrashPredictor, CsvScorer, LogReader, LogTable, Monitor, init, panicMessage, sampleCsv } from "./index.js";
import { foretelling, inWords } from "./forecast.js";
import { bytesIn, stemOf, unpacked } from "./gunzip.js";
import { listen } from "./platform.js";
import { Pool, learnersFor } from "./pool.js";

/**
 * @import { EngineSource, Page, ReadOptions, TablePredictions } from "./index.js"
 * @import { Message } from "./platform.js"
 * @typedef {Blob | ReadableStream<Uint8Array>} Source
 * @typedef {{ bytesRead: number }} Read
 * @typedef {(progress: object) => void} Report
 */

/** Blobs in memory may come as one piece; cut, so that the engine copies little at a time and progress is seen. */
const CHUNK = 1 << 20;
/** Pages of a log that are told one by one; of more the first. */
const MAX_PAGES = 1000;
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
      await readTable(reader, Array.isArray(source) ? source : [{ source, size }], options, report);
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
      /** @type {Page[]} */
      const pages = [];
      const write = (/** @type {Uint8Array} */ scored) => {
        parts.push(new Blob([asPart(scored)]));
        for (const page of scorer.pages()) if (pages.length < MAX_PAGES) pages.push(page);
      };
      await readAll(source, size, report, (chunk) => write(scorer.push(chunk)));
      write(scorer.finish());
      return { blob: new Blob(parts, { type: "text/csv" }), summary: scorer.summary, pages };
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
 * @param {Source} source
 * @param {number | undefined} size  of a stream, which does not know it
 * @param {Report} report
 * @param {(chunk: Uint8Array) => void} take
 * @param {(pieces: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>} [foretold]
 */
async function readAll(source, size, report, take, foretold = (pieces) => pieces) {
  const bytesTotal = source instanceof Blob ? source.size : (size ?? null);
  /** @type {Read} */
  const read = { bytesRead: 0 };
  await unpackedSize(source); // fails with a reason where a file is gone or was changed, which its stream does not
  const pieces = unpacked(counted(source, bytesTotal, read, report));
  for await (const piece of foretold(pieces)) {
    for (let at = 0; at < piece.length; at += CHUNK) take(piece.subarray(at, at + CHUNK));
  }
}

/**
 * @param {LogReader} reader
 * @param {{ name?: string, source: Source, size?: number }[]} files  with names where they are several
 * @param {ReadOptions | undefined} options
 * @param {Report} report
 */
async function readTable(reader, files, options, report) {
  let bytesTotal = 0;
  let bytes = 0;
  for (const { source, size } of files) {
    bytesTotal += (source instanceof Blob ? source.size : size) ?? NaN;
    bytes += (await unpackedSize(source)) ?? NaN;
  }
  /** @type {{ bytesRead: number, bytesTotal: number | null, forecast?: object }} */
  const read = { bytesRead: 0, bytesTotal: Number.isNaN(bytesTotal) ? null : bytesTotal };
  const foretold = foretelling(bytes, options, (forecast) => {
    read.forecast = { ...forecast, words: inWords(forecast) };
    report({ ...read });
  });
  for (const { name, source, size } of files) {
    if (name !== undefined) reader.beginFile(stemOf(name));
    const before = read.bytesRead;
    const counts = (/** @type {any} */ { bytesRead }) => {
      read.bytesRead = before + bytesRead;
      report({ ...read });
    };
    await readAll(source, size, counts, (chunk) => reader.push(chunk), foretold);
  }
}

/**
 * The bytes of a source, unpacked, where they are known before it is read: a stream does not tell whether it is packed.
 * @param {Source} source
 */
async function unpackedSize(source) {
  if (!(source instanceof Blob)) return undefined;
  try {
    const ends = [source.slice(0, 2), source.slice(-4)].map((end) => end.arrayBuffer());
    const [first, last] = await Promise.all(ends);
    return bytesIn(source.size, new Uint8Array(/** @type {ArrayBuffer} */ (first)), new Uint8Array(/** @type {ArrayBuffer} */ (last)));
  } catch (error) {
    throw unreadable(error);
  }
}

/**
 * A browser says only that a file could not be read.
 * @param {any} error
 */
function unreadable(error) {
  if (typeof error.code === "string" || !(error instanceof DOMException)) return error;
  const problem = "the file cannot be read: it is a folder, was changed, moved or deleted since it was chosen, or is not yours to read; choose it again";
  return Object.assign(new Error(problem, { cause: error }), { code: "Unreadable" });
}

/**
 * The bytes of the source, counted as they are taken.
 * @param {Source} source
 * @param {number | null} bytesTotal
 * @param {Read} read  counted here
 * @param {Report} report
 */
async function* counted(source, bytesTotal, read, report) {
  const reader = (source instanceof Blob ? source.stream() : source).getReader();
  const next = () => reader.read().catch((error) => Promise.reject(unreadable(error)));
  let reported = performance.now();
  report({ ...read, bytesTotal });
  for (let piece = await next(); !piece.done; piece = await next()) {
    for (let at = 0; at < piece.value.length; at += CHUNK) {
      const chunk = piece.value.subarray(at, at + CHUNK);
      yield chunk;
      read.bytesRead += chunk.length;
      if (performance.now() - reported < REPORT_EVERY) continue;
      reported = performance.now();
      report({ ...read, bytesTotal });
    }
  }
  report({ ...read, bytesTotal });
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
