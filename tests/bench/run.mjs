/**
 * crash-predictor beside others, on the same data, in one run: `node run.mjs [--rows 10000,100000] [--topics csv,cold]
 * [--readme]`, or `make bench`. Every contestant runs in a process of its own, one after the other, each on one thread, and
 * the rounds go over all of them, so that a busy minute of the machine does not fall on one alone. One that fails or takes
 * too long is shown with the reason and stops nobody.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeData } from "./data.mjs";
import { logLoss, median, rocAuc } from "./figures.mjs";
import { toMarkdown, toReadme } from "./report.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const out = join(root, "dist/bench");
const probabilities = join(out, "probabilities");
const PYTHON = join(root, ".tools/bench-python/bin/python");
const PROGRAMS = [
  [process.execPath, "ours.mjs"],
  [process.execPath, "npm-peers.mjs"],
  [PYTHON, "python_peers.py"],
  [process.execPath, "cold.mjs"],
].map(([command = "", file = ""]) => ({ command, file: join(root, "tests/bench", file) }));
const ONE_THREAD = Object.fromEntries(
  ["OMP", "OPENBLAS", "MKL", "RAYON"].map((library) => [`${library}_NUM_THREADS`, "1"]),
);
const ENVIRONMENT = { ...process.env, ...ONE_THREAD, POLARS_MAX_THREADS: "1" };
/** In the order of their needs: what predicts asks for the model of the ONNX step, what starts cold for both. */
const TOPICS = ["logistic", "boosting", "forest", "defaults", "csv", "onnx", "predict", "cold"];
/** Topics in which the size of the log plays no part, measured on the smallest one, each run in a fresh process. */
const START = ["cold"];
const START_ROUNDS = 5;
const ROUNDS = 2;
/** From so many rows on one round is enough: it takes as long as the short ones together. */
const MANY_ROWS = 1_000_000;
/** A process that took longer is not run in a second round, and one that would take longer than the limit not at all. */
const LONG_SECONDS = 15;
const LIMIT_SECONDS = 150;

/**
 * @typedef {object} Outcome  lists hold one figure for each run
 * @property {string} [note]
 * @property {string} [problem]  why there are no figures
 * @property {number[]} [seconds]  of training, reading or starting
 * @property {number[]} [predictSeconds]
 * @property {number[]} [rowSeconds]
 * @property {number[]} [insideSeconds]
 * @property {number} [logLoss]
 * @property {number} [rocAuc]
 * @property {number} [rows]  that were read
 * @property {number} [download]
 * @property {number} [bytes]  by which the process grew
 * @property {number} [took]  seconds of the whole process
 * @typedef {Record<string, Record<string, Outcome>>} Outcomes  by topic and name
 * @typedef {{ rows: number, trueLoss: number, csvBytes: number, held: number, outcomes: Outcomes }} Size
 */

const { values: options } = parseArgs({
  options: { rows: { type: "string", default: "10000,100000,1000000" }, topics: { type: "string" }, readme: { type: "boolean" } },
});
const sizes = options.rows.split(",").map(Number);
const topics = options.topics?.split(",") ?? TOPICS;

/** @returns {{ topic: string, name: string, note?: string, maxRows?: number, command: string, file: string }[]} */
function contestants() {
  const all = PROGRAMS.flatMap(({ command, file }) => {
    const { status, stdout, stderr } = spawnSync(command, [file, "list"], { encoding: "utf8", env: ENVIRONMENT });
    if (status !== 0) throw new Error(`${file} does not say who takes part: ${lastLine(stderr)}`);
    return JSON.parse(lastLine(stdout)).map((/** @type {object} */ one) => ({ ...one, command, file }));
  });
  return topics.flatMap((topic) => all.filter((one) => one.topic === topic));
}

/** @param {string} text */
const lastLine = (text) => text.trimEnd().split("\n").at(-1) ?? "";

/** What went wrong, in one line. @param {string} stderr */
const cause = (stderr) => (stderr.split("\n").findLast((line) => /\w*(Error|Exception)\b.*:/.test(line)) ?? lastLine(stderr)).trim().slice(0, 120);

/** @param {ReturnType<typeof contestants>[number]} one @param {string} folder @returns {Outcome} */
function measure({ command, file, topic, name }, folder) {
  const start = performance.now();
  const { status, signal, stdout, stderr, error } = spawnSync(command, [file, topic, name, folder, probabilities], {
    encoding: "utf8",
    env: ENVIRONMENT,
    timeout: 1000 * LIMIT_SECONDS,
    killSignal: "SIGKILL",
    maxBuffer: 1 << 28,
  });
  const took = (performance.now() - start) / 1000;
  if (took >= LIMIT_SECONDS) return { problem: `took more than ${LIMIT_SECONDS} s`, took };
  if (status !== 0) return { problem: `failed: ${cause(stderr) || error?.message || signal}`, took };
  return { ...JSON.parse(lastLine(stdout)), took };
}

