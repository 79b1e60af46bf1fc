/** Rows one after another, as a monitor sees them: kept ones before the row that is asked about, and those of a scored log. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answerOf, answerOtherThan, assertClean, chooseLog, openSite, train } from "./browser.mjs";

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => {
  site = await openSite();
});
after(() => site.close());

/** @param {number} minute */
const timeOf = (minute) => new Date(Date.UTC(2026, 0, 1) + 60_000 * minute).toISOString();
/** A whole number below `n` that looks drawn at random, the same in every run. @param {number} seed @param {number} n */
const drawn = (seed, n) => ((Math.imul(seed + 1, 2_654_435_761) >>> 0) >>> 8) % n;

/** Steady for half an hour before each crash and restless else: no row by itself tells. @param {number} from @param {number} to @param {(minute: number) => boolean} isSteady @param {string[]} hosts */
function log(from, to, isSteady, hosts = ["web-1"]) {
  const lines = ["time,host,cpu,crashed"];
  for (let minute = from; minute < to; minute += 1) {
    for (const host of hosts) {
      const seed = 2 * minute + Number(host === "web-2");
      const cpu = isSteady(minute) ? 48 + drawn(seed, 5) : drawn(seed, 100);
      lines.push(`${timeOf(minute)},${host},${cpu},${Number(minute % 150 >= 145)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
const steadyBefore = (/** @type {number} */ minute) => minute % 150 >= 115;

test("a row is judged after the rows before it", async (t) => {
  const page = await site.newPage();
  await chooseLog(page, "steady.csv", log(0, 4000, steadyBefore, ["web-1", "web-2"]));
  await train(page);
  const part = page.locator("details.before");
  await part.locator("summary").click();
  const rowsBefore = (/** @type {number} */ n) => part.locator("summary", { hasText: new RegExp(`: ${n}\\srows? before this one`) }).waitFor();
  const last = page.locator("table.seen tbody tr").last();
  const steady = log(10_000, 10_040, () => true).trimEnd().split("\n").slice(1);

  await t.test("rows are kept one after another, as a monitor sees them", async () => {
    for (const [at, line] of steady.entries()) {
      const [time = "", host = "", cpu = ""] = line.split(",");
      await page.getByLabel("time", { exact: true }).fill(time);
      await page.getByLabel("host", { exact: true }).fill(host);
      await page.locator("#ask-0").fill(cpu);
      await page.getByRole("button", { name: "Keep this row" }).click();
      await rowsBefore(at + 1);
    }
    assert.equal(await page.locator("#before table.seen tbody tr").count(), 8);
    assert.match(await part.innerText(), /\d\spages? in 40\srows; the last 8 are shown/);
    assert.match(await last.innerText(), new RegExp(`^40\\s+${timeOf(10_039)}\\s+web-1\\s`));
  });

  await t.test("of two kept at once none is lost", async () => {
    await page.getByLabel("time", { exact: true }).fill(timeOf(10_040));
    const keep = page.getByRole("button", { name: "Keep this row" });
    await keep.evaluate((button) => {
      button.click();
      button.click();
    });
    await rowsBefore(42);
  });

  await t.test("the next row is answered after them, and by itself once they are forgotten", async () => {
    const after = await answerOf(page);
    await page.getByRole("button", { name: "Forget the rows before" }).click();
    await page.locator("table.seen").waitFor({ state: "detached" });
    assert.notEqual(await answerOtherThan(page, after), after);
  });

  await t.test("a log that is scored says when somebody would be paged", async () => {
    await page.setInputFiles("#batch-file", { name: "later.csv", mimeType: "text/csv", buffer: Buffer.from(log(20_000, 21_000, steadyBefore, ["web-1", "<b>"])) });
    await page.locator("#pages").waitFor();
    const [, times] = /^(\d+)\stimes: when 2 of a server’s last 3\srows/m.exec(await page.locator("#pages").innerText()) ?? [];
    const shown = page.locator("#pages tbody tr");
    assert.ok(Number(times) >= 7, `${times} times`);
    assert.equal(await shown.count(), Math.min(20, Number(times)));
    assert.match(await shown.first().innerText(), /^2026-01-1\d[T ]\d\d:\d\d\S*\s+(web-1|<b>)\s+[\d.]+\s%$/);
  });

  assertClean(page);
});
