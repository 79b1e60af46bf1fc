/** What `sar -A` prints, by every road that reads a log: the same table. How it is joined is tested in tests/it/table/sar.rs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { command, load } from "./installed.mjs";
import { text } from "./logs.mjs";

const { CrashPredictor, CsvScorer, LogReader, LogTable, PlainCsv, init } = await load("crash-predictor");
const { CrashPredictorClient } = await load("crash-predictor/client");

const folder = mkdtempSync(join(tmpdir(), "sar-"));
/** @type {any} */ let client;
before(async () => {
  await init();
  client = new CrashPredictorClient();
});
after(() => {
  client.close();
  rmSync(folder, { recursive: true });
});

/** Ten days of a host whose disk is busy before it is restarted, as `sar -A` prints them. */
function tenDays() {
  const parts = [];
  for (let day = 1; day <= 10; day++) {
    /** @type {[string, number][]} */
    const rows = [];
    for (let minute = 10; minute < 1440; minute += 10) {
      const time = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}:01`;
      rows.push([time, (minute * 7 * day) % 50]);
    }
    const busy = (/** @type {string} */ time) => (time.startsWith("11:") ? 40 : 0);
    parts.push(`Linux 5.14.0 (web-1) \t2026-11-${String(day).padStart(2, "0")} \t_x86_64_\t(2 CPU)\n`);
    parts.push("\n00:00:01        CPU      %usr\n", ...rows.map(([time, value]) => `${time}        all     ${value}.25\n`));
    parts.push("\n00:00:01        DEV     %util\n", ...rows.map(([time, value]) => `${time}        sda     ${value + busy(time)}.50\n`));
  }
  return parts.join("");
}

const BYTES = new TextEncoder().encode(tenDays());
const COLUMNS = ["time", "host", "CPU %usr", "DEV max %util"];

/** @param {string[]} args @param {string | Uint8Array} input */
function run(args, input) {
  const { status, stdout, stderr } = spawnSync(command, args, { input });
  assert.equal(status, 0, text(stderr));
  return { out: text(stdout), err: text(stderr) };
}

/** In pieces of a size that fits no line. @param {(piece: Uint8Array) => void} take */
function inPieces(take) {
  for (let at = 0; at < BYTES.length; at += 777) take(BYTES.subarray(at, at + 777));
}

test("the library, the client and the command line make the same table of it", async () => {
  const reader = new LogReader();
  inPieces((piece) => reader.push(piece));
  const packed = new Blob([gzipSync(BYTES)]);
  const tables = [reader.finish(), LogTable.fromCsv(text(BYTES)), LogTable.fromCsv(BYTES), await client.readLog(BYTES), await client.readLog(packed)];
  for (const table of tables) {
    assert.equal(table.rowCount, 1430);
    assert.equal(table.dialect.layout, "sections");
    assert.deepEqual(table.columns.map((/** @type {any} */ { name }) => name), COLUMNS);
    assert.equal(table.issues.rowsRejected, 0);
  }
  const { out } = run(["inspect", "-", "--json"], BYTES);
  assert.deepEqual(JSON.parse(out).columns, tables[1].columns);
  assert.match(run(["inspect", "-"], BYTES).out, /1,430 rows and 4 columns, printed by sar, .*its sections\s+joined by time/);
});

test("rewritten as plain CSV it is the table, whoever rewrites it", () => {
  const plain = new PlainCsv();
  /** @type {string[]} */ const parts = [];
  inPieces((piece) => parts.push(text(plain.push(piece))));
  const csv = parts.join("") + text(plain.finish());
  assert.equal(csv, run(["inspect", "-", "--as-csv"], BYTES).out);
  assert.match(csv, /^time,host,CPU %usr,DEV max %util\n2026-11-01T00:10:01,web-1,20.25,20.5\n/);
});

test("what a log of sar taught is scored and watched by all that read it", async () => {
  const starts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((day) => `2026-11-${String(day).padStart(2, "0")} 12:05:00`);
  const incidents = `start\n${starts.join("\n")}\n`;
  const table = LogTable.fromCsv(BYTES);
  const model = CrashPredictor.train(table, { incidents, horizonMinutes: 60, algorithm: "logistic" });
  const expected = Array.from(model.predictTable(table).probabilities);
  assert.equal(expected.length, 1430);
  const scorer = new CsvScorer(model, { watch: true });
  /** @type {string[]} */ const parts = [];
  inPieces((piece) => parts.push(text(scorer.push(piece))));
  const scored = parts.join("") + text(scorer.finish());
  assert.equal(scorer.summary.rowsScored, 1430);
  const rows = scored.split("\n").filter((line) => line.startsWith("2026-"));
  rows.forEach((row, at) => assert.ok(Math.abs(Number(row.split(",").at(-2)) - (expected[at] ?? NaN)) < 1e-6, row));
  const remote = await client.load(model.save());
  assert.equal(await (await remote.predictCsv(new Blob([BYTES]))).blob.text(), scored);
  writeFileSync(join(folder, "model"), model.save());
  assert.equal(run(["predict", join(folder, "model"), "-"], BYTES).out, scored);
  const pages = scorer.pages();
  assert.ok(pages.length > 0);
  const watched = run(["watch", join(folder, "model"), "-", "--json"], BYTES).out.trim().split("\n");
  assert.deepEqual(watched.map((line) => JSON.parse(line)), JSON.parse(JSON.stringify(pages)));
});
