/**
 * All state of the page. Views render it, actions.js changes it; nothing is kept anywhere else.
 *
 * @import { Ahead, BytesRead, Choices, Job, Log, Model, Options, Place, Prediction, Problem, Schema, ScoredFile, SeenRow, TrainProgress } from "./types"
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
/** How many minutes ahead could be predicted, where the label says "down now", and how many are in force. */
export const ahead = signal(/** @type {Ahead} */ ({ proposed: null, minutes: null }));
/** Which columns the table shows. */
export const columnView = signal({ filter: "", page: 0 });

/** How to train. */
export const options = signal(
  /** @type {Options} */ ({
    algorithm: "auto",
    split: "auto",
    threshold: "",
    costMissed: "",
    costPage: "",
    pagesPerWeek: "",
    alarmNeeded: "",
    alarmOf: "",
    rule: "",
    keepChecked: false,
  }),
);
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
/** The rows before the one asked about, the earliest first, with what a monitor says of each. */
export const before = signal(/** @type {SeenRow[]} */ ([]));
/** When and on which server that row is measured, as typed. */
export const moment = signal({ time: "", host: "" });

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

/** Whether the user changed any guess. */
export const hasChoices = computed(() => {
  const { roles, ...named } = choices.value;
  return roles.size > 0 || Object.values(named).some((value) => value !== undefined);
});
