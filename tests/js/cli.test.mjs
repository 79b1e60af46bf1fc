/** The command line of the installed package, as a process. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { command, load, locate, shared } from "./installed.mjs";
import { bitsOf, parsePlain, rocAuc, smallLog, text } from "./logs.mjs";
import { rerun, sessionOf } from "./readme-session.mjs";

const { CrashPredictor, LogTable, Monitor, init, sampleCsv } = await load("crash-predictor");
const folder = mkdtempSync(join(tmpdir(), "crash-predictor-"));
const at = (/** @type {string} */ name) => join(folder, name);

/**
 * @param {string[]} args
 * @param {string | Uint8Array} [input]
 */
function run(args, input = "") {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, input, maxBuffer: 1 << 28 });
  return { status, stdout, out: text(stdout), err: text(stderr) };
}

/** @param {string[]} args @param {string | Uint8Array} [input] */
function ok(args, input) {
  const result = run(args, input);
  assert.equal(result.status, 0, result.err);
  return result;
}

/** The lines of a report about the candidates. @param {string} report */
const tried = (report) => report.match(/^ {2}.* {2}\d\.\d{4} {2}\u00b1 .*$/gm) ?? [];

/** The shares of a report in per cent, as they stand: the largest first, all of them 100. @param {string} report */
function shares(report) {
  const lines = /^What it looks at\n((?: {2}\S+ +[\d.]+ %.*\n)+)/m.exec(report)?.[1]?.trimEnd().split("\n") ?? [];
  const found = lines.map((line) => Number(/([\d.]+) %/.exec(line)?.[1]));
  assert.deepEqual(
    found,
    found.toSorted((a, b) => b - a),
  );
  if (found.length > 0) assert.ok(Math.abs(found.reduce((sum, share) => sum + share, 0) - 100) < 0.2);
  return found;
}

before(async () => {
  await init();
  writeFileSync(at("sample.csv"), sampleCsv());
  writeFileSync(at("small.csv"), smallLog(1000));
  ok(["train", "small.csv", "-o", "small.crashmodel"]);
});
after(() => rmSync(folder, { recursive: true }));

