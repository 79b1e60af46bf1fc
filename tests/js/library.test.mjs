/** The engine of the installed package, on the calling thread. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { before, describe, test } from "node:test";
import { load, locate } from "./installed.mjs";
import { bitsOf, mixedLog, parsePlain, smallLog, text } from "./logs.mjs";
import { recompute } from "./recompute.mjs";

const library = await load("crash-predictor");
const { CrashPredictor, CsvScorer, LogReader, LogTable, Monitor, init, panicMessage, sampleCsv, version } = library;

describe("init", () => {
  test("says so when it was forgotten", () => {
    const entries = [
      () => LogTable.fromCsv("a,b\n1,2\n"),
      () => new LogReader(),
      () => CrashPredictor.load(new Uint8Array()),
      sampleCsv,
      version,
    ];
    for (const entry of entries) assert.throws(entry, { code: "NotInitialised" });
  });
  test("can be tried again after a failure", async () => {
    await assert.rejects(init(new Uint8Array([1, 2, 3])), { code: "EngineUnavailable" });
    await assert.rejects(init(new URL("nowhere.wasm", import.meta.url)), { code: "EngineUnavailable" });
  });
  test("is shared by calls made at once, and idempotent", async () => {
    const first = init();
    assert.equal(init(), first);
    await first;
    await init();
  });
  test("gives the package's version", () => {
    assert.equal(version(), JSON.parse(readFileSync(locate("crash-predictor/package.json"), "utf8")).version);
  });
});

describe("on the sample log", () => {
  /** @type {any} */ let table;
  /** @type {any} */ let predictor;
  /** @type {any[]} */ const progress = [];
  before(async () => {
    await init();
    table = LogTable.fromCsv(sampleCsv());
    predictor = CrashPredictor.train(table, {}, (/** @type {any} */ step) => void progress.push(step));
  });

  test("reads it whole, with a role and a reason for every column", () => {
    assert.equal(table.rowCount, table.issues.rowsUsed);
    assert.equal(table.issues.rowsRead, table.issues.rowsUsed + table.issues.rowsRejected);
    assert.equal(table.columns.filter((/** @type {any} */ column) => column.role === "label").length, 1);
    for (const { name, role, reason } of table.schema().columns)
      assert.ok(reason, `${name} is ${role}, and no word why`);
    assert.ok(table instanceof LogTable);
  });
  test("reports progress to the end", () => {
    assert.deepEqual([...new Set(progress.map(({ stage }) => stage))], ["prepare", "validate", "evaluate", "refit"]);
    assert.equal(progress.at(-1).total, progress[0].total);
  });
  test("is better than the base rate on the rows held out", () => {
    const { model, baseline, split, confusion } = predictor.evaluation;
    assert.ok(model.rocAuc > 0.8 && model.logLoss < baseline.logLoss);
    const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
    assert.equal(truePositives + falsePositives + trueNegatives + falseNegatives, split.nTest);
    assert.equal(split.kind, "time");
  });
  test("reads the same from pieces of any size", () => {
    const csv = sampleCsv();
    const reader = new LogReader();
    for (let at = 0; at < csv.length; at += 8191) reader.push(csv.subarray(at, at + 8191));
    const pieced = CrashPredictor.train(reader.finish());
    assert.deepEqual(pieced.save(), predictor.save());
  });
  test("trains from the text of a file as from its bytes", () => {
    assert.deepEqual(CrashPredictor.train(LogTable.fromCsv(text(sampleCsv()))).save(), predictor.save());
  });
  test("saves and loads bit for bit", () => {
    const saved = predictor.save();
    const loaded = CrashPredictor.load(saved);
    assert.deepEqual(loaded.save(), saved);
    // How long training took is not in the file.
    assert.deepEqual(loaded.summary, { ...predictor.summary, candidateSeconds: null });
    assert.deepEqual(loaded.evaluation, predictor.evaluation);
    assert.deepEqual(bits(loaded.predictTable(table).probabilities), bits(predictor.predictTable(table).probabilities));
  });
  test("predicts a row by name, in order and in a table with the same bits", () => {
    const { probabilities, predictions } = predictor.predictTable(table);
    const { features, threshold } = predictor.summary;
    const rows = parsePlain(text(sampleCsv())).slice(0, 300);
    rows.forEach((row, i) => {
      const named = predictor.predict(row);
      assert.equal(bitsOf(named.probability), bitsOf(probabilities[i]));
      assert.equal(bitsOf(predictor.predictRow(inOrder(features, row))), bitsOf(probabilities[i]));
      assert.equal(named.prediction, predictions[i]);
      assert.equal(predictions[i], probabilities[i] >= threshold ? 1 : 0);
      assert.equal(named.message, named.prediction ? "The server may crash." : "The server is okay.");
    });
  });
  test("writes the probabilities of a table into CSV as digits that read back to the same bits", () => {
    const scorer = new CsvScorer(predictor);
    const csv = sampleCsv();
    const scored = text(
      Buffer.concat([scorer.push(csv.subarray(0, 100_001)), scorer.push(csv.subarray(100_001)), scorer.finish()]),
    );
    const { probabilities, predictions } = predictor.predictTable(table);
    const rows = parsePlain(scored);
    assert.equal(rows.length, table.rowCount);
    assert.deepEqual(
      rows.map((row) => bitsOf(Number(row.crash_probability))),
      bits(probabilities),
    );
    assert.deepEqual(
      rows.map((row) => Number(row.crash_prediction)),
      [...predictions],
    );
    assert.equal(
      scorer.summary.crashes,
      predictions.reduce((/** @type {number} */ sum, /** @type {number} */ one) => sum + one, 0),
    );
  });
  test("tries all there is, and says how each did and which was chosen", () => {
    const { algorithm, algorithmReason, candidates } = predictor.summary;
    assert.deepEqual(
      candidates.map((/** @type {any} */ candidate) => candidate.algorithm),
      ["base-rate", "logistic", "boosting", "boosting", "forest"],
    );
    for (const { logLoss, spread } of candidates) assert.ok(logLoss > 0 && spread > 0);
    const chosen = candidates.filter((/** @type {any} */ candidate) => candidate.algorithm === algorithm);
    assert.ok(chosen.some((/** @type {any} */ { logLoss }) => algorithmReason.includes(logLoss.toFixed(4))));
    const messages = progress.map(({ message }) => message);
    assert.ok(messages.includes("trying boosting of small trees"), messages.join());
  });
  test("agrees with native Rust bit for bit", () => {
    const golden = JSON.parse(readFileSync(new URL("../fixtures/sample_predictions.json", import.meta.url), "utf8"));
    assert.equal(createHash("sha256").update(predictor.save()).digest("hex"), golden.modelSha256);
    const { probabilities } = predictor.predictTable(table);
    assert.deepEqual(bits(probabilities.subarray(0, golden.probabilities.length)), golden.probabilities);
  });
  test("takes an option that is undefined as absent", () => {
    const none = {
      label: undefined,
      time: undefined,
      features: undefined,
      ignore: undefined,
      threshold: undefined,
      seed: undefined,
      split: undefined,
    };
    assert.deepEqual(
      CrashPredictor.train(LogTable.fromCsv(sampleCsv(undefined), { delimiter: undefined }), none).save(),
      predictor.save(),
    );
    assert.deepEqual(table.schema({ ignore: undefined }), table.schema());
  });
  test("stops when the progress callback returns false", () => {
    assert.throws(() => CrashPredictor.train(table, {}, () => false), { code: "Cancelled" });
  });
});

