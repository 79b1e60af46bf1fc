/** The outcomes as tables: ratios first, then medians. */
import { median } from "./figures.mjs";
import { bars } from "./bars.mjs";

/** @typedef {import("./run.mjs").Size} Size */
/** @typedef {import("./run.mjs").Outcome} Outcome */
/** @typedef {{ cpu: string, cores: number, node: string, date: string }} Machine */

const TITLES = {
  logistic: "Logistic regression",
  boosting: "Boosting, 100 rounds of 31 leaves, learning rate 0.1",
  forest: "Forests, 100 trees grown out",
  defaults: "Nothing set: everybody's own defaults",
};
const README_ROWS = 100_000;
const START = "<!-- bench: written by make bench README=1 -->";
const END = "<!-- /bench -->";

/** @param {number} rows */
const inWords = (rows) => rows.toLocaleString("en-GB");
/** @param {number | undefined} value @param {string} [unit] */
export const figure = (value, unit = "") =>
  value === undefined || Number.isNaN(value) ? "" : `${value >= 100 ? Math.round(value).toLocaleString("en-GB") : value.toPrecision(value < 0.01 ? 2 : 3)}${unit}`;

/** @param {string[]} header @param {string[][]} rows */
function table(header, rows) {
  const widths = header.map((name, at) => Math.max(3, ...[name, ...rows.map((row) => row[at] ?? "")].map((cell) => cell.length)));
  const line = (/** @type {string[]} */ cells) =>
    `| ${widths.map((width, at) => (at === 0 ? (cells[at] ?? "").padEnd(width) : (cells[at] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(header), rule, ...rows.map(line)].join("\n");
}

/** @param {Size[]} sizes @param {string} topic names in the order of the lists */
const names = (sizes, topic) => [...new Set(sizes.flatMap(({ outcomes }) => Object.keys(outcomes[topic] ?? {})))];

/** A table with a column for each size and each figure. @param {Size[]} sizes @param {string} topic @param {Record<string, (outcome: Outcome, ours: Outcome, size: Size) => string>} figures */
function bySize(sizes, topic, figures) {
  const measured = sizes.filter(({ outcomes }) => outcomes[topic]);
  const header = Object.keys(figures).flatMap((what) => measured.map(({ rows }, at) => (at === 0 ? `${what}: ${inWords(rows)}` : inWords(rows))));
  const lines = names(measured, topic).map((name) => {
    const cells = Object.values(figures).flatMap((show) =>
      measured.map((size) => {
        const outcome = size.outcomes[topic]?.[name];
        const ours = Object.values(size.outcomes[topic] ?? {})[0];
        return outcome && ours && !outcome.problem ? show(outcome, ours, size) : "";
      }),
    );
    const remarks = measured.map(({ rows, outcomes }) => outcomes[topic]?.[name]?.problem && `${inWords(rows)}: ${outcomes[topic]?.[name]?.problem}`);
    const note = measured.map(({ outcomes }) => outcomes[topic]?.[name]?.note).find(Boolean);
    return [name, ...cells, [note, ...remarks].filter(Boolean).join("; ")];
  });
  return table(["", ...header, "remarks"], lines);
}

/** @param {number[] | undefined} values */
const middle = (values) => (values?.length ? median(values) : undefined);
/** @param {number[] | undefined} theirs @param {number[] | undefined} ours */
const ratio = (theirs, ours) => figure(Number(middle(theirs)) / Number(middle(ours)));
/** @param {number | undefined} value @param {number} digits */
const fixed = (value, digits) => value?.toFixed(digits) ?? "";

const SECONDS = { "time / ours": (/** @type {Outcome} */ one, /** @type {Outcome} */ ours) => ratio(one.seconds, ours.seconds), seconds: (/** @type {Outcome} */ one) => figure(middle(one.seconds)) };

/** @param {Size[]} sizes @param {string} topic */
const learning = (sizes, topic) =>
  bySize(sizes, topic, {
    ...SECONDS,
    "log loss": (one) => fixed(one.logLoss, 4),
    "ROC AUC": (one) => fixed(one.rocAuc, 3),
    "memory, MB": (one) => figure(one.bytes ? one.bytes / 1e6 : undefined),
  });

/** Rows a second: what is asked in batches, and by whom. @param {Size[]} sizes */
function predicting(sizes) {
  const trees = sizes.map((size) => ({ ...size, outcomes: { predict: { ...size.outcomes.predict, ...inTopic(size, "boosting") } } }));
  const micros = (/** @type {number[] | undefined} */ seconds) => figure(Number(middle(seconds)) * 1e6);
  return bySize(trees, "predict", {
    "rows/s / ours": (one, ours) => ratio(ours.predictSeconds, one.predictSeconds),
    "rows/s": (one, _, size) => figure(size.held / Number(middle(one.predictSeconds))),
    "one row, microseconds": (one) => micros(one.rowSeconds),
    "inside wasm": (one) => micros(one.insideSeconds),
  });
}

/** Who grew 100 trees and predicted with them. @param {Size} size @param {string} topic */
const inTopic = (size, topic) =>
  Object.fromEntries(Object.entries(size.outcomes[topic] ?? {}).map(([name, one]) => [`${name}${name === "crash-predictor" ? ", the model alone" : ""}`, one]));

/** @param {Machine} machine */
const where = ({ cpu, cores, node, date }) => `${date}, ${cpu}, ${cores} cores, Node ${node}, everybody on one thread`;

/** @param {Machine} machine @param {Size[]} sizes */
export function toMarkdown(machine, sizes) {
  const truth = sizes.map(({ rows, trueLoss }) => `${trueLoss.toFixed(4)} at ${inWords(rows)} rows`).join(", ");
  const sections = [
    `# crash-predictor beside others\n\n${where(machine)}. Medians. Log loss and ROC AUC on the fifth of the rows that was held out; the true\nprobabilities have a log loss of ${truth}: nobody can do better.`,
    `## What was aimed at\n\n${aims(bars(sizes))}`,
    ...Object.entries(TITLES).filter(([topic]) => names(sizes, topic).length > 0).map(([topic, title]) => `## ${title}\n\n${learning(sizes, topic)}`),
  ];
  if (names(sizes, "predict").length > 0) sections.push(`## Prediction by 100 trees\n\n${predicting(sizes)}`);
  if (names(sizes, "csv").length > 0) {
    const speed = (/** @type {Outcome} */ one, /** @type {Size} */ size) => size.csvBytes / 1e6 / Number(middle(one.seconds));
    sections.push(
      `## CSV to typed columns\n\n${bySize(sizes, "csv", {
        "speed / ours": (one, ours) => ratio(ours.seconds, one.seconds),
        "MB/s": (one, _, size) => figure(speed(one, size)),
      })}`,
    );
  }
  if (names(sizes, "cold").length > 0) {
    sections.push(
      `## Before anything can be asked\n\n${bySize(sizes, "cold", {
        ...SECONDS,
        "download / ours": (one, ours) => figure(Number(one.download) / Number(ours.download)),
        "bytes, gzipped": (one) => figure(one.download),
      })}`,
    );
  }
  return `${sections.join("\n\n")}\n`;
}

