/** What goes wrong: it is said in words where it belongs, and nothing the user had is lost. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { answerOf, answerOtherThan, assertClean, chooseLog, dropFiles, openSample, openSite, train } from "./browser.mjs";

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => {
  site = await openSite();
});
after(() => site.close());

const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

/** Rows of load and crash, the crash following from the load. @param {number} rows @param {(row: number, load: number) => string | number} crashed */
function log(rows, crashed, metrics = 1) {
  const header = [...Array(metrics).keys()].map((metric) => `metric_${metric}`).join(",");
  let state = 1;
  const lines = [`${header},crashed`];
  for (let row = 0; row < rows; row += 1) {
    const cells = [];
    for (let metric = 0; metric < metrics; metric += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      cells.push(state % 1000);
    }
    lines.push(`${cells.join(",")},${crashed(row, cells[0])}`);
  }
  return lines.join("\n");
}

test("a picture named .csv is refused at the drop zone, and the former log stays", async () => {
  const page = await site.newPage();
  await page.setInputFiles("#log-file", { name: "metrics.csv", mimeType: "text/csv", buffer: PNG });
  assert.equal(await page.locator("#log-problem code").innerText(), "NotCsv");
  assert.equal(await page.locator("#understood").count(), 0);

  await openSample(page);
  assert.equal(await page.locator("#log-problem").count(), 0);
  await train(page);
  await page.setInputFiles("#log-file", { name: "metrics.csv", mimeType: "text/csv", buffer: PNG });
  await page.locator("#log-problem").waitFor();
  assert.match(await page.locator("#log").innerText(), /synthetic-sample\.csv/);
  assert.equal(await page.locator("#results").count(), 1, "the model is still there");
  assertClean(page);
});

test("a file that is no model is refused where it was asked for, and the former model stays", async () => {
  const page = await site.newPage();
  await openSample(page);
  await train(page);
  const answer = await answerOf(page);
  await page.setInputFiles("#model-file", { name: "broken.crashmodel", mimeType: "application/octet-stream", buffer: PNG });
  assert.equal(await page.locator("#model-problem code").innerText(), "NotAModel");
  assert.equal(await answerOf(page), answer);

  await page.setInputFiles("#log-file", { name: "broken.crashmodel", mimeType: "application/octet-stream", buffer: PNG });
  assert.equal(await page.locator("#log-problem code").innerText(), "NotAModel");
  assertClean(page);
});

test("a log in which nothing crashed says so beside the label", async () => {
  const page = await site.newPage();
  await chooseLog(page, "calm.csv", log(100, () => 0));
  assert.equal(await page.locator("#label-problem code").innerText(), "OneClass");
  assert.equal(await page.locator("#role-label").getAttribute("aria-invalid"), "true");
  assert.ok(await page.getByRole("button", { name: "Train", exact: true }).isDisabled());
  assertClean(page);
});

test("a column chosen as the label puts a log in order", async () => {
  const page = await site.newPage();
  const text = log(400, (_, load) => (load > 800 ? "a" : "b"), 2).replace("crashed", "zz").replace("metric_1", "yy");
  await chooseLog(page, "unnamed.csv", text.replaceAll(/^(\d+),\d+,/gm, (_, load) => `${load},${Number(load) % 3 === 0 ? 1 : 0},`));
  assert.equal(await page.locator("#label-problem code").innerText(), "NoLabel");
  await page.locator("#role-label").selectOption("zz");
  await page.locator("#label-problem").waitFor({ state: "detached" });
  await page.locator("#role-positive").selectOption("a");
  await train(page);
  await page.getByRole("button", { name: "Back to the guesses" }).click();
  assert.equal(await page.locator("#label-problem code").innerText(), "NoLabel");
  assertClean(page);
});

test("a column can be ignored and taken back", async () => {
  const page = await site.newPage();
  await chooseLog(page, "three.csv", log(400, (_, load) => (load > 800 ? 1 : 0), 3));
  const plan = page.locator("#train .lead");
  await page.getByLabel("Role of metric_2").selectOption("ignored");
  await plan.filter({ hasText: /2\s*columns/ }).waitFor();
  await page.getByLabel("Role of metric_2").selectOption("feature");
  await plan.filter({ hasText: /3\s*columns/ }).waitFor();
  assertClean(page);
});

test("rows that cannot be read are counted and listed", async () => {
  const page = await site.newPage();
  await chooseLog(page, "torn.csv", `${log(200, (row) => row % 5 === 0 ? 1 : 0, 2)}\n1,2,3,4,5\n`);
  assert.match(await page.locator("#understood .lead").first().innerText(), /200\s*rows used, 1\s*rejected/);
  const issue = page.locator(".issues tbody tr").first();
  assert.equal(await issue.locator("td").first().innerText(), "202");
  assert.match(await issue.innerText(), /FieldCount/);
  assertClean(page);
});

