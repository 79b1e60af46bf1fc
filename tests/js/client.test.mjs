/** The worker client of the installed package: progress, cancelling by a real terminate, and life after a real trap. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, openAsBlob, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { load, locate } from "./installed.mjs";
import { bitsOf, parsePlain, smallLog, text, withLittleMemory } from "./logs.mjs";

const { CrashPredictorClient, trustedTypesPolicy } = await load("crash-predictor/client");
const { CrashPredictor, LogTable, Monitor, init, sampleCsv } = await load("crash-predictor");
await init();

/** Every thread this process starts, in order. @type {import("node:worker_threads").Worker[]} */
const threads = [];
process.on("worker", (thread) => threads.push(thread));

/** @param {any[]} pieces */
const bits = (pieces) => Array.from(pieces, bitsOf);

/** How long training took is not in the file, nor the same twice. @param {any} summary */
const timeless = (summary) => ({ ...summary, candidateSeconds: null });

describe("a client", () => {
  /** @type {any} */ let client;
  /** @type {any} */ let table;
  /** @type {any} */ let predictor;
  before(async () => {
    client = new CrashPredictorClient();
    table = await client.sampleLog();
    predictor = await client.train(table);
  });
  after(() => client.close());

  test("gives what the library gives, bit for bit", async () => {
    const own = LogTable.fromCsv(sampleCsv());
    const trained = CrashPredictor.train(own);
    assert.deepEqual(await predictor.save(), trained.save());
    assert.deepEqual(timeless(predictor.summary), timeless(trained.summary));
    assert.deepEqual(predictor.evaluation, trained.evaluation);
    assert.deepEqual(table.columns, own.columns);
    assert.deepEqual(await table.schema({ ignore: ["cpu_pct"] }), own.schema({ ignore: ["cpu_pct"] }));
    assert.deepEqual(new Uint8Array(await table.source.arrayBuffer()), sampleCsv());
    const { probabilities } = await predictor.predictTable(table);
    assert.deepEqual(bits(probabilities), bits(trained.predictTable(own).probabilities));
    const row = { cpu_pct: 99, mem_pct: 97 };
    assert.deepEqual(await predictor.predict(row), trained.predict(row));
    assert.equal(await predictor.export("json"), trained.export("json"));
  });

  test("watches rows and logs as a monitor does", async () => {
    const rows = parsePlain(text(sampleCsv()));
    const monitor = new Monitor(CrashPredictor.load(await predictor.save()));
    const seen = rows.map((row) => monitor.push(row));
    assert.deepEqual(await predictor.watch(rows), seen);
    const raised = rows.flatMap(({ timestamp }, at) => {
      const { host, probability, event } = seen[at];
      return event === "raised" ? [{ time: timestamp, host, probability }] : [];
    });
    assert.ok(raised.length > 10);
    const { summary, pages } = await predictor.predictCsv(sampleCsv(), { watch: true });
    assert.deepEqual(pages, raised);
    assert.equal(summary.pages, raised.length);
    const unwatched = await predictor.predictCsv(sampleCsv());
    assert.deepEqual([unwatched.pages, unwatched.summary.pages], [[], null]);
    await assert.rejects(predictor.watch([{ nothing: 1 }]), { code: "MissingColumns" });
  });

  test("reads several files as one log, and again after a crash", async () => {
    const rows = (/** @type {number} */ cpu) => `time,cpu,crashed\n2026-01-01,${cpu},0\n2026-01-02,${cpu + 1},1\n`;
    const folder = mkdtempSync(join(tmpdir(), "crash-predictor-"));
    writeFileSync(join(folder, "web-2.csv"), rows(5));
    const onDisk = await openAsBlob(join(folder, "web-2.csv"));
    const inMemory = new File([rows(1)], "web-1.csv");
    /** @type {any[]} */ const seen = [];
    for (const second of [new File([rows(5)], "web-2.csv"), { name: "web-2.csv", source: onDisk, size: onDisk.size }]) {
      const read = await client.readLog([inMemory, second], { onProgress: (/** @type {any} */ at) => seen.push(at) });
      assert.deepEqual(read.preview, [
        ["2026-01-01T00:00:00Z", "1", "0", "web-1"],
        ["2026-01-01T00:00:00Z", "5", "0", "web-2"],
        ["2026-01-02T00:00:00Z", "2", "1", "web-1"],
        ["2026-01-02T00:00:00Z", "6", "1", "web-2"],
      ]);
      assert.equal((await read.schema()).host, "host");
      assert.deepEqual(seen.at(-1), { bytesRead: 2 * onDisk.size, bytesTotal: 2 * onDisk.size });
      assert.equal((await client.readLog(read.source)).rowCount, 4);
    }
    rmSync(folder, { recursive: true });
  });

  test("reads logs from every kind of source alike", async () => {
    const csv = smallLog(500);
    const bytes = new TextEncoder().encode(csv);
    const path = join(mkdtempSync(join(tmpdir(), "crash-predictor-")), "log.csv");
    writeFileSync(path, csv);
    const sources = [
      csv,
      bytes,
      bytes.buffer,
      new Blob([csv]),
      new File([csv], "log.csv"),
      new Blob([csv]).stream(),
      await openAsBlob(path),
    ];
    for (const source of sources) {
      const read = await client.readLog(source);
      assert.equal(read.rowCount, 500);
      assert.equal(await read.source.text(), csv);
    }
    rmSync(dirname(path), { recursive: true });
  });

  test("tells how far reading and training are", async () => {
    const csv = smallLog(60_000);
    /** @type {any[]} */ const read = [];
    const big = await client.readLog(csv, { onProgress: (/** @type {any} */ at) => read.push(at) });
    assert.deepEqual(read[0], { bytesRead: 0, bytesTotal: csv.length });
    assert.deepEqual(read.at(-1), { bytesRead: csv.length, bytesTotal: csv.length });
    /** @type {Set<string>} */ const stages = new Set();
    await client.train(big, { onProgress: (/** @type {any} */ { stage }) => stages.add(stage) });
    assert.deepEqual([...stages], ["prepare", "validate", "evaluate", "refit"]);
    big.free();
    await assert.rejects(big.schema(), { code: "Freed" });
  });

  test("scores a file into a blob", async () => {
    /** @type {any[]} */ const read = [];
    const { blob, summary } = await predictor.predictCsv(table.source, {
      threshold: 0.5,
      onProgress: (/** @type {any} */ at) => read.push(at),
    });
    const rows = parsePlain(await blob.text());
    const { probabilities } = await predictor.predictTable(table);
    assert.deepEqual(
      rows.map((row) => bitsOf(Number(row.crash_probability))),
      bits(probabilities),
    );
    assert.equal(summary.crashes, rows.filter((row) => Number(row.crash_probability) >= 0.5).length);
    assert.equal(read.at(-1).bytesRead, table.source.size);
  });

  test("loads what was saved", async () => {
    const saved = await predictor.save();
    const loaded = await client.load(new Blob([saved]));
    assert.deepEqual(await loaded.save(), saved);
    assert.deepEqual(loaded.summary, timeless(predictor.summary));
  });

  test("passes the engine's errors on", async () => {
    await assert.rejects(client.readLog(""), { name: "Error", code: "Empty" });
    await assert.rejects(client.train(table, { label: "nope" }), { code: "UnknownColumn", message: /nope/ });
    await assert.rejects(client.load(new Uint8Array([1, 2, 3])), { code: "NotAModel" });
    await assert.rejects(predictor.predict({ cpu_pct() {} }), { name: "DataCloneError" });
    await assert.rejects(client.train({}), { code: "Freed" });
  });

  test("takes names that mean something to JavaScript or HTML as names", async () => {
    const names = ["__proto__", "<img src=x onerror=alert(1)>"];
    const odd = await client.readLog(smallLog(400, names));
    const trained = await client.train(odd, { algorithm: "logistic", features: names });
    const row = (/** @type {number} */ value) => JSON.parse(`{ "__proto__": ${value}, "${names[1]}": ${value} }`);
    assert.ok((await trained.predict(row(99))).probability > 0.9);
    assert.ok((await trained.predict(new Map(Object.entries(row(1))))).probability < 0.1);
  });

  test("stops training at once when aborted, and goes on with what it held", async () => {
    const stop = new AbortController();
    const thread = /** @type {import("node:worker_threads").Worker} */ (threads.at(-1));
    const ended = new Promise((resolve) => thread.once("exit", resolve));
    const before = threads.length;
    const stopped = client.train(table, { signal: stop.signal, onProgress: () => stop.abort() });
    const waiting = predictor.predict({ cpu_pct: 50 });
    await assert.rejects(stopped, { name: "AbortError" });
    await ended;
    assert.equal(threads.length, before + 1, "a new worker took over");
    assert.equal((await waiting).threshold, predictor.summary.threshold);
    assert.deepEqual(await (await client.train(table)).save(), await predictor.save());
  });

  test("rejects with the signal's own reason, before, while waiting and between", async () => {
    const reason = new TypeError("changed my mind");
    await assert.rejects(client.sampleLog(0, { signal: AbortSignal.abort(reason) }), reason);
    const stop = new AbortController();
    const running = client.sampleLog();
    const waiting = client.sampleLog(1, { signal: stop.signal });
    const before = threads.length;
    stop.abort(reason);
    await assert.rejects(waiting, reason);
    assert.equal((await running).rowCount, table.rowCount);
    assert.equal(threads.length, before, "what had not begun is dropped without a new worker");
  });

  test("stops a call whose progress callback throws", async () => {
    const mine = new Error("mine");
    await assert.rejects(
      client.train(table, {
        onProgress() {
          throw mine;
        },
      }),
      mine,
    );
    assert.equal((await predictor.predict({ cpu_pct: 50 })).threshold, predictor.summary.threshold);
  });
});

