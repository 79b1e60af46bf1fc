/** Part 5, row after row: what was measured before the row that is asked about, as a monitor would see it. @import { Model, Observation, Problem, SeenRow } from "../types" */
import { formatCount, formatNumber, formatProbability, plural } from "../words.js";
import { ProblemNote } from "./problem.jsx";

/** Rows that are shown of those before. */
const N_SHOWN = 8;

/**
 * @param {{ model: Model, before: SeenRow[], moment: { time: string, host: string }, problem: Problem | undefined,
 *   onMoment: (change: { time?: string, host?: string }) => void, onKeep: () => void, onForget: () => void }} props
 */
export function Before({ model, before, moment, problem, onMoment, onKeep, onForget }) {
  const { summary, evaluation } = model.predictor;
  const { needed, of } = evaluation.alarmRule;
  return (
    <details class="before" id="before">
      <summary>
        Row after row<span class="soft">{before.length > 0 && `: ${plural(before.length, "row")} before this one`}</span>
      </summary>
      <div>
        <p class="hint">
          Keep a row, and the next one is judged after it, as in a live watch: somebody is paged when {formatCount(needed)} of a server’s last {plural(of, "row")} are over the threshold
          {summary.windows.length > 0 && ", and the model looks back at them"}. Of a whole log the pages are told where it is scored, below.
        </p>
        <div class="fields">
          {summary.time !== null && <Said id="before-time" name={summary.time} hint="when the row is measured, written as in the log; a row without it raises no alarm" text={moment.time} onText={(time) => onMoment({ time })} />}
          {summary.host !== null && <Said id="before-host" name={summary.host} hint="the server it is measured on" text={moment.host} onText={(host) => onMoment({ host })} />}
        </div>
        <div class="actions">
          <button type="button" class="quiet" onClick={onKeep}>
            Keep this row
          </button>
          {before.length > 0 && (
            <button type="button" class="quiet" onClick={onForget}>
              Forget the rows before
            </button>
          )}
        </div>
        <ProblemNote problem={problem} id="before-problem" />
        {before.length > 0 && <Seen before={before} timeName={summary.time} />}
      </div>
    </details>
  );
}

/** @param {{ id: string, name: string, hint: string, text: string, onText: (text: string) => void }} props */
function Said({ id, name, hint, text, onText }) {
  return (
    <div class="field">
      <label for={id}>
        <span class="user-text">{name}</span>
      </label>
      <input id={id} type="text" placeholder="not said" aria-describedby={`${id}-hint`} value={text} onInput={(event) => onText(event.currentTarget.value)} />
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}

/** @type {Record<Observation["event"], string>} */
const events = { calm: "calm", raised: "somebody is paged", continues: "alarming still" };

/** @param {{ before: SeenRow[], timeName: string | null }} props */
function Seen({ before, timeName }) {
  const shown = before.slice(-N_SHOWN);
  const first = before.length - shown.length;
  const pages = before.filter(({ seen }) => seen.event === "raised").length;
  return (
    <>
      <div class="scroll" role="region" aria-label="The rows before" tabIndex={0}>
        <table class="seen">
          <thead>
            <tr>
              <th scope="col">Row</th>
              {timeName !== null && <th scope="col">Measured</th>}
              <th scope="col">Server</th>
              <th scope="col" class="number">
                Probability
              </th>
              <th scope="col">Alarm</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ row, seen }, at) => (
              <tr key={first + at} class={seen.event === "raised" ? "raised" : undefined}>
                <th scope="row">{formatCount(first + at + 1)}</th>
                {timeName !== null && <td class="user-text">{timeText(row.get(timeName))}</td>}
                <td class="user-text">{seen.host || "–"}</td>
                <td class="number">{formatProbability(seen.probability)}</td>
                <td>{events[seen.event]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        {plural(pages, "page")} in {plural(before.length, "row")}
        {first > 0 && `; the last ${formatCount(shown.length)} are shown`}.
      </p>
    </>
  );
}

/** @param {string | number | null | undefined} cell */
const timeText = (cell) => (typeof cell === "number" ? formatNumber(cell) : cell || "not said");
