/** What is said of a log by its size, and of what is no log at all, before it is read. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { command, load } from "./installed.mjs";
import { smallLog, text } from "./logs.mjs";

const { LogReader, LogTable, init } = await load("crash-predictor");
const { CrashPredictorClient } = await load("crash-predictor/client");

const folder = mkdtempSync(join(tmpdir(), "crash-predictor-size-"));
const at = (/** @type {string} */ name) => join(folder, name);

/** 300,000 rows of four columns: 9.2 MiB of cells in a table. */
const ROWS = 300_000;
const large = Buffer.from(smallLog(ROWS));
const MIB = 3;

/** @type {any} */ let client;
before(async () => {
  await init();
  client = new CrashPredictorClient();
  writeFileSync(at("large.csv"), large);
  writeFileSync(at("large.csv.gz"), gzipSync(large, { level: 1 }));
  writeFileSync(at("small.csv"), smallLog(1000));
});
after(() => {
  client.close();
  rmSync(folder, { recursive: true });
});

/** @param {string[]} args */
function run(args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, maxBuffer: 1 << 28 });
  return { status, out: text(stdout), err: text(stderr) };
}

/** @param {Uint8Array | { name: string, source: Blob, size: number }[]} source @param {object} options */
async function reading(source, options) {
  /** @type {any[]} */ const seen = [];
  const given = Array.isArray(source) ? source : new Blob([/** @type {any} */ (source)]);
  const table = await client.readLog(given, { ...options, onProgress: (/** @type {any} */ progress) => seen.push(progress) });
  return { table, seen, first: seen.find(({ forecast }) => forecast) };
}

/** @param {any} forecast @param {any} table @param {number} rows */
function holds(forecast, table, rows) {
  assert.ok(Math.abs(forecast.rows / rows - 1) < 0.05, `${forecast.rows} of ${rows} rows`);
  assert.ok(forecast.rowsKept < rows && table.rowCount < rows);
  // Blocks are drawn by chance.
  assert.ok(Math.abs(forecast.rowsKept / table.rowCount - 1) < 0.5, `${forecast.rowsKept} against ${table.rowCount}`);
}

test("the client foretells what a table will keep of a log, before the most of it is read", async () => {
  for (const bytes of [large, gzipSync(large, { level: 1 })]) {
    const { table, first, seen } = await reading(bytes, { maxTableMib: MIB });
    holds(first.forecast, table, ROWS);
    assert.ok(first.bytesRead < bytes.length / 2, `${first.bytesRead} of ${bytes.length} bytes`);
    assert.match(first.forecast.words, /^\d+(\.\d)? MiB, about 300,000 rows: all are read, about \d+,000 are kept .* 3 MiB hold; scoring/);
    assert.deepEqual(seen.at(-1).forecast, first.forecast, "it is said as long as the log is read");
  }
});

test("of several files the client foretells what becomes of them together", async () => {
  const files = ["web-1.csv", "web-2.csv"].map((name) => ({ name, source: new Blob([large]), size: large.length }));
  const { table, first, seen } = await reading(files, { maxTableMib: MIB });
  holds(first.forecast, table, 2 * ROWS);
  assert.ok(first.bytesRead < large.length / 2);
  assert.deepEqual(seen.at(-1), { bytesRead: 2 * large.length, bytesTotal: 2 * large.length, forecast: first.forecast });
});

test("small files before a large one hide nothing of what is to come", async () => {
  const contents = [Buffer.from(smallLog(1)), Buffer.from(smallLog(1000)), large];
  const files = contents.map((bytes, at) => ({ name: `web-${at}.csv`, source: new Blob([bytes]), size: bytes.length }));
  const total = contents.reduce((sum, { length }) => sum + length, 0);
  const { table, first, seen } = await reading(files, { maxTableMib: MIB });
  holds(first.forecast, table, ROWS + 1001);
  assert.ok(first.bytesRead < total / 2, `${first.bytesRead} of ${total} bytes`);
  assert.deepEqual(seen.at(-1), { bytesRead: total, bytesTotal: total, forecast: first.forecast });
  const few = await reading(files.slice(0, 2), { maxTableMib: MIB });
  assert.equal(few.first, undefined);
});

test("nothing is foretold of a log that is kept whole", async () => {
  assert.equal((await reading(large, {})).first, undefined);
  assert.equal((await reading(large, { maxTableMib: 0 })).first, undefined);
  assert.equal((await reading(large, { maxTableMib: 10 })).first, undefined);
});

test("what a table keeps by itself is what is foretold by itself", async () => {
  // 7 million rows of two columns take 107 MiB of the 96.
  const rows = 7_000_000;
  const narrow = Buffer.from("cpu,crashed\n".padEnd(12 + 4 * rows, "7,0\n"));
  const { table, first } = await reading(narrow, {});
  holds(first.forecast, table, rows);
  assert.equal(first.forecast.tableMib, 96);
  const nearly = narrow.subarray(0, 12 + 4 * 6_000_000);
  assert.equal((await reading(nearly, {})).first, undefined);
  assert.equal(LogTable.fromCsv(nearly).rowCount, 6_000_000);
});

