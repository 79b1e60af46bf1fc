/**
 * What `sar -A` prints: section after section, each a table of its own with the same times. They are joined by time into one
 * table. A section with a row for each device gives the largest of their values, so that the columns are those of any host;
 * one with a row for all of them (`all` CPUs, the `sum` of interrupts) gives that row. A text of one section is left to the
 * engine, which reads it as it is.
 *
 * @typedef {object} Section
 * @property {string[]} names
 * @property {number} line  where it begins, from 1
 * @property {number} key  which of the names says of what device a row is; -1 for none
 * @property {{ time: number, cells: string[] }[]} rows
 * @property {number} nOther  rows that do not fit the names
 */

/** What the first line starts with, and bytes of a text that are looked at: a day of a large machine is a tenth of it. */
const START = "Linux ";
const MAX_BYTES = 64 << 20;

const BANNER = /^Linux \S+ \((.*?)\)\s+(\d+)[-/.](\d+)[-/.](\d+)/;
const ROW = /^(\d{1,2}):(\d\d):(\d\d)(?:\s*([AP])M)?\s+(\S.*)$/;
const NUMBER = /^-?\d+(?:[.,]\d+)?$/;
/** `CPU`, `DEV`, `IFACE`: what a row is about. Metrics are written small. */
const KEY = /^[A-Z]{2,}$/;
/** The row for all devices. */
const TOTAL = /^(?:all|sum|summary)$/;
const DAY = 86_400;

/**
 * The pieces as they are, or of `sar -A` one table.
 * @param {AsyncIterable<Uint8Array>} pieces  unpacked
 * @param {(note: string) => void} [tell]  hears what was joined, and what was left out
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* joinedSections(pieces, tell = () => {}) {
  /** @type {Uint8Array[] | undefined} */
  let held = [];
  let [start, n] = ["", 0];
  for await (const piece of pieces) {
    if (!held) {
      yield piece;
      continue;
    }
    held.push(piece);
    n += piece.length;
    start += String.fromCharCode(...piece.subarray(0, START.length - start.length));
    if (START.startsWith(start) && n <= MAX_BYTES) continue;
    yield* held;
    held = undefined;
  }
  if (!held) return;
  const found = join(held);
  if (!found) return yield* held;
  for (const note of found.notes) tell(note);
  yield found.table;
}

/** The same of a whole log. @param {Uint8Array} bytes */
export const withJoinedSections = (bytes) => join([bytes])?.table ?? bytes;

/**
 * @param {Uint8Array[]} pieces
 * @returns {{ table: Uint8Array, notes: string[] } | undefined}
 */
function join(pieces) {
  if (String.fromCharCode(...(pieces[0]?.subarray(0, 2) ?? [])) !== START.slice(0, 2)) return undefined;
  const decoder = new TextDecoder();
  const lines = `${pieces.map((piece) => decoder.decode(piece, { stream: true })).join("")}${decoder.decode()}`.split(/\r?\n/);
  const banner = BANNER.exec(lines[0] ?? "");
  const date = banner && dateOf(banner.slice(2).map(Number));
  if (!date) return undefined;
  const { sections, notes } = sectionsOf(lines);
  if (sections.length < 2) return undefined;
  /** For each second the cells by the name of their column. @type {Map<number, Map<string, string>>} */
  const rows = new Map();
  /** @type {Set<string>} */
  const columns = new Set();
  notes.unshift(`sar: ${sections.length} sections are joined by time`);
  for (const section of sections) addSection(section, rows, columns, notes);
  const times = [...rows.keys()].sort((a, b) => a - b);
  const iso = (/** @type {number} */ time) => new Date(date + 1000 * time).toISOString().slice(0, 19).replace("T", " ");
  const host = banner?.[1] ?? "";
  const cells = (/** @type {number} */ time) => [...columns].map((name) => rows.get(time)?.get(name) ?? "");
  const table = [["time", "host", ...columns], ...times.map((time) => [iso(time), host, ...cells(time)])];
  const text = [...notes.map((note) => `# ${note}`), ...table.map((row) => row.join("\t")), ""].join("\n");
  return { table: new TextEncoder().encode(text), notes };
}

