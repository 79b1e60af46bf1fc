/** The engine's WebAssembly module: compiled once, and kept so that other workers need not compile it again. */
import { open } from "./platform.js";

/**
 * Where the engine comes from: its bytes, a compiled module, an address, a response, or in Node the path of a file.
 * @typedef {BufferSource | WebAssembly.Module | URL | string | Response} EngineSource
 */

/** @type {WebAssembly.Module | undefined} */
let last;

/** The module that was compiled last. */
export const compiled = () => last;

/** @param {EngineSource} [source]  default: the `crash_predictor_bg.wasm` beside this file */
export async function compile(source = new URL("crash_predictor_bg.wasm", import.meta.url)) {
  const found = typeof source === "string" || source instanceof URL ? await open(source) : source;
  last = found instanceof WebAssembly.Module ? found : await compileBytes(found);
  return last;
}

/** @param {BufferSource | Response} source */
async function compileBytes(source) {
  if (!(source instanceof Response)) return WebAssembly.compile(source);
  // Only under this type may a browser compile while it downloads; not every server knows it.
  const mayStream = source.headers.get("content-type")?.startsWith("application/wasm");
  return mayStream ? WebAssembly.compileStreaming(source) : WebAssembly.compile(await source.arrayBuffer());
}
