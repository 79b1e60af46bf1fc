/**
 * Training by several workers side by side. The engine's worker keeps the plan, hands out its tasks and fits the last model
 * itself; learners, workers of its own, perform them. The model is, byte for byte, the one that a single worker trains.
 */
import { TrainPlan } from "./crash_predictor.js";
import { cores, startWorker } from "./platform.js";
import { trustedTypesPolicy } from "./trusted-types.js";

/**
 * @import { CrashPredictor, LogTable, Progress, TrainOptions } from "./crash_predictor.js"
 * @import { Wire } from "./platform.js"
 * @typedef {object} Learner
 * @property {Promise<Wire> | null} wire  null once it died: its tasks are then performed here
 * @property {Uint8Array | null} task  under way
 */

/** Cells of a table below which starting workers takes longer than it saves. */
const WORTH_IT = 100_000;
/** More learners than there are folds to learn from are idle much of the time. */
const MOST = 8;

/**
 * How many learners to train a table with; 1 is none beside the engine's own worker.
 * @param {LogTable} table
 * @param {number | undefined} asked
 */
export async function learnersFor(table, asked) {
  if (asked !== undefined) return Math.max(1, Math.min(MOST, Math.floor(asked)));
  return table.rowCount * table.columns.length < WORTH_IT ? 1 : Math.min(MOST, await cores());
}

/** One training by a pool. */
export class Pool {
  #plan;
  #table;
  #report;
  #began = performance.now();
  /** @type {Learner[]} */
  #learners;
  #isOver = false;
  /** @type {(trained: CrashPredictor) => void} */ #resolve = () => {};
  /** @type {(reason: unknown) => void} */ #reject = () => {};

  /**
   * @param {LogTable} table
   * @param {TrainOptions | undefined} options
   * @param {number} learners
   * @param {(progress: Progress) => void} report
   */
  constructor(table, options, learners, report) {
    report(TrainPlan.preparing(options));
    this.#plan = new TrainPlan(table, options, learners);
    this.#table = table;
    this.#report = report;
    this.#learners = Array.from({ length: learners }, () => ({ wire: null, task: null }));
  }

  /**
   * @param {string} url  of worker.js
   * @param {WebAssembly.Module | undefined} wasm  compiled once, for all
   * @param {typeof startWorker} [start]
   * @returns {Promise<CrashPredictor>}
   */
  async train(url, wasm, start = startWorker) {
    const finished = new Promise((resolve, reject) => ([this.#resolve, this.#reject] = [resolve, reject]));
    const shared = this.#plan.shared();
    const script = trustedTypesPolicy?.createScriptURL(url) ?? url;
    for (const learner of this.#learners) {
      learner.wire = start(script, (reply) => this.#receive(learner, reply), () => this.#bury(learner));
      learner.wire.then(
        (wire) => {
          wire.setBusy(true);
          wire.post({ action: "start", args: { wasm } });
          wire.post({ action: "learn", args: { shared } });
        },
        () => this.#bury(learner),
      );
    }
    this.#goOn();
    try {
      return await finished;
    } finally {
      this.#isOver = true;
      for (const { wire } of this.#learners) wire?.then((started) => started.terminate(), () => {});
    }
  }

  /** Hands out what there is to do, and finishes where that is nothing. */
  #goOn() {
    try {
      // What is performed here may free tasks for a learner that was asked before.
      while (this.#learners.filter((learner, number) => this.#give(learner, number)).length > 0);
      this.#report(this.#plan.progress);
      // While a learner checks the chosen model, its last fit is done here.
      if (this.#plan.isChosen) this.#plan.refit(this.#table);
      if (this.#plan.isEvaluated) this.#resolve(this.#plan.finish(this.#table));
    } catch (error) {
      this.#reject(error);
    }
  }

  /**
   * Gives a learner its next task; what a dead one would do is performed here, and true returned.
   * @param {Learner} learner
   * @param {number} number
   */
  #give(learner, number) {
    const task = learner.task ? undefined : this.#plan.nextTask(number, (performance.now() - this.#began) / 1000);
    if (!task) return false;
    if (!learner.wire) {
      this.#plan.performHere(task);
      return true;
    }
    learner.task = task;
    learner.wire.then((wire) => wire.post({ action: "perform", args: { task } }), () => {});
    return false;
  }

  /**
   * @param {Learner} learner
   * @param {any} reply
   */
  #receive(learner, { value, crash, error }) {
    if (crash) return this.#bury(learner);
    const { task } = learner;
    if (!task || (!error && !value?.performed)) return; // it is ready, and has something to do
    learner.task = null;
    try {
      if (error) this.#plan.performHere(task);
      else this.#plan.absorb(task, value.performed);
    } catch (reason) {
      return this.#reject(reason);
    }
    this.#goOn();
  }

  /** What a learner that died was doing, and all that only it could have gone on with, is done here. @param {Learner} learner */
  #bury(learner) {
    const { wire, task } = learner;
    if (!wire || this.#isOver) return;
    wire.then((started) => started.terminate(), () => {});
    Object.assign(learner, { wire: null, task: null });
    try {
      if (task) this.#plan.performHere(task);
    } catch (reason) {
      return this.#reject(reason);
    }
    this.#goOn();
  }
}
