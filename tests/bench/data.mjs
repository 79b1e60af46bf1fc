/**
 * The log that everybody learns from: ten metrics of a server and whether it crashed, hard on purpose. Crashes follow from
 * combinations, a band and a clash as well as from single metrics; one column repeats another, one is noise; cells are
 * missing, in one column more often under load; about 8 % of the rows crash, and chance decides most of them, so that the
 * log loss of the true probabilities is the least that any model can reach. The same rows on every machine.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Every fifth row is held out. */
const HELD_OUT = 5;
const MISSING_SHARE = 0.04;

/** Names of the metrics in their order, which is also the order of a model's features, and the digits after the point that a log would have. */
export const COLUMNS = /** @type {const} */ ([
  ["cpu_pct", 1],
  ["disk_io_mb_s", 2],
  ["disk_used_pct", 1],
  ["error_rate_pct", 3],
  ["fan_rpm", 0],
  ["latency_ms", 1],
  ["load_1m", 2],
  ["mem_pct", 1],
  ["net_mb_s", 2],
  ["threads", 0],
]);
const LOAD = 6;
export const LABEL = "crashed";

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are enough for some ten million draws. @param {number} seed */
function generator(seed) {
  const uniform = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  /** By the central limit of four draws: no tails worth a logarithm. */
  const normal = () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
  return { uniform, normal };
}

/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
/** @param {number} z */
const sigmoid = (z) => 1 / (1 + Math.exp(-z));

/** One row: the metrics as measured, and the log odds of a crash. @param {ReturnType<typeof generator>} random */
function draw({ uniform, normal }) {
  const [busy, full, traffic] = [normal(), normal(), normal()];
  const cpu = clamp(55 + 22 * busy + 6 * normal(), 0, 100);
  const mem = clamp(60 + 18 * full + 5 * normal(), 0, 100);
  const disk = 100 * uniform();
  const io = Math.exp(2 + 0.6 * traffic + 0.7 * normal());
  const net = Math.exp(1.5 + 0.8 * traffic + 0.5 * normal());
  const latency = Math.exp(4 + 0.35 * busy + 0.2 * traffic + 0.4 * normal());
  const errors = Math.exp(-2 + 0.9 * normal());
  const threads = Math.round(clamp(120 + 35 * full + 20 * normal(), 8, 400));
  const load = clamp(cpu / 12 + 0.8 * normal(), 0, 20);
  const fan = Math.round(900 + 3000 * uniform());
  const logOdds =
    -6 +
    4.5 * sigmoid((cpu - 82) / 4) * sigmoid((latency - 70) / 10) +
    3.5 * sigmoid((mem - 78) / 4) * sigmoid((threads - 140) / 12) +
    (io > 10 !== net > 6 ? 2.2 : 0) * sigmoid((disk - 55) / 8) +
    (threads > 95 && threads < 115 ? 1.6 : 0) +
    1.1 * Math.log1p(4 * errors) +
    2 * Math.sin(disk / 9) * sigmoid((errors - 0.15) * 20) +
    0.8 * normal();
  return { metrics: [cpu, io, disk, errors, fan, latency, load, mem, net, threads], logOdds, isBusy: cpu > 85 };
}

/**
 * Writes `train` and `test`: the metrics column by column as 64-bit floats, NaN where missing, the labels as bytes, the true
 * probabilities as floats, and the same rows as CSV; and `all.csv`.
 * @param {string} folder
 * @param {number} nRows
 */
export function writeData(folder, nRows) {
  const random = generator(20_240_117);
  const parts = { train: part(nRows - Math.floor(nRows / HELD_OUT)), test: part(Math.floor(nRows / HELD_OUT)) };
  /** @type {string[]} */
  const all = [];
  for (let row = 0; row < nRows; row += 1) {
    const { metrics, logOdds, isBusy } = draw(random);
    const cells = metrics.map((value, column) => {
      const share = column === LOAD && isBusy ? 0.3 : MISSING_SHARE;
      return random.uniform() < share ? "" : value.toFixed(COLUMNS[column]?.[1]);
    });
    const truth = sigmoid(logOdds);
    const crashed = random.uniform() < truth ? 1 : 0;
    const line = `${cells.join(",")},${crashed}\n`;
    all.push(line);
    add(row % HELD_OUT === HELD_OUT - 1 ? parts.test : parts.train, cells, crashed, truth, line);
  }
  mkdirSync(folder, { recursive: true });
  writeCsv(join(folder, "all.csv"), all);
  for (const [name, { x, y, truth, lines }] of Object.entries(parts)) {
    writeFileSync(join(folder, `${name}.x`), x);
    writeFileSync(join(folder, `${name}.y`), y);
    writeFileSync(join(folder, `${name}.truth`), truth);
    writeCsv(join(folder, `${name}.csv`), lines);
  }
}

/** @param {number} nRows */
function part(nRows) {
  /** @type {string[]} */
  const lines = [];
  return { nRows, at: 0, x: new Float64Array(nRows * COLUMNS.length), y: new Uint8Array(nRows), truth: new Float64Array(nRows), lines };
}

/** @param {ReturnType<typeof part>} to @param {string[]} cells @param {number} crashed @param {number} truth @param {string} line */
function add(to, cells, crashed, truth, line) {
  // What the text says, so that readers of the CSV and of the numbers learn from the same.
  cells.forEach((cell, column) => (to.x[column * to.nRows + to.at] = cell === "" ? NaN : Number(cell)));
  to.y[to.at] = crashed;
  to.truth[to.at] = truth;
  to.lines.push(line);
  to.at += 1;
}

/** @param {string} file @param {string[]} lines */
function writeCsv(file, lines) {
  const header = `${[...COLUMNS.map(([name]) => name), LABEL].join(",")}\n`;
  writeFileSync(file, header + lines.join(""));
}
