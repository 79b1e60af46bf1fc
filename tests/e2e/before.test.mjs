/** Rows one after another: kept ones and those of a log come before the row that is asked about, as a monitor would see them. */
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
  const choose = (/** @type {string} */ name, /** @type {string} */ text) => page.setInputFiles("#before-file", { name, mimeType: "text/csv", buffer: Buffer.from(text) });
  const rowsBefore = (/** @type {number} */ n) => part.locator("summary", { hasText: new RegExp(`: ${n}\\srows before this one`) }).waitFor();
  const last = page.locator("table.seen tbody tr").last();
  const steady = log(10_000, 10_040, () => true);
  const [cpu = ""] = steady.trimEnd().split(",").slice(-2);

  await t.test("the rows of a log are seen as a monitor sees them", async () => {
    await choose("steady.csv", steady);
    await rowsBefore(40);
    assert.equal(await page.locator("table.seen tbody tr").count(), 8);
    assert.match(await part.innerText(), /[1-9]\spages? in 40\srows; the last 8 are shown/);
    assert.match(await page.locator("table.seen").innerText(), /alarming still/);
  });

  await t.test("the last of them, typed after the others, is answered the same", async () => {
    const [, seen = ""] = /\t([\d.]+\s%)\t/.exec(await last.innerText()) ?? [];
    await page.locator("#ask-0").fill(cpu);
    const alone = await answerOf(page);
    await choose("steady.csv", steady.trimEnd().split("\n").slice(0, -1).join("\n"));
    await rowsBefore(39);
    await page.getByLabel("time", { exact: true }).fill(timeOf(10_039));
    await page.getByLabel("host", { exact: true }).fill("web-1");
    const after = await answerOtherThan(page, alone);
    assert.ok(seen !== "" && after.endsWith(seen) && !alone.endsWith(seen), `${seen} after them, now ${after}, alone ${alone}`);
  });

  await t.test("a kept row comes before the next one", async () => {
    await page.getByRole("button", { name: "Keep this row" }).click();
    await rowsBefore(40);
    assert.match(await last.innerText(), new RegExp(`^40\\s+${timeOf(10_039)}\\s+web-1\\s`));
  });

  await t.test("what is no log says so and takes nothing away", async () => {
    await choose("picture.csv", "\u0089PNG\r\n\u001a\n");
    await page.locator("#before-problem code").waitFor();
    await choose("other.csv", "a,b\n1,2\n");
    await page.locator("#before-problem code", { hasText: "MissingColumns" }).waitFor();
    assert.match(await part.locator("summary").innerText(), /40\srows before/);
  });

  await t.test("they can be forgotten", async () => {
    await page.getByRole("button", { name: "Forget the rows before" }).click();
    await page.locator("table.seen").waitFor({ state: "detached" });
    assert.equal(await page.locator("#before-problem").count(), 0);
  });

  assertClean(page);
});