describe("train", () => {
  test("saves what the library saves, and reports on it", () => {
    const { out, err } = ok(["train", "sample.csv", "-o", "sample.crashmodel"]);
    const predictor = CrashPredictor.train(LogTable.fromCsv(sampleCsv()));
    assert.deepEqual(new Uint8Array(readFileSync(at("sample.crashmodel"))), predictor.save());
    assert.equal(err, "");
    for (const words of [
      "The log: sample.csv",
      "What each column is taken for",
      "What was tried",
      "How it was checked",
      "base rate",
      "missed",
      "Verdict",
      "Saved to sample.crashmodel",
    ]) {
      assert.ok(out.includes(words), `"${words}" is not in:\n${out}`);
    }
    assert.ok(out.replace(/\s+/g, " ").includes(predictor.evaluation.verdict));
  });
  test("reads standard input, writes the model to standard output and the report to standard error", () => {
    const { stdout, err } = ok(["train", "-", "-o", "-"], sampleCsv());
    assert.deepEqual(new Uint8Array(stdout), CrashPredictor.train(LogTable.fromCsv(sampleCsv())).save());
    assert.match(err, /Verdict/);
  });
  test("prints one JSON object with --json", () => {
    const { out, err } = ok(["train", "small.csv", "-o", "json.crashmodel", "--json"]);
    const { evaluation, summary, log } = JSON.parse(out);
    assert.equal(err, "");
    assert.equal(log.rowCount, 1000);
    const loaded = CrashPredictor.load(readFileSync(at("json.crashmodel")));
    assert.deepEqual(
      { summary: { ...summary, candidateSeconds: null }, evaluation },
      JSON.parse(JSON.stringify({ summary: loaded.summary, evaluation: loaded.evaluation })),
    );
  });
  test("takes every option", () => {
    const options = [
      "--label=crashed",
      "--positive",
      "1",
      "--features",
      "cpu_pct,mem_pct",
      "--features",
      "region",
      "--ignore",
      "region",
      "--time",
      "",
      "--host",
      "",
      "--algorithm",
      "logistic",
      "--split",
      "random",
      "--threshold",
      "0.25",
      "--rising",
      "cpu_pct",
      "--falling",
      "mem_pct",
      "--seed",
      "7",
      "--delimiter",
      ",",
    ];
    const { summary, evaluation } = JSON.parse(
      ok(["train", "small.csv", "-o", "options.crashmodel", "--json", ...options]).out,
    );
    assert.deepEqual(summary.features.map((/** @type {any} */ feature) => feature.name).sort(), ["cpu_pct", "mem_pct"]);
    const directions = summary.features.map((/** @type {any} */ { name, direction }) => [name, direction]);
    assert.deepEqual(Object.fromEntries(directions), { cpu_pct: "rising", mem_pct: "falling" });
    assert.match(ok(["inspect", "options.crashmodel"]).out, /the risk never rises as mem_pct rises/);
    assert.deepEqual(
      [summary.threshold, summary.seed, summary.algorithm, evaluation.split.kind],
      [0.25, 7, "logistic", "random"],
    );
  });
  for (const algorithm of ["logistic", "boosting", "forest"]) {
    test(`takes ${algorithm}: its file is what the library saves and predicts with, its reports say what it goes by`, () => {
      const { out } = ok(["train", "small.csv", "-o", "asked.crashmodel", "--algorithm", algorithm]);
      const own = CrashPredictor.train(LogTable.fromCsv(smallLog(1000)), { algorithm });
      assert.deepEqual(new Uint8Array(readFileSync(at("asked.crashmodel"))), own.save());
      const scored = parsePlain(ok(["predict", "asked.crashmodel", "small.csv"]).out);
      assert.deepEqual(
        scored.map((row) => bitsOf(Number(row.crash_probability))),
        Array.from(own.predictTable(LogTable.fromCsv(smallLog(1000))).probabilities, bitsOf),
      );
      assert.equal(tried(out).filter((line) => line.endsWith("  chosen")).length, 1);
      const inspected = ok(["inspect", "asked.crashmodel"]).out;
      for (const report of [out, inspected]) assert.equal(shares(report).length, algorithm === "logistic" ? 0 : 3);
      assert.equal(/What it goes by/.test(inspected), algorithm === "logistic");
      assert.equal(/log loss out of bag, .* is 0\.\d{4}\./s.test(inspected), algorithm === "forest");
    });
  }
  test("says what was tried, and marks what was chosen", () => {
    const { out } = ok(["train", "small.csv", "-o", "tried.crashmodel"]);
    const { summary } = CrashPredictor.load(readFileSync(at("tried.crashmodel")));
    const lines = tried(out);
    assert.equal(lines.length, 5);
    for (const [i, { setting, logLoss, spread }] of summary.candidates.entries()) {
      assert.ok(lines[i]?.includes(`  ${logLoss.toFixed(4)}  \u00b1 ${spread.toFixed(4)}`), lines[i]);
      assert.ok(lines[i]?.includes(setting), lines[i]);
    }
    assert.deepEqual(
      lines.map((line) => line.endsWith("  chosen")),
      summary.candidates.map((/** @type {any} */ { algorithm }) => algorithm === summary.algorithm),
    );
  });
  test("says how many rows had no label", () => {
    const { out } = ok(["train", "-", "-o", "holes.crashmodel"], `${smallLog(400)}50,50,eu,\n60,60,us,NA\n`);
    assert.match(out, /2 rows without a label could not be learned from\./);
  });

  test("says which lines could not be read", () => {
    writeFileSync(at("broken.csv"), smallLog(300).replace("\n", "\n1,2\n"));
    const { out } = ok(["train", "broken.csv", "-o", "broken.crashmodel"]);
    assert.match(out, /1 of 301 rows could not be used/);
    assert.match(out, /line 2\b/);
  });
});

