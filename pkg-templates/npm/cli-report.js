/** What the command line says about logs, models and scored files, as text for a terminal. */
import {
  aligned,
  bar,
  clean,
  count,
  counted,
  cut,
  fixed,
  listed,
  percent,
  quoted,
  report,
  section,
  sentence,
  short,
  wrapped,
} from "./cli-text.js";

/**
 * @import { ColumnSummary, Dialect, Evaluation, Issue, IssueReport, ModelSummary, Page, SchemaReport, Scores, ScoreSummary } from "./index.js"
 * @typedef {{ rowCount: number, columns: ColumnSummary[], issues: IssueReport, dialect: Dialect }} Log
 */

/** Weights or columns a report lists of what a model goes by. */
const MAX_TERMS = 20;
/** Columns of a log a training report lists; `inspect` lists them all. */
const MAX_COLUMNS = 60;

/** @type {Record<string, string>} */
const delimiters = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks" };

/** What the rows of the file were, where they are not those of the table. @type {Record<string, string>} */
const layouts = {
  rows: "",
  series: ", the columns of each host turned into rows",
  long: ", the rows of each metric turned into columns",
  sections: ", its sections joined by time, those of devices by the largest",
};

/**
 * @param {string} path
 * @param {Log} log
 */
function logSection(path, { rowCount, columns, issues, dialect }) {
  const { delimiter, jsonLines, layout } = dialect;
  const separated = jsonLines ? "line ends, as JSON" : (delimiters[delimiter] ?? quoted(delimiter));
  const written = layout === "sections" ? "printed by sar" : `separated by ${separated}`;
  const header = dialect.header ? "" : ", without a header line";
  const { rowsRejected, rowsRead, rowsSetAside } = issues;
  const lost =
    rowsRejected > 0 ? `${count(rowsRejected)} of ${counted(rowsRead, "row")} could not be used` : "every row could be read";
  const sampled = rowsSetAside > 0 ? `, a sample of ${count(rowsRead)},` : "";
  const size = `${counted(rowCount, "row")}${sampled} and ${counted(columns.length, "column")}`;
  return section(
    `The log: ${path === "-" ? "standard input" : path}`,
    wrapped(`${size}, ${written}, ${dialect.encoding}${header}${layouts[layout]}; ${lost}.`),
  );
}

/** @param {IssueReport} issues */
function issueSection({ total, kept }) {
  return total > 0 && section(`What is odd in it (${counted(total, "remark")})`, listed(kept.map(messageOf), total));
}

/** @param {Issue} issue */
const messageOf = ({ message }) => message;

/** @param {{ value: string }[]} values  the first few */
const named = (values) =>
  values
    .slice(0, 3)
    .map(({ value }) => value)
    .join(", ");

/** @param {number} ms */
const utc = (ms) =>
  new Date(ms)
    .toISOString()
    .replace(/(:00)?\.000Z$/, "Z")
    .replace("T", " ");

/** @param {ColumnSummary} column */
function holds({ kind, unit, distinct, min, max, topValues }) {
  const range = (/** @type {(n: number) => string} */ as) => (min === null || max === null ? "" : ` ${as(min)} to ${as(max)}`);
  switch (kind) {
    case "number":
      return `numbers${range(short)}${unit ? ` ${unit}` : ""}`;
    case "time":
      return `times${range(utc)}`;
    case "boolean":
    case "category":
      return `${distinct === null ? "many values" : counted(distinct, "value")}: ${cut(named(topValues), 30)}`;
    default:
      return kind === "empty" ? "nothing" : "text";
  }
}

/**
 * @param {Log} log
 * @param {SchemaReport} schema
 * @param {number} limit
 */
