#!/usr/bin/env node
/** The command line: which command does what. Exit codes: 0 done, 1 the work failed, 2 the arguments make no sense. */
import { readFileSync } from "node:fs";
import { CrashPredictor, CsvScorer, LogReader, PlainCsv, init, panicMessage } from "./index.js";
import { Progress, checkReadable, openOutput, print, read, readAll, readModel } from "./cli-files.js";
import { UsageError, help, parse } from "./cli-options.js";
import { logReport, modelReport, pageLine, scoreReport, trainReport, watchReport } from "./cli-report.js";
import { clean } from "./cli-text.js";
import { foretelling, inWords as foretoldInWords } from "./forecast.js";
import { continued, stemOf, unpacked } from "./gunzip.js";

/**
 * @import { LogTable, ReadOptions } from "./index.js"
 * @typedef {Record<string, any>} Options  as cli-options.js read them
 */

const progress = new Progress();

/** @type {Record<string, (files: string[], options: Options) => Promise<void>>} */
const actions = {
  async version() {
    const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
    await print(`${version}\n`);
  },

  async help([command]) {
    await print(help(command));
  },

  async train(paths, given) {
    const [reading, { output, json, algorithm, select, budget, split, rising = [], falling = [], threshold, seed, ...others }] =
      apart(given);
    const { alarm = [], rule, "cost-missed": costMissed, "cost-page": costPage, "pages-per-week": pagesPerWeek, ...columns } = others;
    const roles = await rolesOf(columns);
    const [alarmNeeded, alarmOf] = alarm;
    const pages = { costMissed, costPage, pagesPerWeek, alarmNeeded, alarmOf, rule };
    const monotone = Object.fromEntries([...rising.map(as("rising")), ...falling.map(as("falling"))]);
    const options = { ...roles, ...pages, algorithm, select, budgetSeconds: budget, split, monotone, threshold, seed };
    const size = await checkReadable(paths);
    // Opened first: a folder that cannot be written to is worth knowing before the work.
    await intoFile(output, async (write) => {
      const table = await readLogs(paths, size, reading);
      warnOfFew(table, roles);
      const predictor = CrashPredictor.train(table, options, ({ message, done, total }) => progress.show(message, done, total));
      progress.clear();
      const bytes = predictor.save();
      await write(bytes);
      const { summary, evaluation } = predictor;
      const model = { summary, evaluation, saved: output, bytes: bytes.length };
      const described = describe(table);
      const schema = table.schema(roles);
      return json
        ? asJson({ model: output, bytes: bytes.length, log: { ...described, schema }, summary, evaluation })
        : trainReport(paths.join(", "), described, schema, model);
    });
  },

  async predict([modelPath = "", path = ""], given) {
    const [reading, { output = "-", ...options }] = apart(given);
    await checkReadable([path]);
    const predictor = CrashPredictor.load(await readModel(modelPath, progress));
    const scorer = new CsvScorer(predictor, { ...reading, ...options });
    await intoFile(output, async (write) => {
      for await (const piece of log(path)) await write(scorer.push(piece));
      await write(scorer.finish());
    });
    process.stderr.write(scoreReport(path, scorer.summary, output));
  },

  async watch([modelPath = "", path = ""], given) {
    const [reading, { json, threshold }] = apart(given);
    await checkReadable([path]);
    const predictor = CrashPredictor.load(await readModel(modelPath, progress));
    const scorer = new CsvScorer(predictor, { ...reading, threshold, watch: true });
    const tell = async () => {
      for (const page of scorer.pages()) {
        progress.clear();
        await print(json ? `${JSON.stringify(page)}\n` : pageLine(page));
      }
    };
    for await (const piece of log(path)) {
      scorer.push(piece);
      await tell();
    }
    scorer.finish();
    await tell();
    process.stderr.write(watchReport(path, scorer.summary));
  },

  async inspect(paths, given) {
    const [path = ""] = paths;
    const [reading, { json, "as-csv": asCsv, ...columns }] = apart(given);
    if (asCsv && paths.length > 1) throw new UsageError("--as-csv writes one log at a time");
    const size = await checkReadable(paths);
    if (asCsv) return rewrite(log(path), reading);
    const options = await rolesOf(columns);
    if (paths.length > 1) return inspectLog(paths.join(", "), await readLogs(paths, size, reading), options, json);
    const source = log(path);
    const first = (await source.next()).value ?? new Uint8Array();
    const pieces = continued(first, source);
    if (!isModel(first)) {
      return inspectLog(path, await readLog(path, pieces, size, reading), options, json);
    }
    const bytes = [];
    for await (const piece of pieces) bytes.push(piece);
    const { summary, evaluation } = CrashPredictor.load(Buffer.concat(bytes));
    await print(json ? asJson({ kind: "model", summary, evaluation }) : modelReport(path, summary, evaluation));
  },

  async export([path = ""], { to, output = "-" }) {
    const text = CrashPredictor.load(await readModel(path, progress)).export(to);
    await intoFile(output, (write) => write(text.endsWith("\n") ? text : `${text}\n`));
  },
};