describe("predict", () => {
  test("appends to a file, and counts on standard error", () => {
    const { out, err } = ok(["predict", "small.crashmodel", "small.csv", "-o", "scored.csv"]);
    const rows = parsePlain(readFileSync(at("scored.csv"), "utf8"));
    assert.equal(out, "");
    assert.match(err, /1,000 rows of small\.csv scored, 0 of 1,000 could not be read/);
    assert.ok(err.includes(`${rows.filter((row) => row.crash_prediction === "1").length} rows may crash`), err);
  });
  test("gives the same from standard input to standard output, and the library's bits", () => {
    const { out } = ok(["predict", "small.crashmodel", "-"], readFileSync(at("small.csv")));
    assert.equal(out, ok(["predict", "-", "small.csv", "-o", "-"], readFileSync(at("small.crashmodel"))).out);
    const predictor = CrashPredictor.load(readFileSync(at("small.crashmodel")));
    const { probabilities } = predictor.predictTable(LogTable.fromCsv(smallLog(1000)));
    assert.deepEqual(
      parsePlain(out).map((row) => bitsOf(Number(row.crash_probability))),
      Array.from(probabilities, bitsOf),
    );
  });
  test("takes a threshold", () => {
    for (const row of parsePlain(ok(["predict", "small.crashmodel", "small.csv", "--threshold", "0.1"]).out)) {
      assert.equal(row.crash_prediction, Number(row.crash_probability) >= 0.1 ? "1" : "0");
    }
  });
  test("keeps the line of a row that cannot be read, with an empty probability", () => {
    const { out, err } = ok(["predict", "small.crashmodel", "-"], "cpu_pct,mem_pct,region\n90,95,eu\n1,2\n3,4,us\n");
    const lines = out.trimEnd().split("\n");
    assert.equal(lines.length, 4);
    assert.match(lines[1] ?? "", /^90,95,eu,0\.\d+,[01]$/);
    assert.equal(lines[2], "1,2,,,");
    assert.match(err, /1 of 3 could not be read/);
    assert.match(err, /line 3\b/);
  });
  test("replaces an earlier prediction, and says so", () => {
    const once = ok(["predict", "small.crashmodel", "small.csv"]).out;
    const { out, err } = ok(["predict", "small.crashmodel", "-"], once);
    assert.equal(out, once);
    assert.match(err, /warning: .*crash_probability/);
  });
  test("says which columns moved", () => {
    const moved = smallLog(300).replace(/^(\d+)/gm, (cpu) => String(Number(cpu) + 500));
    assert.match(ok(["predict", "small.crashmodel", "-"], moved).err, /^moved: "cpu_pct" is no longer what it was/m);
    assert.doesNotMatch(ok(["predict", "small.crashmodel", "-"], smallLog(300)).err, /^moved:/m);
  });
  test("can write over its input", () => {
    writeFileSync(at("over.csv"), smallLog(100));
    ok(["predict", "small.crashmodel", "over.csv", "-o", "over.csv"]);
    assert.equal(parsePlain(readFileSync(at("over.csv"), "utf8")).length, 100);
  });
  test("agrees with native Rust bit for bit", () => {
    const golden = new URL("../fixtures/sample_predictions.json", import.meta.url);
    const { modelSha256, probabilities } = JSON.parse(readFileSync(golden, "utf8"));
    ok(["train", "sample.csv", "-o", "golden.crashmodel"]);
    assert.equal(
      createHash("sha256")
        .update(readFileSync(at("golden.crashmodel")))
        .digest("hex"),
      modelSha256,
    );
    const rows = parsePlain(ok(["predict", "golden.crashmodel", "sample.csv"]).out).slice(0, probabilities.length);
    assert.deepEqual(
      rows.map((row) => bitsOf(Number(row.crash_probability))),
      probabilities,
    );
  });
  test("leaves quietly when nobody reads on", async () => {
    const child = spawn(command, ["predict", "small.crashmodel", "-"], { cwd: folder });
    let err = "";
    child.stderr.on("data", (data) => (err += data));
    child.stdin.on("error", () => {}); // it may end before it has read everything
    child.stdin.end(smallLog(200_000));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.stdout.destroy();
    assert.equal(await new Promise((resolve) => child.on("close", resolve)), 0);
    assert.equal(err, "");
  });
});

