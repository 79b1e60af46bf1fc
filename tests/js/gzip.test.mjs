/** Compressed logs, through the command line and the client. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { command, load } from "./installed.mjs";
import { smallLog, text } from "./logs.mjs";

const { LogTable, init } = await load("crash-predictor");
const { CrashPredictorClient } = await load("crash-predictor/client");

const plain = Buffer.from(smallLog(1000));
const packed = gzipSync(plain);
const half = plain.indexOf("\n", plain.length / 2) + 1;
const several = Buffer.concat([gzipSync(plain.subarray(0, half)), gzipSync(plain.subarray(half))]);
const cutOff = packed.subarray(0, -9);
const wrongSum = Buffer.from(packed).fill(0, packed.length - 8, packed.length - 4);
const bomb = gzipSync(Buffer.from("cpu,crashed\n".padEnd(64 << 20, "1,0\n")));

/** @type {any} */ let client;
before(async () => {
  await init();
  client = new CrashPredictorClient();
});
after(() => client.close());

/** @param {Uint8Array} input */
function inspect(input) {
  const { status, stdout, stderr } = spawnSync(command, ["inspect", "-", "--json"], { input, maxBuffer: 1 << 28 });
  return { status, json: status === 0 ? JSON.parse(text(stdout)) : undefined, err: text(stderr) };
}

test("a gzip log is read like the plain one", async () => {
  const { rowCount, columns } = LogTable.fromCsv(plain);
  for (const input of [packed, several]) {
    assert.equal(inspect(input).json.rowCount, rowCount);
    const table = await client.readLog(new Blob([input]));
    assert.equal(table.rowCount, rowCount);
    assert.deepEqual(table.columns, columns);
  }
});

test("progress counts the bytes of the file", async () => {
  /** @type {any[]} */ const seen = [];
  await client.readLog(new Blob([packed]), { onProgress: (/** @type {any} */ progress) => seen.push(progress) });
  assert.deepEqual(seen.at(-1), { bytesRead: packed.length, bytesTotal: packed.length });
});

test("a gzip file that is damaged, or made to fill the memory, is refused", async () => {
  /** @type {[Uint8Array<ArrayBuffer>, string][]} */
  const refused = [
    [cutOff, "Gzip"],
    [wrongSum, "Gzip"],
    [bomb, "TooLarge"],
  ];
  for (const [input, code] of refused) {
    await assert.rejects(client.readLog(new Blob([input])), { code });
    const { status, err } = inspect(input);
    assert.equal(status, 1);
    assert.match(err, /gzip/);
  }
});

const shared = new URL("../../../shared/csv/", import.meta.url);
test("the hostile files in gzip are refused, or read", { skip: !existsSync(shared) && "there is no ../shared" }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "crash-predictor-hostile-"));
  try {
    const made = spawnSync("python3", [fileURLToPath(new URL("hostile.py", shared)), folder]);
    assert.equal(made.status, 0, "python3 writes the files");
    const files = JSON.parse(readFileSync(join(folder, "hostile.json"), "utf8"));
    const packedFiles = files.filter((/** @type {any} */ { file }) => file.endsWith(".gz"));
    assert.equal(packedFiles.length, 3);
    for (const { file, expect } of packedFiles) {
      const bytes = new Uint8Array(readFileSync(join(folder, file)));
      await assert.rejects(client.readLog(new Blob([bytes])), { code: expect.error ?? expect.ok_or_error }, file);
      const { status, err } = inspect(bytes);
      assert.equal(status, 1);
      assert.match(err, /gzip/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the engine itself, which cannot unpack, says what it was given", () => {
  assert.throws(() => LogTable.fromCsv(packed), { code: "NotCsv", message: /gzip.*unpack/ });
});