/** @param {import("./bars.mjs").Bar[]} bars */
function aims(bars) {
  const part = (/** @type {0 | 1} */ at, /** @type {import("./bars.mjs").Bar["between"]} */ between) => between && (between[2] ? figure(between[at], between[2]) : fixed(between[at], 4));
  const line = (/** @type {import("./bars.mjs").Bar} */ bar) => [
    bar.what,
    bar.rows ? inWords(bar.rows) : "",
    figure(bar.value, bar.unit),
    bar.aim,
    bar.met ? "" : "missed",
    part(0, bar.between) ?? "",
    part(1, bar.between) ?? "",
  ];
  return table(["", "rows", "measured", "aim", "", "ours", "theirs"], bars.map(line));
}

/** The README with its table renewed, of the log of 100,000 rows where one was measured. @param {string} readme @param {Machine} machine @param {Size[]} sizes */
export function toReadme(readme, machine, sizes) {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`README.md has no place for the table: ${START} and ${END}`);
  const rows = sizes.some((size) => size.rows === README_ROWS) ? README_ROWS : sizes.at(-1)?.rows;
  const shown = bars(sizes).filter((bar) => !bar.rows || bar.rows === rows || bar.what.startsWith("auto"));
  return `${readme.slice(0, start)}${START}\n${aims(shown)}\n\n${where(machine)}; medians.\n${readme.slice(end)}`;
}
