/**
 * How long a user waits who changes nothing: 20,000 rows x 40 columns dropped on the page, every kind of model tried, until
 * the results with their charts are shown, and the longest task on the page's own thread meanwhile. `node tests/bench/page.mjs`
 * prints the median of three runs, each in a fresh page with an empty cache. With `--mib 1024` the log goes on to that size,
 * once, and only how long the page's own thread is busy has a bar.
 */
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dropFiles, openSite } from "../e2e/browser.mjs";

const ROWS = 20_000;
const COLUMNS = 40;
const { values } = parseArgs({ options: { mib: { type: "string" } } });
const MIB = Number(values.mib ?? 0);
const RUNS = MIB > 0 ? 1 : 3;
const MAX_SECONDS = 3;
const MAX_TASK = 100;

/** A log of uniform metrics in which crashes follow from three of them, from the row of this number on. @param {number} first */
function makeLog(first) {
  let state = first + 1;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const names = Array.from({ length: COLUMNS - 2 }, (_, at) => `metric_${at}`);
  const lines = first === 0 ? [["timestamp", ...names, "crashed"].join(",")] : [];
  for (let row = first; row < first + ROWS; row += 1) {
    const values = names.map(next);
    const odds = Math.exp(5 * (values[0] + values[1] + values[2]) - 11);
    const time = new Date(1_700_000_000_000 + row * 60_000).toISOString();
    lines.push(`${time},${values.map((value) => (100 * value).toFixed(3)).join(",")},${next() < odds / (1 + odds) ? 1 : 0}`);
  }
  return `${lines.join("\n")}\n`;
}

/** In the page: notes when the log is dropped, trains as soon as it may, notes when the charts stand. */
function watch() {
  const longTasks = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) marks.tasks.push({ startTime, duration });
  });
  /** @type {{ dropped?: number, read?: number, shown?: number, tasks: { startTime: number, duration: number }[] }} */
  const marks = { tasks: [] };
  Object.assign(globalThis, { marks });
  longTasks.observe({ type: "longtask" });
  addEventListener("drop", () => (marks.dropped = performance.now()), true);
  const look = () => {
    const button = document.querySelector("#train [type=submit]:enabled");
    if (marks.read === undefined && button instanceof HTMLElement) {
      marks.read = performance.now();
      button.click();
    }
    if (document.querySelectorAll("#results svg.plot").length === 3 && document.querySelector("#answer strong")) {
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => (marks.shown = performance.now())));
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, attributes: true });
}

/** @param {Awaited<ReturnType<typeof openSite>>} site @param {string} file */
async function measure(site, file) {
  const page = await site.newPage();
  await page.evaluate(watch);
  await dropFiles(page, ".drop", [file]);
  await page.waitForFunction(() => globalThis.marks.shown !== undefined, undefined, { timeout: 600_000 });
  const { dropped, read, shown, tasks } = await page.evaluate(() => globalThis.marks);
  await page.context().close();
  const longest = Math.max(0, ...tasks.filter(({ startTime }) => startTime >= dropped && startTime <= shown).map(({ duration }) => duration));
  return { read: (read - dropped) / 1000, trained: (shown - read) / 1000, total: (shown - dropped) / 1000, longest };
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const folder = mkdtempSync(join(tmpdir(), "crash-predictor-"));
const file = join(folder, "log.csv");
writeFileSync(file, makeLog(0));
let nRows = ROWS;
for (; statSync(file).size < MIB * 2 ** 20; nRows += ROWS) appendFileSync(file, makeLog(nRows));
const site = await openSite();
try {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await measure(site, file));
  const of = (/** @type {"read" | "trained" | "total" | "longest"} */ key) => median(runs.map((run) => run[key]));
  const longest = of("longest");
  const rows = [
    ["dropped until it can be trained on", `${of("read").toFixed(2)} s`, ""],
    ["trained (automatic choice), results shown", `${of("trained").toFixed(2)} s`, ""],
    ["in all", `${of("total").toFixed(2)} s`, MIB > 0 ? "" : `at most ${MAX_SECONDS} s`],
    ["longest task on the page's own thread", longest === 0 ? "under 50 ms" : `${longest.toFixed(0)} ms`, `at most ${MAX_TASK} ms`],
  ];
  console.log(`The page: ${nRows.toLocaleString("en-GB")} rows x ${COLUMNS} columns, ${(statSync(file).size / 1e6).toFixed(1)} MB, median of ${RUNS} runs, ${cpus().length} cores`);
  for (const [what, figure, bar] of rows) console.log(`  ${what.padEnd(44)} ${figure.padStart(12)}   ${bar}`);
  if ((MIB === 0 && of("total") > MAX_SECONDS) || longest > MAX_TASK) process.exitCode = 1;
} finally {
  await site.close();
  rmSync(folder, { recursive: true });
}
