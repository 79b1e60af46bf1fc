/** Work under way: shown while it lasts, ended on request, and its error put where it belongs. @import { JobSignal, Place } from "./types" */
import * as store from "./store.js";

/** @param {Place} place @param {unknown} error */
export function report(place, error) {
  const { [place]: _, ...others } = store.problems.value;
  if (error === null) store.problems.value = others;
  else store.problems.value = { ...others, [place]: problemOf(error) };
}

/** @param {unknown} error */
function problemOf(error) {
  if (typeof error !== "object" || error === null || !("message" in error)) return { code: "Error", message: String(error) };
  const { code, message } = /** @type {{ code?: unknown, message: unknown }} */ (error);
  return { code: typeof code === "string" ? code : "Error", message: String(message) };
}

const NOTICE_MILLISECONDS = 8000;

/** Says in the status line what cannot be seen elsewhere, for a while. @param {string} words */
export function notify(words) {
  store.notice.value = words;
  setTimeout(() => {
    if (store.notice.value === words) store.notice.value = "";
  }, NOTICE_MILLISECONDS);
}

/**
 * Runs cancellable work that is shown in `job` while it lasts. Undefined when it failed or was cancelled.
 *
 * @template P, T
 * @param {JobSignal<P>} job
 * @param {Place} place where its error is shown
 * @param {string} name
 * @param {(call: { signal: AbortSignal, onProgress: (progress: P) => void }) => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function runJob(job, place, name, work) {
  job.value?.controller.abort();
  const controller = new AbortController();
  const isCurrent = () => job.value?.controller === controller && !controller.signal.aborted;
  job.value = { name, controller, progress: null };
  report(place, null);
  store.notice.value = "";
  try {
    return await work({
      signal: controller.signal,
      onProgress: (progress) => {
        if (isCurrent()) job.value = { name, controller, progress };
      },
    });
  } catch (error) {
    if (isCurrent()) report(place, error);
    return undefined;
  } finally {
    if (job.value?.controller === controller) job.value = null;
  }
}

/** @param {JobSignal<any>} job @param {string} words */
export function cancel(job, words) {
  job.value?.controller.abort();
  job.value = null;
  notify(words);
}
