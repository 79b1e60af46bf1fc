/** What the command line takes: the commands, their options and their help, and reading argv against them. */
import { parseArgs } from "node:util";

/**
 * @typedef {object} Option
 * @property {string} [value]  what stands for its value in the help; absent for a switch
 * @property {string} help
 * @property {string} [short]
 * @property {boolean} [many]  may be repeated
 * @property {(text: string) => any} [read]  from its text; undefined where the text makes no sense
 * @typedef {object} Command
 * @property {string} usage
 * @property {string} summary
 * @property {string} [notes]
 * @property {[string, string] | [string]} files  the positional arguments
 * @property {boolean} [several]  the last of them may be several
 * @property {Record<string, Option>} options
 * @typedef {{ command: string, files: string[], options: Record<string, any> }} Call
 */

/** The arguments make no sense: exit code 2. */
export class UsageError extends Error {
  /** What to add to the name of the program to learn more. */
  help = "--help";
}

/** @param {string} text */
const names = (text) =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);

/** @param {string[]} allowed @returns {(text: string) => string | undefined} */
const oneOf = (allowed) => (text) => (allowed.includes(text) ? text : undefined);

/** @type {Record<string, Option>} */
const columnOptions = {
  label: {
    value: "COL",
    help: "the column that says whether the server crashed (found by itself where its name says so)",
  },
  positive: { value: "V", help: "the value of the label that means a crash" },
  features: { value: "A,B", help: "learn from these columns only; may be repeated", many: true, read: names },
  ignore: { value: "A,B", help: "columns not to learn from; may be repeated", many: true, read: names },
  time: { value: "COL", help: 'the column with the time of each row; "" for none' },
  host: { value: "COL", help: 'the column that names the server; "" for none' },
};
/** @type {Option} */
const delimiter = {
  value: "C",
  help: 'what separates the cells, e.g. ";" or tab (found by itself)',
  read: (text) => (text === "tab" || text === "\\t" ? "\t" : text),
};
/** How a log is written. @type {Record<string, Option>} */
const readOptions = {
  delimiter,
  "as-is": { help: "leave columns of one host each, and rows of one metric each, as they are" },
  rates: {
    value: "A,B",
    help: "counters to be read as what they rise by in a second, host by host; may be repeated",
    many: true,
    read: names,
  },
  "as-text": { value: "A,B", help: "columns whose cells are texts, such as ids; may be repeated", many: true, read: names },
  "as-number": { value: "A,B", help: "columns of numbers, whatever most cells are; may be repeated", many: true, read: names },
  "as-time": { value: "A,B", help: "columns of times, whatever most cells are; may be repeated", many: true, read: names },
};
/** How much of a log is kept. @type {Record<string, Option>} */
const tableOptions = {
  "max-table-mib": {
    value: "MIB",
    help: "memory for the columns of a log (default 96); of a longer log a sample of whole blocks is kept",
    read: (text) => (/^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined),
  },
};
/** @type {Option} */
const threshold = {
  value: "P",
  help: "probability from which on a row counts as a crash, above 0 and up to 1",
  read: (text) => (Number(text) > 0 && Number(text) <= 1 ? Number(text) : undefined),
};
/** @param {string} text */
const amount = (text) => (/^\d*\.?\d+$/.test(text) ? Number(text) : undefined);
/** @type {Record<string, Option>} */
const aheadOptions = {
  horizon: {
    value: "MIN",
    help: "predict crashes within so many minutes after a row, where the label says that a server is down",
    read: (text) => (Number(amount(text)) > 0 ? Number(text) : undefined),
  },
  incidents: {
    value: "FILE",
    help: "a CSV list of crashes (start, and where known end and host) to learn from instead of a label",
  },
};
/** @type {Option} */
const json = { help: "print one JSON object instead of the report" };
/** @param {string} what @returns {Option} */
const output = (what) => ({ value: "FILE", short: "o", help: what });

