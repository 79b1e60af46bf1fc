/**
 * Serves a folder of static files: `node www/serve.js dist/site --port 8000 [--host 127.0.0.1]`.
 *
 * Sends the page's Content-Security-Policy and the other headers a static host should send. Reads only files inside the
 * folder: a path that leads out of it, by dots or by a link, is not found.
 */
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { headerPolicy } from "./csp.js";

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".map": "application/json",
  ".json": "application/json",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

const HEADERS = {
  "Content-Security-Policy": headerPolicy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "Cache-Control": "no-cache",
};

/** The file a request path names, or null. @param {string} root @param {string} url */
async function fileOf(root, url) {
  try {
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
    const file = await realpath(join(root, path.endsWith("/") ? `${path}index.html` : path));
    if (!file.startsWith(root + sep)) return null;
    const { size, mtime } = await stat(file).then((found) => (found.isFile() ? found : Promise.reject(new Error("not a file"))));
    return { file, size, tag: `"${size.toString(36)}-${mtime.getTime().toString(36)}"` };
  } catch {
    return null; // an impossible path or no such file: both are "not found" to the outside
  }
}

/** @param {string} root @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
async function answer(root, request, response) {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD" }).end();
    return;
  }
  const found = await fileOf(root, request.url ?? "/");
  if (found === null) {
    response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("not found\n");
    return;
  }
  response.setHeader("ETag", found.tag);
  if (request.headers["if-none-match"] === found.tag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { "Content-Type": TYPES[extname(found.file)] ?? "application/octet-stream", "Content-Length": found.size });
  if (request.method === "HEAD") response.end();
  else createReadStream(found.file).on("error", () => response.destroy()).pipe(response);
}

/**
 * Starts serving `folder`; port 0 takes a free one.
 *
 * @param {string} folder
 * @param {{ port: number, host?: string }} options
 * @returns {Promise<{ port: number, close: () => Promise<void> }>}
 */
export async function serve(folder, { port, host = "127.0.0.1" }) {
  const root = await realpath(folder);
  const server = createServer((request, response) => void answer(root, request, response));
  await new Promise((listening, failed) => server.once("error", failed).listen(port, host, () => listening(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = () =>
    new Promise((/** @type {(value: void) => void} */ closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  return { port: address.port, close };
}

/** @param {unknown} error @param {string} folder @param {number} port */
function inWords(error, folder, port) {
  const code = /** @type {{ code?: string }} */ (error).code;
  if (code === "EADDRINUSE") return `Port ${port} is taken by another program. Choose another one, for example: make demo PORT=${port + 1}`;
  if (code === "EACCES") return `Port ${port} needs more rights than you have. Choose one above 1024.`;
  if (code === "ENOENT") return `There is no folder ${folder}: build the page first (make build).`;
  return String(error);
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: "string", default: "8000" }, host: { type: "string", default: "127.0.0.1" } },
  });
  const folder = positionals[0] ?? "dist/site";
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`"${values.port}" is not a port: a whole number up to 65535`);
  try {
    const server = await serve(folder, { port, host: values.host });
    console.log(`crash-predictor is at http://localhost:${server.port}`);
  } catch (error) {
    throw new Error(inWords(error, folder, port), { cause: error });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
