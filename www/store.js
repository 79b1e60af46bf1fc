/**
 * All state of the page. Views render it, actions.js changes it; nothing is kept anywhere else.
 *
 * @import { BytesRead, Choices, Job, Log, Model, Place, Prediction, Problem, RoleOptions, Schema, ScoredFile, TrainProgress } from "./types"
 */
import { computed, signal } from "@preact/signals";

/** The log being read, if one is. */
export const reading = signal(/** @type {Job<BytesRead> | null} */ (null));
/** The log in use. */
export const log = signal(/** @type {Log | null} */ (null));
/** What the user chose to differ from the guesses. */
export const choices = signal(/** @type {Choices} */ ({ roles: new Map() }));
/** The roles in force: the guesses with the choices applied. */
export const schema = signal(/** @type {Schema | null} */ (null));
/** Which columns the table shows. */
export const columnView = signal({ filter: "", page: 0 });

/** How to train; `threshold` is what was typed, in per cent, empty = found from the data. */
export const options = signal({ algorithm: "auto", split: "auto", threshold: "" });
/** The training under way, if any. */
export const training = signal(/** @type {Job<TrainProgress> | null} */ (null));

/** The model in use. */
export const model = signal(/** @type {Model | null} */ (null));
/** How many terms or columns the model goes by and how many form fields are shown. */
export const shown = signal({ terms: 12, fields: 24 });

/** What was typed into the form, by feature; an empty text = unknown. */
export const answers = signal(/** @type {Map<string, string>} */ (new Map()));
/** The model's answer to it. */
export const prediction = signal(/** @type {Prediction | null} */ (null));

/** The log being scored, if one is. */
export const scoring = signal(/** @type {Job<BytesRead> | null} */ (null));
/** The log scored last. */
export const scored = signal(/** @type {ScoredFile | null} */ (null));

/** The part of the page in sight. */
export const here = signal("log");
/** The drop zone a file is being dragged over. */
export const dragOver = signal(/** @type {"log" | "batch" | null} */ (null));
/** What went wrong, by the part of the page it belongs to. */
export const problems = signal(/** @type {Partial<Record<Place, Problem>>} */ ({}));
/** The last thing that happened without being visible by itself, for the status line. */
export const notice = signal("");

/** The user's choices in the words of the package. */
export const roleOptions = computed(() => {
  const { roles, ...named } = choices.value;
  /** @type {RoleOptions} */
  const asked = { ...named };
  const ignored = [...roles].filter(([, role]) => role === "ignored").map(([name]) => name);
  if (ignored.length > 0) asked.ignore = ignored;
  const added = [...roles].filter(([, role]) => role === "feature").map(([name]) => name);
  if (added.length > 0) asked.features = withGuessed(added);
  return asked;
});

/** Naming any feature names them all, so the guessed ones are named too. @param {string[]} added */
function withGuessed(added) {
  const { label, time, host, roles } = choices.value;
  const taken = new Set([label, time, host]);
  const guessed = (log.value?.table.columns ?? [])
    .filter((column) => column.role === "feature" && !roles.has(column.name) && !taken.has(column.name))
    .map((column) => column.name);
  return [...guessed, ...added];
}

/** Whether the user changed any guess. */
export const hasChoices = computed(() => {
  const { roles, ...named } = choices.value;
  return roles.size > 0 || Object.values(named).some((value) => value !== undefined);
});
