/**
 * Puts the npm package together: node pkg-templates/build-npm.mjs
 * dist/wasm (what wasm-pack built) + pkg-templates/npm -> dist/npm, type-checked, with declarations and the crate's version.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
/** @param {string} path */
const at = (path) => fileURLToPath(new URL(path, root));
const out = at("dist/npm/");

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const name of readdirSync(at("dist/wasm"))) {
  if (name.startsWith("crash_predictor")) cpSync(at(`dist/wasm/${name}`), out + name);
}
for (const name of readdirSync(at("pkg-templates/npm"))) {
  if (name !== "tsconfig.json") cpSync(at(`pkg-templates/npm/${name}`), out + name);
}
cpSync(at("LICENSE"), `${out}LICENSE`);

const version = /^version = "(.+)"$/m.exec(readFileSync(at("Cargo.toml"), "utf8"))?.[1];
if (!version) throw new Error("Cargo.toml has no version");
const manifest = JSON.parse(readFileSync(`${out}package.json`, "utf8"));
writeFileSync(`${out}package.json`, `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);

const tsc = process.env.TSC ?? at("tests/node_modules/.bin/tsc");
execFileSync(tsc, ["-p", at("pkg-templates/npm")], { stdio: "inherit" });
