/** What the model learned: what it goes by, what else was tried, what was left out. @import { Summary } from "../types" */
import { importances, strongestFirst } from "../learned.js";
import { formatCount, plural } from "../words.js";
import { ImportanceTable } from "./importances.jsx";
import { TermTable } from "./terms.jsx";
import { Tried } from "./tried.jsx";

/** @param {{ summary: Summary, shown: number, onMore: (count: number) => void }} props */
export function Learned({ summary, shown, onMore }) {
  const terms = strongestFirst(summary.terms);
  const shares = importances(summary);
  const total = Math.max(terms.length, shares.length);
  return (
    <>
      {terms.length > 0 && <TermTable terms={terms.slice(0, shown)} />}
      {shares.length > 0 && <ImportanceTable shares={shares.slice(0, shown)} />}
      <Windows summary={summary} />
      {shown < total && (
        <button type="button" class="quiet" onClick={() => onMore(shown + 50)}>
          Show {formatCount(Math.min(50, total - shown))} more of {formatCount(total)}
        </button>
      )}
      <Tried summary={summary} />
      <LeftOut summary={summary} />
    </>
  );
}

/** They stand among the columns above. @param {{ summary: Summary }} props */
function Windows({ summary }) {
  const { length } = summary.windows;
  if (length === 0) return null;
  return (
    <p class="hint" id="windows">
      It looks at the minutes before a row too: {length === 1 ? "one of these is a figure" : `${formatCount(length)} of these are figures`} of them. Windows end with the row: what comes after it is never looked at.
    </p>
  );
}

const MAX_LEFT_OUT = 200;

/** @param {{ summary: Summary }} props */
function LeftOut({ summary }) {
  const { ignored } = summary;
  if (ignored.length === 0) return null;
  return (
    <details class="plain">
      <summary>{plural(ignored.length, "column")} left out</summary>
      <ul>
        {ignored.slice(0, MAX_LEFT_OUT).map(({ name, reason }) => (
          <li key={name}>
            <strong class="user-text">{name}</strong>: {reason}
          </li>
        ))}
        {ignored.length > MAX_LEFT_OUT && <li>and {formatCount(ignored.length - MAX_LEFT_OUT)} more</li>}
      </ul>
    </details>
  );
}