describe("a client whose engine traps", () => {
  test("rejects with the cause, and goes on in a new worker with what it held", async () => {
    // 16 MiB above its minimum do for a small log, and not for one of 30 MB: the allocation fails inside the engine.
    const wasm = withLittleMemory(readFileSync(locate("crash-predictor/crash_predictor_bg.wasm")), 256);
    const client = new CrashPredictorClient({ wasm });
    const small = await client.readLog(smallLog(1000));
    const predictor = await client.train(small);
    const row = { cpu_pct: 90, mem_pct: 95 };
    const answer = await predictor.predict(row);

    const huge = new Blob(["a,b,crashed\n", ...Array(300).fill("1.5,2.25,0\n3.25,4.125,1\n".repeat(4_500))]);
    assert.ok(huge.size > 30e6);
    const before = threads.length;
    const crashed = client.readLog(huge);
    const waiting = predictor.predict(row);
    await assert.rejects(
      crashed,
      (/** @type {any} */ error) => error.code === "EngineCrashed" && error.cause instanceof Error,
    );
    await assert.rejects(waiting, { code: "EngineCrashed" });

    assert.deepEqual(await predictor.predict(row), answer);
    assert.equal((await client.readLog(smallLog(100))).rowCount, 100);
    assert.deepEqual(await (await client.train(small)).save(), await predictor.save());
    assert.equal(threads.length, before + 1);
    client.close();
  });
});

