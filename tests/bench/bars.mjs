/** What the engine is to reach, as ratios to others in the same run where there are others. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { median } from "./figures.mjs";

/** @typedef {import("./run.mjs").Size} Size */
/** @typedef {import("./run.mjs").Outcome} Outcome */
/** @typedef {{ what: string, aim: string, value: number, unit?: string, met: boolean }} Bar */

const OURS = "crash-predictor";
const WASM = new URL("../../dist/npm/crash_predictor_bg.wasm", import.meta.url);

/** @param {Size} size @param {string} topic @param {string} name @param {"seconds" | "predictSeconds" | "rowSeconds" | "insideSeconds"} [key] */
function time(size, topic, name, key = "seconds") {
  const runs = size.outcomes[topic]?.[name]?.[key];
  return runs?.length ? median(runs) : NaN;
}

/** The least log loss of the others. @param {Size} size @param {string} topic */
function bestLoss(size, topic) {
  const others = Object.entries(size.outcomes[topic] ?? {}).filter(([name]) => !name.startsWith(OURS));
  return Math.min(...others.map(([, one]) => one.logLoss ?? Infinity));
}

/** @param {string} what @param {number} value @param {number} limit @param {string} [unit] @returns {Bar} */
const atMost = (what, value, limit, unit = "x") => ({ what, aim: `at most ${limit}${unit}`, value, unit, met: value <= limit });
/** @param {string} what @param {number} value @param {number} limit @returns {Bar} */
const atLeast = (what, value, limit) => ({ what, aim: `at least ${limit}x`, value, unit: "x", met: value >= limit });

/** @param {Size} size @returns {Bar[]} */
function ofSize(size) {
  const at = size.rows.toLocaleString("en-GB");
  const ours = (/** @type {string} */ topic) => time(size, topic, OURS);
  const loss = (/** @type {string} */ topic, name = OURS) => size.outcomes[topic]?.[name]?.logLoss ?? NaN;
  const speed = (/** @type {string} */ peer) => time(size, "predict", peer, "predictSeconds") / time(size, "predict", OURS, "predictSeconds");
  const micros = (/** @type {"rowSeconds" | "insideSeconds"} */ key) => 1e6 * time(size, "predict", OURS, key);
  const auto = `${OURS}, auto`;
  const forAuto = [
    atMost(`auto: log loss to the best of the others' defaults, ${at}`, loss("defaults", auto) / bestLoss(size, "defaults"), 1),
    atMost(`auto: time, ${at}`, time(size, "defaults", auto), 10, " s"),
  ];
  return [
    atMost(`boosting: time to LightGBM's, native, ${at}`, ours("boosting") / time(size, "boosting", "LightGBM"), 1),
    atMost(`boosting: log loss to the best of the others', ${at}`, loss("boosting") / bestLoss(size, "boosting"), 1.01),
    ...(size.rows === 10_000 ? forAuto : []),
    atLeast(`forest: faster than scikit-learn, native, ${at}`, time(size, "forest", "scikit-learn") / ours("forest"), 5),
    atMost(`forest: log loss to scikit-learn's, ${at}`, loss("forest") / loss("forest", "scikit-learn"), 1),
    atLeast(`logistic regression: faster than scikit-learn, native, ${at}`, time(size, "logistic", "scikit-learn") / ours("logistic"), 2),
    atLeast(`boosting: faster than ydf-training, ${at}`, time(size, "boosting", "ydf-training") / ours("boosting"), 8),
    atLeast(`logistic regression: faster than tfjs, ${at}`, time(size, "logistic", "@tensorflow/tfjs") / ours("logistic"), 8),
    atLeast(`prediction in batch: faster than onnxruntime-web, ${at}`, speed("onnxruntime-web"), 3),
    atMost(`one row, inside wasm, model of ${at}`, micros("insideSeconds"), 3, " us"),
    atMost(`one row, from JavaScript, model of ${at}`, micros("rowSeconds"), 7.6, " us"),
    atLeast(`CSV: faster than papaparse, ${at}`, time(size, "csv", "papaparse") / time(size, "csv", OURS), 5),
    atLeast(`CSV: as fast as pandas' C engine, ${at}`, time(size, "csv", "pandas") / time(size, "csv", OURS), 1),
  ];
}

/** Those that were measured. @param {Size[]} sizes @returns {Bar[]} */
export function bars(sizes) {
  const download = gzipSync(readFileSync(WASM), { level: 9 }).length;
  return [...sizes.flatMap(ofSize), atMost("wasm, gzipped", download, 250_000, " bytes")].filter(({ value }) => Number.isFinite(value));
}
