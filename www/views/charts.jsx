/** The ROC, the precision-recall and the reliability curve, each with its table. @import { Evaluation } from "../types" */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { formatCount, formatPercent } from "../words.js";

/** Points kept of a curve: more than a chart of this size can show. */
const MAX_POINTS = 160;

/**
 * `mark` is where its alarms stand, null where it raised none; `end` of both axes; `bins` where every point is one of few.
 *
 * @typedef {{ id: string, title: string, words: string, description: string, xLabel: string, yLabel: string, points: [number, number][],
 *   baseline: [number, number][], mark: [number, number] | null, end?: number, bins?: number[] }} Curve
 * @typedef {(curve: Curve, width: number) => Element} Draw
 */

/** @param {{ evaluation: Evaluation, loadDraw: () => Promise<Draw> }} props */
export function Charts({ evaluation, loadDraw }) {
  const curves = useMemo(() => [rocCurve(evaluation), prCurve(evaluation), reliabilityCurve(evaluation)], [evaluation]);
  return (
    <div class="charts">
      {curves.map((curve) => (
        <CurveFigure key={curve.id} curve={curve} loadDraw={loadDraw} />
      ))}
    </div>
  );
}

/** @param {Evaluation} evaluation @returns {Curve} */
function rocCurve({ roc, confusion, model }) {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
  const raised = truePositives + falsePositives;
  return {
    id: "roc",
    title: "More caught, more false alarms",
    words: "The ROC curve. A lower threshold moves along it to the right. The dashed line is guessing.",
    description: `ROC curve, area ${model.rocAuc.toFixed(3)}; the same figures are in the table below`,
    xLabel: "quiet rows with a false alarm",
    yLabel: "crashes caught",
    points: thin(roc.falsePositiveRate, roc.truePositiveRate),
    baseline: [[0, 0], [1, 1]],
    mark: raised === 0 ? null : [falsePositives / (falsePositives + trueNegatives || 1), truePositives / (truePositives + falseNegatives || 1)],
  };
}

/** @param {Evaluation} evaluation @returns {Curve} */
function prCurve({ pr, confusion, model, split }) {
  const { truePositives, falsePositives, falseNegatives } = confusion;
  const raised = truePositives + falsePositives;
  const rate = split.positivesTest / (split.nTest || 1);
  return {
    id: "pr",
    title: "More caught, fewer alarms right",
    words: "The precision-recall curve. The dashed line is raising an alarm on every row.",
    description: `Precision-recall curve, area ${model.prAuc.toFixed(3)}; the same figures are in the table below`,
    xLabel: "crashes caught",
    yLabel: "alarms that were right",
    points: thin(pr.recall, pr.precision),
    baseline: [[0, rate], [1, rate]],
    mark: raised === 0 ? null : [truePositives / (truePositives + falseNegatives || 1), truePositives / raised],
  };
}

/** @param {Evaluation} evaluation @returns {Curve} */
function reliabilityCurve({ reliability, expectedCalibrationError }) {
  const end = Math.min(1, 1.1 * Math.max(0.01, ...reliability.flatMap(({ predicted, observed }) => [predicted, observed])));
  return {
    id: "reliability",
    title: "What it says, and what happens",
    words: `The reliability curve; on the dashed line what it says is what happens. Its probabilities are off by ${formatPercent(expectedCalibrationError)} on average (expected calibration error).`,
    description: `Reliability curve, expected calibration error ${expectedCalibrationError.toFixed(3)}; the same figures are in the table below`,
    xLabel: "probability it said",
    yLabel: "share that crashed",
    points: reliability.map(({ predicted, observed }) => [predicted, observed]),
    baseline: [[0, 0], [end, end]],
    mark: null,
    end,
    bins: reliability.map(({ nRows }) => nRows),
  };
}

/**
 * Keeps the ends and every point a visible step away from the last one kept.
 *
 * @param {number[]} xs @param {number[]} ys @returns {[number, number][]}
 */
function thin(xs, ys) {
  /** @type {[number, number][]} */
  const kept = [];
  const last = xs.length - 1;
  xs.forEach((x, at) => {
    const before = kept.at(-1);
    const step = before === undefined ? 1 : Math.abs(x - before[0]) + Math.abs(ys[at] - before[1]);
    if (step >= 2 / MAX_POINTS || at === last) kept.push([x, ys[at]]);
  });
  return kept;
}

/** @param {{ curve: Curve, loadDraw: () => Promise<Draw> }} props */
function CurveFigure({ curve, loadDraw }) {
  const host = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    let width = 0;
    let gone = false;
    /** @type {Draw | null} */
    let draw = null;
    const redraw = () => {
      if (gone || draw === null || element.clientWidth === width) return;
      width = element.clientWidth;
      element.replaceChildren(draw(curve, width));
    };
    const resize = new ResizeObserver(redraw);
    void loadDraw().then((loaded) => {
      draw = loaded;
      resize.observe(element);
    });
    return () => {
      gone = true;
      resize.disconnect();
    };
  }, [curve]);
  return (
    <figure class="chart">
      <figcaption>
        <h3>{curve.title}</h3>
        <p class="hint">{curve.words}</p>
      </figcaption>
      <div class="canvas" ref={host} />
      <details class="plain">
        <summary>As a table</summary>
        <div class="scroll short" role="region" aria-label={`${curve.title}, as a table`} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col" class="number">
                  {curve.xLabel}
                </th>
                <th scope="col" class="number">
                  {curve.yLabel}
                </th>
                {curve.bins && (
                  <th scope="col" class="number">
                    rows
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {curve.points.map(([x, y], at) => (
                <tr key={at}>
                  <td class="number">{formatPercent(x)}</td>
                  <td class="number">{formatPercent(y)}</td>
                  {curve.bins && <td class="number">{formatCount(curve.bins[at])}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
