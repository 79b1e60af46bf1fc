/**
 * What the page does: every intent of the views ends here, and only this file talks to the engine's client.
 *
 * Two rules hold throughout: an error goes to the part of the page it belongs to, and what the user already had (log,
 * model, scored file) stays until its successor exists.
 *
 * @import { Model, Options, Place, Role } from "./types"
 */
import { batch } from "@preact/signals";
import { CrashPredictorClient } from "crash-predictor/client";
import { minutesOf, readingOf, rolesOf, trainingOf } from "./asked.js";
import { folderProblem } from "./dropped.js";
import { notify, report, runJob } from "./jobs.js";
import * as store from "./store.js";
import { stem } from "./words.js";

const client = new CrashPredictorClient({
  wasm: new URL("./crash_predictor_bg.wasm", import.meta.url),
  workerUrl: new URL("./worker.js", import.meta.url),
});

/** Nothing was said of how a log is written. @type {import("./types").Log["reading"]} */
const AS_FOUND = { delimiter: "", header: "", rows: "", rates: [] };

const SAMPLE_NAME = "synthetic-sample.csv";

/** @param {"log" | "batch"} zone @param {boolean} over */
export function dragOver(zone, over) {
  store.dragOver.value = over ? zone : null;
}

/** @param {string} part */
export function arriveAt(part) {
  store.here.value = part;
}

// ---- the log ----

/** Files dropped or chosen at the top: a log, a saved model, or one of each. @param {Iterable<File>} files */
export async function openFiles(files) {
  const all = [...files];
  if (all.length === 0) {
    report("log", { code: "NoFile", message: "that was not a file" });
    return;
  }
  const problem = folderProblem(all);
  if (problem) return report("log", problem);
  const isModel = (/** @type {File} */ file) => file.name.toLowerCase().endsWith(".crashmodel");
  const models = all.filter(isModel);
  const logs = all.filter((file) => !isModel(file));
  if (models.length > 1) {
    report("log", { code: "SeveralFiles", message: "several saved models at once: choose one; logs may be several" });
    return;
  }
  if (models.length === 1) await loadModel(models[0], "log");
  if (logs.length > 0) await readLog(logs.length === 1 ? logs[0] : logs, namesOf(logs), AS_FOUND, { place: "log", synthetic: false });
}

/** @param {File[]} files */
function namesOf(files) {
  const [first, ...more] = files;
  return more.length === 0 ? first.name : `${first.name} and ${more.length} more`;
}

export async function trySample() {
  store.training.value?.controller.abort();
  await runJob(store.reading, "log", SAMPLE_NAME, async (call) => {
    const table = await client.sampleLog(undefined, { signal: call.signal });
    await adoptLog({ name: SAMPLE_NAME, synthetic: true, table, reading: AS_FOUND }, call.signal);
  });
}

/** Reads the log in use once more, told how. @param {{ delimiter: string, header: string, rows: string, rates: string[] }} how */
export async function rereadLog(how) {
  const { log } = store;
  if (log.value !== null) await readLog(log.value.table.source, log.value.name, how, { place: "columns", synthetic: log.value.synthetic });
}

/** @param {File[] | import("./types").Log["table"]["source"]} source @param {string} name @param {{ delimiter: string, header: string, rows: string, rates: string[] }} how @param {{ place: Place, synthetic: boolean }} origin */
async function readLog(source, name, how, { place, synthetic }) {
  store.training.value?.controller.abort();
  await runJob(store.reading, place, name, async (call) => {
    const table = await client.readLog(source, { ...readingOf(how), ...call });
    await adoptLog({ name, synthetic, table, reading: how }, call.signal);
  });
}

/** @param {import("./types").Log} log @param {AbortSignal} signal */
async function adoptLog(log, signal) {
  const choices = { roles: new Map() };
  const understood = await understand(log.table, choices, { signal });
  signal.throwIfAborted();
  const former = store.log.value;
  batch(() => {
    store.log.value = log;
    store.choices.value = choices;
    adoptSchema(understood);
    store.columnView.value = { filter: "", page: 0 };
    report("columns", null);
    report("train", null);
  });
  former?.table.free();
}

