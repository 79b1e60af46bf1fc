/** The built page in a real Chromium, served as a user would have it served, and watched: whatever it must not do is noted. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../../www/serve.js";

const SITE = fileURLToPath(new URL("../../dist/site", import.meta.url));
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browser named by CHROMIUM, or the first on the PATH. */
function executable() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of NAMES) {
    try {
      return execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // the next name
    }
  }
  throw new Error("No Chromium was found: install it, or name it in CHROMIUM.");
}

/** Serves dist/site on a free port and starts a browser with a fresh profile. */
export async function openSite() {
  assert.ok(existsSync(SITE), "dist/site is missing: build it first (make build)");
  const server = await serve(SITE, { port: 0 });
  const browser = await chromium.launch({ executablePath: executable(), args: FLAGS });
  const origin = `http://localhost:${server.port}`;
  return {
    origin,
    /** @param {import("playwright-core").BrowserContextOptions} [options] */
    newPage: (options) => newPage(browser, origin, options),
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * @param {import("playwright-core").Browser} browser @param {string} origin @param {import("playwright-core").BrowserContextOptions} [options]
 */
async function newPage(browser, origin, options) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`uncaught: ${error}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== "data:") faults.push(`request to another origin: ${url}`);
  });
  await page.exposeFunction("noteViolation", (/** @type {string} */ what) => faults.push(`policy violated: ${what}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      globalThis.noteViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  await page.goto(origin);
  return Object.assign(page, { faults });
}

/** @typedef {Awaited<ReturnType<typeof newPage>>} WatchedPage */

/** Nothing happened that must not happen. @param {WatchedPage} page */
export function assertClean(page) {
  assert.deepEqual(page.faults, []);
}

/** Drops real files on an element, as the desktop would. @param {WatchedPage} page @param {string} selector @param {string[]} files */
export async function dropFiles(page, selector, files) {
  const target = page.locator(selector);
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  assert.ok(box, `${selector} is not to be seen`);
  const session = await page.context().newCDPSession(page);
  const drag = { x: box.x + box.width / 2, y: box.y + box.height / 2, data: { items: [], files, dragOperationsMask: 1 } };
  for (const type of /** @type {const} */ (["dragEnter", "dragOver", "drop"])) await session.send("Input.dispatchDragEvent", { type, ...drag });
  await session.detach();
}

/** @param {WatchedPage} page @param {string} name @param {string} text */
export async function chooseLog(page, name, text) {
  await page.setInputFiles("#log-file", { name, mimeType: "text/csv", buffer: Buffer.from(text) });
}

/** @param {WatchedPage} page */
export async function openSample(page) {
  await page.getByRole("button", { name: "Try the sample log" }).click();
  await page.getByRole("heading", { name: "What we understood" }).waitFor();
}

/** @param {WatchedPage} page */
export async function train(page) {
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await page.locator("#results .plot").nth(2).waitFor();
  await page.locator("#answer strong").waitFor();
}

/** The bytes of what a click downloads. @param {WatchedPage} page @param {import("playwright-core").Locator} control */
export async function downloadBy(page, control) {
  const [download] = await Promise.all([page.waitForEvent("download"), control.click()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return { name: download.suggestedFilename(), bytes: Buffer.concat(chunks) };
}

/** The answer of the form. @param {WatchedPage} page */
export async function answerOf(page) {
  return (await page.locator("#answer:has(strong)").textContent()) ?? "";
}

/** Waits until it is another one. @param {WatchedPage} page @param {string} former */
export async function answerOtherThan(page, former) {
  await page.waitForFunction((text) => document.querySelector("#answer")?.textContent !== text, former);
  return answerOf(page);
}