/** @type {Record<string, Command>} */
export const commands = {
  train: {
    usage: "train LOG.csv... -o MODEL [options]",
    summary: "learn from a log, say how good the model is on rows it has not seen, save the model",
    notes:
      "Of the algorithms, logistic weighs each metric by itself; boosting (of trees) and forest (a random one) see\n" +
      "combinations of metrics too; auto tries all of them and keeps the simplest that is as good as the best.\n" +
      "Several logs (rotated, or one for each host) are put together by time; a file's name is the host where nothing else is.",
    files: ["LOG.csv"],
    several: true,
    options: {
      output: output("where the model goes (required)"),
      ...columnOptions,
      ...aheadOptions,
      ...readOptions,
      ...tableOptions,
      algorithm: {
        value: "NAME",
        help: "auto (the default), logistic, boosting or forest",
        read: oneOf(["auto", "logistic", "boosting", "forest"]),
      },
      select: {
        value: "HOW",
        help: "which model auto takes: simplest (the default: the simplest within the noise of the best) or best",
        read: oneOf(["simplest", "best"]),
      },
      budget: {
        value: "SECONDS",
        help: "about how long training may take; what it cuts is said",
        read: (text) => (/^\d*\.?\d+$/.test(text) && Number(text) > 0 ? Number(text) : undefined),
      },
      split: {
        value: "KIND",
        help: "rows kept back for checking: auto (the default), time, host, incident or random",
        read: oneOf(["auto", "time", "host", "incident", "random"]),
      },
      rising: {
        value: "A,B",
        help: "columns of numbers as which rise the risk never falls; may be repeated",
        many: true,
        read: names,
      },
      falling: { value: "A,B", help: "columns as which rise the risk never rises; may be repeated", many: true, read: names },
      threshold,
      "cost-missed": { value: "N", help: "what a missed crash costs: the threshold then costs least", read: amount },
      "cost-page": { value: "N", help: "what a page for nothing costs (default 1)", read: amount },
      "pages-per-week": { value: "N", help: "how many pages a week can be borne: the threshold keeps to that", read: amount },
      alarm: {
        value: "N/M",
        help: "page when N of a server's last M rows are over the threshold (default 2/3)",
        read: (text) => (/^[1-9]\d?\/[1-9]\d?$/.test(text) ? text.split("/").map(Number) : undefined),
      },
      rule: { value: "RULE", help: 'your alert rule of today, to compare with, e.g. "cpu_pct > 90 and latency_ms > 200"' },
      seed: {
        value: "N",
        help: "seed of every random choice (default 0)",
        read: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined),
      },
      json,
    },
  },
  predict: {
    usage: "predict MODEL LOG.csv [-o OUT.csv] [options]",
    summary: "append crash_probability and crash_prediction to every line of a log",
    notes: "A line that cannot be read keeps its place, with an empty probability.",
    files: ["MODEL", "LOG.csv"],
    options: { output: output("where the result goes; standard output without it"), threshold, ...readOptions },
  },
  watch: {
    usage: "watch MODEL LOG.csv [options]",
    summary: "say when somebody is to be paged, as the rows of a log come",
    notes:
      "A page is a line: the row's time, its server and the probability. Standard input, for - , is watched as it grows:\n" +
      "tail -n +1 -F LOG.csv | crash-predictor watch MODEL -\n" +
      "How the log is written is found from the lines that come first, three at least. What sar prints is joined by time:\n" +
      "its pages come when it has ended.",
    files: ["MODEL", "LOG.csv"],
    options: { threshold, json: { help: "print a JSON object in a line for each page" }, ...readOptions },
  },
  inspect: {
    usage: "inspect MODEL|LOG.csv... [options]",
    summary: "say what a model has learned, or what is understood of a log",
    notes: "The options about columns apply to logs: they show what train would make of them.",
    files: ["MODEL|LOG.csv"],
    several: true,
    options: {
      ...columnOptions,
      ...aheadOptions,
      ...readOptions,
      ...tableOptions,
      json,
      "as-csv": { help: "print the log as it was understood, as plain CSV with every cell as its text" },
    },
  },
  export: {
    usage: "export MODEL --to json [-o FILE]",
    summary: "write a model in a form other programs read",
    files: ["MODEL"],
    options: {
      to: {
        value: "FORMAT",
        help: "json: every coefficient or tree, enough to recompute the probabilities anywhere (required)",
        read: oneOf(["json"]),
      },
      output: output("where it goes; standard output without it"),
    },
  },
};

/** @type {Record<string, Option>} */
const everywhere = { help: { short: "h", help: "print this help" } };

/**
 * @param {string[]} argv  what follows the name of the program
 * @returns {Call}  `help` and `version` are commands as well
 */
export function parse(argv) {
  const [first = "", ...rest] = argv;
  if (first === "--version" || first === "-V") return { command: "version", files: [], options: {} };
  if (first === "--help" || first === "-h" || (first === "help" && rest.length === 0))
    return { command: "help", files: [], options: {} };
  if (first === "") throw new UsageError("say what to do");
  if (first === "help") return { command: "help", files: [existing(rest[0])], options: {} };
  const command = existing(first);
  try {
    const { files, options } = parseCommand(command, rest);
    if (options.help) return { command: "help", files: [command], options: {} };
    check(command, files, options);
    return { command, files, options };
  } catch (error) {
    if (error instanceof UsageError) error.help = `${command} --help`;
    throw error;
  }
}

/** @param {string} [name]  of a command */
function existing(name = "") {
  if (Object.hasOwn(commands, name)) return name;
  throw new UsageError(`there is no command ${name}${nearest(name, Object.keys(commands))}`);
}

