/** The rows of a log one by one, as `predict` and `Monitor` take them: the texts of the cells by the names of the columns. */
import { PlainCsv } from "./crash_predictor.js";

/** @import { ReadOptions } from "./crash_predictor.js" */

/** A cell of plain CSV, in quotes or not, and what ends it. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/y;

/** Takes a log in pieces. */
export class LogRows {
  #plain;
  #decoder = new TextDecoder();
  #waiting = "";
  /** The names of the columns, once the header was read. @type {string[] | undefined} */
  names;

  /** @param {ReadOptions} [options] */
  constructor(options) {
    this.#plain = new PlainCsv(options);
  }

  /** The rows that are whole with this piece. The dialect is found from the first 64 KiB, so none comes before. @param {Uint8Array} bytes */
  *push(bytes) {
    yield* this.#rows(this.#plain.push(bytes));
  }

  /** The rows that are left. */
  *finish() {
    yield* this.#rows(this.#plain.finish());
  }

  /** Gives back the engine's memory. */
  free() {
    this.#plain.free();
  }

  /** @param {Uint8Array} plain */
  *#rows(plain) {
    const text = this.#waiting + this.#decoder.decode(plain, { stream: true });
    let start = 0;
    /** @type {string[]} */
    let cells = [];
    CELL.lastIndex = 0;
    for (let cell = CELL.exec(text); cell !== null; cell = CELL.exec(text)) {
      cells.push(cell[1]?.replaceAll('""', '"') ?? cell[2] ?? "");
      if (cell[3] === ",") continue;
      start = CELL.lastIndex;
      const { names } = this;
      if (names === undefined) this.names = cells;
      else yield new Map(cells.slice(0, names.length).map((text, at) => [/** @type {string} */ (names[at]), text]));
      cells = [];
      CELL.lastIndex = start; // whoever takes the rows may read another log meanwhile
    }
    this.#waiting = text.slice(start);
  }
}
