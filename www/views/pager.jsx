/** What the model would have done for those who carry the pager. @import { Evaluation, Figure } from "../types" */
import { intervalOf } from "../learned.js";
import { formatCount, formatNumber, formatPercent, plural } from "../words.js";

/** @param {{ evaluation: Evaluation }} props */
export function Pager({ evaluation }) {
  const { incidents: scores, alarmRule } = evaluation;
  if (scores === null) return null;
  const { incidents, caught, warningMinutes, pages, falsePages, falsePagesPerWeek, pagePrecision } = scores;
  const { needed, of, mergeMinutes } = alarmRule;
  const share = (/** @type {number} */ x) => formatPercent(x);
  const inFigures = (/** @type {number} */ x) => formatNumber(round(x));
  return (
    <>
      <h3 id="pager-title">What that means for those who carry the pager</h3>
      <dl class="tiles" aria-labelledby="pager-title">
        <Tile name="Crashes caught" figure={formatCount(caught)} beside={`of ${formatCount(incidents)}`}>
          {incidents > 0 && formatPercent(caught / incidents)}
          <Likely evaluation={evaluation} figure="caughtShare" format={share} />
        </Tile>
        <Tile name="Median warning" figure={warningMinutes === null ? "–" : inFigures(warningMinutes.median)} beside={warningMinutes === null ? "" : "minutes ahead"}>
          {warningMinutes !== null && `quartiles ${inFigures(warningMinutes.lower)} and ${inFigures(warningMinutes.upper)}`}
          <Likely evaluation={evaluation} figure="medianWarning" format={inFigures} />
        </Tile>
        <Tile name="Pages for nothing" figure={falsePagesPerWeek.toFixed(1)} beside="a week">
          {`${formatCount(falsePages)} of ${plural(pages, "page")}`}
          <Likely evaluation={evaluation} figure="falsePagesPerWeek" format={(x) => x.toFixed(1)} />
        </Tile>
        <Tile name="Pages that belong to a crash" figure={pagePrecision === null ? "–" : formatPercent(pagePrecision)} beside="">
          {pagePrecision === null && "nobody was paged"}
          <Likely evaluation={evaluation} figure="pagePrecision" format={share} />
        </Tile>
      </dl>
      <p class="hint">
        A page needs {formatCount(needed)} of a server’s last {plural(of, "row")} over the threshold; alarms within {formatNumber(mergeMinutes)} minutes are one.{" "}
        {warningMinutes !== null && warningMinutes.lower < 0 && "A warning below 0 came after the crash. "}
        {evaluation.intervals.length > 0 && "Likely: where nine of ten draws of stretches of the held-out time lie (block bootstrap)."}
      </p>
    </>
  );
}

/** Minutes need no more than one decimal. @param {number} x */
const round = (x) => Math.round(x * 10) / 10;

/** @param {{ name: string, figure: string, beside: string, children: import("preact").ComponentChildren }} props */
function Tile({ name, figure, beside, children }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{figure}</strong> {beside}
        <small>{children}</small>
      </dd>
    </div>
  );
}

/** @param {{ evaluation: Evaluation, figure: Figure, format: (x: number) => string }} props */
function Likely({ evaluation, figure, format }) {
  const interval = intervalOf(evaluation, figure);
  if (interval === undefined) return null;
  return (
    <span class="likely">
      likely {format(interval.low)} to {format(interval.high)}
    </span>
  );
}
