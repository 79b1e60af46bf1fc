/** The formulas of an exported document, written out: probabilities without the engine. */

/**
 * @param {any} document
 * @param {Record<string, string>} row  cells as the log spells them; empty where missing
 */
export function recompute({ model, summary }, row) {
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
