/** Files and streams of the command line: input in pieces, output that appears whole or not at all, progress on a terminal. */
import { access, chmod, open, realpath, rename, stat } from "node:fs/promises";
import { createReadStream, constants as modes, unlinkSync } from "node:fs";
import { constants } from "node:os";
import { bytesIn } from "./gunzip.js";
import { checkModelSize } from "./limits.js";

/** Bytes read at a time. */
const CHUNK = 1 << 20;

/** @type {Record<string, string>} */
const reasons = {
  ENOENT: "there is no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  ENOSPC: "the disk is full",
  EROFS: "the disk is read-only",
};

/**
 * @param {string} doing  e.g. `read`
 * @param {string} path
 * @param {any} error
 */
function fileError(doing, path, error) {
  const reason = reasons[error.code] ?? error.message;
  return Object.assign(new Error(`cannot ${doing} ${path}: ${reason}`, { cause: error }), { code: error.code });
}

/**
 * Makes sure, before anything is read, that files can be.
 * @param {string[]} paths
 * @returns {Promise<number | undefined>} the bytes in them, unpacked, where that is known
 */
export async function checkReadable(paths) {
  const sizes = [];
  for (const path of paths) sizes.push(path === "-" ? undefined : await sizeOf(path));
  return sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

/** @param {string} path */
async function sizeOf(path) {
  let file;
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    await access(path, modes.R_OK);
    if (!found.isFile()) return undefined; // to open a pipe is to take from it
    file = await open(path);
    const [first, last] = [new Uint8Array(2), new Uint8Array(4)];
    await file.read(first, 0, 2, 0);
    await file.read(last, 0, 4, Math.max(0, found.size - 4));
    return bytesIn(found.size, first, last);
  } catch (error) {
    throw fileError("read", path, error);
  } finally {
    await file?.close();
  }
}

/**
 * The bytes of a file, or of standard input for `-`, in pieces.
 * @param {string} path
 * @param {Progress} progress
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* read(path, progress) {
  const source = path === "-" ? process.stdin : createReadStream(path, { highWaterMark: CHUNK });
  const total =
    path === "-"
      ? 0
      : await stat(path).then(
          (found) => found.size,
          () => 0,
        );
  let done = 0;
  try {
    for await (const chunk of source) {
      done += chunk.length;
      progress.show("reading", done, total);
      yield chunk;
    }
  } catch (error) {
    throw fileError("read", path === "-" ? "standard input" : path, error);
  } finally {
    progress.clear();
  }
}

/**
 * The bytes of a saved model.
 * @param {string} path
 * @param {Progress} progress
 */
export async function readModel(path, progress) {
  const size = await checkReadable([path]);
  if (size !== undefined) checkModelSize(size);
  return readAll(path, progress);
}

/**
 * @param {string} path
 * @param {Progress} progress
 */
export async function readAll(path, progress) {
  const pieces = [];
  for await (const piece of read(path, progress)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

/**
 * @typedef {object} Output
 * @property {(data: Uint8Array | string) => Promise<void>} write
 * @property {() => Promise<void>} commit  only now does the file have its name
 * @property {() => void} discard  does nothing once committed
 */

/**
 * @param {string} path  `-` is standard output
 * @returns {Promise<Output>}
 */
export async function openOutput(path) {
  if (path === "-") return { write: print, async commit() {}, discard() {} };
  try {
    const found = await stat(path).catch((error) => (error.code === "ENOENT" ? undefined : Promise.reject(error)));
    // A device or pipe is written to; renaming would put a file in its place.
    if (found && !found.isFile() && !found.isDirectory()) return await openDirectly(path);
    if (found?.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
    return await openTemporary(path, found ? await realpath(path) : path, found?.mode);
  } catch (error) {
    throw fileError("write", path, error);
  }
}

/** @param {string} path @returns {Promise<Output>} */
async function openDirectly(path) {
  const file = await open(path, "w");
  return { write: (data) => writeTo(file, data, path), commit: () => file.close(), discard() {} };
}

/**
 * @param {string} path  as the user named it
 * @param {string} target  where it leads
 * @param {number | undefined} mode  of the file that is replaced
 * @returns {Promise<Output>}
 */
async function openTemporary(path, target, mode) {
  const temporary = `${target}.${process.pid}.tmp`;
  const file = await open(temporary, "wx");
  const discard = () => {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    file.close().catch(() => {}); // closed already
    try {
      unlinkSync(temporary);
    } catch {} // renamed already
  };
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    discard();
    process.exit(128 + constants.signals[signal]);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const commit = async () => {
    try {
      if (mode !== undefined) await chmod(temporary, mode & 0o7777);
      await file.sync();
      await file.close();
      await rename(temporary, target);
    } catch (error) {
      throw fileError("write", path, error);
    } finally {
      discard();
    }
  };
  return { write: (data) => writeTo(file, data, path), commit, discard };
}

/**
 * @param {import("node:fs/promises").FileHandle} file
 * @param {Uint8Array | string} data
 * @param {string} path
 */
async function writeTo(file, data, path) {
  try {
    await file.writeFile(data); // from where the last one ended
  } catch (error) {
    throw fileError("write", path, error);
  }
}

/**
 * To standard output, no faster than the reader takes it.
 * @param {Uint8Array | string} data
 * @returns {Promise<void>}
 */
export function print(data) {
  return new Promise((resolve, reject) => process.stdout.write(data, (error) => (error ? reject(error) : resolve())));
}

/** One line on standard error that is written over, where that is a terminal. */
export class Progress {
  #shown = 0;

  /**
   * @param {string} what
   * @param {number} done
   * @param {number} total  0 where it is not known
   */
  show(what, done, total) {
    if (!process.stderr.isTTY || Date.now() - this.#shown < 100) return;
    this.#shown = Date.now();
    process.stderr.write(`\r\x1b[K${what}${total > 0 ? ` ${Math.floor((100 * Math.min(done, total)) / total)} %` : ""}`);
  }

  clear() {
    if (this.#shown) process.stderr.write("\r\x1b[K");
    this.#shown = 0;
  }
}
