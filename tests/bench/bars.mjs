/** What the engine is to reach, as ratios to others in the same run where there are others. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "./figures.mjs";

/** @typedef {import("./run.mjs").Size} Size */
/** @typedef {import("./run.mjs").Outcome} Outcome */
/**
 * @typedef {object} Bar
 * @property {string} what
 * @property {number} [rows]
 * @property {number} value
 * @property {string} unit
 * @property {string} aim
 * @property {boolean} met
 * @property {[ours: number, theirs: number, unit: string]} [between]  what a ratio is made of
 */

const OURS = "crash-predictor";
const WASM = fileURLToPath(new URL("../../dist/npm/crash_predictor_bg.wasm", import.meta.url));

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

/** @param {string} what @param {number} value @param {number} most @param {string} unit @returns {Bar} */
const atMost = (what, value, most, unit) => ({ what, value, unit, aim: `at most ${most.toLocaleString("en-GB")}${unit}`, met: value <= most });

/** @param {Size} size @returns {Bar[]} */
function ofSize(size) {
  /** @type {(what: string, topic: string, peer: string, least: number, key?: "seconds" | "predictSeconds") => Bar} */
  const asFast = (what, topic, peer, least, key = "seconds") => {
    const [ours, theirs] = [time(size, topic, OURS, key), time(size, topic, peer, key)];
    const value = theirs / ours;
    return { what, value, unit: "x", aim: `at least ${least}x`, met: value >= least, between: [ours, theirs, " s"] };
  };
  /** @type {(what: string, topic: string, name: string, theirs: number, most: number) => Bar} */
  const asLow = (what, topic, name, theirs, most) => {
    const ours = size.outcomes[topic]?.[name]?.logLoss ?? NaN;
    return { ...atMost(what, ours / theirs, most, "x"), between: [ours, theirs, ""] };
  };
  const micros = (/** @type {"rowSeconds" | "insideSeconds"} */ key) => 1e6 * time(size, "predict", OURS, key);
  const auto = `${OURS}, auto`;
  const forestLoss = size.outcomes.forest?.["scikit-learn"]?.logLoss ?? NaN;
  const forAuto = [
    asLow("auto: log loss / the best of the others' defaults", "defaults", auto, bestLoss(size, "defaults"), 1),
    atMost("auto: time", time(size, "defaults", auto), 10, " s"),
  ];
  const all = [
    asFast("boosting: as fast as LightGBM, native", "boosting", "LightGBM", 1),
    asFast("boosting: as fast as ydf-training", "boosting", "ydf-training", 8),
    asLow("boosting: log loss / the best of the others'", "boosting", OURS, bestLoss(size, "boosting"), 1.01),
    ...(size.rows === 10_000 ? forAuto : []),
    asFast("forest: as fast as scikit-learn, native", "forest", "scikit-learn", 5),
    asLow("forest: log loss / scikit-learn's", "forest", OURS, forestLoss, 1),
    asFast("logistic regression: as fast as scikit-learn, native", "logistic", "scikit-learn", 2),
    asFast("logistic regression: as fast as tfjs", "logistic", "@tensorflow/tfjs", 8),
    asFast("logistic regression: as fast as ml-logistic-regression", "logistic", "ml-logistic-regression", 8),
    asFast("prediction by 100 trees: as fast as onnxruntime-web", "predict", "onnxruntime-web", 3, "predictSeconds"),
    atMost("one row by 100 trees, inside wasm", micros("insideSeconds"), 3, " us"),
    atMost("one row by 100 trees, from JavaScript", micros("rowSeconds"), 7.6, " us"),
    asFast("reading CSV: as fast as papaparse", "csv", "papaparse", 5),
    asFast("reading CSV: as fast as pandas' C engine, native", "csv", "pandas", 1),
  ];
  return all.map((bar) => ({ ...bar, rows: size.rows }));
}

/** Those that were measured. @param {Size[]} sizes @returns {Bar[]} */
export function bars(sizes) {
  // As the build does: Node's own zlib packs a little less.
  const download = execFileSync("gzip", ["-9nc", WASM]).length;
  return [...sizes.flatMap(ofSize), atMost("wasm, gzipped", download, 250_000, " bytes")].filter(({ value }) => Number.isFinite(value));
}