// ---- the roles ----

/**
 * The roles under the choices. Where the label says "down now", the crashes of the proposed minutes are what is learned, unless
 * the user says otherwise or there are too few of them.
 *
 * @param {import("./types").ClientTable} table @param {import("./types").Choices} choices @param {{ signal?: AbortSignal }} [call]
 */
async function understand(table, choices, call) {
  const asked = rolesOf(choices, table.columns);
  const asItStands = await table.schema(asked, call);
  const proposed = asItStands.proposedHorizonMinutes;
  const minutes = asItStands.time === null ? null : minutesOf(choices, proposed);
  if (minutes === null) return { schema: asItStands, ahead: { proposed, minutes } };
  const schema = await table.schema({ ...asked, horizonMinutes: minutes }, call);
  const isRefused = choices.goal === undefined && schema.problem !== null && asItStands.problem === null;
  return isRefused ? { schema: asItStands, ahead: { proposed, minutes: null } } : { schema, ahead: { proposed, minutes } };
}

/** @param {Awaited<ReturnType<typeof understand>>} understood */
function adoptSchema({ schema, ahead }) {
  store.schema.value = schema;
  store.ahead.value = ahead;
}

/** @param {"label" | "positive" | "time" | "host"} what @param {string} value */
export function choose(what, value) {
  const choices = { ...store.choices.value, roles: new Map(store.choices.value.roles) };
  choices[what] = value;
  // What was chosen for one label says nothing of another.
  if (what === "label") for (const of of /** @type {const} */ (["positive", "labelMeans", "goal", "minutes"])) delete choices[of];
  if (what !== "positive") choices.roles.delete(value);
  return applyChoices(choices);
}

/** @param {string} column @param {Role} role */
export function chooseRole(column, role) {
  if (role === "label" || role === "time" || role === "host") return choose(role, column);
  if (store.schema.value?.label === column) {
    store.schema.value = { ...store.schema.value }; // the control goes back to the label
    notify("A log needs its label: choose another column for it first.");
    return undefined;
  }
  const choices = { ...store.choices.value, roles: new Map(store.choices.value.roles) };
  choices.roles.set(column, role);
  if (store.schema.value?.time === column) choices.time = "";
  if (store.schema.value?.host === column) choices.host = "";
  return applyChoices(choices);
}

/** What is to be predicted of a row. @param {Pick<import("./types").Choices, "goal" | "minutes">} change */
export const aim = (change) => applyChoices({ ...store.choices.value, ...change });

/** @param {"down-now" | "ahead"} labelMeans */
export function sayLabelMeans(labelMeans) {
  const { goal: _, minutes: __, ...choices } = store.choices.value;
  return applyChoices({ ...choices, labelMeans });
}

/** Learns from a list of crashes instead of a label; null goes back to the label. @param {File | null} file */
export async function listIncidents(file) {
  const { log } = store;
  const table = log.value?.table;
  try {
    const csv = await file?.text();
    if (log.value?.table !== table) return;
    const { incidents: _, goal: __, minutes: ___, ...choices } = store.choices.value;
    await applyChoices(file && csv !== undefined ? { ...choices, incidents: { name: file.name, csv } } : choices);
  } catch (error) {
    report("columns", error);
  }
}

export const forgetChoices = () => applyChoices({ roles: new Map() });

/** The choices being understood: training waits for it. */
let settling = Promise.resolve();

/** @param {import("./types").Choices} choices */
function applyChoices(choices) {
  settling = settle(choices);
  return settling;
}

/** @param {import("./types").Choices} choices */
async function settle(choices) {
  const { log } = store;
  if (log.value === null) return;
  const { table } = log.value;
  store.choices.value = choices;
  const isLatest = () => log.value?.table === table && store.choices.value === choices;
  try {
    const understood = await understand(table, choices);
    if (!isLatest()) return;
    batch(() => {
      adoptSchema(understood);
      report("columns", null);
      report("train", null);
    });
  } catch (error) {
    if (isLatest()) report("columns", error);
  }
}

