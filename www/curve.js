/** The charts: the only file that knows Observable Plot. Loaded when the first chart is shown. @import { Curve } from "./views/charts.jsx" */
import { areaY, axisX, axisY, dot, gridX, gridY, line, lineY, plot, text } from "@observablehq/plot";

/** The words stand under the curve, where nothing else does. @param {string} id @param {[number, number]} mark @returns {{ dx: number, dy: number, textAnchor: "start" | "end" }} */
function besideMark(id, [x, y]) {
  const left = id === "pr" ? x > 0.25 : x > 0.7;
  return { dx: left ? -10 : 10, dy: y > 0.12 ? 14 : -12, textAnchor: left ? "end" : "start" };
}

/**
 * Draws a curve over the unit square, or the part of it that the curve needs. Colours are the page's own custom properties, so that the chart follows the theme.
 *
 * @param {Curve} curve
 * @param {number} width in CSS pixels
 * @returns {Element}
 */
export function drawCurve(curve, width) {
  const size = Math.max(220, Math.min(width, 460));
  const alarms = curve.mark === null ? [] : [curve.mark];
  const { end = 1, bins } = curve;
  const percent = (/** @type {number} */ x) => `${Number((x * 100).toPrecision(3))} %`;
  const ticks = { ticks: end === 1 ? [0, 0.25, 0.5, 0.75, 1] : 5, tickFormat: percent };
  const drawn = plot({
    className: "plot",
    ariaLabel: curve.description,
    width: size,
    height: Math.round(size * 0.82),
    marginLeft: 52,
    marginBottom: 46,
    marginTop: 26,
    marginRight: 24,
    x: { domain: [0, end] },
    y: { domain: [0, end] },
    marks: [
      gridX({ ticks: ticks.ticks, stroke: "var(--line)", strokeOpacity: 1 }),
      gridY({ ticks: ticks.ticks, stroke: "var(--line)", strokeOpacity: 1 }),
      axisX({ ...ticks, label: curve.xLabel, labelAnchor: "center", labelOffset: 38, labelArrow: "none", tickSize: 0, fill: "var(--ink-soft)" }),
      axisY({ ...ticks, label: curve.yLabel, labelArrow: "none", tickSize: 0, fill: "var(--ink-soft)" }),
      line(curve.baseline, { stroke: "var(--ink-soft)", strokeDasharray: "3 4" }),
      bins ? dot(curve.points, { x: "0", y: "1", r: 3.5, fill: "var(--accent)" }) : areaY(curve.points, { x: "0", y1: 0, y2: "1", fill: "var(--accent)", fillOpacity: 0.1 }),
      lineY(curve.points, { x: "0", y: "1", stroke: "var(--accent)", strokeWidth: 2 }),
      dot(alarms, { x: "0", y: "1", r: 5, fill: "var(--alarm)", stroke: "var(--panel)", strokeWidth: 2 }),
      text(alarms, {
        x: "0",
        y: "1",
        text: () => "its alarms",
        ...(curve.mark === null ? {} : besideMark(curve.id, curve.mark)),
        fill: "var(--ink)",
        stroke: "var(--panel)",
        strokeWidth: 4,
      }),
    ],
  });
  // One picture with one name: Plot names the marks too, which a group without a role may not have.
  drawn.setAttribute("role", "img");
  for (const mark of drawn.querySelectorAll("g[aria-label]")) mark.removeAttribute("aria-label");
  return drawn;
}
