/** What `sar -A` prints: sections one after the other, joined by time. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { command, load } from "./installed.mjs";
import { parsePlain, text } from "./logs.mjs";

const { CrashPredictor, CsvScorer, LogReader, LogTable, PlainCsv, init, withJoinedSections } = await load("crash-predictor");
const { CrashPredictorClient } = await load("crash-predictor/client");

/** @type {any} */ let client;
before(async () => {
  await init();
  client = new CrashPredictorClient();
});
after(() => client.close());

/** After sysstat 12: CPUs with a row for all, a section of one row, devices without, and one whose rows are words. */
const ALL = `Linux 5.14.0-362.el9.x86_64 (web-1.example.com) \t11/29/2026 \t_x86_64_\t(2 CPU)


11:40:01 PM     CPU      %usr     %sys     %idle
11:50:01 PM     all     10.00     2.00     88.00
11:50:01 PM       0     15.00     2.50     82.50
11:50:01 PM       1      5.00     1.50     93.50
12:00:01 AM     all     20.00     4.00     76.00
12:00:01 AM       0     30.00     4.50     65.50
12:00:01 AM       1     10.00     3.50     86.50
Average:        all     15.00     3.00     82.00

11:40:01 PM    proc/s   cswch/s
11:50:01 PM      1.50    753.31
12:00:01 AM      2.50   1405.51
Average:         2.00   1079.41

11:55:00 PM  LINUX RESTART\t(2 CPU)

11:40:01 PM       DEV       tps     %util
11:50:01 PM       sda      9.00     20.00
11:50:01 PM       sdb      4.00     80.00
12:00:01 AM       sda     11.00      5.00
12:00:01 AM       sdb    100.00      1.00
Average:          sda     10.00     12.50
Average:          sdb     52.00     40.50

11:40:01 PM  BUS  idvendor    idprod  maxpower                manufact                                         product
11:50:01 PM    1       46d      c52b        98                Logitech USB                                    Receiver
`;
const COLUMNS = ["time", "host", "CPU %usr", "CPU %sys", "CPU %idle", "proc/s", "cswch/s", "DEV max tps", "DEV max %util"];
const ROWS = [
  ["2026-11-29 23:50:01", "web-1.example.com", "10.00", "2.00", "88.00", "1.50", "753.31", "9.00", "80.00"],
  ["2026-11-30 00:00:01", "web-1.example.com", "20.00", "4.00", "76.00", "2.50", "1405.51", "100.00", "5.00"],
];

/** @param {string[]} args @param {string | Uint8Array} input */
function run(args, input) {
  const { status, stdout, stderr } = spawnSync(command, args, { input });
  assert.equal(status, 0, text(stderr));
  return { out: text(stdout), err: text(stderr) };
}

/** The table that is made of a text, as the command line writes it. @param {string} sar */
function cellsOf(sar) {
  const rows = parsePlain(run(["inspect", "-", "--as-csv"], sar).out);
  return [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))];
}

test("its sections are joined by time, over midnight; devices give their largest", () => {
  assert.deepEqual(cellsOf(ALL), [COLUMNS, ...ROWS]);
  assert.deepEqual(cellsOf(ALL.replaceAll("\n", "\r\n")), [COLUMNS, ...ROWS]);
});

test("as it is written while it measures, section by section after each interval, it is the same", () => {
  const lines = ALL.split("\n");
  const at = (/** @type {number[]} */ ...numbers) => numbers.map((number) => lines[number - 1] ?? "").join("\n");
  const live = [
    at(1, 2, 4, 5, 6, 7, 2, 13, 14, 2, 20, 21, 22),
    at(2, 4, 8, 9, 10, 2, 13, 15, 2, 20, 23, 24, 2),
  ].join("\n");
  assert.deepEqual(cellsOf(live), [COLUMNS, ...ROWS]);
});

