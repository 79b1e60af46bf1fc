/**
 * Builds the static site: `node www/build.js [--package dist/npm] [--out dist/site]`.
 *
 * The page and the package's worker are bundled together, so that what they share is downloaded once. Everything lies flat
 * in one folder: the worker finds the wasm beside itself. The download budget is held here: too large fails the build.
 */
import { build } from "esbuild";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { metaPolicy } from "./csp.js";

const HERE = dirname(fileURLToPath(import.meta.url));
const WASM = "crash_predictor_bg.wasm";
/** What the page may weigh before its first chart, in bytes after gzip. */
const BUDGET = 400_000;

const { values } = parseArgs({
  options: {
    package: { type: "string", default: join(HERE, "../dist/npm") },
    out: { type: "string", default: join(HERE, "../dist/site") },
  },
});
const npmPackage = resolve(values.package);
const out = resolve(values.out);

/** @returns {Promise<import("esbuild").Metafile>} */
async function bundle() {
  const { metafile } = await build({
    entryPoints: { app: join(HERE, "app.jsx"), worker: join(npmPackage, "worker.js"), style: join(HERE, "style.css") },
    outdir: out,
    absWorkingDir: HERE,
    bundle: true,
    format: "esm",
    splitting: true,
    minify: true,
    sourcemap: "external",
    metafile: true,
    target: ["es2023"],
    jsx: "automatic",
    jsxImportSource: "preact",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]",
    loader: { ".woff2": "file" },
    alias: { "crash-predictor/client": join(npmPackage, "client.js") },
    external: ["node:*"], // the package's Node roads, never taken in a browser
    logLevel: "warning",
  });
  return metafile;
}

async function copyStatic() {
  const html = await readFile(join(HERE, "index.html"), "utf8");
  await writeFile(join(out, "index.html"), html.replace("%POLICY%", metaPolicy));
  await copyFile(join(npmPackage, WASM), join(out, WASM));
  await copyFile(join(HERE, "node_modules/@fontsource-variable/ibm-plex-sans/LICENSE"), join(out, "font-license.txt"));
}

/** The files a browser fetches for `entry`, following static imports only. @param {import("esbuild").Metafile} metafile @param {string} entry */
function closure(metafile, entry, files = new Set()) {
  const output = metafile.outputs[entry];
  if (output === undefined || files.has(entry)) return files; // undefined: a data: address, or a module of Node
  files.add(entry);
  for (const { path, kind } of output.imports) {
    if (kind !== "dynamic-import") closure(metafile, path, files);
  }
  return files;
}

/** @param {import("esbuild").Metafile} metafile */
function filesByMoment(metafile) {
  const at = (/** @type {string} */ name) => relative(HERE, join(out, name));
  const entries = Object.keys(metafile.outputs);
  const first = new Set([at("index.html"), at(WASM)]);
  for (const name of ["app.js", "style.css", "worker.js"]) closure(metafile, at(name), first);
  const chart = entries.find((path) => metafile.outputs[path].entryPoint === "curve.js");
  const later = chart === undefined ? [] : [...closure(metafile, chart)].filter((path) => !first.has(path));
  return { first: [...first], later };
}

/** @param {string[]} paths */
async function measure(paths) {
  const sizes = await Promise.all(paths.map(async (path) => ({ path, bytes: gzipSync(await readFile(join(HERE, path)), { level: 9 }).length })));
  return sizes.sort((a, b) => b.bytes - a.bytes);
}

/** @param {string} title @param {{ path: string, bytes: number }[]} sizes */
function print(title, sizes) {
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`${title}: ${(total / 1000).toFixed(1)} kB gz`);
  for (const { path, bytes } of sizes) console.log(`  ${(bytes / 1000).toFixed(1).padStart(7)}  ${basename(path)}`);
  return total;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const metafile = await bundle();
await copyStatic();
const { first, later } = filesByMoment(metafile);
const total = print("page", await measure(first));
print("with the first chart", await measure(later));
if (total > BUDGET) {
  console.error(`The page is ${total} bytes gz, over its budget of ${BUDGET}.`);
  process.exit(1);
}
