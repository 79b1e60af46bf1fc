/** Part 2: what was understood of the log. @import { Choices, Log, Problem, Schema } from "../types" */
import { formatCount, plural, sentence } from "../words.js";
import { IncidentList } from "./incidents.jsx";
import { Issues } from "./issues.jsx";
import { ProblemNote } from "./problem.jsx";

/** @typedef {"label" | "positive" | "incidents" | "columns" | "horizon"} Control */

/** Which control a problem of the schema is about. @type {Record<string, Control>} */
const CONTROL_OF = {
  NoLabel: "label",
  OneClass: "label",
  BadLabel: "label",
  UnknownPositive: "positive",
  NoFeatures: "columns",
  TooManyColumns: "columns",
  UnknownColumn: "columns",
  BadOption: "horizon",
};

/** What else may be amiss is about where the crashes are from. @param {Schema | null} schema @param {Choices} choices */
function controlOf(schema, { incidents }) {
  if (!schema?.problem) return null;
  return CONTROL_OF[schema.problem.code] ?? (incidents === undefined ? "label" : "incidents");
}

/** Longer lists are cut: the table below can choose any column. */
const MAX_CHOICES = 300;

/**
 * @param {{ log: Log, schema: Schema | null, choices: Choices, problem: Problem | undefined, hasChoices: boolean, onIncidents: (file: File | null) => void, onChoose: (what: "label" | "positive" | "time" | "host", value: string) => void,
 *   onForget: () => void, onReread: (how: Log["reading"]) => void, children: import("preact").ComponentChildren }} props
 */
export function UnderstoodPart({ log, schema, choices, problem, hasChoices, onIncidents, onChoose, onForget, onReread, children }) {
  const control = controlOf(schema, choices);
  const list = schema !== null && (
    <IncidentList incidents={choices.incidents} schema={schema} problem={control === "incidents" ? schema.problem : null} onIncidents={onIncidents} />
  );
  return (
    <section id="understood" aria-labelledby="understood-title" class="part">
      <h2 id="understood-title">What we understood</h2>
      <RowCounts log={log} />
      <ReadDifferently log={log} counters={schema?.counters ?? []} onReread={onReread} />
      <Issues issues={log.table.issues} />
      <Remarks schema={schema} />
      {schema !== null && (
        <form class="roles" onSubmit={(event) => event.preventDefault()}>
          {choices.incidents === undefined && <Label schema={schema} control={control} onChoose={onChoose} />}
          {choices.incidents === undefined && <Positive schema={schema} control={control} onChoose={onChoose} />}
          {choices.incidents !== undefined && list}
          <Optional what="time" words="Time of the row" none="No time column" schema={schema} onChoose={onChoose} />
          <Optional what="host" words="Name of the server" none="No server column" schema={schema} onChoose={onChoose} />
          {choices.incidents === undefined && list}
        </form>
      )}
      <ProblemNote problem={problem} />
      {control === "columns" && <ProblemNote problem={schema?.problem} id="columns-problem" />}
      {children}
      {hasChoices && (
        <p class="actions">
          <button type="button" class="quiet" onClick={onForget}>
            Back to the guesses
          </button>
        </p>
      )}
    </section>
  );
}

/** @param {{ log: Log }} props */
function RowCounts({ log }) {
  const { rowsUsed, rowsRejected, rowsSetAside } = log.table.issues;
  return (
    <p class="lead">
      <strong>{plural(rowsUsed, "row")}</strong> used, {rowsRejected === 0 ? "none rejected" : <strong>{formatCount(rowsRejected)} rejected</strong>},{" "}
      {rowsSetAside > 0 && <>{formatCount(rowsSetAside)} set aside to fit the memory, </>}
      <strong>{plural(log.table.columns.length, "column")}</strong>.
    </p>
  );
}

/** What is odd about the times, or how few crashes there are. @param {{ schema: Schema | null }} props */
function Remarks({ schema }) {
  if (schema === null || schema.remarks.length === 0) return null;
  return (
    <ul class="counts">
      {schema.remarks.map((remark) => (
        <li key={remark}>{sentence(remark)}</li>
      ))}
    </ul>
  );
}

const DELIMITERS = /** @type {const} */ ([
  [",", "comma"],
  [";", "semicolon"],
  ["\t", "tab"],
  ["|", "vertical bar"],
]);

/** What the rows of the file are, where they are not those of the table. */
const LAYOUTS = {
  rows: "",
  series: ", the columns of each host turned into rows of that host",
  long: ", the rows of each metric turned into one row for each time and host",
  sections: ", its sections joined by time, those of devices by the largest",
};

