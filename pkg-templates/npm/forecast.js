/**
 * What a log of some size will come to, told from its first rows before the others are read: how many rows it has, about, and
 * how many of them a table keeps. Nothing here limits anything; the engine does, by what it then finds.
 */
import { LogReader } from "./index.js";
import { joined } from "./gunzip.js";

/** @import { ReadOptions } from "./index.js" */
/**
 * @typedef {object} Forecast
 * @property {number} bytes  of the log, unpacked
 * @property {number} rows  about so many
 * @property {number} rowsKept  about so many; as many as there are where `tableMib` is 0
 * @property {number} tableMib  what the columns of a table may take; 0 for no end
 * @property {boolean} isTooMuch  whether the columns of the rows that are kept take more than the engine can hold
 * @property {number} width  fields of a row
 */

/** MiB that a table takes where the caller says nothing: the engine's own (src/table/reader.rs). */
const TABLE_MIB = 96;
/** Bytes of a cell in a table. */
const CELL_BYTES = 8;
/** Bytes of a log that are looked at, of several files the starts of the first. */
const START_BYTES = 1 << 18;
/** WebAssembly has 4 GiB of memory; half of it is for a column that grows, which is there twice. */
const ENGINE_BYTES = 2 ** 31;

/**
 * For the files of one log, one after the other: the pieces of each as they are. Once enough of them was seen, `tell` hears what
 * the log will come to, where a table may not keep all of it, and the rest is read after that.
 * @param {number | undefined} bytes  of all files, unpacked, where that is known
 * @param {ReadOptions | undefined} options
 * @param {(forecast: Forecast) => void} tell
 * @returns {(pieces: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>}
 */
export function foretelling(bytes, options, tell) {
  const tableMib = options?.maxTableMib ?? TABLE_MIB;
  // A cell takes at least a byte, its delimiter.
  const mayBeLarge = bytes !== undefined && bytes * CELL_BYTES > (tableMib * 2 ** 20 || ENGINE_BYTES);
  const seen = { bytes: 0, rows: 0, width: 0 };
  let left = mayBeLarge ? START_BYTES : 0;
  const look = (/** @type {Uint8Array[]} */ held) => {
    const start = held.reduce(joined).subarray(0, left);
    left -= start.length;
    const found = measure(start, options);
    if (found) {
      seen.bytes += start.length;
      seen.rows += found.rows;
      seen.width = Math.max(seen.width, found.width);
    }
    if (left > 0 || seen.rows === 0 || bytes === undefined) return;
    const foreseen = forecast(seen, bytes, tableMib);
    if (foreseen.rowsKept < foreseen.rows || foreseen.isTooMuch) tell(foreseen);
  };
  return async function* foretold(pieces) {
    /** @type {Uint8Array[]} */
    let held = [];
    let nHeld = 0;
    for await (const piece of pieces) {
      if (left === 0) {
        yield piece;
        continue;
      }
      held.push(piece);
      nHeld += piece.length;
      if (nHeld < left) continue;
      look(held);
      yield* held;
      held = [];
    }
    // A file that ends before: with those that follow it is enough.
    if (held.length > 0) look(held);
    yield* held;
  };
}

/**
 * @param {{ bytes: number, rows: number, width: number }} seen
 * @param {number} bytes
 * @param {number} tableMib
 * @returns {Forecast}
 */
function forecast(seen, bytes, tableMib) {
  const rows = Math.round((bytes / seen.bytes) * seen.rows);
  const rowBytes = CELL_BYTES * seen.width;
  let rowsKept = rows;
  // The table keeps half of the blocks each time that it is full.
  if (tableMib > 0) while (rowsKept * rowBytes > tableMib * 2 ** 20) rowsKept /= 2;
  const isTooMuch = rowsKept * rowBytes > ENGINE_BYTES;
  return { bytes, rows, rowsKept: Math.round(rowsKept), tableMib, isTooMuch, width: seen.width };
}

/**
 * Rows and fields of a log's start; none where it cannot be read, which the reading itself will say.
 * @param {Uint8Array} start
 * @param {ReadOptions | undefined} options
 */
function measure(start, options) {
  try {
    const table = tableOf(start, options);
    try {
      const [rows, width] = [table.issues.rowsUsed, table.preview[0]?.length ?? 0];
      return rows > 0 && width > 0 ? { rows, width } : undefined;
    } finally {
      table.free();
    }
  } catch (error) {
    // The engine's own errors carry a code; what else there is, is a crash of it.
    if (typeof (/** @type {any} */ (error)?.code) !== "string") throw error;
    return undefined;
  }
}

/** @param {Uint8Array} start @param {ReadOptions | undefined} options */
function tableOf(start, options) {
  // Its columns need not be those that the options name: rows are counted, nothing else.
  const { delimiter, quote, header, comment, asIs } = options ?? {};
  const reader = new LogReader({ delimiter, quote, header, comment, asIs, maxTableMib: 0 });
  try {
    reader.push(start);
  } catch (error) {
    try {
      reader.free();
    } catch {} // after a crash even that fails, and must not hide why
    throw error;
  }
  return reader.finish(); // takes the reader, whatever comes of it
}

/** A forecast in words, after the name of what is read. @param {Forecast} forecast */
export function inWords({ bytes, rows, rowsKept, tableMib, isTooMuch, width }) {
  const about = (/** @type {number} */ n) => Number(n.toPrecision(2)).toLocaleString("en-GB");
  const size = `${about(bytes / 2 ** 20)} MiB, about ${about(rows)} rows`;
  if (isTooMuch) {
    const gib = (rowsKept * width * CELL_BYTES) / 2 ** 30;
    return `${size}: their columns take about ${about(gib)} GiB, which is more than the engine can hold; allow less for them`;
  }
  const kept = `about ${about(rowsKept)} are kept for training, in whole blocks drawn by chance, as many as ${tableMib} MiB hold`;
  return `${size}: all are read, ${kept}; scoring has no such end`;
}
