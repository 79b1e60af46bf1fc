/**
 * A worker that may end at any time, and the requests it is asked.
 *
 * One request is under way at a time, the others wait here. An abort terminates the worker, which is the only way to stop a
 * running engine; a crash of the engine discards it. The next worker is sent, before a request, the steps that build again
 * what the request needs: nothing of value is held in the worker alone.
 */
import { startWorker } from "./platform.js";

/**
 * @import { Step, TrustedUrl, Wire } from "./platform.js"
 * @typedef {{ wire: Promise<Wire>, held: Set<number> }} Running  with the numbers of the objects in it: the `args.id` of steps
 */
/**
 * @template [P=unknown]
 * @typedef {object} Call
 * @property {AbortSignal} [signal]  stops the work; the promise rejects with the signal's reason
 * @property {(progress: P) => void} [onProgress]  an error it throws stops the work too, and is what the promise rejects with
 */
/**
 * @typedef {object} Request
 * @property {Step} step
 * @property {Step[]} needs
 * @property {((progress: any) => void) | undefined} onProgress
 * @property {(value: any) => void} resolve
 * @property {(reason: unknown) => void} reject
 */

/**
 * @param {string | undefined} code
 * @param {string} message
 * @param {unknown} [cause]
 * @returns {Error & { code?: string }}
 */
export function coded(code, message, cause) {
  return Object.assign(new Error(message, { cause }), code === undefined ? {} : { code });
}

/** See the head of this file. */
export class RestartableWorker {
  #url;
  #args;
  /** @type {Running | null} */
  #worker = null;
  /** The first is under way. @type {Request[]} */
  #requests = [];
  #closed = false;

  /**
   * @param {string | TrustedUrl} url  of worker.js
   * @param {{ wasm?: BufferSource | WebAssembly.Module | string, learners?: number }} args  what each worker is started with
   */
  constructor(url, args) {
    this.#url = url;
    this.#args = args;
    this.#start();
  }

  /**
   * @param {Step} step
   * @param {Step[]} needs  how to build what the step works with
   * @param {Call<any>} [call]
   * @returns {Promise<any>}
   */
  async ask(step, needs, { signal, onProgress } = {}) {
    signal?.throwIfAborted();
    if (this.#closed) throw coded("Closed", "the client was closed");
    /** @type {PromiseWithResolvers<any>["resolve"]} */
    let resolve = () => {};
    /** @type {PromiseWithResolvers<any>["reject"]} */
    let reject = () => {};
    const settled = new Promise((...ways) => ([resolve, reject] = ways));
    const request = { step, needs, onProgress, resolve, reject };
    const stop = () => this.#drop(request, signal?.reason);
    signal?.addEventListener("abort", stop);
    if (this.#requests.push(request) === 1) this.#next();
    return settled.finally(() => signal?.removeEventListener("abort", stop));
  }

  /** What is under way, and all that follows, rejects with the code "Closed". */
  close() {
    this.#closed = true;
    this.#discard();
    for (const { reject } of this.#requests.splice(0)) reject(coded("Closed", "the client was closed"));
  }

  #start() {
    const wire = startWorker(
      this.#url,
      (reply) => worker === this.#worker && this.#receive(worker, reply),
      (error) => worker === this.#worker && this.#fail("EngineUnavailable", `the worker failed: ${error.message}`, error),
    );
    /** @type {Running} */
    const worker = { wire, held: new Set() };
    this.#worker = worker;
    // Before any request: the engine compiles while the caller is still choosing a file.
    wire
      .then((started) => started.post({ action: "start", args: this.#args }))
      .catch((error) => {
        if (worker === this.#worker)
          this.#fail("EngineUnavailable", `the worker could not be started: ${error.message}`, error);
      });
    return worker;
  }

  #discard() {
    this.#worker?.wire.then(
      (wire) => wire.terminate(),
      () => {},
    );
    this.#worker = null;
  }

  /** Sends the first request, if there is one. */
  async #next() {
    const worker = this.#worker ?? this.#start();
    const [request] = this.#requests;
    const restore = request?.needs.filter(({ args }) => !worker.held.has(args.id));
    const isCurrent = () => worker === this.#worker && request === this.#requests[0];
    try {
      const wire = await worker.wire;
      if (!isCurrent()) return; // aborted while the worker was starting
      wire.setBusy(Boolean(request));
      if (request) wire.post({ ...request.step, restore });
    } catch (error) {
      if (request && isCurrent()) this.#settle("reject", error); // an argument that cannot be cloned
    }
  }

  /**
   * @param {"resolve" | "reject"} how
   * @param {unknown} outcome
   */
  #settle(how, outcome) {
    this.#requests.shift()?.[how](outcome);
    this.#next();
  }

  /**
   * @param {Request} request
   * @param {unknown} reason
   */
  #drop(request, reason) {
    const place = this.#requests.indexOf(request);
    if (place === 0) {
      this.#discard();
      this.#settle("reject", reason);
    } else if (place > 0) {
      this.#requests.splice(place, 1);
      request.reject(reason);
    }
  }

  /**
   * @param {Running} worker
   * @param {any} reply
   */
  #receive(worker, { progress, crash, error, value, held }) {
    if (crash) {
      this.#fail("EngineCrashed", `the engine crashed and was restarted: ${crash}`, new Error(crash));
      return void this.#start();
    }
    if (progress) return this.#report(progress);
    worker.held = new Set(held);
    if (error) this.#settle("reject", Object.assign(coded(error.code, error.message), { name: error.name }));
    else this.#settle("resolve", value);
  }

  /** @param {unknown} progress */
  #report(progress) {
    const [request] = this.#requests;
    try {
      request?.onProgress?.(progress);
    } catch (thrown) {
      if (request) this.#drop(request, thrown);
    }
  }

  /**
   * @param {string} code
   * @param {string} message
   * @param {unknown} cause
   */
  #fail(code, message, cause) {
    this.#discard();
    for (const { reject } of this.#requests.splice(0)) reject(coded(code, message, cause));
  }
}