describe("watch", () => {
  /** What a monitor pages about of the sample log. */
  function pagesOfSample() {
    const predictor = CrashPredictor.load(readFileSync(at("watched.crashmodel")));
    const monitor = new Monitor(predictor);
    const pages = [];
    for (const row of parsePlain(text(sampleCsv()))) {
      const { host, probability, event } = monitor.push(row);
      if (event === "raised") pages.push({ time: row.timestamp, host, probability });
    }
    return pages;
  }

  test("pages when a monitor does, of a file and of what comes in, in words and as JSON", () => {
    writeFileSync(at("watched.csv"), sampleCsv());
    ok(["train", "watched.csv", "-o", "watched.crashmodel", "--horizon", "30", "--algorithm", "logistic"]);
    const pages = pagesOfSample();
    assert.ok(pages.length > 10);
    const { out, err } = ok(["watch", "watched.crashmodel", "watched.csv", "--json"]);
    assert.deepEqual(out.trimEnd().split("\n").map((line) => JSON.parse(line)), pages);
    assert.match(err, new RegExp(`^${pages.length} pages in 20,160 rows of watched\\.csv; 0 of 20,160 could not be read\\.\\n`));
    const lines = ok(["watch", "watched.crashmodel", "-"], sampleCsv()).out.trimEnd().split("\n");
    assert.equal(lines.length, pages.length);
    assert.match(lines[0] ?? "", new RegExp(`^${pages[0]?.time}  ${pages[0]?.host}  \\d+\\.\\d %$`));
  });

  test("what comes in is watched as it grows, be it a few rows", async () => {
    const child = spawn(command, ["watch", "watched.crashmodel", "-", "--threshold", "0.000001"], { cwd: folder });
    child.stdin.write(`${text(sampleCsv()).split("\n").slice(0, 100).join("\n")}\n`);
    // The input has not ended, and will not before the first page was seen.
    const first = await new Promise((resolve) => child.stdout.once("data", (data) => resolve(text(data))));
    assert.match(String(first), /%\n/);
    child.stdin.end();
    assert.equal(await new Promise((resolve) => child.on("close", resolve)), 0);
  });

  test("a log without the model's columns is refused, and rows that cannot be read are counted", () => {
    const { status, err } = run(["watch", "watched.crashmodel", "-"], "a,b\n1,2\n");
    assert.equal(status, 1);
    assert.match(err, /^crash-predictor: .*cpu_pct.*\n$/);
    const ragged = text(sampleCsv()).split("\n").slice(0, 5);
    ragged[2] += ",1";
    assert.match(ok(["watch", "watched.crashmodel", "-"], ragged.join("\n")).err, /^0 pages in 3 rows of standard input; 1 of 4 could not be read\./);
  });

  test("a page is one line, whatever the name of the server", () => {
    const log = text(sampleCsv()).replaceAll("web-01", '"web\n2026-01-01\u001b[2J"');
    const lines = ok(["watch", "watched.crashmodel", "-"], log).out.trimEnd().split("\n");
    assert.equal(lines.length, pagesOfSample().length);
    assert.ok(lines.some((line) => line.includes("  web 2026-01-01\u25a1[2J  ")));
  });
});

describe("inspect and export", () => {
  test("a log is written as it was understood", () => {
    const log = "made today\r\n\r\ncpu load;host;note\r\n1;'a;b';x\r\n2;c\r\n3;d;\"y, \"\"z\"\"\"\r\n";
    assert.equal(ok(["inspect", "-", "--as-csv"], log.replaceAll('"', "")).out, "cpu load,host,note\n1,a;b,x\n2,c\n3,d,\"y, z\"\n");
    assert.equal(ok(["inspect", "-", "--as-csv"], "").out, "");
    assert.equal(run(["inspect", "-", "--as-csv"], "PK\u0003\u0004").status, 1);
  });

  test("a model, in words and as JSON", () => {
    assert.match(ok(["inspect", "small.crashmodel"]).out, /cpu_pct[\s\S]*Verdict/);
    const { kind, summary } = JSON.parse(ok(["inspect", "-", "--json"], readFileSync(at("small.crashmodel"))).out);
    assert.deepEqual([kind, summary.label], ["model", "crashed"]);
  });
  test("a log, in words and as JSON, with the caller's roles", () => {
    assert.match(ok(["inspect", "small.csv"]).out, /1,000 rows and 4 columns[\s\S]*label +crashed/);
    const { kind, rowCount, schema } = JSON.parse(ok(["inspect", "small.csv", "--json", "--ignore", "region"]).out);
    assert.deepEqual([kind, rowCount], ["log", 1000]);
    assert.equal(schema.columns.find((/** @type {any} */ column) => column.name === "region").role, "ignored");
  });
  test("a log that cannot be trained on is still shown", () => {
    assert.match(ok(["inspect", "-"], "a,b\n1,2\n3,4\n").out, /cannot be trained on/);
  });
  test("a damaged model is not taken for a log", () => {
    writeFileSync(at("cut.crashmodel"), readFileSync(at("small.crashmodel")).subarray(0, 100));
    const { status, err } = run(["inspect", "cut.crashmodel"]);
    assert.equal(status, 1);
    assert.match(err, /^crash-predictor: the model file .*\n$/);
  });
  test("a model as JSON, to standard output and to a file", () => {
    const { out } = ok(["export", "small.crashmodel", "--to", "json"]);
    ok(["export", "small.crashmodel", "--to", "json", "-o", "model.json"]);
    assert.equal(readFileSync(at("model.json"), "utf8"), out);
    assert.deepEqual(
      JSON.parse(out),
      JSON.parse(CrashPredictor.load(readFileSync(at("small.crashmodel"))).export("json")),
    );
  });
});

