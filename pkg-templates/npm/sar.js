/**
 * What `sar -A` prints: section after section, each a table of its own with the same times. They are joined by time into one
 * table. A section with a row for each device gives the largest of their values, so that the columns are those of any host;
 * one with a row for all of them (`all` CPUs, the `sum` of interrupts) gives that row. Reports may follow one another, of other
 * days and hosts, each under its banner. One section of one report is left to the engine, which reads it as it is.
 *
 * @import { ReadOptions } from "./index.js"
 *
 * @typedef {object} When
 * @property {string} host
 * @property {number} time  seconds since 1970 by the host's own clock
 * @property {number} again  how often that clock was put back before, as it is where summer time ends
 *
 * @typedef {object} Section
 * @property {string[]} names
 * @property {number} line  where it begins, from 1
 * @property {number} key  which of the names says of what device a row is; -1 for none
 * @property {(When & { cells: string[] })[]} rows
 * @property {number} nOther  rows that do not fit the names
 *
 * @typedef {When & { cells: Map<string, string> }} Row  of the table: its cells by the name of their column
 */
import { joined } from "./gunzip.js";

/** Bytes that hold the banner of the first line. */
const START_BYTES = 512;
/** Bytes of a text whose sections are joined: a day of a large machine is a tenth of it. */
const MAX_BYTES = 64 << 20;
const TOO_LONG = `sar: longer than ${MAX_BYTES >> 20} MiB: its sections are not joined by time; read fewer days at once`;

const BANNER = /^Linux \S+ \((.*?)\)[ \t]+(\d+)[-/.](\d+)[-/.](\d+)/;
const ROW = /^(\d{1,2}):(\d\d):(\d\d)(?:\s*([AP])M)?\s+(\S.*)$/;
/** What stands between the rows and is none: a restart, a remark of the administrator's. */
const SAID = /^(?:LINUX RESTART|(COM)\s)/;
const NUMBER = /^-?\d+(?:[.,]\d+)?$/;
/** `CPU`, `DEV`, `IFACE`: what a row is about. Metrics are written small. */
const KEY = /^[A-Z]{2,}$/;
/** The row for all devices. */
const TOTAL = /^(?:all|sum|summary)$/;
const DAY = 86_400;

/**
 * The pieces as they are, or of `sar -A` one table.
 * @param {AsyncIterable<Uint8Array>} pieces  unpacked
 * @param {ReadOptions | null} [options]  that the outcome is read with
 * @param {(note: string) => void} [tell]  hears what was joined, and what was left out
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* joinedSections(pieces, options, tell = () => {}) {
  if (isDescribed(options)) return yield* pieces;
  /** @type {Uint8Array[]} */
  let held = [];
  let [n, isDone, isSar] = [0, false, false];
  for await (const piece of pieces) {
    if (isDone) {
      yield piece;
      continue;
    }
    held.push(piece);
    n += piece.length;
    if (n < START_BYTES) continue;
    isSar ||= hasBanner(held);
    if (isSar && n <= MAX_BYTES) continue;
    if (isSar) {
      tell(TOO_LONG);
      yield commented(TOO_LONG);
    }
    yield* held;
    [held, isDone] = [[], true];
  }
  const found = isDone ? undefined : join(held);
  if (!found) return yield* held;
  for (const note of found.notes) tell(note);
  yield found.table;
}

/**
 * The same of a whole log: the bytes as they are, or of `sar -A` one table, which says in comments what was joined.
 * @param {Uint8Array} bytes
 * @param {ReadOptions | null} [options]  that the outcome is read with; where they say how the text is written, it is left as it is
 * @returns {Uint8Array}
 */
export function withJoinedSections(bytes, options) {
  if (isDescribed(options) || !hasBanner([bytes])) return bytes;
  return bytes.length > MAX_BYTES ? joined(commented(TOO_LONG), bytes) : (join([bytes])?.table ?? bytes);
}

/** Whether the caller says how the text is written: our table would be misread. @param {ReadOptions | null | undefined} options */
function isDescribed(options) {
  const { delimiter, quote, comment, header } = options ?? {};
  return [delimiter, quote, comment, header].some((given) => given !== undefined && given !== null);
}

