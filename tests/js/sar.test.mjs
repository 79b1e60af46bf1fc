/** What `sar -A` prints: sections one after the other, joined by time. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { command, load } from "./installed.mjs";
import { parsePlain, text } from "./logs.mjs";

const { LogTable, init } = await load("crash-predictor");
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

test("one section, and what only looks like sar, is left as it is", async () => {
  const one = ALL.split("\n").slice(0, 10).join("\n");
  const { rowCount, columns } = LogTable.fromCsv(one);
  assert.equal(rowCount, 6);
  assert.equal(columns[1].name, "CPU");
  const table = LogTable.fromCsv("Linux version,crashed\n5.14,0\n6.1,1\n");
  assert.deepEqual([table.rowCount, table.columns[0].name], [2, "Linux version"]);
  assert.equal((await client.readLog("Li,crashed\n1,0\n2,1\n")).rowCount, 2);
});
