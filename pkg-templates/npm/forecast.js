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
/** Bytes of a log that are looked at. */
const START_BYTES = 1 << 18;
/** WebAssembly has 4 GiB of memory; half of it is for a column that grows, which is there twice. */
const ENGINE_BYTES = 2 ** 31;

/**
 * The pieces as they are; before the first of them `tell` hears what the log will come to, where a table may not keep all of it.
 * @param {AsyncIterable<Uint8Array>} pieces  unpacked
 * @param {number | undefined} bytes  of all of them, where that is known
 * @param {ReadOptions | undefined} options
 * @param {(forecast: Forecast) => void} tell
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* foretold(pieces, bytes, options, tell) {
  // A cell takes at least a byte, its delimiter.
  const tableMib = options?.maxTableMib ?? TABLE_MIB;
  const mayBeLarge = bytes !== undefined && bytes * CELL_BYTES > (tableMib * 2 ** 20 || ENGINE_BYTES);
  if (!mayBeLarge) return yield* pieces;
  /** @type {Uint8Array[]} */
  let held = [];
  let [nHeld, isTold] = [0, false];
  for await (const piece of pieces) {
    if (isTold) {
      yield piece;
      continue;
    }
    held.push(piece);
    nHeld += piece.length;
    if (nHeld < START_BYTES) continue;
    isTold = true;
    const found = forecast(held.reduce(joined).subarray(0, START_BYTES), bytes, tableMib, options);
    if (found && (found.rowsKept < found.rows || found.isTooMuch)) tell(found);
    yield* held;
    held = [];
  }
  yield* held;
}

/**
 * @param {Uint8Array} start
 * @param {number} bytes
 * @param {number} tableMib
 * @param {ReadOptions | undefined} options
 * @returns {Forecast | undefined}
 */
function forecast(start, bytes, tableMib, options) {
  const found = measure(start, options);
  if (!found) return undefined;
  const rows = Math.round((bytes / start.length) * found.rows);
  const rowBytes = CELL_BYTES * found.width;
  let rowsKept = rows;
  // The table keeps half of the blocks each time that it is full.
  if (tableMib > 0) while (rowsKept * rowBytes > tableMib * 2 ** 20) rowsKept /= 2;
  const isTooMuch = rowsKept * rowBytes > ENGINE_BYTES;
  return { bytes, rows, rowsKept: Math.round(rowsKept), tableMib, isTooMuch, width: found.width };
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
  const { delimiter, quote, header, comment } = options ?? {};
  const reader = new LogReader({ delimiter, quote, header, comment, maxTableMib: 0 });
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
