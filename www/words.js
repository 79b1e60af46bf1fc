/** Figures and messages as people read them. */

const NO_BREAK = "\u00a0";
const counts = new Intl.NumberFormat("en-GB");
const figures = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 });
const tiny = new Intl.NumberFormat("en-GB", { notation: "scientific", maximumSignificantDigits: 3 });

/** 20000 -> "20,000". @param {number} n */
export const formatCount = (n) => counts.format(n);

/** Four significant digits. @param {number | null} x */
export function formatNumber(x) {
  if (x === null || !Number.isFinite(x)) return "–";
  const size = Math.abs(x);
  return size !== 0 && (size < 1e-4 || size >= 1e9) ? tiny.format(x).toLowerCase() : figures.format(x);
}

/** Three decimals, for figures between 0 and 1. @param {number | null} x */
export const formatScore = (x, decimals = 3) => (x === null || !Number.isFinite(x) ? "–" : x.toFixed(decimals));

/**
 * 0.847 -> "85 %", with a decimal where whole numbers would hide something, or always the `decimals` asked for.
 *
 * @param {number | null} share @param {number} [decimals]
 */
export function formatPercent(share, decimals) {
  if (share === null || !Number.isFinite(share)) return "–";
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return `under${NO_BREAK}0.1${NO_BREAK}%`;
  if (percent < 100 && percent > 99.9) return `over${NO_BREAK}99.9${NO_BREAK}%`;
  const edge = percent !== 0 && percent !== 100 && (percent < 10 || percent > 99);
  return `${percent.toFixed(decimals ?? (edge ? 1 : 0))}${NO_BREAK}%`;
}

/** A model's probability is never shown as certainty. @param {number} probability */
export const formatProbability = (probability) => formatPercent(Math.min(0.9995, Math.max(0.0005, probability)));

/** 5546282 -> "5.5 MB". @param {number} bytes */
export function formatBytes(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)}${NO_BREAK}${units[unit]}`;
}

/** Milliseconds since 1970 -> "2018-05-12 00:00" (UTC). @param {number | null} ms */
export function formatTime(ms) {
  if (ms === null || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return "–";
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

/** The kinds of model there are. @type {Record<string, string>} */
const algorithmNames = {
  "base-rate": "always the base rate",
  logistic: "logistic regression",
  boosting: "boosted trees",
  forest: "random forest",
};

/** @param {string} algorithm */
export const nameOfAlgorithm = (algorithm) => algorithmNames[algorithm] ?? algorithm;

/** 1 row, 2 rows. @param {number} n @param {string} one @param {string} [many] */
export const plural = (n, one, many = `${one}s`) => `${formatCount(n)}${NO_BREAK}${n === 1 ? one : many}`;

/** @param {string} text */
export const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The engine's lower-case messages as sentences; a `name` they begin with keeps its spelling. @param {string} text @param {string | null} [name] */
export function sentence(text, name) {
  const start = name && text.startsWith(name) ? text : capitalised(text);
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}

/** "logs/web.csv" -> "web". @param {string} name */
export const stem = (name) => name.replace(/^.*[\\/]/, "").replace(/\.(csv|tsv|txt|log|crashmodel)$/i, "") || "log";