test("what was joined, left out and found between is said with its line", async () => {
  const { err } = run(["inspect", "-"], ALL);
  for (const said of [
    /sar: 4 sections are joined by time/,
    /line 20: DEV max is the largest of sda, sdb\n/,
    /line 18: the host was started again \(11:55:00 PM {2}LINUX RESTART/,
    /line 28: of the section BUS idvendor idprod 1 rows do not fit its header and were left out/,
  ])
    assert.match(err, said);
  const { issues } = LogTable.fromCsv(ALL);
  const left = issues.kept.filter((/** @type {any} */ { code }) => code === "LeftOut").map((/** @type {any} */ { cell }) => cell);
  assert.equal(left.length, 4, "the same stands among what is odd in the log");
  assert.match(left.join("\n"), /BUS idvendor/);
});

test("the library, the client and the command line make the same table of it", async () => {
  const bytes = new TextEncoder().encode(ALL);
  for (const table of [LogTable.fromCsv(ALL), LogTable.fromCsv(bytes), await client.readLog(ALL), await client.readLog(bytes)]) {
    assert.equal(table.rowCount, 2);
    assert.deepEqual(table.columns.map((/** @type {any} */ { name }) => name), COLUMNS);
    assert.equal(table.issues.rowsRejected, 0);
  }
});

test("dates are read as they can be one", () => {
  for (const [date, first] of [
    ["11/29/2026", "2026-11-29"],
    ["11/29/26", "2026-11-29"],
    ["2026-11-29", "2026-11-29"],
    ["29.11.2026", "2026-11-29"],
    ["29/11/26", "2026-11-29"],
    ["02/03/2026", "2026-02-03"],
  ]) {
    assert.equal(cellsOf(ALL.replace("11/29/2026", date ?? ""))[1]?.[0], `${first} 23:50:01`);
  }
});

/** The report of one day of one host, of two sections. @param {string} host @param {string} date @param {number} cpu */
const report = (host, date, cpu) => `Linux 5.14.0 (${host}) \t${date} \t_x86_64_\t(2 CPU)

00:00:01        CPU      %usr
12:00:01        all      ${cpu}.00
23:50:01        all      ${cpu}.50
00:00:01        all      ${cpu}.75
Average:        all      ${cpu}.40

00:00:01       tps
12:00:01         ${cpu}
23:50:01         5
00:00:01         6
Average:         5
`;

test("reports one after the other, of other days and hosts, are each of their own", () => {
  const both = report("web-1", "11/29/2026", 10) + report("web-1", "11/30/2026", 20) + report("db-1", "11/30/2026", 30);
  const expected = [
    ["time", "host", "CPU %usr", "tps"],
    ["2026-11-29 12:00:01", "web-1", "10.00", "10"],
    ["2026-11-29 23:50:01", "web-1", "10.50", "5"],
    ["2026-11-30 00:00:01", "web-1", "10.75", "6"],
    ["2026-11-30 12:00:01", "db-1", "30.00", "30"],
    ["2026-11-30 12:00:01", "web-1", "20.00", "20"],
    ["2026-11-30 23:50:01", "db-1", "30.50", "5"],
    ["2026-11-30 23:50:01", "web-1", "20.50", "5"],
    ["2026-12-01 00:00:01", "db-1", "30.75", "6"],
    ["2026-12-01 00:00:01", "web-1", "20.75", "6"],
  ];
  assert.deepEqual(cellsOf(both), expected);
  assert.match(run(["inspect", "-"], both).err, /sar: 3 reports are joined by time/);
  // The order of day and month that one of them shows is that of all.
  assert.equal(cellsOf(report("a", "12/11/2026", 1) + report("a", "13/11/2026", 2))[1]?.[0], "2026-11-12 12:00:01");
});

test("reports of one section each are joined, because their days and hosts stand above them alone", () => {
  const cpu = (/** @type {string} */ host, /** @type {string} */ date) => report(host, date, 1).split("\n\n00:00:01       tps")[0] ?? "";
  const cells = cellsOf(`${cpu("web-1", "11/29/2026")}\n${cpu("db-1", "11/30/2026")}\n`);
  assert.deepEqual(cells.map(([time, host]) => [time, host]).slice(1), [
    ["2026-11-29 12:00:01", "web-1"],
    ["2026-11-29 23:50:01", "web-1"],
    ["2026-11-30 00:00:01", "web-1"],
    ["2026-11-30 12:00:01", "db-1"],
    ["2026-11-30 23:50:01", "db-1"],
    ["2026-12-01 00:00:01", "db-1"],
  ]);
});

test("a host whose report has no row for all CPUs gives the largest, beside one that has", () => {
  const some = report("db-1", "11/29/2026", 7).replaceAll("   all ", "     0 ");
  const cells = cellsOf(report("web-1", "11/29/2026", 5) + some);
  assert.deepEqual(cells.slice(0, 3), [
    ["time", "host", "CPU %usr", "CPU max %usr", "tps"],
    ["2026-11-29 12:00:01", "db-1", "", "7.00", "7"],
    ["2026-11-29 12:00:01", "web-1", "5.00", "", "5"],
  ]);
});

test("the hour that comes again where summer time ends is of the same day, and each row of it is kept", () => {
  const night = `Linux 5.14.0 (web-1) \t10/25/2026 \t_x86_64_\t(2 CPU)

01:40:01        CPU      %usr
02:00:01        all      1.00
02:50:01        all      2.00
02:00:01        all      3.00
02:50:01        all      4.00
23:50:01        all      5.00
00:00:01        all      6.00

01:40:01       tps
02:00:01         1
02:50:01         2
02:00:01         3
02:50:01         4
23:50:01         5
00:00:01         6
`;
  assert.deepEqual(cellsOf(night).slice(1), [
    ["2026-10-25 02:00:01", "web-1", "1.00", "1"],
    ["2026-10-25 02:00:01", "web-1", "3.00", "3"],
    ["2026-10-25 02:50:01", "web-1", "2.00", "2"],
    ["2026-10-25 02:50:01", "web-1", "4.00", "4"],
    ["2026-10-25 23:50:01", "web-1", "5.00", "5"],
    ["2026-10-26 00:00:01", "web-1", "6.00", "6"],
  ]);
});

test("a row without a number and a remark are no headers", () => {
  const lines = report("web-1", "11/29/2026", 10).split("\n");
  lines.splice(4, 0, "12:10:01        all      -nan", '12:15:00  COM the "new" release');
  const sar = lines.join("\n");
  assert.deepEqual(cellsOf(sar), [
    ["time", "host", "CPU %usr", "tps"],
    ["2026-11-29 12:00:01", "web-1", "10.00", "10"],
    ["2026-11-29 12:10:01", "web-1", "", ""],
    ["2026-11-29 23:50:01", "web-1", "10.50", "5"],
    ["2026-11-30 00:00:01", "web-1", "10.75", "6"],
  ]);
  const { err } = run(["inspect", "-"], sar);
  assert.match(err, /sar: 2 sections are joined/);
  assert.match(err, /line 6: a remark \(12:15:00 {2}COM the "new" release\)/);
  assert.doesNotMatch(err, /do not fit/);
});

test("one section, and what only looks like sar, is left as it is", async () => {
  const one = ALL.split("\n").slice(0, 10).join("\n");
  const { rowCount, columns } = LogTable.fromCsv(one);
  assert.equal(rowCount, 6);
  assert.equal(columns[1].name, "CPU");
  const table = LogTable.fromCsv("Linux version,crashed\n5.14,0\n6.1,1\n");
  assert.deepEqual([table.rowCount, table.columns[0].name], [2, "Linux version"]);
  const later = new TextEncoder().encode(ALL.replace(" \t11/29", "\n11/29"));
  assert.equal(withJoinedSections(later), later, "its banner is a line");
  assert.equal((await client.readLog("Li,crashed\n1,0\n2,1\n")).rowCount, 2);
});

/** What a call decodes, the most at once. @param {() => void} call */
function mostDecoded(call) {
  const { decode } = TextDecoder.prototype;
  let most = 0;
  TextDecoder.prototype.decode = function (bytes, options) {
    most = Math.max(most, bytes?.byteLength ?? 0);
    return decode.call(this, bytes, options);
  };
  try {
    call();
  } finally {
    TextDecoder.prototype.decode = decode;
  }
  return most;
}

test("of a text that is none of sar's only the start is looked at, however long it is", () => {
  const long = new Uint8Array(540 << 20);
  new TextEncoder().encodeInto("Line,cpu\nLinux (none) 1\n", long);
  const most = mostDecoded(() => assert.equal(withJoinedSections(long), long));
  assert.ok(most < 1000, `${most} bytes were decoded`);
});

test("of a text too long to be joined it is said, and its lines keep their numbers", async () => {
  const long = new Uint8Array((64 << 20) + 1).fill(10);
  const bytes = new TextEncoder().encode(ALL);
  long.set(bytes);
  long.set(new TextEncoder().encode("7\n"), long.length - 2);
  const said = "sar: longer than 64 MiB: its sections are not joined by time; read fewer days at once";
  const expected = `# ${said}: ${ALL.slice(0, 200)}`;
  /** @param {Uint8Array} left */
  function isLeft(left) {
    assert.equal(text(left.subarray(0, expected.length)), expected);
    assert.equal(left.length, long.length + said.length + 4);
    assert.equal(text(left.subarray(-bytes.length)), text(long.subarray(-bytes.length)));
  }
  const left = withJoinedSections(long);
  isLeft(left);
  const { joinedSections } = await import(new URL("sar.js", import.meta.resolve("../../dist/npm/index.js")).href);
  /** @type {string[]} */ const notes = [];
  /** @type {Uint8Array[]} */ const pieces = [];
  const source = (async function* () {
    for (let at = 0; at < long.length; at += 1 << 20) yield long.subarray(at, at + (1 << 20));
  })();
  for await (const piece of joinedSections(source, {}, (/** @type {string} */ note) => notes.push(note))) pieces.push(piece);
  isLeft(Buffer.concat(pieces));
  assert.deepEqual(notes, [said]);
  const { issues } = LogTable.fromCsv(left);
  assert.match(issues.kept[0].cell, /^# sar: longer than 64 MiB/);
  assert.match((await client.readLog(new Blob([long]))).issues.kept[0].cell, /^# sar: longer than 64 MiB/);
});

test("where the caller says how a text is written, it is read so and not joined", async () => {
  const bytes = new TextEncoder().encode(ALL);
  for (const options of [{ delimiter: " " }, { quote: "'" }, { comment: ";" }, { header: false }]) {
    assert.equal(withJoinedSections(bytes, options), bytes);
    const reader = new LogReader(options);
    reader.push(bytes);
    const { rowCount, columns } = reader.finish();
    for (const table of [LogTable.fromCsv(ALL, options), await client.readLog(ALL, options), await client.readLog(new Blob([bytes]), options)])
      assert.deepEqual([table.rowCount, table.columns], [rowCount, columns], JSON.stringify(options));
  }
  assert.equal(LogTable.fromCsv(ALL, { delimiter: null, header: undefined }).rowCount, 2);
  const { out, err } = run(["inspect", "-", "--delimiter", " ", "--json"], ALL);
  assert.equal(JSON.parse(out).dialect.delimiter, " ");
  assert.doesNotMatch(err, /joined/);
});

test("a host of odd letters is one cell", () => {
  const odd = ALL.replace("web-1.example.com", '\tx"y').replace("\nAverage:        all", '\n11:56:00 PM  COM a\t"b\nAverage:        all');
  const table = LogTable.fromCsv(odd);
  assert.deepEqual(table.columns.map((/** @type {any} */ { name }) => name), COLUMNS);
  assert.deepEqual([table.rowCount, table.issues.rowsRejected], [2, 0]);
  assert.deepEqual(table.preview.map((/** @type {string[]} */ row) => row.length), [9, 9]);
  assert.equal(table.preview[0][1], " x y");
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

test("what a log of sar taught is scored by all that read it joined", async () => {
  const bytes = new TextEncoder().encode(tenDays());
  const starts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((day) => `2026-11-${String(day).padStart(2, "0")} 12:05:00`);
  const incidents = `start\n${starts.join("\n")}\n`;
  const table = LogTable.fromCsv(bytes);
  const model = CrashPredictor.train(table, { incidents, horizonMinutes: 60, algorithm: "logistic" });
  const expected = Array.from(model.predictTable(table).probabilities);
  assert.equal(expected.length, 1430);
  const joined = withJoinedSections(bytes);
  const scorer = new CsvScorer(model);
  const scored = text(scorer.push(joined)) + text(scorer.finish());
  assert.equal(scorer.summary.rowsScored, 1430);
  const rows = scored.split("\n").filter((line) => line.startsWith("2026-"));
  rows.forEach((row, at) => assert.ok(Math.abs(Number(row.split("\t").at(-2)) - (expected[at] ?? NaN)) < 1e-6, row));
  const remote = await client.load(model.save());
  assert.equal(await (await remote.predictCsv(new Blob([bytes]))).blob.text(), scored);
  const plain = new PlainCsv();
  const csv = text(plain.push(joined)) + text(plain.finish());
  assert.equal(csv, run(["inspect", "-", "--as-csv"], bytes).out);
  const reader = new LogReader();
  reader.push(joined);
  assert.equal(reader.finish().rowCount, 1430);
  // As they come they are others, and nothing that the model knows is in them.
  const unjoined = new CsvScorer(model);
  unjoined.push(bytes);
  assert.throws(() => unjoined.finish(), { code: "MissingColumns" });
});
