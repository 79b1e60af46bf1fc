/** What the page says of a file by its size and kind before it is read, and of one that cannot be read any more. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertClean, dropFiles, openSample, openSite, train } from "./browser.mjs";

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
const folder = mkdtempSync(join(tmpdir(), "crash-predictor-size-"));
const at = (/** @type {string} */ name) => join(folder, name);
before(async () => {
  site = await openSite();
});
after(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

test("what a table will keep of a large log is said while it is read, and after", async () => {
  const page = await site.newPage();
  // 20 million rows of two columns: 305 MiB of cells, of which 96 are kept.
  writeFileSync(at("large.csv"), Buffer.from("cpu,crashed\n".padEnd(12 + 80_000_000, "7,0\n9,1\n")));
  await page.evaluate(() => {
    const seen = /** @type {any} */ (globalThis);
    seen.said = new Map();
    new MutationObserver(() => {
      const job = document.querySelector("#log .job");
      const words = job?.querySelector("[role=status]")?.textContent;
      if (words && !seen.said.has(words)) seen.said.set(words, job?.querySelector("progress")?.position);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await page.setInputFiles("#log-file", at("large.csv"));
  await page.getByText(/20,000,000/).first().waitFor();
  const said = await page.evaluate(() => [.../** @type {any} */ (globalThis).said]);
  assert.equal(said.length, 1, "it is said once, in the same words");
  const [words, position] = said[0];
  assert.match(words, /^76 MiB, about 20,000,000 rows: all are read, about 5,000,000 are kept for training/);
  assert.ok(position < 0.5, `at ${position} of the file`);
  assertClean(page);
});

test("a folder is said to be one, wherever it is dropped", async () => {
  mkdirSync(at("logs"));
  const page = await site.newPage();
  for (const target of ["#log .drop", ".head"]) {
    await dropFiles(page, target, [at("logs")]);
    await page.locator("#log-problem").getByText("Logs is a folder: drop the files that are in it.").waitFor();
    assert.equal(await page.locator("#log-problem code").innerText(), "Folder");
    await page.reload();
  }
  await openSample(page);
  await train(page);
  await dropFiles(page, "#batch .drop", [at("logs")]);
  await page.locator("#batch-problem").getByText("is a folder").waitFor();
  assert.equal(await page.locator("#understood").count(), 1, "the log is still there");
  assertClean(page);
});

test("a log that was changed or deleted since it was chosen is said to be", async () => {
  const page = await site.newPage();
  const rows = Array.from({ length: 400 }, (_, row) => `${(row * 37) % 100},${Number((row * 37) % 100 > 80)}`);
  writeFileSync(at("log.csv"), `cpu,crashed\n${rows.join("\n")}\n`);
  await page.setInputFiles("#log-file", at("log.csv"));
  await train(page);
  rmSync(at("log.csv"));
  await page.getByRole("button", { name: "Score the log above" }).click();
  await page.locator("#batch-problem code").getByText("Unreadable").waitFor();
  assert.match(await page.locator("#batch-problem").innerText(), /was changed, moved or deleted since it was chosen.*choose it again/);
  assertClean(page);
});

test("a file too large for a model is none", async () => {
  writeFileSync(at("huge.crashmodel"), "CRASHMDL");
  truncateSync(at("huge.crashmodel"), 3 * 2 ** 30);
  const page = await site.newPage();
  await dropFiles(page, "#log .drop", [at("huge.crashmodel")]);
  await page.locator("#log-problem code").getByText("NotAModel").waitFor();
  assert.match(await page.locator("#log-problem").innerText(), /3,072 MiB, and a model has 128 at most/);
  assertClean(page);
});
