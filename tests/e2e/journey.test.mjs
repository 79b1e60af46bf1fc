/** The whole way of a user: the sample log, training, results, a question, a scored log, the model saved and loaded again. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { answerOf, answerOtherThan, assertClean, downloadBy, openSample, openSite, train } from "./browser.mjs";

/** What native Rust answers to the first rows of the sample log. */
const golden = JSON.parse(readFileSync(new URL("../fixtures/sample_predictions.json", import.meta.url), "utf8"));

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => {
  site = await openSite();
});
after(() => site.close());

/** @param {number} x the bits of a double, as hexadecimal digits */
function bitsOf(x) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

/** The last two columns of a scored log without quotes in them. @param {Buffer} csv */
function scoresOf(csv) {
  const [header, ...lines] = csv.toString("utf8").trimEnd().split(/\r?\n/);
  assert.match(header, /,crash_probability,crash_prediction$/);
  return lines.map((line) => {
    const [prediction, probability] = line.split(",").reverse();
    return { probability: Number(probability), prediction: Number(prediction) };
  });
}

/** The table of importances is in order and whole, and the form asks in the same order. @param {import("./browser.mjs").WatchedPage} page @param {number} columns */
async function assertImportances(page, columns) {
  const names = await page.locator("table.importances tbody th").allInnerTexts();
  const shares = (await page.locator("table.importances tbody td.number").allInnerTexts()).map((share) => (share.startsWith("under") ? 0.05 : parseFloat(share)));
  assert.equal(names.length, columns);
  assert.deepEqual(shares, shares.toSorted((a, b) => b - a));
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 1, shares.join());
  assert.equal(await page.locator("table.importances .bar").count(), columns);
  assert.deepEqual(await page.locator("#ask form label .user-text").allInnerTexts(), names);
}

/** @param {string} text "1,234" */
const count = (text) => Number(text.replaceAll(",", ""));

test("from the sample log to a model in a file and back", async (t) => {
  const page = await site.newPage();

  await t.test("the log is read and understood", async () => {
    await openSample(page);
    assert.match(await page.locator("#log").innerText(), /synthetic/i);
    assert.equal(await page.locator("#role-label").inputValue(), "crashed");
    assert.ok((await page.locator("table.columns tbody tr").count()) > 5);
    assert.equal(await page.locator("table.cells tbody tr").count(), 20);
  });

  await t.test("training shows how good the model is on unseen rows", async () => {
    // As native Rust learned it.
    await page.getByLabel("What the label says").check();
    await train(page);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "results-title");
    const counts = (await page.locator(".confusion .count strong").allInnerTexts()).map(count);
    const [caught, missed, falseAlarms, quiet] = counts;
    assert.ok(caught / (caught + missed) > 5 * (falseAlarms / (falseAlarms + quiet)), "alarms are much likelier where it crashed");
    const tested = /latest ([\d,]+)\s*rows/.exec(await page.locator("#results").innerText());
    assert.ok(tested, "the sample has times, so the latest rows are kept aside");
    assert.equal(count(tested[1]), caught + missed + falseAlarms + quiet);
    const rocAuc = await page.locator(".figures-table tr", { hasText: "ROC AUC" }).first().locator("td").allInnerTexts();
    assert.ok(Number.parseFloat(rocAuc[0] ?? "") > 0.75, `ROC AUC ${rocAuc[0]}`);
    assert.equal(rocAuc[1], "0.500");
  });

  await t.test("it shows what was tried, which was chosen, and what that looks at", async () => {
    assert.equal(await page.locator("table.tried tbody tr").count(), 5);
    const chosen = page.locator("table.tried tr", { hasText: "chosen" });
    assert.match(await chosen.innerText(), /^Boosted trees/);
    assert.match(await page.locator("#model .facts").innerText(), /Kind\s+boosted trees: \d+ trees/);
    await assertImportances(page, 7);
  });

  let answered = "";
  await t.test("the form answers while one types", async () => {
    const typical = await answerOf(page);
    assert.match(typical, /^The server is okay\.\s+[\d.]+\s%$/);
    await page.getByRole("button", { name: "All unknown" }).click();
    const unknown = await answerOtherThan(page, typical);
    await page.getByRole("button", { name: "A typical row" }).click();
    await answerOtherThan(page, unknown);
    await page.locator("#ask").getByLabel(/^cpu/i).first().fill("1000000");
    answered = await answerOtherThan(page, typical);
    await page.locator("#ask .warnings li").first().waitFor();
    assert.equal(await page.locator("#ask .warned").count(), 1);
  });

  /** @type {Buffer} */
  let scored;
  await t.test("the whole log is scored and downloaded", async () => {
    await page.getByRole("button", { name: "Score the sample log" }).click();
    await page.locator("#scored-download").waitFor();
    const { name, bytes } = await downloadBy(page, page.locator("#scored-download"));
    scored = bytes;
    const scores = scoresOf(bytes);
    assert.equal(name, "synthetic-sample-scored.csv");
    assert.ok(scores.length > 10_000);
    assert.ok(scores.every(({ probability }) => probability >= 0 && probability <= 1));
    const alarms = scores.filter(({ prediction }) => prediction === 1).length;
    const said = /([\d,]+)\s*alarms/.exec(await page.locator(".scored").innerText());
    assert.equal(count(said?.[1] ?? ""), alarms);
  });

  await t.test("its probabilities are those of native Rust, bit for bit", () => {
    const ours = scoresOf(scored).map(({ probability }) => bitsOf(probability));
    assert.deepEqual(ours.slice(0, golden.probabilities.length), golden.probabilities);
  });

  await t.test("the model is saved, and answers the same after a reload", async () => {
    const saved = await downloadBy(page, page.getByRole("button", { name: "Save the model" }));
    assert.equal(saved.name, "synthetic-sample.crashmodel");
    assert.equal(createHash("sha256").update(saved.bytes).digest("hex"), golden.modelSha256);
    const exported = await downloadBy(page, page.getByRole("button", { name: "Export as JSON" }));
    assert.equal(typeof JSON.parse(exported.bytes.toString("utf8")), "object");

    await page.reload();
    await page.setInputFiles("#log-file", { name: saved.name, mimeType: "application/octet-stream", buffer: saved.bytes });
    await page.locator("#answer strong").waitFor();
    assert.equal(await page.locator("#understood").count(), 0, "a model needs no log");
    const typical = await answerOf(page);
    await page.locator("#ask").getByLabel(/^cpu/i).first().fill("1000000");
    assert.equal(await answerOtherThan(page, typical), answered);

    await page.setInputFiles("#batch-file", { name: "again.csv", mimeType: "text/csv", buffer: withoutScores(scored) });
    await page.locator("#scored-download").waitFor();
    const again = await downloadBy(page, page.locator("#scored-download"));
    assert.deepEqual(again.bytes, scored);
  });

  assertClean(page);
});