for (const algorithm of ["logistic", "boosting", "forest"]) {
  describe(`${algorithm}, asked for`, () => {
    /** @type {any} */ let table;
    /** @type {any} */ let predictor;
    /** @type {any} */ let saved;
    before(async () => {
      await init();
      table = LogTable.fromCsv(sampleCsv());
      predictor = CrashPredictor.train(table, { algorithm });
      saved = predictor.save();
    });

    test("is what is trained, and beats the base rate", () => {
      const { summary, evaluation } = predictor;
      assert.equal(summary.algorithm, algorithm);
      assert.ok(evaluation.model.logLoss < evaluation.baseline.logLoss);
      const names = summary.candidates.map((/** @type {any} */ candidate) => candidate.algorithm);
      assert.deepEqual([...new Set(names)], ["base-rate", algorithm]);
    });
    test("says what it goes by", () => {
      const { terms, features } = predictor.summary;
      const shares = features.map((/** @type {any} */ { importance }) => importance);
      if (algorithm === "logistic") {
        assert.ok(terms.length > 0);
        assert.ok(shares.every((/** @type {any} */ share) => share === null));
      } else {
        assert.equal(terms.length, 0);
        assert.ok(shares.every((/** @type {any} */ share) => share >= 0 && share <= 1));
        const sum = shares.reduce((/** @type {number} */ total, /** @type {number} */ share) => total + share, 0);
        assert.ok(Math.abs(sum - 1) < 1e-9, `the shares sum to ${sum}`);
      }
    });
    test("gives the same bytes again, and other ones for another seed where there is chance in it", () => {
      assert.deepEqual(CrashPredictor.train(table, { algorithm }).save(), saved);
      const { probabilities } = predictor.predictTable(table);
      const other = CrashPredictor.train(table, { algorithm, seed: 1 }).predictTable(table).probabilities;
      if (algorithm === "logistic") assert.deepEqual(bits(other), bits(probabilities));
      else assert.notDeepEqual(bits(other), bits(probabilities));
    });
    test("loads from its bytes, and predicts the same bits by every way", () => {
      const loaded = CrashPredictor.load(saved);
      assert.deepEqual(loaded.save(), saved);
      assert.deepEqual(loaded.summary, { ...predictor.summary, candidateSeconds: null });
      assert.deepEqual(loaded.evaluation, predictor.evaluation);
      const { probabilities } = predictor.predictTable(table);
      assert.deepEqual(bits(loaded.predictTable(table).probabilities), bits(probabilities));
      const { features } = predictor.summary;
      for (const [i, row] of parsePlain(text(sampleCsv())).slice(0, 200).entries()) {
        const alone = loaded.predict(row).probability;
        assert.equal(bitsOf(loaded.predictRow(inOrder(features, row))), bitsOf(alone));
        // A model that looks at the minutes before a row says of a row alone what it knows without them.
        if (loaded.summary.windows.length === 0 || i < 12) assert.equal(bitsOf(alone), bitsOf(probabilities[i]));
      }
    });
    test("exports JSON, in one line, from which plain arithmetic gives the probabilities", () => {
      recomputes(predictor, sampleCsv());
    });
    test("so it does where cells are missing, words are unknown and booleans are words", () => {
      const mixed = CrashPredictor.train(LogTable.fromCsv(mixedLog(600, 1)), { algorithm });
      const kinds = new Set(mixed.summary.features.map((/** @type {any} */ feature) => feature.kind));
      assert.deepEqual([...kinds].sort(), ["boolean", "category", "number"]);
      const asked = recomputes(mixed, mixedLog(200, 2).replaceAll(",eu,", ",mars,"));
      for (const question of { boosting: ["levels", "upTo"], forest: ["levels", "present", "upTo"] }[algorithm] ?? [])
        assert.ok(asked.has(question), `no split asks ${question}`);
    });
  });
}