/** @param {{ log: Log, counters: string[], onReread: (how: Log["reading"]) => void }} props */
function ReadDifferently({ log, counters, onReread }) {
  const { delimiter, header, encoding, lineEnd, jsonLines, layout } = log.table.dialect;
  const named = DELIMITERS.find(([sign]) => sign === delimiter)?.[1] ?? `“${delimiter}”`;
  const written = jsonLines ? "one JSON object a line" : layout === "sections" ? "printed by sar" : `cells separated by ${named}`;
  const how = log.reading;
  return (
    <details class="plain">
      <summary>
        Read as {encoding} text, {written}, {header ? "first line holds the names" : "no line of names"}, line ends {lineEnd}
        {LAYOUTS[layout]}
      </summary>
      <div class="roles two">
        <label>
          Cells are separated by
          <select value={how.delimiter} onChange={(event) => onReread({ ...how, delimiter: event.currentTarget.value })}>
            <option value="">as found</option>
            {DELIMITERS.map(([sign, words]) => (
              <option key={sign} value={sign}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          The first line holds the names
          <select value={how.header} onChange={(event) => onReread({ ...how, header: event.currentTarget.value })}>
            <option value="">as found</option>
            <option value="yes">yes</option>
            <option value="no">no</option>
          </select>
        </label>
        <label>
          Columns or rows of one host or metric
          <select value={how.rows} onChange={(event) => onReread({ ...how, rows: event.currentTarget.value })}>
            <option value="">become one row for each time and host</option>
            <option value="as-is">stay as they are</option>
          </select>
        </label>
        {(counters.length > 0 || how.rates.length > 0) && (
          <label>
            Counters: {(how.rates.length > 0 ? how.rates : counters).slice(0, 5).join(", ")}
            <select
              value={how.rates.length > 0 ? "rates" : ""}
              onChange={(event) => onReread({ ...how, rates: event.currentTarget.value === "" ? [] : counters })}
            >
              <option value="">as they count up</option>
              <option value="rates">what they rise by in a second</option>
            </select>
          </label>
        )}
      </div>
    </details>
  );
}

/** @param {Schema} schema @param {string | null} chosen */
function choicesOf(schema, chosen) {
  const names = schema.columns.slice(0, MAX_CHOICES).map((column) => column.name);
  return chosen === null || names.includes(chosen) ? names : [chosen, ...names];
}

/** @param {Schema} schema @param {string | null} name */
const reasonOf = (schema, name) => schema.columns.find((column) => column.name === name)?.reason;

/** @typedef {{ schema: Schema, control: string | null, onChoose: (what: "label" | "positive", value: string) => void }} LabelProps */

/** @param {LabelProps} props */
function Label({ schema, control, onChoose }) {
  const wrong = control === "label";
  const reason = reasonOf(schema, schema.label);
  return (
    <div class={`field${wrong ? " wrong" : ""}`}>
      <label for="role-label">Column that says it crashed</label>
      <select id="role-label" value={schema.label ?? ""} aria-invalid={wrong || undefined} aria-describedby="role-label-why" onChange={(event) => onChoose("label", event.currentTarget.value)}>
        {schema.label === null && <option value="">choose a column</option>}
        {choicesOf(schema, schema.label).map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <div id="role-label-why">{wrong ? <ProblemNote problem={schema.problem} id="label-problem" /> : <p class="hint">{reason && sentence(reason)}</p>}</div>
    </div>
  );
}

/** @param {LabelProps} props */
function Positive({ schema, control, onChoose }) {
  const wrong = control === "positive";
  const { positive, positiveReason } = schema;
  const values = schema.labelValues.slice(0, MAX_CHOICES);
  const total = schema.labelValues.reduce((sum, { count }) => sum + count, 0);
  const known = values.some(({ value }) => value === positive);
  return (
    <div class={`field${wrong ? " wrong" : ""}`}>
      <label for="role-positive">Value that means a crash</label>
      <select
        id="role-positive"
        value={positive ?? ""}
        disabled={values.length === 0}
        aria-invalid={wrong || undefined}
        aria-describedby="role-positive-why"
        onChange={(event) => onChoose("positive", event.currentTarget.value)}
      >
        {!known && <option value={positive ?? ""}>{positive ?? "choose a value"}</option>}
        {values.map(({ value, count }) => (
          <option key={value} value={value}>
            {value} ({formatCount(count)} of {formatCount(total)} rows)
          </option>
        ))}
      </select>
      <div id="role-positive-why">
        {wrong ? <ProblemNote problem={schema.problem} id="positive-problem" /> : <p class="hint">{positive !== null && positiveReason && sentence(positiveReason)}</p>}
      </div>
    </div>
  );
}

/** @param {{ what: "time" | "host", words: string, none: string, schema: Schema, onChoose: (what: "time" | "host", value: string) => void }} props */
function Optional({ what, words, none, schema, onChoose }) {
  const chosen = schema[what];
  const reason = reasonOf(schema, chosen);
  return (
    <div class="field">
      <label for={`role-${what}`}>{words}</label>
      <select id={`role-${what}`} value={chosen ?? ""} aria-describedby={`role-${what}-why`} onChange={(event) => onChoose(what, event.currentTarget.value)}>
        <option value="">{none}</option>
        {choicesOf(schema, chosen).map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <p class="hint" id={`role-${what}-why`}>
        {reason ? sentence(reason) : what === "time" ? "With one, the model is checked on the latest rows." : "Names a machine, so it is not learned from."}
      </p>
    </div>
  );
}
