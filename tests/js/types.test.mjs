/** The declarations of the installed package, as a strict TypeScript program sees them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { folder } from "./installed.mjs";

const tsc = process.env.TSC ?? fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url));

for (const resolution of [
  ["--module", "nodenext"],
  ["--module", "esnext", "--moduleResolution", "bundler"],
]) {
  test(`a strict program type-checks with ${resolution.join(" ")}`, () => {
    // Beside the installed package, so that it is found by name.
    copyFileSync(new URL("types/program.ts", import.meta.url), join(folder, "program.mts"));
    const options = [
      "--strict",
      "--noEmit",
      "--target",
      "es2022",
      "--lib",
      "es2022,dom,dom.iterable,esnext.disposable",
      "--types",
      "",
      ...resolution,
    ];
    const { status, stdout } = spawnSync(tsc, [...options, "program.mts"], { cwd: folder, encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });
}