/**
 * The exported document gives the probabilities of the first 200 rows and more; returns what its trees ask.
 * @param {any} predictor
 * @param {Uint8Array | string} csv
 */
function recomputes(predictor, csv) {
  const line = predictor.export("json");
  assert.ok(!line.includes("\n"));
  const document = JSON.parse(line);
  assert.equal(document.model.algorithm, predictor.summary.algorithm);
  assert.match(document.model.formula, /probability = /);
  const rows = parsePlain(typeof csv === "string" ? csv : text(csv)).slice(0, 2000);
  assert.ok(rows.length >= 200);
  const names = document.summary.features.map((/** @type {any} */ { name }) => name);
  assert.ok(rows.slice(0, 200).some((row) => names.some((/** @type {string} */ name) => row[name] === "")));
  rows.forEach((row, i) => {
    const off = Math.abs(recompute(document, row) - predictor.predict(row).probability);
    assert.ok(off <= 1e-12, `row ${i} is off by ${off}`);
  });
  const splits = (document.model.trees ?? []).flatMap((/** @type {any} */ { splits }) => splits);
  return new Set(
    splits.map((/** @type {any} */ split) => ["upTo", "levels", "present"].find((question) => question in split)),
  );
}

describe("prediction ahead of time", () => {
  /** @type {import("../../dist/npm/index.js").LogTable} */
  let table;
  /** @type {import("../../dist/npm/crash_predictor.js").CrashPredictor} */
  let predictor;
  /** @type {Record<string, string>[]} */
  let rows;
  before(async () => {
    await init();
    table = LogTable.fromCsv(sampleCsv());
    rows = parsePlain(text(sampleCsv()));
    const rule = "cpu_pct > 90 and latency_ms > 200";
    predictor = CrashPredictor.train(table, { algorithm: "logistic", rule, alarmNeeded: 1, alarmOf: 2, pagesPerWeek: 20 });
  });

  test("is judged in crashes, pages and minutes, beside rules", () => {
    const { incidents, alarmRule, rules, intervals, randomSplit, reliability, thresholdReason } = predictor.evaluation;
    assert.ok(incidents && incidents.incidents > 10 && incidents.pages > 0);
    assert.deepEqual([alarmRule.needed, alarmRule.of], [1, 2]);
    assert.deepEqual(rules.map(({ origin }) => origin), ["yours", "best"]);
    assert.ok(intervals.some(({ figure, low, high }) => figure === "caughtShare" && low <= high));
    assert.ok(randomSplit && randomSplit.rocAuc > 0.5 && reliability.length === 10);
    assert.match(thresholdReason, /20 pages a week/);
  });

  test("takes the rows before a row, and a monitor keeps them itself", () => {
    const host = rows.filter((row) => row.host === rows[0]?.host).slice(0, 80);
    const { probabilities } = predictor.predictTable(table);
    const last = rows.indexOf(/** @type {any} */ (host.at(-1)));
    const history = host.slice(0, -1);
    const told = predictor.predict(/** @type {any} */ (host.at(-1)), { history });
    assert.equal(bitsOf(told.probability), bitsOf(Number(probabilities[last])));
    const monitor = new Monitor(predictor);
    history.forEach((row) => monitor.remember(row));
    const seen = monitor.push(/** @type {any} */ (host.at(-1)));
    assert.equal(bitsOf(seen.probability), bitsOf(Number(probabilities[last])));
    assert.equal(seen.host, rows[0]?.host);
    assert.ok(["calm", "raised", "continues"].includes(seen.event));
    assert.throws(() => predictor.predict({}, /** @type {any} */ ({ history: 5 })), { code: "BadOption" });
  });

  test("says which columns have moved", () => {
    const moved = predictor.drift(LogTable.fromCsv(text(sampleCsv()).replaceAll(",web,", ",novel,")));
    assert.equal(moved[0]?.column, "tier");
    assert.ok(Number(moved[0]?.stabilityIndex) > 0.25 && Number(moved[0]?.outside) > 0);
    assert.ok(predictor.drift(table).every(({ level }) => level === "none"));
  });
});

