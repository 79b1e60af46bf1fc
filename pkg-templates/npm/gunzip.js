/** Compressed logs: gzip by the platform's own stream, with an end to what a small file may unpack to. */

/** The name of a file without its folders and endings: the host, where files are of one each. @param {string} path */
export const stemOf = (path) => (path.split(/[\\/]/).at(-1) ?? path).replace(/(\.(csv|tsv|txt|log|jsonl?|ndjson|gz))+$/i, "");

/** What starts a gzip file. */
const MAGIC = [0x1f, 0x8b];
/** No log shrinks to less than so small a part of itself: what unpacks to more was made to. */
const MAX_RATIO = 200;
/** Logs shrink to a tenth, or a little less: only where so much of it would be above 4 GiB is the size in doubt. */
const USUAL_RATIO = 40;
/** So many bytes are unpacked whatever the ratio. */
const ALWAYS = 16 << 20;

/**
 * How many bytes a file holds, from its size, its first two bytes and its last four: of gzip what it unpacks to, as it says
 * itself. `undefined` where those may say something else: in a file of more than 4 GiB, of several members, or cut off.
 * @param {number} size
 * @param {Uint8Array} first
 * @param {Uint8Array} last
 */
export function bytesIn(size, first, last) {
  if (size < MAGIC.length + 4 || !MAGIC.every((byte, at) => first[at] === byte)) return size;
  const bytes = new DataView(last.buffer, last.byteOffset).getUint32(0, true);
  const isSaid = bytes > size && bytes <= mostOf(size) && size * USUAL_RATIO < 2 ** 32;
  return isSaid ? bytes : undefined;
}

/** What so many bytes of gzip may unpack to. @param {number} packed */
const mostOf = (packed) => ALWAYS + packed * MAX_RATIO;

/**
 * The bytes as they are, or unpacked where they are gzip.
 * @param {AsyncIterable<Uint8Array>} pieces
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* unpacked(pieces) {
  const source = pieces[Symbol.asyncIterator]();
  try {
    let start = new Uint8Array();
    let done = false;
    while (start.length < MAGIC.length && !done) {
      const next = await source.next();
      done = Boolean(next.done);
      if (!next.done) start = joined(start, next.value);
    }
    const rest = { [Symbol.asyncIterator]: () => source };
    if (MAGIC.every((byte, at) => start[at] === byte)) return yield* gunzip(continued(start, rest));
    yield* continued(start, rest);
  } finally {
    await source.return?.();
  }
}

/**
 * @param {Uint8Array} start
 * @param {AsyncIterable<Uint8Array>} rest
 */
export async function* continued(start, rest) {
  yield start;
  yield* rest;
}

/** @param {AsyncIterable<Uint8Array>} pieces */
async function* gunzip(pieces) {
  const stream = new DecompressionStream("gzip");
  const packed = { bytes: 0 };
  const reader = stream.readable.getReader();
  const feeding = feed(pieces, stream.writable.getWriter(), packed);
  feeding.catch(() => {}); // told below
  let bytes = 0;
  try {
    for (let piece = await read(reader, feeding); piece; piece = await read(reader, feeding)) {
      bytes += piece.length;
      if (bytes > mostOf(packed.bytes)) throw tooLarge(packed.bytes, bytes);
      yield piece;
    }
  } finally {
    reader.cancel().catch(() => {}); // it has failed already, or has come to its end
  }
}

/**
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {Promise<void>} feeding
 */
async function read(reader, feeding) {
  try {
    const { value, done } = await reader.read();
    if (!done) return value;
  } catch (error) {
    await feeding; // where the source itself failed, that is the cause
    throw broken(error);
  }
  await feeding;
  return undefined;
}

/**
 * A stream that fails fails on both ends; only what the source throws is thrown here.
 * @param {AsyncIterable<Uint8Array>} pieces
 * @param {WritableStreamDefaultWriter<BufferSource>} writer
 * @param {{ bytes: number }} packed
 */
async function feed(pieces, writer, packed) {
  let writing = false;
  try {
    for await (const piece of pieces) {
      packed.bytes += piece.length;
      writing = true;
      await writer.write(/** @type {Uint8Array<ArrayBuffer>} */ (piece));
      writing = false;
    }
    writing = true;
    await writer.close();
  } catch (error) {
    if (writing) return;
    writer.abort(error).catch(() => {});
    throw error;
  }
}

/** @param {unknown} cause */
function broken(cause) {
  const problem = "the gzip file is damaged, cut off, or several in one; unpack it and choose what was in it";
  return Object.assign(new Error(problem, { cause }), { code: "Gzip" });
}

/**
 * @param {number} packed
 * @param {number} bytes
 */
function tooLarge(packed, bytes) {
  const mib = (/** @type {number} */ of) => `${Math.floor(of / (1 << 20)).toLocaleString("en-GB")} MiB`;
  const sizes = `${Math.ceil(packed / 1024).toLocaleString("en-GB")} KiB of gzip hold ${mib(bytes)} or more`;
  const limit = `no log packs so well: at most ${mib(mostOf(packed))} are unpacked of so small a file`;
  return Object.assign(new Error(`${sizes}, and ${limit}; unpack it if it is a log`), { code: "TooLarge" });
}

/**
 * @param {Uint8Array} first
 * @param {Uint8Array} second
 */
export function joined(first, second) {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