/** @param {string} folder @param {Outcome} outcome */
function score(folder, outcome) {
  const crashed = Uint8Array.from(readFileSync(join(folder, "test.y")));
  const predicted = floats(probabilities);
  if (predicted.length !== crashed.length || predicted.some(Number.isNaN)) outcome.problem = "its probabilities are not numbers, one a row";
  else Object.assign(outcome, { logLoss: logLoss(crashed, predicted), rocAuc: rocAuc(crashed, predicted) });
}

/** @param {string} file */
function floats(file) {
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Adds the runs of another round. @param {Outcome} known @param {Outcome} more */
function merge(known, more) {
  if (more.problem) return;
  for (const key of /** @type {const} */ (["seconds", "predictSeconds", "rowSeconds", "insideSeconds"])) known[key]?.push(...(more[key] ?? []));
}

/** @param {ReturnType<typeof contestants>} everybody @param {number} rows @param {Size[]} before @returns {Size} */
function measureSize(everybody, rows, before) {
  const folder = join(out, "data", String(rows));
  console.error(`${rows.toLocaleString("en-GB")} rows`);
  writeData(folder, rows);
  const crashed = Uint8Array.from(readFileSync(join(folder, "test.y")));
  /** @type {Size} */
  const size = {
    rows,
    trueLoss: logLoss(crashed, floats(join(folder, "test.truth"))),
    csvBytes: readFileSync(join(folder, "all.csv")).length,
    held: crashed.length,
    outcomes: {},
  };
  for (let round = 0; round < START_ROUNDS; round += 1) {
    for (const one of everybody) {
      const isStart = START.includes(one.topic);
      const isOver = round >= (isStart ? START_ROUNDS : rows >= MANY_ROWS ? 1 : ROUNDS);
      if (isOver || (isStart && before.length > 0) || (round > 0 && one.topic === "onnx")) continue;
      const known = size.outcomes[one.topic]?.[one.name];
      if (known && (known.problem || Number(known.took) > LONG_SECONDS)) continue;
      const outcome = unlessTooLong(one, rows, before) ?? measure(one, folder);
      if (known) merge(known, outcome);
      else {
        if (outcome.seconds && outcome.predictSeconds) score(folder, outcome);
        if (outcome.rows !== undefined && outcome.rows !== rows) outcome.problem = `read ${outcome.rows} rows`;
        (size.outcomes[one.topic] ??= {})[one.name] = { note: one.note, ...outcome };
      }
      const seconds = median(outcome.seconds ?? outcome.predictSeconds ?? []);
      console.error(`  ${one.topic.padEnd(9)} ${one.name.padEnd(30)} ${outcome.problem ?? (seconds ? `${seconds.toPrecision(3)} s` : "done")}`);
    }
  }
  return size;
}

/** @param {ReturnType<typeof contestants>[number]} one @param {number} rows @param {Size[]} before @returns {Outcome | undefined} */
function unlessTooLong({ topic, name, maxRows }, rows, before) {
  if (maxRows && rows > maxRows) return { problem: `not run above ${maxRows.toLocaleString("en-GB")} rows` };
  const last = before.at(-1);
  const earlier = last?.outcomes[topic]?.[name];
  if (!last || !earlier) return undefined;
  const expected = (rows / last.rows) * median(earlier.seconds ?? [0]);
  const isHopeless = earlier.problem?.startsWith("took more") || expected > LIMIT_SECONDS;
  return isHopeless ? { problem: `not run: more than ${LIMIT_SECONDS} s, by the smaller log` } : undefined;
}

const machine = { cpu: cpus()[0]?.model.trim() ?? "unknown", cores: cpus().length, node: process.version, date: new Date().toISOString().slice(0, 10) };
mkdirSync(out, { recursive: true });
/** @type {Size[]} */
const measured = [];
const everybody = contestants();
let report = "";
for (const rows of sizes) {
  measured.push(measureSize(everybody, rows, measured));
  // After each size, so that a run that is broken off leaves what it found.
  writeFileSync(join(root, "dist/bench.json"), `${JSON.stringify({ machine, sizes: measured }, null, 1)}\n`);
  report = toMarkdown(machine, measured);
  writeFileSync(join(root, "dist/bench.md"), report);
}
console.log(report);
if (options.readme) {
  const file = join(root, "README.md");
  writeFileSync(file, toReadme(readFileSync(file, "utf8"), machine, measured));
}