describe("names from the log stay names", () => {
  const names = ["__proto__", '<img src=x onerror="alert(1)">'];
  const csv = smallLog(400, [names[0] ?? "", `"${names[1]?.replaceAll('"', '""')}"`]);
  const row = (/** @type {number} */ value) => new Map(names.map((name) => [name, value]));

  test("as columns of a table, of a model and of a row", async () => {
    await init();
    const table = LogTable.fromCsv(csv);
    assert.deepEqual(
      table.columns.slice(0, 2).map((/** @type {any} */ column) => column.name),
      names,
    );
    const predictor = CrashPredictor.train(table, { algorithm: "logistic", features: names });
    assert.deepEqual(
      predictor.summary.features.map((/** @type {any} */ feature) => feature.name).sort(),
      [...names].sort(),
    );
    const [low, high] = [predictor.predict(row(1)), predictor.predict(row(99))];
    assert.ok(low.probability < 0.1 && high.probability > 0.9);
    const object = JSON.parse(`{ "__proto__": 99, ${JSON.stringify(names[1])}: 99 }`);
    assert.equal(predictor.predict(object).probability, high.probability);
    assert.equal(/** @type {any} */ ({}).polluted, undefined);
  });
});

describe("errors carry a code", () => {
  /** @param {string} code @param {() => unknown} work */
  const fails = (code, work) =>
    test(code, async () => {
      await init();
      assert.throws(
        work,
        (/** @type {any} */ error) =>
          error instanceof Error && error.message !== "" && /** @type {any} */ (error).code === code,
      );
    });
  const train = (/** @type {string} */ csv, options = {}) => CrashPredictor.train(LogTable.fromCsv(csv), options);
  const model = () => train(smallLog(300), { algorithm: "logistic" }).save();
  const changed = (/** @type {number} */ at) => {
    const bytes = model();
    bytes[at] ^= 1;
    return bytes;
  };

  fails("Empty", () => LogTable.fromCsv(""));
  fails("NoRows", () => LogTable.fromCsv("cpu,crashed\n"));
  fails("NotCsv", () => LogTable.fromCsv(Uint8Array.from([0x50, 0x4b, 3, 4, ...new Array(100).fill(0)])));
  fails("NoLabel", () => train("a,b,c\n1,2,3\n4,5,6\n7,8,9\n"));
  fails("UnknownColumn", () => train(smallLog(50), { label: "nope" }));
  fails("UnknownPositive", () => train(smallLog(50), { positive: "exploded" }));
  fails("OneClass", () => train("cpu,crashed\n1,0\n2,0\n3,0\n"));
  fails("NoFeatures", () => train(smallLog(300), { ignore: ["cpu_pct", "mem_pct", "region"] }));
  fails("BadOption", () => train(smallLog(300), { threshold: 2 }));
  fails("UnknownColumn", () => train(smallLog(300), { monotone: { memory: "rising" } }));
  fails("BadOption", () => train(smallLog(300), { monotone: { cpu_pct: "up" } }));
  fails("BadOption", () => train(smallLog(300), { monotone: { region: "rising" } }));
  fails("BadOption", () => train(smallLog(300), { monotone: ["cpu_pct"] }));
  fails("BadOption", () => train(smallLog(300), { algorithm: "perceptron" }));
  fails("UnknownOption", () => train(smallLog(300), { lable: "crashed" }));
  fails("NotAModel", () => CrashPredictor.load(new TextEncoder().encode("cpu,crashed\n1,0\n")));
  fails("ModelTruncated", () => CrashPredictor.load(model().subarray(0, 200)));
  fails("ModelChecksum", () => CrashPredictor.load(changed(200)));
  fails("MissingColumns", () => CrashPredictor.load(model()).predict({ nothing: 1 }));
  test("and none of them was a panic", () => assert.equal(panicMessage(), undefined));
});

/** @param {Float64Array} values */
function bits(values) {
  return Array.from(values, bitsOf);
}

/**
 * What predictRow takes.
 * @param {any[]} features
 * @param {Record<string, string>} row
 */
function inOrder(features, row) {
  return Float64Array.from(features, ({ name, kind, levels }) => {
    if (row[name] === "") return NaN;
    return kind === "number"
      ? Number(row[name])
      : levels.findIndex((/** @type {any} */ level) => level.value === row[name]);
  });
}