describe("help and version", () => {
  test("for the whole and for each command", () => {
    const whole = ok(["--help"]).out;
    assert.equal(ok(["help"]).out, whole);
    for (const name of ["train", "predict", "inspect", "export"]) {
      assert.ok(whole.includes(`crash-predictor ${name} `));
      assert.ok(ok([name, "--help"]).out.startsWith(`crash-predictor ${name} `));
      assert.equal(ok(["help", name]).out, ok([name, "-h"]).out);
    }
  });
  test("the version is the package's", () => {
    assert.equal(
      ok(["--version"]).out.trim(),
      JSON.parse(readFileSync(locate("crash-predictor/package.json"), "utf8")).version,
    );
  });
});

describe("arguments that make no sense end with 2 and one line", () => {
  /** @param {string[]} args @param {RegExp} hint */
  const refuses = (args, hint) =>
    test(`crash-predictor ${args.join(" ")}`, () => {
      const { status, out, err } = run(args);
      assert.deepEqual([status, out], [2, ""]);
      assert.match(err, hint);
      assert.match(err, /^crash-predictor: [^\n]*\n$/);
    });
  refuses([], /--help/);
  refuses(["trian", "x.csv"], /did you mean train\?/);
  refuses(["train", "small.csv", "-o", "m", "--lable", "x"], /did you mean --label\?/);
  refuses(["train", "small.csv"], /-o MODEL/);
  refuses(["train", "small.csv", "-o", "m", "--rising", "cpu_pct", "--falling", "mem_pct,cpu_pct"], /both name "cpu_pct"/);
  refuses(["train", "-o", "m"], /needs LOG\.csv/);
  refuses(["train", "small.csv", "-o", "m", "--label"], /--label COL/);
  refuses(["train", "small.csv", "-o", "m", "--label", "--json"], /--label COL/);
  refuses(["train", "small.csv", "-o", "m", "--algorithm", "trees"], /auto .*logistic, boosting or forest/);
  refuses(["train", "small.csv", "-o", "m", "--threshold", "1.5"], /above 0 and up to 1/);
  refuses(["train", "small.csv", "-o", "m", "--seed", "x"], /--seed/);
  refuses(["train", "small.csv", "-o", "-", "--json"], /standard output/);
  refuses(["train", "small.csv", "-o", "m", "--json=yes"], /no value/);
  refuses(["predict", "-", "-"], /standard input/);
  refuses(["predict", "m", "a.csv", "b.csv"], /too many/);
  refuses(["export", "small.crashmodel"], /--to json/);
  refuses(["export", "small.crashmodel", "--to", "onnx"], /json/);
});

describe("work that fails ends with 1, one line, and every file as it was", () => {
  /** @param {string} name @param {string[]} args @param {RegExp} why @param {string} [input] */
  const fails = (name, args, why, input) =>
    test(name, () => {
      writeFileSync(at("precious"), "precious");
      const files = readdirSync(folder);
      const { status, out, err } = run(args, input);
      assert.equal(status, 1);
      assert.equal(out, "");
      assert.match(err, why);
      assert.match(err, /^crash-predictor: [^\n]*\n$/);
      assert.equal(readFileSync(at("precious"), "utf8"), "precious");
      assert.deepEqual(readdirSync(folder), files);
    });
  fails("a log that is not there", ["train", "nowhere.csv", "-o", "precious"], /nowhere\.csv: there is no such file/);
  fails("a log without a label", ["train", "-", "-o", "precious"], /label/, "a,b\n1,2\n3,4\n");
  fails("an empty log", ["train", "-", "-o", "precious"], /empty/);
  fails("a label that is not there", ["train", "small.csv", "-o", "precious", "--label", "nope"], /"nope"/);
  fails(
    "a log of other columns",
    ["predict", "small.crashmodel", "-", "-o", "precious"],
    /none of the model's columns/,
    "x,y\n1,2\n",
  );
  fails(
    "a log that turns out not to be one",
    ["predict", "small.crashmodel", "small.crashmodel", "-o", "precious"],
    /crash-predictor: /,
  );
  fails(
    "a model that is a log",
    ["predict", "small.csv", "small.csv", "-o", "precious"],
    /not a crash-predictor model/,
  );
  fails("a folder to write to", ["predict", "small.crashmodel", "small.csv", "-o", "."], /it is a folder/);
  fails("a folder that is not there", ["train", "small.csv", "-o", "no/where"], /cannot write/);
  fails("a folder to read from", ["inspect", "."], /it is a folder/);
});

