/** What the user chose and typed, in the words of the package. @import { Choices, ColumnSummary, Options, RoleOptions, TrainOptions } from "./types" */

/**
 * The roles, without how far ahead to predict: what is proposed depends on them.
 *
 * @param {Choices} choices @param {ColumnSummary[]} columns with the guessed roles @returns {RoleOptions}
 */
export function rolesOf({ roles, goal, minutes, incidents, ...named }, columns) {
  /** @type {RoleOptions} */
  const asked = { ...named };
  if (incidents !== undefined) asked.incidents = incidents.csv;
  const chosen = (/** @type {string} */ wanted) => [...roles].filter(([, role]) => role === wanted).map(([name]) => name);
  const ignored = chosen("ignored");
  if (ignored.length > 0) asked.ignore = ignored;
  const added = chosen("feature");
  if (added.length > 0) asked.features = [...guessedFeatures({ roles, ...named }, columns), ...added];
  return asked;
}

/** Naming any feature names them all, so the guessed ones are named too. @param {Choices} choices @param {ColumnSummary[]} columns */
function guessedFeatures({ label, time, host, roles }, columns) {
  const taken = new Set([label, time, host]);
  return columns.filter(({ name, role }) => role === "feature" && !roles.has(name) && !taken.has(name)).map(({ name }) => name);
}

/**
 * How many minutes ahead to predict; null where the label is taken as it stands, or where a list of crashes leaves it to the
 * engine.
 *
 * @param {Choices} choices @param {number | null} proposed for a label that says "down now"
 */
export function minutesOf({ goal, minutes = "" }, proposed) {
  if (goal === "now") return null;
  return minutes === "" ? proposed : Number(minutes);
}

/** How the log is to be read. @param {import("./types").Log["reading"]} how */
export function readingOf(how) {
  /** @type {{ delimiter?: string, header?: boolean, asIs?: boolean, rates?: string[] }} */
  const asked = {};
  if (how.delimiter !== "") asked.delimiter = how.delimiter;
  if (how.header !== "") asked.header = how.header === "yes";
  if (how.rows !== "") asked.asIs = true;
  if (how.rates.length > 0) asked.rates = how.rates;
  return asked;
}

/** Figures as they are typed; what is left empty is the engine's to choose. */
const FIGURES = /** @type {const} */ (["costMissed", "costPage", "pagesPerWeek", "alarmNeeded", "alarmOf"]);

/** @param {Options} options @returns {TrainOptions} */
export function trainingOf(options) {
  const { algorithm, split, threshold, rule, keepChecked } = options;
  const asked = /** @type {TrainOptions} */ ({ algorithm, split });
  if (threshold !== "") asked.threshold = Number(threshold) / 100;
  for (const name of FIGURES) {
    if (options[name] !== "") asked[name] = Number(options[name]);
  }
  if (rule.trim() !== "") asked.rule = rule;
  if (keepChecked) asked.keepChecked = true;
  return asked;
}
