/** How the command line lays out text for a terminal. Knows nothing of logs and models. */

const WIDTH = 100;
/** Lines of one list before the report says how many more there are. */
const MAX_LISTED = 10;

/** Names and cells come from a file: what could steer the terminal is shown as a box. @param {string} text */
export const clean = (text) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\u25a1");

/** @param {number} n */
export const count = (n) => n.toLocaleString("en");

/** @param {number} n @param {string} one @param {string} [many] */
export const counted = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

/** @param {number | null} share */
export const percent = (share) => (share === null ? "\u2013" : `${(100 * share).toFixed(1)} %`);

/** @param {number | null} n */
export const fixed = (n) => (n === null ? "\u2013" : n.toFixed(3));

/** @param {number} n */
export const short = (n) => String(Number(n.toPrecision(4)));

const BAR = 24;

/** @param {number} share  of the longest bar */
export const bar = (share) => "\u2588".repeat(Math.round(BAR * share)) || (share > 0 ? "\u258f" : "");

/** The engine gives reasons as clauses. @param {string} clause */
export const sentence = (clause) => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}${/[.!?]$/.test(clause) ? "" : "."}`;

/**
 * @param {string} text
 * @param {number} length
 */
export const cut = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}\u2026` : text);

/** @param {string} text */
export const quoted = (text) => `"${text}"`;

/**
 * @param {string} text
 * @param {string} [indent]
 */
export function wrapped(text, indent = "  ") {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const line = /** @type {string} */ (lines.at(-1));
    if (line !== "" && indent.length + line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.map((line) => indent + line).join("\n");
}

/**
 * Columns of text, two blanks apart.
 * @param {string[][]} rows
 * @param {number[]} [right]  the columns of figures
 */
export function aligned(rows, right = []) {
  rows = rows.map((row) => row.map((text) => text.replace(/[\t\n]/g, " ")));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? "")].length)));
  const cell = (/** @type {string} */ text, /** @type {number} */ column) => {
    const blanks = " ".repeat((widths[column] ?? 0) - [...text].length);
    return right.includes(column) ? blanks + text : text + blanks;
  };
  return rows.map((row) => `  ${row.map(cell).join("  ")}`.trimEnd()).join("\n");
}

/**
 * @param {string[]} lines
 * @param {number} total  of which `lines` are the first
 */
export function listed(lines, total) {
  const shown = lines.slice(0, MAX_LISTED).map((line) => wrapped(line));
  if (total > shown.length) shown.push(`  and ${count(total - shown.length)} more`);
  return shown.join("\n");
}

/** @param {string} title @param {(string | false | undefined)[]} parts */
export const section = (title, ...parts) => [title, ...parts.filter(Boolean)].join("\n");

/** @param {(string | false | undefined)[]} sections */
export const report = (sections) => clean(`${sections.filter(Boolean).join("\n\n")}\n`);
