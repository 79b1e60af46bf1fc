/** What is measured, the same for everybody: losses of probabilities, medians, repeated timings. */

/** Mean log loss in nats. @param {Uint8Array} crashed @param {ArrayLike<number>} probabilities */
export function logLoss(crashed, probabilities) {
  let sum = 0;
  crashed.forEach((label, row) => {
    const p = Math.min(1 - 1e-15, Math.max(1e-15, Number(probabilities[row])));
    sum -= Math.log(label === 1 ? p : 1 - p);
  });
  return sum / crashed.length;
}

/** The share of pairs of a crash and a calm row that are ranked rightly, ties counting one half. @param {Uint8Array} crashed @param {ArrayLike<number>} scores */
export function rocAuc(crashed, scores) {
  const order = Uint32Array.from(crashed.keys()).sort((a, b) => Number(scores[a]) - Number(scores[b]));
  let [ranks, nCrashed] = [0, 0];
  for (let start = 0, end = 0; start < order.length; start = end) {
    let tied = 0;
    for (; end < order.length && scores[order[end] ?? 0] === scores[order[start] ?? 0]; end += 1) tied += crashed[order[end] ?? 0] ?? 0;
    ranks += tied * ((start + 1 + end) / 2);
    nCrashed += tied;
  }
  return (ranks - (nCrashed * (nCrashed + 1)) / 2) / (nCrashed * (crashed.length - nCrashed));
}

/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Runs are repeated until there are enough of them that took long enough together, or until that took too long. */
const ENOUGH_RUNS = 5;
const ENOUGH_SECONDS = 0.3;
const MAX_SECONDS = 3;

/**
 * Runs `work` several times.
 * @template T
 * @param {() => T | Promise<T>} work
 * @returns {Promise<{ seconds: number[], result: T }>} the seconds of every run, and what the last one returned
 */
export async function timed(work) {
  /** @type {number[]} */
  const seconds = [];
  for (let spent = 0; ; ) {
    const start = performance.now();
    const result = await work();
    const took = (performance.now() - start) / 1000;
    seconds.push(took);
    spent += took;
    const isEnough = seconds.length >= ENOUGH_RUNS && spent >= ENOUGH_SECONDS;
    if (isEnough || spent >= MAX_SECONDS) return { seconds, result };
  }
}