function columnSection({ rowCount, columns }, schema, limit) {
  const order = ["label", "time", "host", "feature", "ignored"];
  const roles = schema.columns
    .map(({ name, role, reason }, i) => ({ name, role, reason, summary: columns[i] }))
    .sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  const rows = roles
    .slice(0, limit)
    .map(({ name, role, reason, summary }) => [
      role,
      cut(name, 40),
      summary ? holds(summary) : "",
      summary?.missing ? percent(summary.missing / rowCount) : "",
      cut(reason, 80),
    ]);
  return section(
    "What each column is taken for",
    aligned([["role", "column", "holds", "missing", "why"], ...rows], [3]),
    roles.length > limit && `  and ${counted(roles.length - limit, "more column")}; crash-predictor inspect lists them all`,
    schema.positive !== null && wrapped(`A crash is ${schema.label} = ${schema.positive}: ${schema.positiveReason}.`),
    schema.remarks.length > 0 && wrapped(sentence(schema.remarks.join("; "))),
    schema.proposedHorizonMinutes !== null &&
      schema.target?.horizonMinutes === null &&
      wrapped(`It says when a server is down. To be warned before it is: --horizon ${schema.proposedHorizonMinutes}`),
    schema.counters.length > 0 &&
      wrapped(`These count up, and what they rise by may say more: --rates ${schema.counters.map((name) => cut(name, 40)).join(",")}`),
  );
}

/** How far a model looks ahead, where its log says that. @param {ModelSummary} summary */
const minutesAhead = ({ target: { means, horizonMinutes } }) =>
  means === "ahead" && horizonMinutes !== null ? counted(Number(short(horizonMinutes)), "minute") : null;

/** @param {Evaluation} evaluation @param {string | null} ahead */
function checkSection({ split: { reason, nTrain, nTest, nLeftOut, positivesTrain, positivesTest } }, ahead) {
  return section(
    "How it was checked",
    wrapped(
      `Trained on ${counted(nTrain, "row")} (${counted(positivesTrain, "crash row")}), then asked about ` +
        `${counted(nTest, "row")} (${counted(positivesTest, "crash row")}) it had not seen.` +
        (nLeftOut > 0 ? ` ${counted(nLeftOut, "row")} in between took no part, so that the two stand apart.` : "") +
        (ahead === null ? "" : ` A crash row is one with a crash within ${ahead} after it.`),
    ),
    wrapped(sentence(reason)),
  );
}

/** @type {[string, keyof Scores, (score: number | null) => string, string][]} */
const scores = [
  ["ROC AUC", "rocAuc", fixed, "1 = every crash ranked above every calm row, 0.5 = chance"],
  ["PR AUC", "prAuc", fixed, "the same with eyes on the crashes; chance is their share"],
  ["log loss", "logLoss", fixed, "how far off the probabilities are; lower is better"],
  ["Brier", "brier", fixed, "the same, squared; lower is better"],
  ["precision", "precision", percent, "of the rows it flagged, this many were crash rows"],
  ["recall", "recall", percent, "of the crash rows, it flagged this many"],
  ["F1", "f1", fixed, "precision and recall in one figure"],
  ["accuracy", "accuracy", percent, "right in either way; misleading where crashes are rare"],
];

/** @param {Evaluation} evaluation */
function scoreSection({ model, baseline, split }) {
  const rows = scores.map(([name, score, format, meaning]) => [name, format(model[score]), format(baseline[score]), meaning]);
  return section(
    `How good it is, on those ${counted(split.nTest, "row")}`,
    aligned([["", "model", "base rate", ""], ...rows], [1, 2]),
    wrapped("Base rate: always giving the probability of a crash among the training rows."),
  );
}

/** @param {Evaluation} evaluation */
function confusionSection({ threshold, thresholdReason, confusion }) {
  const { truePositives, falseNegatives, falsePositives, trueNegatives } = confusion;
  const flagged = truePositives + falsePositives;
  const crashes = counted(truePositives + falseNegatives, "crash row");
  const calm = counted(trueNegatives + falsePositives, "calm row");
  return section(
    `What that means at the threshold of ${short(threshold)}`,
    wrapped(`Of ${crashes} it flagged ${count(truePositives)} and missed ${count(falseNegatives)}.`),
    wrapped(`Of ${calm} it flagged ${count(falsePositives)} for nothing and left ${count(trueNegatives)} alone.`),
    flagged > 0 &&
      wrapped(`When it says "may crash", it is right ${Math.round((100 * truePositives) / flagged)} times in 100.`),
    wrapped(`Why this threshold: ${thresholdReason}.`),
  );
}

