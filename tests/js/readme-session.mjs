/**
 * The commands in the package's README with what they print. Run by itself it writes what they print now into the README:
 * node tests/js/readme-session.mjs
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { command, load } from "./installed.mjs";

const SESSION = /(?<=```console\n)[^]*?(?=```)/;

/** @param {string} readme */
export const sessionOf = (readme) => SESSION.exec(readme)?.[0] ?? "";

/**
 * The same session with what its commands print now, on the built-in example log.
 * @param {string} session
 */
export async function rerun(session) {
  const { init, sampleCsv } = await load("crash-predictor");
  await init();
  const folder = mkdtempSync(join(tmpdir(), "crash-predictor-"));
  writeFileSync(join(folder, "fleet.csv"), sampleCsv());
  const printed = (session.match(/^\$ crash-predictor .*$/gm) ?? []).map((line) => {
    const { stdout, stderr } = spawnSync(command, line.split(" ").slice(2), { cwd: folder, encoding: "utf8" });
    return `${line}\n${stdout}${stderr}`;
  });
  rmSync(folder, { recursive: true });
  return printed.join("");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL("../../pkg-templates/npm/README.md", import.meta.url);
  const readme = readFileSync(path, "utf8");
  const session = await rerun(sessionOf(readme));
  writeFileSync(
    path,
    readme.replace(SESSION, () => session),
  );
}
