/** The formulas of an exported document, written out: probabilities without the engine. */

/**
 * @param {any} document
 * @param {Record<string, string>} row  cells as the log spells them; empty where missing
 */
export function recompute({ model, summary, calibration }, row) {
  const probability = ofModel({ model, summary }, row);
  return calibration === null ? probability : calibrated(calibration, probability);
}

/** @param {any} calibration @param {number} p */
function calibrated({ nRows, shape, trust, intercept }, p) {
  const odds = Math.log((p * nRows + 0.5) / ((1 - p) * nRows + 0.5));
  const sum = intercept + trust * shaped(shape, odds);
  return 1 / (1 + Math.exp(-Math.min(30, Math.max(-30, sum))));
}

/** @param {any} shape @param {number} odds */
function shaped(shape, odds) {
  if (shape.platt) return shape.platt.intercept + shape.platt.slope * odds;
  if (!shape.isotonic) return odds;
  const points = shape.isotonic;
  const after = points.findIndex((/** @type {number[]} */ [from = 0]) => from > odds);
  if (after === 0) return points[0][1] - 0.01 * (points[0][0] - odds);
  const [x0, y0] = points.at(after < 0 ? -1 : after - 1);
  if (after < 0) return y0 + 0.01 * (odds - x0);
  const [x1, y1] = points[after];
  return y0 + ((y1 - y0) * (odds - x0)) / (x1 - x0);
}

/**
 * @param {any} document
 * @param {Record<string, string>} row
 */
function ofModel({ model, summary }, row) {
  /** @type {Map<string, any>} */
  const features = new Map(summary.features.map((/** @type {any} */ feature) => [feature.name, feature]));
  const cellOf = (/** @type {string} */ name) => ({ cell: row[name] ?? "", feature: features.get(name) });
  if (model.algorithm === "logistic") return ofTerms(model, cellOf);
  const sum = model.trees.reduce((/** @type {number} */ total, /** @type {any} */ tree) => total + leafOf(tree, cellOf), 0);
  return model.algorithm === "boosting" ? 1 / (1 + Math.exp(-(model.base + sum))) : sum / model.trees.length;
}

/** @typedef {(name: string) => { cell: string, feature: any }} CellOf */

/** True is 1, false is 0. @param {string} cell @param {any} feature */
const numberOf = (cell, { kind, levels }) =>
  kind === "boolean" ? levels.findIndex((/** @type {any} */ { value }) => value === cell) : Number(cell);

/** @param {any} feature @param {string} cell */
const isLevel = ({ levels }, cell) => levels.some((/** @type {any} */ { value }) => value === cell);

/** @param {any} model @param {CellOf} cellOf */
function ofTerms({ intercept, terms }, cellOf) {
  const x = (/** @type {any} */ { feature: name, kind, fill, mean, std, level }) => {
    const { cell, feature } = cellOf(name);
    if (kind === "value") return ((cell === "" ? fill : numberOf(cell, feature)) - mean) / std;
    if (kind === "missing") return cell === "" ? 1 : 0;
    if (kind === "level") return cell === level ? 1 : 0;
    return cell !== "" && !isLevel(feature, cell) ? 1 : 0;
  };
  const z = terms.reduce(
    (/** @type {number} */ sum, /** @type {any} */ term) => sum + term.coefficient * x(term),
    intercept,
  );
  return 1 / (1 + Math.exp(-z));
}

/** @param {any} tree @param {CellOf} cellOf */
function leafOf({ splits, leaves }, cellOf) {
  let at = splits.length === 0 ? -1 : 0;
  while (at >= 0) at = goesLeft(splits[at], cellOf(splits[at].feature)) ? splits[at].left : splits[at].right;
  return leaves[-at - 1];
}

/** @param {any} split @param {ReturnType<CellOf>} answer */
function goesLeft({ upTo, levels, others, present, missing }, { cell, feature }) {
  if (cell === "") return missing === "left";
  if (upTo !== undefined) return numberOf(cell, feature) <= upTo;
  if (levels !== undefined) return levels.includes(cell) || (others && !isLevel(feature, cell));
  return present;
}
