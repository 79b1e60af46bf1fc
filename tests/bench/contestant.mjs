/**
 * One contestant in a process of its own: `node FILE list` says who is in a file, `node FILE TOPIC NAME FOLDER OUT` measures
 * one of them on the data in FOLDER, writes the probabilities of the held-out rows to OUT and ends with a line of JSON.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { timed } from "./figures.mjs";

/**
 * @typedef {object} Rows  typed columns and labels
 * @property {number} nRows
 * @property {Float64Array} x  column by column, NaN where missing
 * @property {Uint8Array} y
 * @typedef {object} Contestant
 * @property {string} topic
 * @property {string} name
 * @property {string} [note]
 * @property {number} [maxRows]  it is not run on more
 * @property {(rows: Rows, train: Rows) => unknown} [prepare]  into the form it wants; not timed
 * @property {(train: any) => any} [fit]
 * @property {(model: any, test: any) => ArrayLike<number> | Promise<ArrayLike<number>>} [predict]
 * @property {(folder: string) => Promise<object>} [measure]  instead of the three, where the topic is another
 */

/** Rows of the untimed run before: enough for the compilers of a JavaScript engine to have seen every loop. */
const WARM_UP_ROWS = 4_000;
export const N_COLUMNS = 10;

/** @param {string} folder @param {string} part @returns {Rows} */
export function readRows(folder, part) {
  const x = readFileSync(join(folder, `${part}.x`));
  const y = readFileSync(join(folder, `${part}.y`));
  return { nRows: y.length, x: new Float64Array(x.buffer.slice(x.byteOffset, x.byteOffset + x.byteLength)), y: Uint8Array.from(y) };
}

/** @param {Rows} rows @param {number} count @returns {Rows} */
function head({ nRows, x, y }, count) {
  const kept = Math.min(count, nRows);
  const columns = Array.from({ length: N_COLUMNS }, (_, column) => x.subarray(column * nRows, column * nRows + kept));
  return { nRows: kept, x: Float64Array.from(columns.flatMap((column) => [...column])), y: y.subarray(0, kept) };
}

/** Linux alone says and forgets the most memory that a process had; elsewhere there is no figure. @param {"VmRSS" | "VmHWM"} what */
function residentBytes(what) {
  try {
    if (what === "VmRSS") writeFileSync("/proc/self/clear_refs", "5");
    return 1024 * Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  } catch {
    return NaN;
  }
}

/** @param {Contestant} contestant @param {string} folder @param {string} out */
async function learn({ prepare = (rows) => rows, fit, predict }, folder, out) {
  if (!fit || !predict) throw new Error("learns and predicts nothing");
  const rows = readRows(folder, "train");
  const few = head(rows, WARM_UP_ROWS);
  const [warmUp, train, test] = [await prepare(few, few), await prepare(rows, rows), await prepare(readRows(folder, "test"), rows)];
  await predict(await fit(warmUp), warmUp);
  const before = residentBytes("VmRSS");
  const fitted = await timed(() => fit(train));
  const bytes = residentBytes("VmHWM") - before;
  const predicted = await timed(() => predict(fitted.result, test));
  writeFileSync(out, Float64Array.from(predicted.result));
  return { seconds: fitted.seconds, predictSeconds: predicted.seconds, bytes };
}

/** @param {Contestant[]} contestants */
export async function compete(contestants) {
  const [topic, name, folder = "", out = ""] = process.argv.slice(2);
  if (topic === "list") {
    console.log(JSON.stringify(contestants.map(({ topic, name, note, maxRows }) => ({ topic, name, note, maxRows }))));
    return;
  }
  const contestant = contestants.find((one) => one.topic === topic && one.name === name);
  if (!contestant) throw new Error(`nobody is called ${name} in ${topic}`);
  const result = contestant.measure ? await contestant.measure(folder) : await learn(contestant, folder, out);
  console.log(`\n${JSON.stringify(result)}`);
}
