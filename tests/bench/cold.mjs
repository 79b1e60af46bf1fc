/**
 * What a visitor waits for before anything can be asked: `node cold.mjs list`, or `cold TOPIC NAME FOLDER`, loads one library in
 * this fresh process up to the first probability where it can load a model, else until it is ready to train; and the bytes,
 * gzipped, that a browser has to fetch for that.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "../../www/node_modules/esbuild/lib/main.js";
import { N_COLUMNS, compete } from "./contestant.mjs";

const { resolve } = createRequire(import.meta.url);
const here = fileURLToPath(new URL(".", import.meta.url));

/** @param {string[]} files */
const gzipped = (files) => files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0);

/** What a bundler makes of a package: the least that a page would fetch. @param {string} contents */
async function bundled(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    logLevel: "silent",
    external: ["node:*", "crypto", "fs", "path"],
  });
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
}

/** @param {string} name @param {string[]} files */
const inPackage = (name, files) => files.map((file) => join(resolve(name), "..", file));

/**
 * @param {string} name
 * @param {(folder: string) => Promise<unknown>} load
 * @param {() => number | Promise<number>} download
 * @param {string} [note]
 */
const contestant = (name, load, download, note) => ({
  topic: "cold",
  name,
  note,
  async measure(/** @type {string} */ folder) {
    const start = performance.now();
    await load(folder);
    const seconds = [(performance.now() - start) / 1000];
    return { seconds, download: await download() };
  },
});

const dist = fileURLToPath(new URL("../../dist/npm/", import.meta.url));

await compete([
  contestant(
    "crash-predictor",
    async (folder) => {
      const { CrashPredictor, init } = await import("../../dist/npm/index.js");
      await init();
      return CrashPredictor.load(readFileSync(join(folder, "ours.crashmodel"))).predictRow(new Float64Array(N_COLUMNS));
    },
    async () => (await bundled(`export * from "${dist}index.js"`)) + gzipped([`${dist}crash_predictor_bg.wasm`]),
    "to the first prediction",
  ),
  contestant(
    "onnxruntime-web",
    async (folder) => {
      const ort = await import("onnxruntime-web/wasm");
      ort.env.wasm.numThreads = 1;
      const session = await ort.InferenceSession.create(readFileSync(join(folder, "model.onnx")));
      return session.run({ rows: new ort.Tensor("float32", new Float32Array(N_COLUMNS), [1, N_COLUMNS]) }, ["probabilities"]);
    },
    () => gzipped(inPackage("onnxruntime-web", ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"])),
    "to the first prediction; cannot train",
  ),
  contestant(
    "ydf-training",
    async () => (await import("ydf-training")).default(),
    () => gzipped(inPackage("ydf-training", ["training.js", "training.wasm"])),
    "until it can train",
  ),
  contestant(
    "@tensorflow/tfjs",
    async () => (await import("@tensorflow/tfjs")).ready(),
    () => bundled('import * as tf from "@tensorflow/tfjs"; globalThis.tf = tf'),
    "until it can train, without its WebAssembly backend",
  ),
  contestant(
    "ml-random-forest",
    () => import("ml-random-forest"),
    () => bundled('export * from "ml-random-forest"'),
    "until it can train",
  ),
]);