describe("a client that cannot start", () => {
  test("says why, at every call", async () => {
    const client = new CrashPredictorClient({ wasm: new Uint8Array([1, 2, 3]) });
    await assert.rejects(client.sampleLog(), { code: "EngineUnavailable" });
    await assert.rejects(client.sampleLog(), { code: "EngineUnavailable" });
    const lost = new CrashPredictorClient({ workerUrl: new URL("nowhere.js", import.meta.url) });
    await assert.rejects(lost.sampleLog(), { code: "EngineUnavailable" });
    client.close();
    lost.close();
  });
});

describe("a closed client", () => {
  test("rejects what is under way and what follows", async () => {
    const client = new CrashPredictorClient();
    const running = client.sampleLog();
    client.close();
    await assert.rejects(running, { code: "Closed" });
    await assert.rejects(client.sampleLog(), { code: "Closed" });
  });
});

test("a program that forgets to close its client still ends, whatever its flags", () => {
  const program = `
    import { CrashPredictorClient } from ${JSON.stringify(pathToFileURL(locate("crash-predictor/client")))};
    const table = await new CrashPredictorClient().sampleLog();
    console.log(table.rowCount);`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.equal(status, 0);
  assert.equal(Number(stdout), parsePlain(text(sampleCsv())).length);
});

test("the Trusted Types policy is null where there are none", () => assert.equal(trustedTypesPolicy, null));
