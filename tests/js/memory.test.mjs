/** The engine's memory, which never shrinks: what reading and training take of it at most. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./installed.mjs";

/** @type {WebAssembly.Memory} */ let memory;
const { instantiate } = WebAssembly;
/** @type {any} */ (WebAssembly).instantiate = async (/** @type {any[]} */ ...args) => {
  const made = /** @type {any} */ (await instantiate(.../** @type {[any, any]} */ (args)));
  memory = (made.instance ?? made).exports.memory;
  return made;
};
const { CrashPredictor, LogReader, init } = await load("crash-predictor");
await init();
const MIB = 1 << 20;
const used = () => memory.buffer.byteLength / MIB;

/** Rows of ten hosts, minute by minute, with nine metrics, in pieces. @param {number} nRows */
function* log(nRows) {
  let state = 1;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
  let text = "time,host,a,b,c,d,e,f,g,h,i,crashed\n";
  for (let row = 0; row < nRows; row++) {
    const cells = Array.from({ length: 9 }, () => (100 * uniform()).toFixed(1));
    const crashed = Number(Number(cells[0]) + Number(cells[1]) > 170 ? uniform() < 0.7 : uniform() < 0.01);
    text += `${1.7e9 + 60 * Math.floor(row / 10)},web-${row % 10},${cells.join(",")},${crashed}\n`;
    if (text.length < MIB) continue;
    yield new TextEncoder().encode(text);
    text = "";
  }
  yield new TextEncoder().encode(text);
}

/** @param {number} nRows @param {number} [maxTableMib] */
function read(nRows, maxTableMib) {
  const reader = new LogReader({ maxTableMib });
  for (const piece of log(nRows)) reader.push(piece);
  return reader.finish();
}

test("a full table takes no more memory than it was allowed, by half", () => {
  const table = read(450_000, 24);
  assert.ok(table.rowCount < 450_000, "rows were dropped");
  assert.ok(used() < 24 * 1.5, `${used()} MiB`);
  table.free();
});

test("training looks at the table's own numbers, and copies none of them for a part of what it compares", () => {
  const nRows = 200_000;
  const table = read(nRows);
  CrashPredictor.train(table, { algorithm: "boosting" }).free();
  assert.equal(table.rowCount, nRows);
  // 18 MiB of cells; the bins of the rows, the windows, the folds' rows and their gradients come to as much four times.
  assert.ok(used() < 120, `${used()} MiB`);
});
