/**
 * A log of 1 GiB: the wasm memory that reading, training and scoring it take, and how long. The log is made while it is read.
 * usage: node tests/bench/gigabyte.mjs [--mib 1024] [--algorithm auto] [--budget SECONDS]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    mib: { type: "string", default: "1024" },
    algorithm: { type: "string", default: "auto" },
    budget: { type: "string" },
    score: { type: "string" },
  },
});
const MIB = 1 << 20;
const bytes = Number(values.mib) * MIB;
const HOSTS = 50;
const HEADER = "time,host,cpu_pct,mem_pct,disk_io_mb_s,net_mb_s,latency_ms,error_rate_pct,threads,load_1m,fan_rpm,crashed\n";

/** Every instance of the engine is made here, so that its memory can be asked. @type {WebAssembly.Memory[]} */
const memories = [];
for (const how of /** @type {const} */ (["instantiate", "instantiateStreaming"])) {
  const original = /** @type {any} */ (WebAssembly[how]);
  /** @type {any} */ (WebAssembly)[how] = async (/** @type {any[]} */ ...args) => {
    const made = await original.apply(WebAssembly, args);
    memories.push((made.instance ?? made).exports.memory);
    return made;
  };
}
const { CrashPredictor, CsvScorer, LogReader, init } = await import("../../dist/npm/index.js");
await init();
const memory = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) / MIB;

/** The log in pieces of about a mebibyte, the same every time. */
function* log() {
  let seed = 1;
  const uniform = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (seed >>> 8) / 2 ** 24;
  };
  const encoder = new TextEncoder();
  let [text, done, minute] = [HEADER, 0, 0];
  while (done + text.length < bytes) {
    const time = new Date(1.7e12 + 6e4 * minute++).toISOString().slice(0, 19);
    for (let host = 0; host < HOSTS; host++) {
      const [cpu, mem] = [100 * uniform(), 100 * uniform()];
      const crashed = cpu > 80 && mem > 70 && uniform() < 0.6 ? 1 : uniform() < 0.002 ? 1 : 0;
      const latency = 20 + cpu * uniform();
      text += `${time}Z,web-${host},${cpu.toFixed(1)},${mem.toFixed(1)},${(40 * uniform()).toFixed(2)},${(30 * uniform()).toFixed(2)},${latency.toFixed(1)},${uniform().toFixed(3)},${(300 * uniform()).toFixed(0)},${(8 * uniform()).toFixed(2)},${(3000 * uniform()).toFixed(0)},${crashed}\n`;
    }
    if (text.length < MIB) continue;
    done += text.length;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(text);
}

/** @template T @param {string} what @param {() => T} work @returns {T} */
function measured(what, work) {
  const start = performance.now();
  const result = work();
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s, wasm memory ${memory().toFixed(0)} MiB`);
  return result;
}

if (values.score !== undefined) {
  const scorer = new CsvScorer(CrashPredictor.load(readFileSync(values.score)), {});
  let written = 0;
  measured(`score ${values.mib} MiB`, () => {
    for (const piece of log()) written += scorer.push(piece).length;
    written += scorer.finish().length;
  });
  const { rowsRead, rowsScored } = scorer.summary;
  console.log(`  ${rowsScored} of ${rowsRead} rows scored, ${(written / MIB).toFixed(0)} MiB written`);
} else {
  const table = measured(`read ${values.mib} MiB`, () => {
    const reader = new LogReader();
    for (const piece of log()) reader.push(piece);
    return reader.finish();
  });
  const { rowsRead, rowsUsed, rowsRejected, rowsSetAside } = table.issues;
  console.log(`  ${rowsRead} rows = ${rowsUsed} used + ${rowsRejected} rejected + ${rowsSetAside} set aside`);
  const options = { algorithm: values.algorithm, budgetSeconds: values.budget && Number(values.budget) };
  const model = measured(`train on ${table.rowCount} rows`, () => CrashPredictor.train(table, /** @type {any} */ (options)));
  console.log(`  ${model.summary.algorithm}, ROC AUC ${model.evaluation.model.rocAuc.toFixed(4)}`);
  // Scoring is another program: with an engine of its own.
  const folder = mkdtempSync(join(tmpdir(), "crash-predictor-"));
  const path = join(folder, "gigabyte.crashmodel");
  writeFileSync(path, model.save());
  spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--mib", values.mib, "--score", path], { stdio: "inherit" });
  rmSync(folder, { recursive: true });
}