/** @param {Uint8Array[]} pieces */
function hasBanner(pieces) {
  let start = new Uint8Array();
  for (const piece of pieces) if (start.length < START_BYTES) start = joined(start, piece.subarray(0, START_BYTES - start.length));
  return BANNER.test(new TextDecoder().decode(start));
}

/** Before the first line, in the same: the lines keep their numbers. @param {string} note */
const commented = (note) => new TextEncoder().encode(`# ${note}: `);

/** What may stand in a cell or a comment. @param {string} text */
const plain = (text) => text.replace(/[\t\r\n"]+/g, " ");

/**
 * @param {Uint8Array[]} pieces
 * @returns {{ table: Uint8Array, notes: string[] } | undefined}
 */
function join(pieces) {
  if (!hasBanner(pieces)) return undefined;
  const decoder = new TextDecoder();
  const lines = `${pieces.map((piece) => decoder.decode(piece, { stream: true })).join("")}${decoder.decode()}`.split(/\r?\n/);
  const found = sectionsOf(lines);
  if (!found || found.sections.length === 0 || (found.sections.length < 2 && found.nReports < 2)) return undefined;
  const { sections, nReports, notes } = found;
  /** @type {Map<string, Row>} */
  const rows = new Map();
  /** @type {Set<string>} */
  const columns = new Set();
  notes.unshift(`sar: ${nReports > 1 ? `${nReports} reports` : `${sections.length} sections`} are joined by time`);
  for (const section of sections) addSection(section, rows, columns, notes);
  const inOrder = (/** @type {string} */ a, /** @type {string} */ b) => (a < b ? -1 : Number(a > b));
  const sorted = [...rows.values()].sort((a, b) => a.time - b.time || inOrder(a.host, b.host) || a.again - b.again);
  const iso = (/** @type {number} */ time) => new Date(1000 * time).toISOString().slice(0, 19).replace("T", " ");
  const cellsOf = (/** @type {Row} */ { cells }) => [...columns].map((name) => cells.get(name) ?? "");
  const header = ["time", "host", ...[...columns].map(plain)];
  const table = [header, ...sorted.map((row) => [iso(row.time), plain(row.host), ...cellsOf(row)])];
  const text = [...notes.map((note) => `# ${plain(note)}`), ...table.map((row) => row.join("\t")), ""].join("\n");
  return { table: new TextEncoder().encode(text), notes };
}

/**
 * The midnight of the day that a banner names, in seconds. Where only one of two orders is a date, that.
 * @param {number[]} parts
 * @param {boolean} isDayFirst  in a banner beside it, where both orders are
 */
function dateOf([a = 0, b = 0, c = 0], isDayFirst) {
  const [year, month, day] = a > 31 ? [a, b, c] : a > 12 || (isDayFirst && b <= 12) ? [c, b, a] : [c, a, b];
  const time = Date.UTC(year < 100 ? year + 2000 : year, month - 1, day);
  return month <= 12 && day <= 31 && Number.isFinite(time) ? time / 1000 : undefined;
}

/** Of each banner the host and the midnight, by the index of its line; none where one of them has no date. @param {string[]} lines */
function bannersOf(lines) {
  const found = lines.flatMap((line, at) => {
    const [, host = "", ...parts] = BANNER.exec(line) ?? [];
    return parts.length > 0 ? [{ at, host, parts: parts.map(Number) }] : [];
  });
  const isDayFirst = found.some(({ parts: [a = 0] }) => a > 12 && a <= 31);
  /** @type {Map<number, { host: string, midnight: number }>} */
  const banners = new Map();
  for (const { at, host, parts } of found) {
    const midnight = dateOf(parts, isDayFirst);
    if (midnight === undefined) return undefined;
    banners.set(at, { host, midnight });
  }
  return banners;
}

/**
 * The time of a section's rows in one report, of which each line has only the hour. What falls by more than half a day is of
 * the next; what falls by less is the same hour again.
 */
class Clock {
  #day;
  #last;
  #again = 0;

  /** @param {number} midnight @param {number} first  seconds of its day */
  constructor(midnight, first) {
    this.#day = midnight;
    this.#last = first;
  }

  /** @param {number} seconds of a day */
  at(seconds) {
    if (this.#last - seconds > DAY / 2) this.#day += DAY;
    else if (seconds < this.#last) this.#again += 1;
    this.#last = seconds;
    return { time: this.#day + seconds, again: this.#again };
  }
}

/** @param {string[]} lines */
function sectionsOf(lines) {
  const banners = bannersOf(lines);
  if (!banners) return undefined;
  /** @type {Map<string, Section>} */
  const sections = new Map();
  /** Of the sections of one report. @type {Map<Section, Clock>} */
  const clocks = new Map();
  /** @type {string[]} */
  const notes = [];
  /** @type {Section | undefined} */
  let section;
  let report = { host: "", midnight: 0 };
  /** Whether the line before was empty: `sar` writes one before each header. Words alone may also be a row without a number. */
  let isApart = false;
  lines.forEach((line, at) => {
    const banner = banners.get(at);
    if (banner) {
      report = banner;
      section = undefined;
      clocks.clear();
    }
    const mayBeHeader = isApart;
    isApart = banner !== undefined || line.trim() === "";
    const row = ROW.exec(line);
    if (!row) return;
    const [, hours, minutes, seconds, half, rest = ""] = row;
    const hour = half ? (Number(hours) % 12) + (half === "P" ? 12 : 0) : Number(hours);
    const time = 3600 * hour + 60 * Number(minutes) + Number(seconds);
    const said = SAID.exec(rest);
    if (said) {
      notes.push(`line ${at + 1}: ${said[1] ? "a remark" : "the host was started again"} (${line.trim()})`);
      return;
    }
    const cells = rest.trim().split(/\s+/);
    if (mayBeHeader && !cells.some((cell) => NUMBER.test(cell))) {
      section = sectionOf(sections, cells, at + 1);
      // A header comes again and again, page after page, or after each interval while `sar` measures.
      if (!clocks.has(section)) clocks.set(section, new Clock(report.midnight, time));
      return;
    }
    if (!section) return;
    const when = clocks.get(section)?.at(time);
    if (when && cells.length === section.names.length) section.rows.push({ ...when, host: report.host, cells });
    else section.nOther += 1;
  });
  return { sections: [...sections.values()], nReports: banners.size, notes };
}

/** The section of a header, of whatever report. @param {Map<string, Section>} sections @param {string[]} names @param {number} line */
function sectionOf(sections, names, line) {
  const header = names.join(" ");
  const former = sections.get(header);
  if (former) return former;
  const section = { names, line, key: names.findIndex((name) => KEY.test(name)), rows: [], nOther: 0 };
  sections.set(header, section);
  return section;
}

/**
 * @param {Section} section
 * @param {Map<string, Row>} rows
 * @param {Set<string>} columns
 * @param {string[]} notes
 */
function addSection({ names, line, key, rows: all, nOther }, rows, columns, notes) {
  const what = names[key] ?? "";
  const isTotal = (/** @type {string[]} */ cells) => key >= 0 && TOTAL.test(cells[key] ?? "");
  const haveTotal = new Set(all.filter(({ cells }) => isTotal(cells)).map(({ host }) => host));
  /** @type {Set<string>} */
  const devices = new Set();
  for (const { cells, ...when } of all) {
    const isOfDevice = key >= 0 && !haveTotal.has(when.host);
    if (isOfDevice) devices.add(cells[key] ?? "");
    else if (key >= 0 && !isTotal(cells)) continue;
    const prefix = key < 0 ? "" : isOfDevice ? `${what} max ` : `${what} `;
    const id = `${when.time} ${when.again} ${when.host}`;
    const row = rows.get(id) ?? { ...when, cells: new Map() };
    rows.set(id, row);
    names.forEach((name, at) => {
      const cell = cells[at] ?? "";
      if (KEY.test(name) || !NUMBER.test(cell)) return;
      columns.add(prefix + name);
      const former = row.cells.get(prefix + name);
      if (former === undefined || valueOf(cell) > valueOf(former)) row.cells.set(prefix + name, cell);
    });
  }
  const title = names.slice(0, 3).join(" ");
  if (nOther > 0) notes.push(`line ${line}: of the section ${title} ${nOther} rows do not fit its header and were left out`);
  if (devices.size > 0) {
    const some = [...devices].slice(0, 8).join(", ");
    notes.push(`line ${line}: ${what} max is the largest of ${some}${devices.size > 8 ? " and others" : ""}`);
  }
}

/** @param {string} cell */
const valueOf = (cell) => Number(cell.replace(",", "."));