/** The cells of the table of candidates, row by row. @param {import("playwright-core").Page} page */
const triedOf = (page) =>
  page.locator("#results table.tried tr").evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll("th, td")].map((cell) => cell.textContent ?? "")),
  );

for (const [algorithm, name] of [
  ["logistic", "Logistic regression"],
  ["boosting", "Boosted trees"],
  ["forest", "Random forest"],
]) {
  test(`${name.toLowerCase()} is trained where it is asked for`, async () => {
    const page = await site.newPage();
    await openSample(page);
    await page.getByText("Options", { exact: true }).click();
    await page.getByLabel("Kind of model").selectOption(algorithm);
    await train(page);
    assert.match(await page.locator("table.tried .chosen th").innerText(), new RegExp(`^${name}\\s+chosen`));
    assert.equal(await page.locator("table.tried tbody tr").count(), algorithm === "boosting" ? 3 : 2);
    assert.match(await page.locator("#model .facts").innerText(), new RegExp(`Kind\\s+${name}`, "i"));
    if (algorithm === "logistic") {
      assert.equal(await page.locator("table.importances").count(), 0);
      assert.ok((await page.locator("table.terms tbody tr").count()) > 5);
    } else {
      assert.equal(await page.locator("table.terms").count(), 0);
      await assertImportances(page, 7);
    }
    const typical = await answerOf(page);
    await page.locator("#ask input[type=number]").first().fill("1000000");
    const pressed = await answerOtherThan(page, typical);

    const saved = await downloadBy(page, page.getByRole("button", { name: "Save the model" }));
    const tried = await triedOf(page);
    assert.ok(tried[0]?.includes("Time"));
    await page.reload();
    await page.setInputFiles("#log-file", { name: saved.name, mimeType: "application/octet-stream", buffer: saved.bytes });
    assert.equal(await answerOf(page), typical, "the file answers as the model did");
    await page.locator("#ask input[type=number]").first().fill("1000000");
    assert.equal(await answerOtherThan(page, typical), pressed);
    // How long training took is not in the file.
    const time = tried[0]?.indexOf("Time");
    const untimed = tried.map((row) => row.filter((_, at) => at !== time));
    assert.deepEqual(await triedOf(page), untimed);
    assertClean(page);
  });
}

/** @param {Buffer} csv */
function withoutScores(csv) {
  return Buffer.from(csv.toString("utf8").replace(/,[^,\r\n]*,[^,\r\n]*(?=\r?\n|$)/g, ""));
}

test("everything on the way can be reached by the keyboard", async () => {
  const page = await site.newPage();
  const press = async (/** @type {string} */ key, /** @type {() => Promise<boolean>} */ until) => {
    for (let presses = 0; presses < 200; presses += 1) {
      await page.keyboard.press(key);
      if (await until()) return;
    }
    assert.fail(`200 times ${key} did not lead there`);
  };
  const focusIsOn = (/** @type {RegExp} */ words) => async () => words.test(await page.evaluate(() => document.activeElement?.textContent ?? ""));
  await press("Tab", () => page.evaluate(() => document.activeElement?.id === "log-file"));
  await press("Tab", focusIsOn(/^Try the sample log$/));
  await page.keyboard.press("Enter");
  await page.locator("#understood").waitFor();
  await press("Tab", focusIsOn(/^Train$/));
  await page.keyboard.press("Space");
  await page.locator("#answer strong").waitFor();
  await press("Tab", focusIsOn(/^Save the model$/));
  const { name } = await downloadBy(page, { click: () => page.keyboard.press("Enter") });
  assert.equal(name, "synthetic-sample.crashmodel");
  assertClean(page);
});