/** @param {Evaluation} evaluation */
function pageSection({ incidents, alarmRule, tooFewIncidents }) {
  if (!incidents) return "";
  const { caught, warningMinutes, pages, falsePages, falsePagesPerWeek, pagePrecision } = incidents;
  const { needed, of, mergeMinutes } = alarmRule;
  const minutes = warningMinutes && [warningMinutes.lower, warningMinutes.median, warningMinutes.upper].map(short);
  return section(
    "What that means for those who carry the pager",
    wrapped(
      `It would have paged for ${count(caught)} of ${counted(incidents.incidents, "crash", "crashes")}` +
        (minutes ? `, half of them ${minutes[1]} minutes ahead or more (quartiles ${minutes[0]} and ${minutes[2]}).` : "."),
    ),
    wrapped(
      `${counted(pages, "page")}, ${count(falsePages)} of them for nothing: ${falsePagesPerWeek.toFixed(1)} a week` +
        (pagePrecision === null ? "." : `; ${percent(pagePrecision)} of the pages belong to a crash.`),
    ),
    wrapped(
      `A page needs ${needed} of a server's last ${of} rows over the threshold; alarms within ${short(mergeMinutes)} minutes are one.`,
    ),
    tooFewIncidents && wrapped("These are too few crashes to tell much, however good the figures look."),
  );
}

/** @param {Evaluation} evaluation */
const ruleSection = ({ rules }) =>
  rules.length > 0 &&
  section(
    "Beside alert rules, at the same number of pages",
    ...rules.map(({ text, origin, message }) => wrapped(`${origin === "yours" ? "Yours" : "Best found"}: ${text}. ${message}`)),
  );

/** @param {Evaluation} evaluation */
const sureSection = ({ intervals, expectedCalibrationError, randomSplit, rowAlone }) => {
  const figures = /** @type {[string, string][]} */ ([
    ["rocAuc", "ROC AUC"],
    ["prAuc", "PR AUC"],
    ["logLoss", "log loss"],
    ["caughtShare", "share of the crashes caught"],
    ["medianWarning", "median warning in minutes"],
    ["falsePagesPerWeek", "pages a week for nothing"],
    ["pagePrecision", "share of the pages that belong to a crash"],
  ]);
  const rows = figures.flatMap(([name, words]) => {
    const found = intervals.find(({ figure }) => figure === name);
    return found ? [[words, fixed(found.low), "to", fixed(found.high)]] : [];
  });
  return section(
    "How sure that is",
    rows.length > 0 && aligned(rows, [1, 3]),
    rows.length > 0 && wrapped("Nine of ten draws of stretches of the held-out time lie within (block bootstrap)."),
    wrapped(`Probabilities are off by ${percent(expectedCalibrationError)} on average (expected calibration error).`),
    rowAlone !== null &&
      wrapped(`Of a row whose minutes before are not known: ROC AUC ${fixed(rowAlone.rocAuc)}, log loss ${fixed(rowAlone.logLoss)}.`),
    randomSplit !== null && wrapped(randomSplit.message),
  );
};

/** @param {Evaluation} evaluation @param {ModelSummary} summary */
const evaluationSections = (evaluation, summary) => [
  checkSection(evaluation, minutesAhead(summary)),
  scoreSection(evaluation),
  confusionSection(evaluation),
  pageSection(evaluation),
  ruleSection(evaluation),
  sureSection(evaluation),
  section("Verdict", wrapped(evaluation.verdict)),
];

/** @param {ModelSummary} summary @param {number} checked  the threshold of the model that was checked */
function modelSection(summary, checked) {
  const { algorithm, algorithmReason, nRows, nRowsWithoutLabel, baseRate, features, windows, threshold, outOfBagLogLoss } = summary;
  const before = windows.length > 0 ? ` and ${counted(windows.length, "figure")} of the minutes before a row` : "";
  const looksAt =
    algorithm === "base-rate" ? "; it gives every row that share" : `, and looks at ${counted(features.length, "column")}${before}`;
  const ahead = minutesAhead(summary);
  const goal = ahead === null ? `${summary.label} = ${summary.positive}` : `a crash within ${ahead}`;
  const moved = short(checked) === short(threshold) ? "" : `; the one that was checked, before all rows were learned from, did from ${short(checked)} on`;
  return section(
    "The model",
    wrapped(sentence(algorithmReason)),
    wrapped(`It was fitted on ${counted(nRows, "row")}, ${percent(baseRate)} of them with ${goal}${looksAt}.`),
    nRowsWithoutLabel > 0 && wrapped(`${counted(nRowsWithoutLabel, "row")} without a label could not be learned from.`),
    ...["rising", "falling"].map((direction) => {
      const named = features.filter((feature) => feature.direction === direction).map(({ name }) => name);
      const never = direction === "rising" ? "never falls" : "never rises";
      return named.length > 0 && wrapped(`As you said, the risk ${never} as ${named.join(", ")} ${named.length > 1 ? "rise" : "rises"}.`);
    }),
    outOfBagLogLoss !== null &&
      wrapped(`Its log loss out of bag, each row predicted by the trees that did not learn from it, is ${outOfBagLogLoss.toFixed(4)}.`),
    wrapped(threshold < 1 ? `It says "may crash" from a probability of ${short(threshold)} on${moved}.` : 'It never says "may crash".'),
  );
}