test("metrics that do not help are said not to help", async () => {
  const page = await site.newPage();
  await chooseLog(page, "noise.csv", log(500, (row) => (row % 9 === 0 ? 1 : 0)));
  await train(page);
  assert.match(await page.locator("#results .callout").innerText(), /Nothing that was tried beat/);
  const answer = await answerOf(page);
  await page.locator("#ask input[type=number]").fill("1000");
  await page.locator("#ask .warnings li").waitFor();
  assert.equal(await answerOf(page), answer, "it says the same whatever is typed");
  assertClean(page);
});

test("options are kept, and one that cannot be met says so at the button", async () => {
  const page = await site.newPage();
  await chooseLog(page, "timeless.csv", log(600, (_, load) => (load > 800 ? 1 : 0)));
  await page.getByText("Options", { exact: true }).click();
  await page.getByLabel("Rows kept aside for checking").selectOption("time");
  await page.getByRole("button", { name: "Train", exact: true }).click();
  assert.equal(await page.locator("#train-problem code").innerText(), "BadOption");
  await page.getByLabel("Rows kept aside for checking").selectOption("random");
  await page.getByLabel("Kind of model").selectOption("logistic");
  await page.getByLabel("Alarm from a probability of").fill("35");
  await train(page);
  assert.equal(await page.locator("#train-problem").count(), 0);
  assert.match(await page.locator("#ask .gauge").innerText(), /35\s%/);
  assertClean(page);
});

test("training can be cancelled half-way, and the page goes on", async () => {
  const page = await site.newPage();
  await openSample(page);
  await train(page);
  const verdict = await page.locator(".verdict").innerText();

  await chooseLog(page, "large.csv", log(60_000, (row, load) => ((load + row) % 7 === 0 ? 1 : 0), 40));
  await page.locator("#log .drop").getByText("large.csv").waitFor();
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await page.locator("#train").getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Training was cancelled").waitFor();
  assert.equal(await page.locator("#train progress").count(), 0);
  assert.equal(await page.locator(".verdict").innerText(), verdict, "the former model is still there");

  const before = await answerOf(page);
  await page.getByRole("button", { name: "All unknown" }).click();
  await answerOtherThan(page, before);
  await openSample(page);
  await page.locator("#log .drop").getByText("synthetic-sample.csv").waitFor();
  await train(page);
  assert.equal(await page.locator(".verdict").innerText(), verdict, "the same log gives the same model");
  assertClean(page);
});

test("another log chosen while training ends the training", async () => {
  const page = await site.newPage();
  await chooseLog(page, "large.csv", log(60_000, (row, load) => ((load + row) % 7 === 0 ? 1 : 0), 40));
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await page.locator("#train progress").waitFor();
  await chooseLog(page, "small.csv", log(400, (_, load) => (load > 800 ? 1 : 0)));
  await page.locator("#log .drop").getByText("small.csv").waitFor();
  assert.equal(await page.locator("#train progress").count(), 0);
  assert.equal(await page.locator("#results").count(), 0);
  await train(page);
  assertClean(page);
});

test("the label keeps its role until another column has it", async () => {
  const page = await site.newPage();
  await chooseLog(page, "three.csv", log(400, (_, load) => (load > 800 ? 1 : 0), 3));
  await page.getByLabel("Role of crashed").selectOption("ignored");
  await page.getByText("A log needs its label").waitFor();
  assert.equal(await page.getByLabel("Role of crashed").inputValue(), "label");
  assertClean(page);
});

test("a log can be read in another way than was found", async () => {
  const page = await site.newPage();
  await chooseLog(page, "three.csv", log(400, (_, load) => (load > 800 ? 1 : 0), 3));
  await page.getByText("Read as UTF-8 text").click();
  await page.getByLabel("Cells are separated by").selectOption("semicolon");
  await page.locator("#understood .lead").filter({ hasText: /1\s*column/ }).waitFor();
  await page.getByLabel("Cells are separated by").selectOption("as found");
  await page.locator("#understood .lead").filter({ hasText: /4\s*columns/ }).waitFor();
  assertClean(page);
});

test("a file dropped beside the drop zone does not replace the page", async () => {
  const folder = mkdtempSync(join(tmpdir(), "crash-predictor-"));
  const file = join(folder, "beside.csv");
  writeFileSync(file, log(400, (_, load) => (load > 800 ? 1 : 0)));
  const page = await site.newPage();
  await dropFiles(page, ".head", [file]);
  await page.locator("#log .drop").getByText("beside.csv").waitFor();
  rmSync(folder, { recursive: true });
  assertClean(page);
});