/** Milliseconds of the day that a banner names; where only one of two orders is a date, that. @param {number[]} parts */
function dateOf([a = 0, b = 0, c = 0]) {
  const [year, month, day] = a > 31 ? [a, b, c] : a > 12 ? [c, b, a] : [c, a, b];
  const time = Date.UTC(year < 100 ? year + 2000 : year, month - 1, day);
  return month <= 12 && day <= 31 && Number.isFinite(time) ? time : undefined;
}

/** @param {string[]} lines */
function sectionsOf(lines) {
  /** @type {Map<string, Section>} */
  const sections = new Map();
  /** @type {string[]} */
  const notes = [];
  /** @type {Section | undefined} */
  let section;
  /** Days since the first, and the last time of a row: a time that is less is of the day after. */
  let [day, last] = [0, 0];
  lines.forEach((line, at) => {
    const row = ROW.exec(line);
    if (!row) return;
    const [, hours, minutes, seconds, half, rest = ""] = row;
    const hour = half ? (Number(hours) % 12) + (half === "P" ? 12 : 0) : Number(hours);
    const time = 3600 * hour + 60 * Number(minutes) + Number(seconds);
    if (rest.startsWith("LINUX RESTART")) {
      notes.push(`line ${at + 1}: the host was started again (${line.trim()})`);
      return;
    }
    const cells = rest.trim().split(/\s+/);
    if (!cells.some((cell) => NUMBER.test(cell))) {
      const name = cells.join(" ");
      section = sections.get(name);
      if (section) return; // as `sar` writes again and again, or after each interval while it measures
      section = { names: cells, line: at + 1, key: cells.findIndex((cell) => KEY.test(cell)), rows: [], nOther: 0 };
      sections.set(name, section);
      [day, last] = [0, time];
      return;
    }
    if (!section) return;
    if (time < last) day += 1;
    last = time;
    if (cells.length === section.names.length) section.rows.push({ time: day * DAY + time, cells });
    else section.nOther += 1;
  });
  return { sections: [...sections.values()], notes };
}

/**
 * @param {Section} section
 * @param {Map<number, Map<string, string>>} rows
 * @param {Set<string>} columns
 * @param {string[]} notes
 */
function addSection({ names, line, key, rows: all, nOther }, rows, columns, notes) {
  const what = names[key] ?? "";
  const totals = all.filter(({ cells }) => key >= 0 && TOTAL.test(cells[key] ?? ""));
  const used = totals.length > 0 ? totals : all;
  const prefix = key < 0 ? "" : totals.length > 0 ? `${what} ` : `${what} max `;
  for (const { time, cells } of used) {
    const row = rows.get(time) ?? new Map();
    rows.set(time, row);
    names.forEach((name, at) => {
      const cell = cells[at] ?? "";
      if (KEY.test(name) || !NUMBER.test(cell)) return;
      columns.add(prefix + name);
      const former = row.get(prefix + name);
      if (former === undefined || valueOf(cell) > valueOf(former)) row.set(prefix + name, cell);
    });
  }
  const title = names.slice(0, 3).join(" ");
  if (nOther > 0) notes.push(`line ${line}: of the section ${title} ${nOther} rows do not fit its header and were left out`);
  if (prefix.endsWith(" max ") && used.length > 0) {
    const devices = [...new Set(used.map(({ cells }) => cells[key]))];
    notes.push(`line ${line}: ${what} max is the largest of ${devices.slice(0, 8).join(", ")}${devices.length > 8 ? " and others" : ""}`);
  }
}

/** @param {string} cell */
const valueOf = (cell) => Number(cell.replace(",", "."));