test("an output that is a link is written through", () => {
  writeFileSync(at("target.csv"), "");
  symlinkSync("target.csv", at("link.csv"));
  ok(["predict", "small.crashmodel", "small.csv", "-o", "link.csv"]);
  assert.equal(parsePlain(readFileSync(at("target.csv"), "utf8")).length, 1000);
});

test("an output that is a pipe or device is written to, not replaced", async () => {
  spawnSync("mkfifo", [at("pipe")]);
  const reader = spawn("cat", [at("pipe")]);
  let read = "";
  reader.stdout.on("data", (data) => (read += data));
  const closed = new Promise((resolve) => reader.on("close", resolve));
  ok(["predict", "small.crashmodel", "small.csv", "-o", "pipe"]);
  await closed;
  assert.equal(parsePlain(read).length, 1000);
  assert.ok(lstatSync(at("pipe")).isFIFO());
});

test("several logs are one: the file names the host", () => {
  const [header = "", ...rows] = text(sampleCsv()).trimEnd().split("\n");
  const column = header.split(",").indexOf("host");
  const without = (/** @type {string} */ row) => row.split(",").toSpliced(column, 1).join(",");
  const hosts = [...new Set(rows.map((row) => row.split(",")[column]))].slice(0, 3);
  for (const host of hosts) {
    const own = rows.filter((row) => row.split(",")[column] === host);
    writeFileSync(at(`${host}.csv`), `${[header, ...own].map(without).join("\n")}\n`);
  }
  const files = hosts.map((host) => `${host}.csv`);
  const log = JSON.parse(ok(["inspect", ...files, "--json"]).out);
  assert.equal(log.rowCount, rows.length * (3 / new Set(rows.map((row) => row.split(",")[column])).size));
  assert.equal(log.schema.host, "host");
  assert.deepEqual(log.columns.find((/** @type {any} */ { name }) => name === "host").topValues.map((/** @type {any} */ { value }) => value).sort(), hosts.toSorted());
  assert.match(ok(["train", ...files, "-o", "several.crashmodel"]).out, /may crash|Saved to/);
  assert.equal(run(["inspect", ...files, "--as-csv"]).status, 2);
  assert.equal(run(["train", "-", "-", "-o", "x.crashmodel"]).status, 2);
});

test("a log is read as it is told: kinds, layouts, counters", () => {
  const rows = Array.from({ length: 60 }, (_, i) => `2026-01-01T00:${String(i).padStart(2, "0")}:00Z,${i * 600},${i % 7},00${i % 3}`);
  writeFileSync(at("told.csv"), `time,requests_total,cpu,id\n${rows.join("\n")}\n`);
  const read = (/** @type {string[]} */ ...args) => JSON.parse(ok(["inspect", "told.csv", "--json", ...args]).out);
  assert.deepEqual(read().schema.counters, ["requests_total"]);
  assert.match(ok(["inspect", "told.csv"]).out, /--rates requests_total/);
  const { schema, columns } = read("--rates", "requests_total", "--as-text", "id");
  assert.deepEqual(schema.counters, []);
  const of = (/** @type {string} */ name) => columns.find((/** @type {any} */ column) => column.name === name);
  assert.deepEqual([of("requests_total").min, of("requests_total").max, of("requests_total").unit], [10, 10, "/s"]);
  assert.equal(of("id").topValues[0].value, "000");
  assert.match(run(["inspect", "told.csv", "--as-time", "when"]).err, /when/);
  writeFileSync(at("series.csv"), "time,cpu{host=a},cpu{host=b}\n2026-01-01,1,2\n2026-01-02,3,4\n");
  assert.match(ok(["inspect", "series.csv"]).out, /4 rows and 3 columns.*columns of each host turned into rows/s);
  assert.match(ok(["inspect", "series.csv", "--as-is"]).out, /2 rows and 3 columns/);
  writeFileSync(at("long.csv"), `${"n,x,y\n"}${"1,2,3\n".repeat(100_000)}`);
  assert.match(ok(["inspect", "long.csv", "--max-table-mib", "1"]).out, /rows, a sample of 100,000,/);
});

