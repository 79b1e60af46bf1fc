/**
 * The differences between Node and the web, in one place: reading a file of the package, starting a worker, and the
 * worker's own end of the wire. Node's modules are named at run time only, so that bundlers for browsers leave them alone.
 */

/** Web workers have no `process.versions.node`; Node's workers do. */
const inNode = typeof process !== "undefined" && Boolean(process.versions?.node);

/**
 * @typedef {object} Message  one request to the worker
 * @property {string} action  a name in worker.js's table
 * @property {Record<string, any>} args
 * @property {Step[]} [restore]  what the worker must build first because it was restarted
 * @typedef {{ action: string, args: Record<string, any> }} Step
 * @typedef {object} Wire  the client's end of a worker
 * @property {(message: Message) => void} post  throws where the arguments cannot be cloned
 * @property {(busy: boolean) => void} setBusy  an idle worker does not keep a Node process alive
 * @property {() => void} terminate
 */

/**
 * @param {"fs/promises" | "worker_threads" | "os"} name
 * @returns {Promise<any>}
 */
async function nodeModule(name) {
  return process.getBuiltinModule?.(`node:${name}`) ?? import(/* webpackIgnore: true */ /* @vite-ignore */ `node:${name}`);
}

/**
 * The bytes of a file or the response of an address. Node's `fetch` refuses `file:`, hence the fork.
 * @param {URL | string} source  an address, or in Node the path of a file
 * @returns {Promise<BufferSource | Response>}
 */
export async function open(source) {
  if (!inNode || /^(https?|data|blob):/i.test(String(source))) {
    const response = await fetch(source);
    if (!response.ok) throw new Error(`${response.url || source} answered ${response.status} ${response.statusText}`.trim());
    return response;
  }
  const { readFile } = await nodeModule("fs/promises");
  return readFile(String(source).startsWith("file:") ? new URL(source) : source);
}

/** How many threads can run at a time. */
export async function cores() {
  return inNode ? (await nodeModule("os")).availableParallelism() : navigator.hardwareConcurrency;
}

/**
 * @param {URL | string | TrustedUrl} url  of a module
 * @param {(reply: any) => void} onMessage
 * @param {(error: Error) => void} onDeath  the worker could not be loaded, or ended without being asked to
 * @returns {Promise<Wire>}
 * @typedef {{ toString(): string }} TrustedUrl  a TrustedScriptURL; the DOM library has no name for it yet
 */
export async function startWorker(url, onMessage, onDeath) {
  return typeof Worker === "undefined" && inNode
    ? startThread(url, onMessage, onDeath)
    : startWebWorker(url, onMessage, onDeath);
}

/** @type {typeof startWorker} */
async function startWebWorker(url, onMessage, onDeath) {
  const worker = new Worker(/** @type {URL} */ (url), { type: "module", name: "crash-predictor" });
  worker.onmessage = (event) => onMessage(event.data);
  worker.onmessageerror = () => onDeath(new Error("a reply of the worker could not be read"));
  worker.onerror = (event) => {
    event.preventDefault(); // the client reports it to the caller; the console need not repeat it
    onDeath(new Error(event.message || `the worker ${url} could not be loaded`));
  };
  return { post: (message) => worker.postMessage(message), setBusy() {}, terminate: () => worker.terminate() };
}

/** @type {typeof startWorker} */
async function startThread(url, onMessage, onDeath) {
  const { Worker: Thread } = await nodeModule("worker_threads");
  // The parent's own flags are not for the thread: `--input-type` alone would keep it from starting.
  const thread = new Thread(new URL(String(url)), { execArgv: [] });
  thread.on("message", onMessage);
  thread.on("messageerror", onDeath);
  thread.on("error", onDeath);
  thread.on("exit", (/** @type {number} */ code) => onDeath(new Error(`the worker ended with exit code ${code}`)));
  thread.unref();
  return {
    post: (message) => postToThread(thread, message),
    setBusy: (busy) => (busy ? thread.ref() : thread.unref()),
    terminate: () => void thread.terminate(),
  };
}

/**
 * Node clones blobs held in memory and refuses those of `fs.openAsBlob`; their stream can be handed over instead.
 * @param {{ postMessage(message: Message, transfer?: any[]): void }} thread
 * @param {Message} message
 */
function postToThread(thread, message) {
  try {
    thread.postMessage(message);
  } catch (error) {
    const steps = [message, ...(message.restore ?? [])];
    /** @type {ReadableStream[]} */
    const streams = [];
    const handOver = (/** @type {Blob} */ blob) => {
      streams.push(blob.stream());
      return { source: streams.at(-1), size: blob.size };
    };
    const [first, ...restore] = steps.map((step) => {
      const { source } = step.args;
      if (source instanceof Blob) return { ...step, args: { ...step.args, ...handOver(source) } };
      if (!Array.isArray(source)) return step;
      const files = source.map((file) => ({ ...file, ...handOver(file.source) }));
      return { ...step, args: { ...step.args, source: files } };
    });
    if (streams.length === 0) throw error;
    thread.postMessage({ .../** @type {Step} */ (first), restore }, streams);
  }
}

/**
 * Called in the worker: receives requests, and returns how to answer them.
 * @param {(message: Message) => void} onMessage
 * @returns {Promise<(reply: object, transfer: Transferable[]) => void>}
 */
export async function listen(onMessage) {
  if (inNode) {
    const { parentPort } = await nodeModule("worker_threads");
    if (parentPort) {
      parentPort.on("message", onMessage);
      return (reply, transfer) => parentPort.postMessage(reply, transfer);
    }
  }
  const port = /** @type {MessagePort} */ (/** @type {unknown} */ (globalThis));
  port.onmessage = (event) => onMessage(event.data);
  return (reply, transfer) => port.postMessage(reply, transfer);
}
