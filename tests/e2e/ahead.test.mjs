/** Prediction ahead of time in the page: what is asked for, what is said of it, and whether later rows still look alike. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertClean, chooseLog, openSample, openSite, train } from "./browser.mjs";

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => {
  site = await openSite();
});
after(() => site.close());

const START = Date.UTC(2026, 0, 1);
/** Minutes from one crash to the next, and how long one lasts. */
const EVERY = 150;
const DOWN = 5;

/** @param {number} minute */
const timeOf = (minute) => new Date(START + 60_000 * minute).toISOString();

/** A whole number below `n` that looks drawn at random, the same in every run. @param {number} seed @param {number} n */
const drawn = (seed, n) => ((Math.imul(seed + 1, 2_654_435_761) >>> 0) >>> 8) % n;

/**
 * Two hosts, a row a minute each, both down for some minutes at the end of every stretch, and busy before it.
 *
 * @param {{ stretches?: number, shift?: number, label?: string, busy?: (at: number, seed: number) => number }} [how] `busy` gives the load of a
 *   row so many minutes before the crash
 */
function fleet({ stretches = 15, shift = 0, label = "crashed", busy = (at, seed) => (at <= 20 ? 60 + drawn(seed, 35) : 10 + drawn(seed, 60)) } = {}) {
  const lines = [`time,host,cpu,latency_ms${label === "" ? "" : `,${label}`}`];
  for (let minute = 0; minute < stretches * EVERY; minute += 1) {
    for (const host of ["web-1", "web-2"]) {
      const seed = 2 * minute + Number(host === "web-2");
      const before = EVERY - DOWN - (minute % EVERY);
      const cells = [timeOf(minute), host, busy(before, seed) + shift, 20 + drawn(seed * 7, 200)];
      if (label !== "") cells.push(before <= 0 ? 1 : 0);
      lines.push(cells.join(","));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** The crashes of that fleet, as a list of incidents. */
function list({ stretches = 15 } = {}) {
  const start = (/** @type {number} */ at) => timeOf(at * EVERY + EVERY - DOWN);
  const lines = Array.from({ length: stretches }, (_, at) => ["web-1", "web-2"].map((host) => `${start(at)},${host}`)).flat();
  return `start,host\n${lines.join("\n")}\n`;
}

/** @param {import("./browser.mjs").WatchedPage} page @param {string} text */
const chooseList = (page, text) => page.setInputFiles("#incidents-file", { name: "crashes.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

/** @param {import("./browser.mjs").WatchedPage} page @param {string} name */
const tile = (page, name) => page.locator(".tiles > div", { hasText: name }).locator("dd").innerText();

/** @param {import("./browser.mjs").WatchedPage} page */
const pressTrain = (page) => page.getByRole("button", { name: "Train", exact: true }).click();

/** @param {import("./browser.mjs").WatchedPage} page */
const openOptions = (page) => page.getByText("Options", { exact: true }).click();

test("of a label that says “down now”, what comes is learned, so many minutes ahead as one likes", async (t) => {
  const page = await site.newPage();
  await chooseLog(page, "fleet.csv", fleet());
  const plan = page.locator("#train .lead");

  await t.test("the proposal is taken", async () => {
    await plan.filter({ hasText: "a crash comes within 30 minutes after it" }).waitFor();
    assert.match(await plan.innerText(), /30\s*crashes/);
    assert.ok(await page.getByLabel("A crash within the minutes after it").isChecked());
    assert.equal(await page.getByLabel("How many minutes ahead").getAttribute("placeholder"), "30");
  });

  await t.test("minutes that are none are refused at their field", async () => {
    await page.getByLabel("How many minutes ahead").fill("-1");
    assert.equal(await page.locator("#horizon-problem code").innerText(), "BadOption");
    assert.ok(await page.getByRole("button", { name: "Train", exact: true }).isDisabled());
    await page.getByLabel("How many minutes ahead").fill("20");
    await plan.filter({ hasText: "within 20 minutes" }).waitFor();
    assert.equal(await page.locator("#horizon-problem").count(), 0);
  });

  await t.test("the results speak of crashes, warnings and pages", async () => {
    await train(page);
    const [, caught, of] = /^(\d+)\s+of\s+(\d+)/.exec(await tile(page, "Crashes caught")) ?? [];
    assert.ok(Number(of) >= 4 && Number(caught) > Number(of) / 2 && Number(caught) <= Number(of), `${caught} of ${of}`);
    assert.match(await page.locator(".verdict").innerText(), new RegExp(`paged for ${caught} of ${of} crashes`));
    const [, minutes] = /^([\d.]+)\s+minutes ahead\s+quartiles/.exec(await tile(page, "Median warning")) ?? [];
    assert.ok(Number(minutes) > 5, `${minutes} minutes`);
    assert.match(await tile(page, "Pages for nothing"), /^[\d.]+\s+a week\s+\d+ of \d+\spages?/);
    assert.match(await tile(page, "Pages that belong to a crash"), /^\d+\s%/);
    assert.match(await page.locator(".tiles .likely").first().innerText(), /^likely [\d.]+\s% to \d+\s%$/);
    assert.match(await page.locator(".figures-table tr", { hasText: "ROC AUC" }).first().locator("small").innerText(), /^0\.\d+ to [01]\.\d+$/);
    assert.match(await page.locator(".checked").innerText(), /On rows drawn at random the same recipe/);
    assert.match(await page.locator("table.rules").innerText(), /The best rule of at most three conditions/);
    assert.match(await page.locator(".chart", { hasText: "What it says, and what happens" }).innerText(), /its probabilities are off by [\d.]+\s% on average \(expected calibration error\)/i);
    await page.locator("#results .plot").nth(2).waitFor();
    assert.match(await page.locator("#ask").innerText(), /about the 20 minutes after the row/);
    assert.match(await page.locator("#model .facts").innerText(), /crashed = 1, 20 minutes ahead/);
  });

  await t.test("the label can be learned as it stands", async () => {
    await page.getByLabel("What the label says").check();
    await plan.filter({ hasText: "a server is down" }).waitFor();
    const rows = await page.locator(".origin").innerText();
    await pressTrain(page);
    await page.waitForFunction((former) => document.querySelector(".origin")?.textContent !== former, rows);
    assert.doesNotMatch(await page.locator("#model .facts").innerText(), /minutes ahead/);
    assert.match(await page.locator(".origin").innerText(), /4,500\srows/);
  });

  assertClean(page);
});

test("a label that looks ahead is said to, and can be read the other way", async () => {
  const page = await site.newPage();
  await chooseLog(page, "fleet.csv", fleet({ label: "crash_within_5m" }));
  const goal = page.locator("#train .goal");
  assert.match(await goal.innerText(), /it looks ahead by itself/);
  assert.equal(await page.getByLabel("How many minutes the label looks ahead").getAttribute("placeholder"), "5");
  assert.equal(await goal.getByRole("radio").count(), 0);
  await goal.getByText("The label is read as").click();
  await goal.getByRole("button", { name: "Read it as “it is down now”" }).click();
  await page.getByLabel("What the label says: that it is down already").waitFor();
  await page.locator("#train .lead", { hasText: "within 30 minutes" }).waitFor();
  assertClean(page);
});

test("a list of crashes stands in for a label", async () => {
  const page = await site.newPage();
  await chooseLog(page, "unlabelled.csv", fleet({ label: "" }));
  assert.equal(await page.locator("#label-problem code").innerText(), "NoLabel");
  assert.equal(await page.locator(".goal").count(), 0, "nothing is said of a label that there is not");
  await chooseList(page, "note\nfire\n");
  assert.equal(await page.locator("#incidents-problem code").innerText(), "BadIncidents");
  assert.ok(await page.getByRole("button", { name: "Train", exact: true }).isDisabled());
  await chooseList(page, list());
  await page.locator("#incidents-problem").waitFor({ state: "detached" });
  assert.match(await page.locator(".incidents").innerText(), /crashes\.csv: 30\scrashes of this log/);
  assert.equal(await page.locator("#role-label").count(), 0);
  assert.equal(await page.getByLabel("How many minutes ahead").getAttribute("placeholder"), "30");
  await page.getByLabel("How many minutes ahead").fill("15");
  await page.locator("#train .lead", { hasText: "within 15 minutes" }).waitFor();
  await train(page);
  const [, caught] = /^(\d+)\s+of\s+\d+/.exec(await tile(page, "Crashes caught")) ?? [];
  assert.ok(Number(caught) > 0);
  assert.match(await page.locator("#model .facts").innerText(), /15 minutes ahead/);
  await page.getByRole("button", { name: "Back to the label" }).click();
  assert.equal(await page.locator("#label-problem code").innerText(), "NoLabel");
  assertClean(page);
});

test("a rule is compared with the model, and one that cannot be read says so at its field", async () => {
  const page = await site.newPage();
  await chooseLog(page, "fleet.csv", fleet());
  const rule = page.getByLabel("Your alert rule of today");
  await rule.fill("cpu >");
  await pressTrain(page);
  assert.equal(await page.locator("#rule-problem code").innerText(), "BadRule");
  assert.match(await page.locator("#rule-problem").innerText(), /^Character 6 of the rule/);
  assert.equal(await rule.getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#train-problem").count(), 0);
  await rule.fill("<b>cpu</b> > 80");
  await pressTrain(page);
  await page.locator("#rule-problem", { hasText: "<" }).waitFor();
  await rule.fill("cpus > 80");
  await pressTrain(page);
  await page.locator("#rule-problem code", { hasText: "UnknownColumn" }).waitFor();
  await rule.fill("cpu > 80 and not latency_ms < 0");
  await train(page);
  assert.equal(await page.locator("#rule-problem").count(), 0);
  const rows = page.locator("table.rules tbody").first().locator("tr");
  assert.match(await rows.nth(0).innerText(), /^Your rule\s+cpu > 80 and not \(latency_ms < 0\)\s+\d+ of \d+\s+\d+ of \d+\spages/);
  assert.match(await rows.nth(1).innerText(), /^The model\s/);
  assert.match(await rows.nth(2).innerText(), /^Your rule catches \d+ of \d+ crashes/);
  assertClean(page);
});

test("what alarms cost, how many pages can be borne and N of M rows are heeded", async () => {
  const page = await site.newPage();
  await chooseLog(page, "fleet.csv", fleet());
  await openOptions(page);
  await page.getByLabel("A missed crash costs").fill("50");
  await page.getByLabel("A page for nothing costs").fill("2");
  await page.getByLabel("Rows over the threshold it takes").fill("1");
  await page.getByLabel("out of a server’s last rows").fill("4");
  await page.getByLabel("Keep the model that was checked").check();
  await train(page);
  const checked = page.locator(".checked");
  assert.match(await checked.innerText(), /the least cost where a missed crash costs 50 and a false page 2/i);
  assert.match(await checked.innerText(), /is the one that was checked/);
  assert.match(await page.locator("#results").innerText(), /A page needs 1 of a server’s last 4\srows/);
  await page.getByLabel("A missed crash costs").fill("");
  await page.getByLabel("A page for nothing costs").fill("");
  await page.getByLabel("Pages a week that can be borne").fill("3");
  await pressTrain(page);
  await checked.filter({ hasText: /as many crashes as can be caught with 3 pages a week/i }).waitFor();
  await page.getByLabel("out of a server’s last rows").fill("0");
  await pressTrain(page);
  assert.equal(await page.locator("#train-problem code").innerText(), "BadOption");
  assertClean(page);
});

test("too few crashes are said before training and after it", async () => {
  const page = await site.newPage();
  await chooseLog(page, "short.csv", fleet({ stretches: 4 }));
  assert.match(await page.locator("#few-crashes").innerText(), /^The log holds 8 crashes: fewer than about 10 teach little/);
  await train(page);
  assert.match(await page.locator("#too-few").innerText(), /too few crashes to tell much/);
  assert.match(await page.locator(".verdict").innerText(), /^Too few crashes to tell/);
  await openSample(page);
  await page.locator("#few-crashes").waitFor({ state: "detached" });
  assertClean(page);
});

test("a model that looks at the minutes before a row says so, and what it is worth without them", async () => {
  const page = await site.newPage();
  // Steady before a crash, restless else: no row by itself tells.
  const busy = (/** @type {number} */ at, /** @type {number} */ seed) => (at <= 30 ? 48 + drawn(seed, 5) : drawn(seed, 100));
  await chooseLog(page, "steady.csv", fleet({ busy }));
  await train(page);
  assert.match(await page.locator("#windows").innerText(), /It looks at the minutes before a row too: \d+ of these are figures of them/);
  assert.match(await page.locator("table.importances").innerText(), /(standard deviation|maximum|mean|distance from the mean) of cpu over \d+ minutes/);
  assert.match(await page.locator("#row-alone").innerText(), /Of a row whose minutes before are not known: ROC AUC 0\.\d+/);
  assert.match(await page.locator("#ask").innerText(), /Where the minutes before it are not known, a row is judged by itself/);
  assertClean(page);
});

test("a later log is compared with the rows the model learned from", async () => {
  const page = await site.newPage();
  await chooseLog(page, "fleet.csv", fleet());
  await train(page);
  await page.getByRole("button", { name: "Score the log above" }).click();
  await page.locator("#drift", { hasText: /They do: all of 2\scolumns/ }).waitFor();
  const score = (/** @type {string} */ name, /** @type {string} */ text) => page.setInputFiles("#batch-file", { name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await score("later.csv", fleet({ shift: 40 }));
  const moved = page.locator("table.drift tbody tr");
  await moved.first().waitFor();
  assert.equal(await moved.count(), 1);
  assert.match(await moved.innerText(), /^cpu\s+much\s+\d+\.\d\d\s+\d+\s%/);
  assert.match(await page.locator("#drift").innerText(), /train again on newer rows/);
  assert.match(await page.locator(".scored .warnings").innerText(), /outside/);
  await score("little.csv", fleet({ stretches: 1 }).split("\n").slice(0, 100).join("\n"));
  await page.locator("#drift", { hasText: "Fewer than 200 rows" }).waitFor();
  assertClean(page);
});

test("a later log is read as the model's was: counters as what they rise by", async () => {
  const counted = (/** @type {number} */ from) => {
    let total = from;
    const lines = Array.from({ length: 1000 }, (_, minute) => {
      const isBusy = minute % 50 >= 40;
      total += 600 + drawn(minute, 60) + (isBusy ? 600 : 0);
      return `${timeOf(minute)},${total},${Number(isBusy)}`;
    });
    return `time,requests_total,crashed\n${lines.join("\n")}\n`;
  };
  const page = await site.newPage();
  await chooseLog(page, "counted.csv", counted(0));
  await page.locator("#understood summary", { hasText: "Read as" }).click();
  await page.getByLabel("Counters: requests_total").selectOption("rates");
  await page.locator("table.columns").getByText(/^10(\.\d+)? to 2\d/).waitFor();
  await page.getByLabel("What the label says").check();
  await train(page);
  await page.setInputFiles("#batch-file", { name: "later.csv", mimeType: "text/csv", buffer: Buffer.from(counted(5_000_000)) });
  await page.locator("#drift", { hasText: /They do: all of 1\scolumn/ }).waitFor();
  assertClean(page);
});
