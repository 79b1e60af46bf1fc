/** Logs the tests are made with, and reading CSV without the package's help. */

/** @param {Uint8Array} bytes */
export const text = (bytes) => new TextDecoder().decode(bytes);

/**
 * A log in which high `cpu` together with high `mem` leads to crashes; reproducible.
 * @param {number} nRows
 * @param {string[]} [names]  of the two metrics
 */
export function smallLog(nRows, [first, second] = ["cpu_pct", "mem_pct"]) {
  let state = 12345;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const lines = [`${first},${second},region,crashed`];
  for (let row = 0; row < nRows; row++) {
    const cpu = 100 * uniform();
    const mem = 100 * uniform();
    const crashed = uniform() < 1 / (1 + Math.exp(-(cpu + mem - 150) / 10)) ? 1 : 0;
    lines.push(`${cpu.toFixed(2)},${mem.toFixed(2)},${["eu", "us", "ap"][row % 3]},${crashed}`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * A log of every kind of column with cells missing, in which a busy disk crashes where `cooling` is off; reproducible.
 * @param {number} nRows
 * @param {number} seed
 */
export function mixedLog(nRows, seed) {
  let state = seed;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let warm = 0; warm < 10; warm++) uniform();
  const lines = ["disk_busy,cooling,region,crashed"];
  for (let row = 0; row < nRows; row++) {
    const busy = 100 * uniform();
    const cooling = uniform() < 0.7;
    const region = ["eu", "us", "ap"][Math.floor(3 * uniform())] ?? "";
    const crashed = uniform() < (busy > 70 && !cooling ? 0.9 : region === "ap" ? 0.2 : 0.03);
    const cells = [busy.toFixed(1), cooling ? "on" : "off", region].map((cell) => (uniform() < 0.08 ? "" : cell));
    lines.push(`${cells.join(",")},${crashed ? 1 : 0}`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * Rows of a CSV file without quotes, by column.
 * @param {string} csv
 * @returns {Record<string, string>[]}
 */
export function parsePlain(csv) {
  const [header = "", ...lines] = csv.trimEnd().split(/\r?\n/);
  const names = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));
  });
}

/** The 64 bits of a double as 16 hexadecimal digits. @param {number} value */
export function bitsOf(value) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

/**
 * Area under the ROC curve: the share of pairs of a crash and a calm row that are ranked rightly, ties counting one half.
 * @param {boolean[]} crashed
 * @param {number[]} scores
 */
export function rocAuc(crashed, scores) {
  const order = scores
    .map((score, row) => ({ score, crashed: Boolean(crashed[row]) }))
    .sort((a, b) => a.score - b.score);
  let rankSum = 0;
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && order[end]?.score === order[start]?.score) end++;
    const positives = order.slice(start, end).filter((row) => row.crashed).length;
    rankSum += positives * ((start + 1 + end) / 2);
  }
  const nPositive = order.filter((row) => row.crashed).length;
  return (rankSum - (nPositive * (nPositive + 1)) / 2) / (nPositive * (order.length - nPositive));
}

/**
 * The engine with room for so much more than it starts with, so that an allocation fails and the engine traps.
 * @param {Uint8Array} wasm
 * @param {number} pages  of 64 KiB above the minimum
 */
export function withLittleMemory(wasm, pages) {
  let at = 8; // after the magic number and the version
  const read = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  for (;;) {
    const start = at;
    const id = wasm[at++];
    const size = read();
    const end = at + size;
    if (id === 5) {
      at += 2; // one memory, and its flags
      const minimum = read();
      const body = [1, 1, ...leb128(minimum), ...leb128(minimum + pages)];
      return Uint8Array.from([...wasm.subarray(0, start), 5, ...leb128(body.length), ...body, ...wasm.subarray(end)]);
    }
    at = end;
  }
}

/** @param {number} value @returns {number[]} */
function leb128(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >>> 7)];
}
