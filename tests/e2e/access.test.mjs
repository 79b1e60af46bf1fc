/** Whether everybody can use it: axe-core on every state of the page, in both themes, and no sideways scrolling on a telephone. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { assertClean, chooseLog, openSample, openSite, train } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => {
  site = await openSite();
});
after(() => site.close());

/** @param {import("./browser.mjs").WatchedPage} page @param {string} state */
async function assertAccessible(page, state) {
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`);
  });
  assert.deepEqual(found, [], state);
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`axe-core finds nothing in the ${colorScheme} theme`, async () => {
    const page = await site.newPage({ colorScheme });
    await page.evaluate(AXE);
    await assertAccessible(page, "nothing opened");
    await chooseLog(page, "calm.csv", "cpu,crashed\n1,0\n2,0\n3,0,0\n");
    await page.locator("#label-problem").waitFor();
    await assertAccessible(page, "a log with problems");
    await page.setInputFiles("#incidents-file", { name: "crashes.csv", mimeType: "text/csv", buffer: Buffer.from("note\nfire\n") });
    await page.locator("#incidents-problem").waitFor();
    await assertAccessible(page, "a list of crashes with problems");
    await openSample(page);
    await page.locator("#incidents-problem").waitFor({ state: "detached" });
    await assertAccessible(page, "a log understood");
    await train(page);
    for (const details of await page.locator("details").all()) await details.evaluate((element) => element.setAttribute("open", ""));
    await page.getByRole("button", { name: "Score the sample log" }).click();
    await page.locator("#drift p").waitFor();
    await page.setInputFiles("#batch-file", { name: "moved.csv", mimeType: "text/csv", buffer: Buffer.from(`cpu_pct\n${"99\n".repeat(300)}`) });
    await page.locator("table.drift").waitFor();
    await page.locator("#ask input[type=number]").first().fill("123456789");
    await page.locator("#ask .warnings li").first().waitFor();
    await assertAccessible(page, "a model, everything open");
    await page.getByLabel("Kind of model").selectOption("logistic");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.locator("table.terms").waitFor();
    await assertAccessible(page, "a model with terms");
    await page.getByLabel("Your alert rule of today").fill("cpu_pct >");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.locator("#rule-problem").waitFor();
    await page.getByLabel("How many minutes ahead").fill("0");
    await page.locator("#horizon-problem").waitFor();
    await assertAccessible(page, "a rule and a horizon with problems");
    assertClean(page);
  });
}

for (const width of [320, 360, 800, 1400]) {
  test(`nothing is wider than a window of ${width} px`, async () => {
    const page = await site.newPage({ viewport: { width, height: 800 } });
    const widest = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(await widest(), width);
    await openSample(page);
    await page.getByLabel("Your alert rule of today").fill("cpu_pct > 90 and latency_ms > 200");
    await train(page);
    assert.equal(await widest(), width);
    for (const details of await page.locator("details").all()) await details.evaluate((element) => element.setAttribute("open", ""));
    assert.equal(await widest(), width, "everything open");
    assertClean(page);
  });
}