test("the command line says it too, and the log is read as the library reads it", () => {
  const reader = new LogReader({ maxTableMib: MIB });
  reader.push(large);
  const kept = reader.finish().rowCount;
  for (const name of ["large.csv", "large.csv.gz"]) {
    const { status, out, err } = run(["inspect", name, "--max-table-mib", String(MIB), "--json"]);
    assert.equal(status, 0, err);
    assert.equal(JSON.parse(out).rowCount, kept);
    assert.match(err, new RegExp(`^crash-predictor: ${name}: .* 3 MiB hold; scoring has no such end\\n$`));
  }
  assert.equal(run(["inspect", "large.csv"]).err, "");
  const two = run(["train", "large.csv", "small.csv", "-o", "two.crashmodel", "--max-table-mib", "1", "--algorithm", "logistic"]);
  assert.match(two.err, /^crash-predictor: large\.csv, small\.csv: [\d.]+ MiB, about 300,000 rows: all are read, about \d+,000 are kept/);
  const turned = run(["train", "small.csv", "large.csv", "-o", "two.crashmodel", "--max-table-mib", "1", "--algorithm", "logistic"]);
  assert.match(turned.err, /^crash-predictor: small\.csv, large\.csv: [\d.]+ MiB, about 300,000 rows: all are read, about \d+,000 are kept/);
});

test("columns that the engine cannot hold are said before they are read", async () => {
  const { foretelling } = await import(new URL("forecast.js", import.meta.resolve("../../dist/npm/index.js")).href);
  const { init: initSame } = await import("../../dist/npm/index.js");
  await initSame();
  /** @type {any[]} */ const told = [];
  const tell = (/** @type {any} */ forecast) => told.push(forecast);
  async function* pieces() {
    yield new Uint8Array(large);
  }
  for await (const _ of foretelling(20 * 2 ** 30, { maxTableMib: 0 }, tell)(pieces()));
  for await (const _ of foretelling(20 * 2 ** 30, {}, tell)(pieces()));
  const [tooMuch, sampled] = told;
  assert.ok(tooMuch.isTooMuch && tooMuch.rowsKept === tooMuch.rows);
  assert.ok(!sampled.isTooMuch && sampled.rowsKept < sampled.rows / 100);
});

test("a start that cannot be read is freed and foretells nothing; a crash of the engine is none", async () => {
  const { foretelling } = await import(new URL("forecast.js", import.meta.resolve("../../dist/npm/index.js")).href);
  const { LogReader: Same, init: initSame } = await import("../../dist/npm/index.js");
  await initSame();
  const { push, free } = Same.prototype;
  let freed = 0;
  Same.prototype.free = function () {
    freed += 1;
    free.call(this);
  };
  /** @param {unknown} error */
  async function piecesAfter(error) {
    Same.prototype.push = () => {
      throw error;
    };
    async function* pieces() {
      yield new Uint8Array(large);
    }
    let n = 0;
    for await (const piece of foretelling(large.length, { maxTableMib: MIB }, assert.fail)(pieces())) n += piece.length;
    return n;
  }
  try {
    assert.equal(await piecesAfter(Object.assign(new Error("no log"), { code: "NotCsv" })), large.length);
    assert.equal(freed, 1);
    const crash = new WebAssembly.RuntimeError("unreachable");
    await assert.rejects(piecesAfter(crash), (error) => error === crash);
    assert.equal(freed, 2);
  } finally {
    Object.assign(Same.prototype, { push, free });
  }
});

test("what the end of a gzip file says is believed only where it can be true", async () => {
  const packed = gzipSync(large);
  for (const end of [0xf000_0000, packed.length - 1]) {
    const other = Buffer.from(packed);
    other.writeUInt32LE(end, packed.length - 4);
    /** @type {any[]} */ const seen = [];
    const options = { maxTableMib: 1, onProgress: (/** @type {any} */ progress) => seen.push(progress) };
    await assert.rejects(client.readLog(new Blob([other]), options), { code: "Gzip" });
    assert.ok(seen.length > 0 && seen.every(({ forecast }) => forecast === undefined));
  }
});

test("a file too large for a model is none, and is not read", async () => {
  writeFileSync(at("huge.crashmodel"), "CRASHMDL");
  truncateSync(at("huge.crashmodel"), 20 * 2 ** 30);
  for (const args of [["predict", "huge.crashmodel", "small.csv"], ["export", "huge.crashmodel", "--to", "json"]]) {
    const { status, err } = run(args);
    assert.equal(status, 1);
    assert.match(err, /20,480 MiB, and a model has 128 at most/);
  }
  class Huge extends Blob {
    get size() {
      return 2 ** 40;
    }
    /** @returns {any} */
    arrayBuffer() {
      assert.fail("it was read");
    }
  }
  await assert.rejects(client.load(new Huge([])), { code: "NotAModel" });
});

test("each file is looked at before the first is read", () => {
  mkdirSync(at("logs"));
  closeSync(openSync(at("empty.csv"), "w"));
  /** @type {[string[], RegExp][]} */
  const refused = [
    [["inspect", "logs"], /cannot read logs: it is a folder/],
    [["train", "large.csv", "logs", "-o", "x.crashmodel"], /cannot read logs: it is a folder/],
    [["train", "large.csv", "gone.csv", "-o", "x.crashmodel"], /cannot read gone\.csv: there is no such file/],
    [["predict", "gone.crashmodel", "logs"], /cannot read logs: it is a folder/],
    [["train", "empty.csv", "-o", "x.crashmodel"], /the file is empty/],
  ];
  if (process.getuid?.() !== 0) {
    writeFileSync(at("secret.csv"), "cpu,crashed\n");
    chmodSync(at("secret.csv"), 0);
    refused.push([["inspect", "secret.csv"], /cannot read secret\.csv: permission is denied/]);
  }
  for (const [args, message] of refused) {
    const { status, err } = run(args);
    assert.equal(status, 1, args.join(" "));
    assert.match(err, message);
    assert.equal(err.trimEnd().split("\n").length, 1);
  }
});