/** @param {Partial<{ filter: string, page: number }>} change */
export function viewColumns(change) {
  store.columnView.value = { ...store.columnView.value, ...change };
}

// ---- training ----

/** @param {Partial<Options>} change */
export function setOptions(change) {
  store.options.value = { ...store.options.value, ...change };
}

export async function train() {
  const log = store.log.value;
  if (log === null) return;
  const options = store.options.value;
  const started = performance.now();
  const predictor = await runJob(store.training, "train", log.name, async (call) => {
    await settling;
    call.signal.throwIfAborted();
    const { minutes } = store.ahead.value;
    const roles = { ...rolesOf(store.choices.value, log.table.columns), ...(minutes === null ? {} : { horizonMinutes: minutes }) };
    return client.train(log.table, { ...roles, ...trainingOf(options), ...call });
  });
  if (predictor === undefined) return;
  const seconds = (performance.now() - started) / 1000;
  adoptModel({ name: log.name, synthetic: log.synthetic, predictor, seconds, isChecked: options.keepChecked });
  goToResults();
}

// ---- the model ----

function goToResults() {
  requestAnimationFrame(() => {
    const title = document.getElementById("results-title");
    title?.parentElement?.scrollIntoView();
    title?.focus({ preventScroll: true });
  });
}

/** @param {Model} model */
function adoptModel(model) {
  const former = store.model.value;
  batch(() => {
    store.model.value = model;
    store.shown.value = { terms: 12, fields: 24 };
    store.answers.value = typicalAnswers(model);
    store.prediction.value = null;
    store.before.value = [];
    store.moment.value = { time: "", host: "" };
    dropScored();
    for (const place of /** @type {Place[]} */ (["ask", "before", "batch", "model"])) report(place, null);
  });
  former?.predictor.free();
  void ask();
}

/** @param {Blob & { name?: string }} file @param {Place} place where it was asked for */
export async function loadModel(file, place) {
  report(place, null);
  try {
    const predictor = await client.load(file);
    adoptModel({ name: file.name ?? "model", synthetic: false, predictor, seconds: null, isChecked: null });
    goToResults();
  } catch (error) {
    report(place, error);
  }
}

export async function saveModel() {
  await withModel(async ({ name, predictor }) => {
    const bytes = /** @type {BlobPart} */ (await predictor.save());
    download(new Blob([bytes], { type: "application/octet-stream" }), `${stem(name)}.crashmodel`);
  });
}

export async function exportModel() {
  await withModel(async ({ name, predictor }) => {
    download(new Blob([await predictor.export("json")], { type: "application/json" }), `${stem(name)}.model.json`);
  });
}

/** @param {(model: Model) => Promise<void>} use */
async function withModel(use) {
  const { model } = store;
  if (model.value === null) return;
  report("model", null);
  try {
    await use(model.value);
  } catch (error) {
    report("model", error);
  }
}

/** @param {Blob} blob @param {string} name */
function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Not at once: some browsers start reading the blob only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {"terms" | "fields"} what @param {number} count */
export function showMore(what, count) {
  store.shown.value = { ...store.shown.value, [what]: count };
}

// ---- one server ----

/** The medians of the training rows, and their most frequent values. @param {Model} model */
function typicalAnswers(model) {
  const typed = (/** @type {import("./types").Feature} */ { kind, median, levels }) => {
    if (kind === "number") return median === null ? "" : String(Number(median.toPrecision(4)));
    return levels.toSorted((a, b) => b.count - a.count)[0]?.value ?? "";
  };
  return new Map(model.predictor.summary.features.map((feature) => [feature.name, typed(feature)]));
}

/** @param {string} feature @param {string} text */
export function answer(feature, text) {
  store.answers.value = new Map(store.answers.value).set(feature, text);
  void ask();
}

export function answerTypical() {
  if (store.model.value !== null) store.answers.value = typicalAnswers(store.model.value);
  void ask();
}