/** @param {string} name @returns {Command} */
function commandNamed(name) {
  return /** @type {Command} */ (commands[name]);
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function parseCommand(command, args) {
  const known = { ...commandNamed(command).options, ...everywhere };
  const config = Object.fromEntries(
    Object.entries(known).map(([name, { value, short }]) => [
      name,
      { type: value ? "string" : "boolean", ...(short && { short }) },
    ]),
  );
  // Not strict: the engine's own words about a wrong option name no alternative.
  const { tokens } = parseArgs({
    args,
    options: /** @type {any} */ (config),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  /** @type {string[]} */
  const files = [];
  /** @type {Record<string, any>} */
  const options = {};
  for (const token of tokens) {
    if (token.kind === "positional") files.push(token.value);
    if (token.kind === "option") take(options, known, token);
  }
  return { files, options };
}

/**
 * @param {Record<string, any>} options
 * @param {Record<string, Option>} known
 * @param {{ name: string, rawName: string, value?: string | undefined, inlineValue?: boolean | undefined }} token
 */
function take(options, known, { name, rawName, value, inlineValue }) {
  const option = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!option)
    throw new UsageError(
      `there is no option ${rawName} here${nearest(
        rawName,
        Object.keys(known).map((other) => `--${other}`),
      )}`,
    );
  if (!option.value) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
    options[name] = true;
    return;
  }
  // `--label --json` is a forgotten value far more often than a column called "--json".
  if (value === undefined || (!inlineValue && /^--./.test(value)))
    throw new UsageError(`${rawName} needs a value: ${rawName} ${option.value}`);
  const read = option.read ? option.read(value) : value;
  if (read === undefined) throw new UsageError(`${rawName} cannot be "${value}": ${option.help}`);
  if (option.many) options[name] = [...(options[name] ?? []), ...read];
  else if (Object.hasOwn(options, name)) throw new UsageError(`${rawName} is given twice`);
  else options[name] = read;
}

/**
 * @param {string} command
 * @param {string[]} files
 * @param {Record<string, any>} options
 */
function check(command, files, options) {
  const { files: wanted, several } = commandNamed(command);
  if (files.length < wanted.length) throw new UsageError(`${command} needs ${wanted.slice(files.length).join(" and ")}`);
  if (files.length > wanted.length && !several) throw new UsageError(`"${files[wanted.length]}" is one file too many`);
  if (files.filter((file) => file === "-").length > 1)
    throw new UsageError("standard input can be the model or the log, not both");
  if (command === "train" && options.output === undefined)
    throw new UsageError("train needs -o MODEL, the file the model goes to");
  if (command === "export" && options.to === undefined) throw new UsageError("export needs --to json");
  const both = options.falling?.find((/** @type {string} */ name) => options.rising?.includes(name));
  if (both) throw new UsageError(`--rising and --falling both name "${both}"`);
  if (options.json && options.output === "-") throw new UsageError("--json and -o - both want standard output");
}

/**
 * @param {string} name
 * @param {string[]} known
 */
function nearest(name, known) {
  const [best] = known.map((other) => ({ other, far: distance(name, other) })).sort((a, b) => a.far - b.far);
  return best && best.far <= Math.max(2, name.length / 3) ? `; did you mean ${best.other}?` : "";
}

/**
 * Levenshtein's distance.
 * @param {string} a
 * @param {string} b
 */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = at(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, at(row, j) + 1, at(next, j - 1) + 1));
    }
    row = next;
  }
  return at(row, b.length);
}

/** @param {number[]} row @param {number} i */
const at = (row, i) => row[i] ?? 0;

/** @param {string} [command]  the help of one command, or of the whole */
export function help(command) {
  if (command === undefined) {
    return `crash-predictor: learns from server logs what leads to a crash, and predicts it

${Object.values(commands)
  .map(({ usage, summary }) => `  crash-predictor ${usage}\n      ${summary}`)
  .join("\n")}

A file named - is standard input or standard output. Logs are CSV with a header line; nothing is sent anywhere.
  crash-predictor COMMAND --help   the options of a command
  crash-predictor --version

Exit codes: 0 done, 1 the work failed, 2 the arguments make no sense.
`;
  }
  const { usage, summary, notes, options } = commandNamed(command);
  const lines = Object.entries({ ...options, ...everywhere }).map(([name, { short, value, help: text }]) => {
    const left = `${short ? `-${short}, ` : "    "}--${name}${value ? ` ${value}` : ""}`;
    return `  ${left.padEnd(24)}${text}`;
  });
  return `crash-predictor ${usage}

${summary[0]?.toUpperCase()}${summary.slice(1)}.${notes ? `\n${notes}` : ""}

${lines.join("\n")}
`;
}