/** @type {Record<string, string>} */
const algorithms = {
  "base-rate": "base rate",
  logistic: "logistic regression",
  boosting: "boosted trees",
  forest: "random forest",
};

/** @param {ModelSummary} summary */
function triedSection(summary) {
  const { algorithm, candidates, candidateSeconds } = summary;
  const others = candidates.some((other) => other.algorithm !== algorithm && other.algorithm !== "base-rate");
  const rows = candidates.map((candidate, at) => [
    algorithms[candidate.algorithm] ?? candidate.algorithm,
    candidate.setting,
    candidate.logLoss.toFixed(4),
    `\u00b1 ${candidate.spread.toFixed(4)}`,
    candidateSeconds ? `${/** @type {number} */ (candidateSeconds[at]).toFixed(1)} s` : "",
    `${(candidate.modelBytes / 1000).toFixed(candidate.modelBytes < 10_000 ? 1 : 0)} kB`,
    candidate.chosen ? "chosen" : "",
  ]);
  return (
    candidates.length > 0 &&
    section(
      "What was tried, in cross-validation on the training rows",
      aligned([["", "", "log loss", "", candidateSeconds ? "time" : "", "size", ""], ...rows], [2, 4, 5]),
      wrapped(
        others || algorithm === "base-rate"
          ? "The simplest stand first. Chosen is the first whose log loss is within one standard error of the lowest; " +
              "the error is that of the difference, fold by fold."
          : "Chosen is what was asked for, with the setting of the lowest log loss; the base rate is there to compare.",
      ),
    )
  );
}

/** Of a model of trees. @param {ModelSummary} summary */
function importanceSection({ features, windows }) {
  const shares = [...features, ...windows].flatMap(({ name, importance }) => (importance === null ? [] : [{ name, importance }]));
  const sorted = shares.sort((a, b) => b.importance - a.importance);
  const largest = sorted[0]?.importance ?? 0; // 0 where no tree was grown
  const rows = sorted
    .slice(0, MAX_TERMS)
    .map(({ name, importance }) => [cut(name, 40), percent(importance), bar(importance / largest)]);
  return (
    largest > 0 &&
    section(
      "What it looks at",
      aligned(rows, [1]),
      sorted.length > rows.length && `  and ${counted(sorted.length - rows.length, "more column")}`,
      wrapped("The share of each column in what the splits of the trees gained; columns of many values are favoured a little."),
    )
  );
}

/**
 * @param {string} path
 * @param {Log} log
 * @param {SchemaReport} schema
 * @param {{ summary: ModelSummary, evaluation: Evaluation, saved: string, bytes: number }} model
 */
export function trainReport(path, log, schema, { summary, evaluation, saved, bytes }) {
  return report([
    logSection(path, log),
    columnSection(log, schema, MAX_COLUMNS),
    issueSection(log.issues),
    modelSection(summary, evaluation.threshold),
    triedSection(summary),
    importanceSection(summary),
    ...evaluationSections(evaluation, summary),
    saved === "-"
      ? `The model (${counted(bytes, "byte")}) went to standard output.`
      : `Saved to ${saved} (${counted(bytes, "byte")}). Next: crash-predictor predict ${saved} LOG.csv -o SCORED.csv`,
  ]);
}

