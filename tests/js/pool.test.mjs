/** Training by several workers: the model is the one of a single worker, whatever becomes of the others. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { load, locate } from "./installed.mjs";

const { CrashPredictorClient } = await load("crash-predictor/client");
const { CrashPredictor, LogTable, init, sampleCsv } = await load("crash-predictor");
const inside = (/** @type {string} */ name) => import(pathToFileURL(join(dirname(locate("crash-predictor")), name)).href);
const { Pool, learnersFor } = await inside("pool.js");
const { startWorker } = await inside("platform.js");
const wasm = new WebAssembly.Module(readFileSync(locate("crash-predictor/crash_predictor_bg.wasm")));
await init(wasm);

const table = LogTable.fromCsv(sampleCsv());
const expected = CrashPredictor.train(table).save();
const url = pathToFileURL(locate("crash-predictor/worker")).href;

/**
 * @param {any} [start]
 * @param {object} [options]
 */
async function trainByThree(start, options) {
  /** @type {any[]} */ const seen = [];
  const trained = await new Pool(table, options, 3, (/** @type {any} */ progress) => void seen.push(progress)).train(url, wasm, start);
  return { trained, seen };
}

describe("a pool", () => {
  test("trains the model of one worker, and tells where it stands", async () => {
    const { trained, seen } = await trainByThree();
    assert.deepEqual(trained.save(), expected);
    assert.equal(trained.summary.candidateSeconds.length, trained.summary.candidates.length);
    const done = seen.map((progress) => progress.done);
    assert.deepEqual(done, done.toSorted((a, b) => a - b));
    assert.equal(seen.at(-1).stage, "refit");
  });

  test("trains on where a learner dies, or cannot be started, or none can", async () => {
    /** @type {Array<(started: number) => "die" | "refuse" | "live">} */
    const fates = [(n) => (n === 1 ? "die" : "live"), (n) => (n === 0 ? "refuse" : "live"), () => "refuse", () => "die"];
    for (const fate of fates) {
      let started = 0;
      const start = async (/** @type {string} */ script, /** @type {any} */ onMessage, /** @type {any} */ onDeath) => {
        const its = fate(started++);
        if (its === "refuse") throw new Error("no more workers");
        const wire = await startWorker(script, onMessage, onDeath);
        if (its === "live") return wire;
        const post = (/** @type {any} */ message) => (message.action === "perform" ? wire.terminate() : wire.post(message));
        return { ...wire, post };
      };
      assert.deepEqual((await trainByThree(start)).trained.save(), expected);
    }
  });

  test("fails as one worker does", async () => {
    const narrow = { features: ["cpu_pct"], label: "cpu_pct" };
    const alone = (() => {
      try {
        CrashPredictor.train(table, narrow);
      } catch (error) {
        return error;
      }
    })();
    await assert.rejects(async () => trainByThree(undefined, narrow), { code: /** @type {any} */ (alone).code });
  });

  test("is as large as there are cores, and none for a small log", async () => {
    const small = LogTable.fromCsv("a,crashed\n1,0\n2,1\n");
    assert.equal(await learnersFor(small, undefined), 1);
    assert.equal(await learnersFor(small, 3), 3);
    assert.equal(await learnersFor(table, 100), 8);
    assert.equal(await learnersFor(table, 0), 1);
    assert.ok((await learnersFor(table, undefined)) >= 1);
  });

  test("is behind a client, and ends with it", async () => {
    for (const learners of [1, 2]) {
      const client = new CrashPredictorClient({ learners });
      const log = await client.sampleLog();
      assert.deepEqual(await (await client.train(log)).save(), expected);
      const aborted = client.train(log, { signal: AbortSignal.timeout(50) });
      await assert.rejects(aborted, { name: "TimeoutError" });
      assert.deepEqual(await (await client.train(log)).save(), expected);
      client.close();
    }
  });
});
