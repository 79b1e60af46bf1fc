/** Whether the rows of a log still look like those the model learned from. @import { Drift } from "../types" */
import { formatCount, formatPercent, plural } from "../words.js";

/** Columns shown: the farthest moved come first. */
const MAX_COLUMNS = 50;

/** How the engine reads the index. @type {Record<Drift["level"], string>} */
const MOVED = { none: "no", some: "somewhat", much: "much" };

/** @param {{ drift: Drift[] }} props */
export function DriftReport({ drift }) {
  const moved = drift.filter(({ level }) => level !== "none");
  return (
    <div id="drift" role="status">
      <h3 id="drift-title">Whether these rows look like those it learned from</h3>
      {drift.length === 0 && <p>Fewer than 200 rows are too few to tell.</p>}
      {drift.length > 0 && moved.length === 0 && <p>They do: all of {plural(drift.length, "column")} are distributed as in the training rows.</p>}
      {moved.length > 0 && <Moved moved={moved} total={drift.length} />}
    </div>
  );
}

/** @param {{ moved: Drift[], total: number }} props */
function Moved({ moved, total }) {
  const isMuch = moved.some(({ level }) => level === "much");
  return (
    <>
      <p>
        {plural(moved.length, "column")} of {formatCount(total)} moved from the training rows.{isMuch && " The model is asked about something else than it learned: train again on newer rows."}
      </p>
      <div class="scroll" role="region" aria-labelledby="drift-title" tabIndex={0}>
        <table class="drift">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Moved</th>
              <th scope="col" class="number">
                Index
              </th>
              <th scope="col" class="number">
                Outside
              </th>
            </tr>
          </thead>
          <tbody>
            {moved.slice(0, MAX_COLUMNS).map(({ column, level, stabilityIndex, outside }) => (
              <tr key={column} class={`moved-${level}`}>
                <th scope="row" class="user-text">
                  {column}
                </th>
                <td>{MOVED[level]}</td>
                <td class="number">{stabilityIndex.toFixed(2)}</td>
                <td class="number">{outside === 0 ? "none" : formatPercent(outside)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        The farthest moved stand first. The population stability index compares how a column is distributed: below 0.1 is read as no change, from 0.25 on as one that matters. Outside are rows beyond
        the training rows’ range, and words that were not among theirs.
      </p>
    </>
  );
}
