/** Packs dist/npm and installs the tarball as a user would, into dist/installed: what the tests here import and run. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../dist/npm/", import.meta.url));
const target = fileURLToPath(new URL("../../dist/installed/", import.meta.url));

/** @param {string[]} args @param {string} cwd */
const npm = (args, cwd) =>
  execFileSync("npm", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
writeFileSync(`${target}package.json`, '{ "private": true }\n');
const [{ filename }] = JSON.parse(npm(["pack", "--json", "--loglevel=error", "--pack-destination", target], source));
npm(["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", `./${filename}`], target);