/** The options that say how a log is written, and the others. @param {Options} options @returns {[ReadOptions, Options]} */
function apart({ delimiter, rates, "max-table-mib": maxTableMib, "as-is": asIs, "as-text": asText, "as-number": asNumber, "as-time": asTime, ...rest }) {
  return [{ delimiter, rates, maxTableMib, asIs, asText, asNumber, asTime }, rest];
}

/** The options about columns as the engine takes them. @param {Options} options */
async function rolesOf({ horizon, incidents, ...columns }) {
  if (incidents === undefined) return { ...columns, horizonMinutes: horizon };
  const bytes = await readAll(incidents, progress);
  return { ...columns, horizonMinutes: horizon, incidents: new TextDecoder().decode(bytes) };
}

/** Said before the work, not after it. @param {LogTable} table @param {object} roles */
function warnOfFew(table, roles) {
  const { tooFewIncidents, remarks } = table.schema(roles);
  if (tooFewIncidents) process.stderr.write(clean(`crash-predictor: ${remarks.at(-1)}\n`));
}

/**
 * Writes a file that appears whole or not at all, then prints what the work returns: to standard output, or to standard
 * error where that carries the data.
 * @param {string} path
 * @param {(write: (data: Uint8Array | string) => Promise<void>) => Promise<string | void>} work
 */
async function intoFile(path, work) {
  const output = await openOutput(path);
  try {
    const text = await work(output.write);
    await output.commit();
    if (text && path === "-") process.stderr.write(text);
    else if (text) await print(text);
  } finally {
    output.discard();
  }
}

/**
 * @param {string} path
 * @param {AsyncIterable<Uint8Array>} pieces
 * @param {number | undefined} size  of all of them, where that is known
 * @param {ReadOptions} options
 */
async function readLog(path, pieces, size, options) {
  const reader = new LogReader(options);
  for await (const piece of foretelling(size, options, warnOfSize(path))(pieces)) reader.push(piece);
  return reader.finish();
}

/**
 * One log of several files.
 * @param {string[]} paths
 * @param {number | undefined} size  of all of them, where that is known
 * @param {ReadOptions} options
 */
async function readLogs(paths, size, options) {
  const [path = "", ...more] = paths;
  if (more.length === 0) return readLog(path, log(path), size, options);
  const reader = new LogReader(options);
  const foretold = foretelling(size, options, warnOfSize(paths.join(", ")));
  for (const path of paths) {
    reader.beginFile(stemOf(path));
    for await (const piece of foretold(log(path))) reader.push(piece);
  }
  return reader.finish();
}

/** Said before the rest is read. @param {string} name */
const warnOfSize = (name) => (/** @type {import("./forecast.js").Forecast} */ forecast) => warn(name, foretoldInWords(forecast));

/**
 * @param {string} path
 * @param {LogTable} table
 * @param {Options} options
 * @param {boolean} json
 */
function inspectLog(path, table, options, json) {
  const described = describe(table);
  const schema = table.schema(options);
  return print(
    json ? asJson({ kind: "log", ...described, schema, preview: table.preview }) : logReport(path, described, schema),
  );
}

/**
 * The bytes of a log, unpacked where it is gzip.
 * @param {string} path
 */
const log = (path) => unpacked(read(path, progress));

/** @param {string} path @param {string} note */
function warn(path, note) {
  progress.clear();
  process.stderr.write(clean(`crash-predictor: ${path}: ${note}\n`));
}

/**
 * @param {AsyncIterable<Uint8Array>} pieces
 * @param {ReadOptions} options
 */
async function rewrite(pieces, options) {
  const plain = new PlainCsv(options);
  for await (const piece of pieces) await print(plain.push(piece));
  await print(plain.finish());
}

/** A damaged model is a model still: only the engine's "this is none" makes a file a log. @param {Uint8Array} start */
function isModel(start) {
  try {
    CrashPredictor.load(start).free();
    return true;
  } catch (error) {
    return /** @type {any} */ (error).code !== "NotAModel";
  }
}

/** @param {LogTable} table */
function describe({ rowCount, dialect, columns, issues }) {
  return { rowCount, dialect, columns, issues };
}

/** @param {string} direction @returns {(name: string) => [string, string]} */
const as = (direction) => (name) => [name, direction];

/** @param {object} value */
const asJson = (value) => `${JSON.stringify(value, null, 2)}\n`;

/** @param {string[]} argv */
async function main(argv) {
  const { command, files, options } = parse(argv);
  const action = /** @type {typeof actions[string]} */ (actions[command]);
  if (command !== "help" && command !== "version") await init();
  await action(files, options);
}

/** @param {any} error */
function inWords(error) {
  if (error instanceof UsageError) return `${error.message} (see crash-predictor ${error.help})`;
  if (error instanceof WebAssembly.RuntimeError)
    return `the engine crashed, which is a bug: ${panicMessage() ?? error.message}`;
  return error.message;
}

// A reader that has seen enough, as in `| head`, is not a failure.
process.stdout.on("error", () => {});
main(process.argv.slice(2)).catch((error) => {
  progress.clear();
  if (error.code === "EPIPE") return;
  process.stderr.write(clean(`crash-predictor: ${inWords(error)}\n`));
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
