/** What is to be predicted of a row: what the label says, or what comes within some minutes. @import { Ahead, Choices, Problem, Schema } from "../types" */
import { formatCount, formatNumber, sentence } from "../words.js";
import { ProblemNote } from "./problem.jsx";

/**
 * @typedef {Pick<Choices, "goal" | "minutes">} Aim
 * @param {{ schema: Schema, ahead: Ahead, choices: Choices, onAim: (change: Aim) => void, onMeans: (means: "down-now" | "ahead") => void }} props
 */
export function Goal({ schema, ahead, choices, onAim, onMeans }) {
  const problem = schema.problem?.code === "BadOption" ? schema.problem : null;
  // Nothing can be said before it is known what a crash is.
  if (schema.target === null && problem === null) return null;
  return (
    <fieldset class="goal">
      <legend>What to predict of a row</legend>
      {ahead.proposed !== null ? (
        <NowOrAhead schema={schema} ahead={ahead} choices={choices} problem={problem} onAim={onAim} />
      ) : (
        <AsItStands schema={schema} choices={choices} problem={problem} onAim={onAim} />
      )}
      {choices.incidents === undefined && schema.target !== null && <Meaning schema={schema} ahead={ahead} onMeans={onMeans} />}
    </fieldset>
  );
}

/** @param {{ schema: Schema, ahead: Ahead, choices: Choices, problem: Problem | null, onAim: (change: Aim) => void }} props */
function NowOrAhead({ schema, ahead, choices, problem, onAim }) {
  const { goal, minutes = "" } = choices;
  const isAhead = goal === undefined ? ahead.minutes !== null : goal === "ahead";
  const { nDown = 0, nUnknown = 0 } = schema.target ?? {};
  return (
    <>
      <label>
        <input type="radio" name="goal" checked={isAhead} onChange={() => onAim({ goal: "ahead" })} /> A crash within the minutes after it
      </label>
      {isAhead && (
        <div class="field">
          <Minutes label="How many minutes ahead" text={minutes} proposed={ahead.proposed} problem={problem} onMinutes={(text) => onAim({ goal: "ahead", minutes: text })} />
          <p class="hint" id="horizon-hint">
            {formatNumber(ahead.proposed)} are proposed for rows that come as often as these.
            {nDown + nUnknown > 0 &&
              ` Not learned from: rows in which a server was down already (${formatCount(nDown)}), and rows after which nothing is known (${formatCount(nUnknown)}).`}
          </p>
        </div>
      )}
      <label>
        <input type="radio" name="goal" checked={!isAhead} onChange={() => onAim({ goal: "now" })} /> What the label says: that it is down already
      </label>
    </>
  );
}

/** A label that looks ahead by itself, a list of crashes, or a log without times. @param {{ schema: Schema, choices: Choices, problem: Problem | null, onAim: (change: Aim) => void }} props */
function AsItStands({ schema, choices, problem, onAim }) {
  const { incidents, minutes = "" } = choices;
  const { target, time } = schema;
  if (target?.means === "down-now") return <p>What the label says. {time === null && "Without a column of times, nothing can be said of what comes after a row."}</p>;
  const found = minutes === "" ? (target?.horizonMinutes ?? null) : null;
  return (
    <>
      <p>{incidents === undefined ? "What the label says: it looks ahead by itself." : "A crash of the list within the minutes after it."}</p>
      <div class="field">
        <Minutes
          label={incidents === undefined ? "How many minutes the label looks ahead" : "How many minutes ahead"}
          text={minutes}
          proposed={found}
          problem={problem}
          onMinutes={(text) => onAim({ minutes: text })}
        />
        <p class="hint" id="horizon-hint">
          {target !== null && sentence(target.reason)}
        </p>
      </div>
    </>
  );
}

/** @param {{ label: string, text: string, proposed: number | null, problem: Problem | null, onMinutes: (text: string) => void }} props */
function Minutes({ label, text, proposed, problem, onMinutes }) {
  return (
    <>
      <label for="horizon">{label}</label>
      <input
        id="horizon"
        type="number"
        min="0"
        step="any"
        placeholder={proposed === null ? "not known" : String(proposed)}
        value={text}
        aria-invalid={problem !== null || undefined}
        aria-describedby={problem === null ? "horizon-hint" : "horizon-problem"}
        onInput={(event) => onMinutes(event.currentTarget.value)}
      />
      <ProblemNote problem={problem} id="horizon-problem" />
    </>
  );
}

/** Where the guess of what the label says is wrong, the user knows better. @param {{ schema: Schema, ahead: Ahead, onMeans: (means: "down-now" | "ahead") => void }} props */
function Meaning({ schema, ahead, onMeans }) {
  const isAhead = ahead.proposed === null && schema.target?.means === "ahead";
  return (
    <details class="plain">
      <summary>The label is read as “{isAhead ? "it will crash soon" : "it is down now"}”</summary>
      <p class="hint">{schema.target !== null && sentence(schema.target.reason)}</p>
      <button type="button" class="quiet" onClick={() => onMeans(isAhead ? "down-now" : "ahead")}>
        Read it as “{isAhead ? "it is down now" : "it will crash soon"}”
      </button>
    </details>
  );
}
