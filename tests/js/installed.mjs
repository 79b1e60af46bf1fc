/** The installed package, found the way a program beside it finds it: by name, through its exports. */
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

export const folder = fileURLToPath(new URL("../../dist/installed/", import.meta.url));
if (!existsSync(folder)) throw new Error("the package is not installed yet: node tests/js/install.mjs");
const { resolve } = createRequire(`${folder}program.js`);

/** @param {string} name  e.g. `crash-predictor/client` */
export const locate = (name) => resolve(name);

/** @param {string} name */
export const load = (name) => import(pathToFileURL(locate(name)).href);

/** The command line as npm links it. */
export const command = `${folder}node_modules/.bin/crash-predictor`;

/** The folder the project's large real logs are in, where there is one. */
export const shared = fileURLToPath(new URL("../../../shared/", import.meta.url));