/**
 * @param {string} path
 * @param {Log} log
 * @param {SchemaReport} schema
 */
export function logReport(path, log, schema) {
  return report([
    logSection(path, log),
    columnSection(log, schema, Infinity),
    issueSection(log.issues),
    schema.problem
      ? `It cannot be trained on as it is: ${schema.problem.message}`
      : "It can be trained on: crash-predictor train LOG.csv -o MODEL",
  ]);
}

/** @param {ModelSummary} summary */
function termSection({ terms }) {
  const sureness = (/** @type {typeof terms[number]} */ term) => Math.abs(term.coefficient) / term.standardError;
  const surest = [...terms].sort((a, b) => sureness(b) - sureness(a)).slice(0, MAX_TERMS);
  const rows = surest.map(({ feature, term, coefficient, standardError }) => [
    cut(feature, 40),
    cut(term, 40),
    coefficient.toFixed(3),
    standardError.toFixed(3),
  ]);
  return (
    terms.length > 0 &&
    section(
      "What it goes by, the surest first (weight of one standard deviation; above 0 speaks for a crash)",
      aligned([["column", "", "weight", "error"], ...rows], [2, 3]),
      terms.length > surest.length &&
        `  and ${count(terms.length - surest.length)} more; crash-predictor export MODEL --to json has them all`,
    )
  );
}

/**
 * @param {string} path
 * @param {ModelSummary} summary
 * @param {Evaluation} evaluation
 */
export function modelReport(path, summary, evaluation) {
  const features = summary.features.map(({ name, kind, unit, min, max, median, missing, levels }) => {
    const more = levels.length > 3 ? ` and ${levels.length - 3} more` : "";
    const range = min === null || max === null ? "" : `${short(min)} to ${short(max)}${unit ? ` ${unit}` : ""}`;
    return [
      cut(name, 40),
      kind,
      levels.length > 0 ? cut(named(levels), 40) + more : range,
      median === null ? "" : short(median),
      missing > 0 ? percent(missing) : "",
    ];
  });
  return report([
    section(`${path === "-" ? "Standard input" : path}: a model of crash-predictor ${summary.version}`),
    modelSection(summary, evaluation.threshold),
    triedSection(summary),
    section("The columns it sees", aligned([["column", "kind", "seen in training", "median", "missing"], ...features], [3, 4])),
    termSection(summary),
    importanceSection(summary),
    ...evaluationSections(evaluation, summary),
  ]);
}

/**
 * @param {string} path
 * @param {ScoreSummary} summary
 * @param {string} saved
 */
export function scoreReport(path, { rowsRead, rowsScored, rowsUnreadable, crashes, issues, warnings, drift }, saved) {
  const from = path === "-" ? "standard input" : path;
  const empty = rowsUnreadable > 0 ? " and have an empty probability" : "";
  const lines = [
    `${counted(rowsScored, "row")} of ${from} scored, ${count(rowsUnreadable)} of ${count(rowsRead)} could not be read${empty}.`,
    `${counted(crashes, "row")} may crash.`,
    ...warnings.map(({ message }) => `warning: ${message}`),
    ...drift.filter(({ level }) => level !== "none").map(({ message }) => `moved: ${message}`),
    issues.total > 0 && listed(issues.kept.map(messageOf), issues.total),
    saved !== "-" && `Written to ${saved}.`,
  ];
  return report([lines.filter(Boolean).join("\n")]);
}

/** A page as a line. @param {Page} page */
export const pageLine = ({ time, host, probability }) =>
  `${clean([time ?? "(no time)", host, percent(probability)].filter(Boolean).join("  ").replace(/[\t\n]/g, " "))}\n`;

/** @param {string} path @param {ScoreSummary} summary */
export const watchReport = (path, { pages, rowsRead, rowsScored, rowsUnreadable, issues, warnings }) =>
  report([
    [
      `${counted(pages ?? 0, "page")} in ${counted(rowsScored, "row")} of ${path === "-" ? "standard input" : path}; ${count(rowsUnreadable)} of ${count(rowsRead)} could not be read.`,
      ...warnings.map(({ message }) => `warning: ${message}`),
      issues.total > 0 && listed(issues.kept.map(messageOf), issues.total),
    ]
      .filter(Boolean)
      .join("\n"),
  ]);