export function answerUnknown() {
  store.answers.value = new Map();
  void ask();
}

let asking = false;
let askAgain = false;

/** Keeps one question under way; whatever was typed meanwhile is asked next, and only the last of it. */
async function ask() {
  askAgain = true;
  if (asking) return;
  asking = true;
  while (askAgain) {
    askAgain = false;
    await askOnce();
  }
  asking = false;
}

/** The row of the form, with its time and server. @param {Model} model */
function typedRow({ predictor: { summary } }) {
  /** @type {Map<string, string | number | null>} */
  const row = new Map();
  const { time, host } = store.moment.value;
  if (summary.time !== null) row.set(summary.time, time.trim() || null);
  if (summary.host !== null) row.set(summary.host, host.trim() || null);
  for (const { name, kind } of summary.features) {
    const text = store.answers.value.get(name) ?? "";
    row.set(name, text === "" ? null : kind === "number" ? Number(text) : text);
  }
  return row;
}

async function askOnce() {
  const model = store.model.value;
  if (model === null) return;
  const history = store.before.value.map(({ row }) => row);
  try {
    const prediction = await model.predictor.predict(typedRow(model), { history });
    if (store.model.value !== model) return;
    store.prediction.value = prediction;
    report("ask", null);
  } catch (error) {
    if (store.model.value === model) report("ask", error);
  }
}

// ---- row after row ----

/** Rows that are remembered: as many as windows reach back over, and the page stays quick. */
const MAX_BEFORE = 500;

/** @param {Partial<{ time: string, host: string }>} change */
export function sayWhen(change) {
  store.moment.value = { ...store.moment.value, ...change };
  void ask();
}

/** Changes of the rows before, one after another: each sees what the former left. */
let following = Promise.resolve();

/** @param {() => Promise<void>} change */
function inTurn(change) {
  following = following.then(change);
  return following;
}

/** The row of the form counts as measured: the next one is judged after it. */
export const keepRow = () =>
  inTurn(async () => {
    const model = store.model.value;
    if (model === null) return;
    const rows = [...store.before.value.map(({ row }) => row), typedRow(model)].slice(-MAX_BEFORE);
    try {
      const seen = await model.predictor.watch(rows);
      if (store.model.value !== model) return;
      store.before.value = rows.map((row, at) => ({ row, seen: seen[at] }));
      report("before", null);
      void ask();
    } catch (error) {
      if (store.model.value === model) report("before", error);
    }
  });

export const forgetRows = () =>
  inTurn(async () => {
    store.before.value = [];
    report("before", null);
    void ask();
  });

// ---- a whole log ----

/** @param {Iterable<File>} files */
export async function scoreFiles(files) {
  const [file, ...more] = files;
  if (file === undefined || more.length > 0) {
    report("batch", { code: "NotOneFile", message: "one log at a time, please" });
    return;
  }
  const problem = folderProblem([file]);
  if (problem) return report("batch", problem);
  await score(file, file.name, false);
}

/** Scores the log in use. */
export async function scoreLog() {
  const log = store.log.value;
  if (log === null) return;
  const { source } = log.table;
  if (source instanceof Blob) await score(source, log.name, log.synthetic);
  else report("batch", { code: "NotOneFile", message: "this log is several files: choose one of them to score" });
}

/** @param {Blob} source @param {string} name @param {boolean} synthetic */
async function score(source, name, synthetic) {
  const model = store.model.value;
  if (model === null) return;
  const answer = await runJob(store.scoring, "batch", name, (call) => model.predictor.predictCsv(source, { watch: true, ...call }));
  if (answer === undefined || store.model.value !== model) return;
  const { blob, summary, pages } = answer;
  const scored = { name: `${stem(name)}-scored.csv`, synthetic, url: URL.createObjectURL(blob), bytes: blob.size, summary, pages };
  batch(() => {
    dropScored();
    store.scored.value = scored;
  });
}

function dropScored() {
  if (store.scored.value !== null) URL.revokeObjectURL(store.scored.value.url);
  store.scored.value = null;
}