test("the README shows what the commands print", async () => {
  const readme = locate("crash-predictor/package.json").replace(/package\.json$/, "README.md");
  const session = sessionOf(readFileSync(readme, "utf8"));
  assert.match(session, /train[^]*predict/);
  // How long training took is another each time.
  const timeless = (/** @type {string} */ text) => text.replaceAll(/ +\d+\.\d s\b/g, " ... s");
  assert.equal(timeless(session), timeless(await rerun(session)), "to bring it up to date: node tests/js/readme-session.mjs");
});

test("what a log says cannot steer the terminal", () => {
  const { out } = ok(["inspect", "-"], "\u001b[31mred,crashed\n1,0\n2,1\n3,0\n");
  assert.ok(!out.includes("\u001b"));
  assert.match(out, /red/);
});

test("a real log: the ROC AUC of the reference, less one hundredth", () => {
  const data = join(shared, "data/smd_1_6_ahead30");
  if (!existsSync(data)) return console.log(`skipped: ${data} is not there`);
  ok(["train", join(data, "train.csv"), "-o", "smd.crashmodel", "--algorithm", "logistic", "--split", "random"]);
  const rows = parsePlain(ok(["predict", "smd.crashmodel", join(data, "test.csv")]).out);
  const reference = JSON.parse(readFileSync(join(data, "scores.json"), "utf8"));
  const auc = rocAuc(
    rows.map((row) => row.crashed === "1"),
    rows.map((row) => Number(row.crash_probability)),
  );
  assert.ok(auc >= reference.stratified.models.logreg.roc_auc - 0.01, `ROC AUC ${auc}`);
});

test("prediction ahead of time: horizon, incidents, rule, costs and pages", () => {
  writeFileSync(at("ahead.csv"), sampleCsv());
  const rule = "cpu_pct > 90 and latency_ms > 200";
  const options = ["--algorithm", "logistic", "--horizon", "30", "--rule", rule, "--alarm", "1/2"];
  const { out } = ok(["train", "ahead.csv", "-o", "ahead.crashmodel", ...options, "--pages-per-week", "10", "--json"]);
  const { evaluation, summary, log } = JSON.parse(out);
  assert.deepEqual([summary.target.means, summary.target.horizonMinutes], ["ahead", 30]);
  assert.equal(evaluation.rules[0].text, rule);
  assert.equal(evaluation.alarmRule.of, 2);
  assert.match(evaluation.thresholdReason, /10 pages a week/);
  assert.ok(log.schema.incidents > 100);
  const report = ok(["train", "ahead.csv", "-o", "-", ...options, "--cost-missed", "50", "--cost-page", "2"]).err;
  assert.match(report, /for those who carry the pager/);
  assert.match(report, /Yours: cpu_pct > 90/);
  assert.match(report, /a missed crash costs 50 and a false page 2/);

  writeFileSync(at("incidents.csv"), "start,host\n2024-03-05T10:00:00Z,api-02\n2024-03-08T10:00:00Z,api-02\n2024-03-10T10:00:00Z,api-06\n");
  const few = run(["train", "ahead.csv", "-o", "few.crashmodel", "--algorithm", "logistic", "--incidents", "incidents.csv"]);
  assert.equal(few.status, 0, few.err);
  assert.match(few.err, /the log holds 3 crashes/);
  assert.match(few.out.replace(/\s+/g, " "), /Too few crashes to tell/);
  for (const bad of [["--horizon", "0"], ["--alarm", "3"], ["--cost-missed", "-1"]])
    assert.equal(run(["train", "ahead.csv", "-o", "bad.crashmodel", ...bad]).status, 2);
});
