/** Real logs, dropped as files. They lie beside the project and are not part of it. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { answerOf, assertClean, dropFiles, openSite, train } from "./browser.mjs";

const DATA = fileURLToPath(new URL("../../../shared/data/", import.meta.url));

/** @type {Awaited<ReturnType<typeof openSite>>} */
let site;
before(async () => {
  site = await openSite();
});
after(() => site.close());

/** @param {string} name @param {{ rows: number, label: string, time: string }} expected */
function check(name, expected) {
  const file = `${DATA}${name}/data.csv`;
  // Skipped inside the test: where a file registers no test, Node 20 never runs `after`, and the browser stays open.
  test(`${name} is dropped, understood and learned from`, async () => {
    if (!existsSync(file)) {
      console.log(`Skipped: ../shared/data/${name} is not there, so this real log was not dropped.`);
      return;
    }
    const page = await site.newPage();
    await dropFiles(page, ".drop", [file]);
    await page.locator("#understood").waitFor();
    assert.match(await page.locator("#understood .lead").first().innerText(), new RegExp(`^${expected.rows.toLocaleString("en-GB")}\\s`));
    assert.equal(await page.locator("#role-label").inputValue(), expected.label);
    assert.equal(await page.locator("#role-time").inputValue(), expected.time);
    await train(page);
    assert.equal(await page.locator(".confusion .count").count(), 4);
    assert.match(await answerOf(page), /^The server (is okay|may crash)\./);
    assertClean(page);
  });
}

check("smd_1_6_ahead30", { rows: 19_981, label: "crashed", time: "minute" });
check("ms_crashrate_ahead6", { rows: 14_541, label: "crashed", time: "timestamp" });