test("several logs dropped together are one, and counters can be read as rates", async () => {
  const folder = mkdtempSync(join(tmpdir(), "crash-predictor-"));
  const files = ["web-1", "web-2"].map((host, at) => {
    const row = (/** @type {number} */ i) => `2026-01-01T${String(Math.floor(i / 60)).padStart(2, "0")}:${String(i % 60).padStart(2, "0")}:00Z,${i * 600 * (at + 1)},${(i * 37) % 100},${Number((i * 37) % 100 > 80)}`;
    const path = join(folder, `${host}.csv`);
    writeFileSync(path, `time,requests_total,cpu,crashed\n${Array.from({ length: 300 }, (_, i) => row(i)).join("\n")}\n`);
    return path;
  });
  const page = await site.newPage();
  await dropFiles(page, "#log .drop", files);
  const understood = page.locator("#understood");
  await understood.getByText("600 rows", { exact: true }).waitFor();
  assert.match(await page.locator("#log .drop").innerText(), /web-1\.csv and 1 more/);
  assert.match(await understood.innerText(), /host/);
  await understood.locator("summary", { hasText: "Read as" }).click();
  await page.getByLabel("Counters: requests_total").selectOption("rates");
  await page.locator("table.columns").getByText("10 to 20").waitFor();
  assert.equal(await page.getByLabel("Counters: requests_total").inputValue(), "rates");
  await train(page);
  await page.getByRole("button", { name: "Score the log above" }).click();
  await page.getByText("this log is several files").waitFor();
  assertClean(page);
  rmSync(folder, { recursive: true });
});

test("what sar prints section by section is one table, and it is said how", async () => {
  const page = await site.newPage();
  const at = (/** @type {number} */ i) => `${String(Math.floor(i / 6)).padStart(2, "0")}:${i % 6}0:01`;
  const section = (/** @type {string} */ header, /** @type {(i: number) => string[]} */ rows) =>
    `\n00:00:01 ${header}\n${Array.from({ length: 30 }, (_, i) => rows(i).map((row) => `${at(i + 1)} ${row}`).join("\n")).join("\n")}\n`;
  const cpu = section("   CPU  %usr  %idle", (i) => [`all ${i}.50 ${90 - i}.50`]);
  const disks = section("   DEV   tps  %util", (i) => [`sda ${i}.00 2.00`, `sdb 7.00 ${(i * 7) % 50}.00`]);
  await chooseLog(page, "sar.txt", `Linux 6.1.0 (web-1) \t11/29/26 \t_x86_64_\t(2 CPU)\n${cpu}${disks}`);
  const understood = page.locator("#understood");
  await understood.getByText("30 rows", { exact: true }).waitFor();
  assert.match(await page.locator("table.columns").innerText(), /CPU %usr[\s\S]*DEV max %util/);
  assert.match(await understood.textContent(), /printed by sar[\s\S]*its sections joined by time, those of devices by the largest/);
  assertClean(page);
});

test("hostile names are text wherever they are shown", async () => {
  const names = ["<img src=x onerror=alert(1)>", "__proto__", "constructor", "</script><script>alert(2)</script>", "a".repeat(3000), "\u202Egnirts", "{{7*7}}", "javascript:alert(3)"];
  const header = names.map((name) => `"${name}"`).join(",");
  const rows = log(600, (_, load) => (load > 700 ? "<b>yes</b>" : "no"), names.length).split("\n").slice(1);
  const page = await site.newPage();
  await chooseLog(page, "<img src=x onerror=alert(4)>.csv", `${header},crashed\n${rows.join("\n")}\n`);
  await page.locator("#role-positive").selectOption("<b>yes</b>");
  await train(page);
  await page.getByRole("button", { name: "Score the log above" }).click();
  await page.locator("#scored-download").waitFor();
  assert.equal(await page.locator("img, main script, main b").count(), 0);
  for (const part of ["#understood", "#ask"]) {
    const text = await page.locator(part).innerText();
    for (const name of names) assert.ok(text.includes(name), `${part} shows ${name.slice(0, 40)}`);
  }
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 1200, "a long name does not widen the page");
  const before = await answerOf(page);
  await page.locator("#ask").getByLabel("__proto__").fill("999");
  await page.locator("#ask").getByLabel("<img src=x").fill("999");
  await answerOtherThan(page, before);
  assertClean(page);
});

test("a log with 300 columns is shown page by page", async () => {
  const page = await site.newPage();
  await chooseLog(page, "wide.csv", log(300, (_, load) => (load > 800 ? 1 : 0), 300));
  await page.locator("#understood").waitFor();
  assert.ok((await page.locator("table.columns select").count()) <= 50);
  await page.getByRole("searchbox").fill("metric_299");
  assert.equal(await page.locator("table.columns tbody tr").count(), 1);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 1200);
  assertClean(page);
});
