/** The little server: right types and headers, nothing outside its folder, clear words when the port is taken. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../www/serve.js";

const outside = mkdtempSync(join(tmpdir(), "crash-predictor-"));
const folder = join(outside, "site");
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;

before(async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>page</title>");
  writeFileSync(join(folder, "engine.wasm"), Buffer.from([0, 97, 115, 109]));
  writeFileSync(join(outside, "secret.txt"), "secret");
  symlinkSync(join(outside, "secret.txt"), join(folder, "link.txt"));
  server = await serve(folder, { port: 0 });
});
after(async () => {
  await server.close();
  rmSync(outside, { recursive: true });
});

/** Sends the path as it is: fetch would tidy it up. @param {string} path @param {object} [options] */
function get(path, options) {
  return new Promise((/** @type {(value: { status: number | undefined, headers: import("node:http").IncomingHttpHeaders, body: string }) => void} */ done, failed) => {
    request({ port: server.port, host: "127.0.0.1", path, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => done({ status: response.statusCode, headers: response.headers, body }));
    })
      .on("error", failed)
      .end();
  });
}

test("the page comes with its policy and its type", async () => {
  const { status, headers, body } = await get("/");
  assert.equal(status, 200);
  assert.match(body, /<title>page/);
  assert.equal(headers["content-type"], "text/html; charset=utf-8");
  assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/);
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.equal((await get("/engine.wasm")).headers["content-type"], "application/wasm");
});

test("nothing outside the folder is served", async () => {
  for (const path of ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/link.txt", "/%00", "/%", "//etc/passwd", "/missing"]) {
    const { status, body } = await get(path);
    assert.equal(status, 404, path);
    assert.doesNotMatch(body, /secret|root:/, path);
  }
});

test("only reading is answered", async () => {
  assert.equal((await get("/", { method: "POST" })).status, 405);
  const head = await get("/", { method: "HEAD" });
  assert.deepEqual([head.status, head.body], [200, ""]);
  assert.equal((await get("/", { headers: { "if-none-match": head.headers.etag } })).status, 304);
});

test("a taken port is said in words", async () => {
  const program = spawn(process.execPath, [fileURLToPath(new URL("../../www/serve.js", import.meta.url)), folder, "--port", String(server.port)]);
  let words = "";
  program.stderr.on("data", (chunk) => (words += chunk));
  const code = await new Promise((ended) => program.on("close", ended));
  assert.equal(code, 1);
  assert.match(words, /^Port \d+ is taken/);
});
