/** What a model learned, in the order in which it matters. @import { Evaluation, Feature, Figure, Summary, Term } from "./types" */

/** Twice the standard error: how far a coefficient may be off by chance. @param {Term} term */
export const chanceOf = (term) => (Number.isFinite(term.standardError) ? 2 * term.standardError : 0);

/** @param {Term} term */
export const couldBeChance = (term) => Math.abs(term.coefficient) <= chanceOf(term);

/** What surely matters first, what could be chance last. @param {Term[]} terms */
export function strongestFirst(terms) {
  return terms.toSorted((a, b) => Number(couldBeChance(a)) - Number(couldBeChance(b)) || Math.abs(b.coefficient) - Math.abs(a.coefficient));
}

/** What has a share in what the trees' splits gained, the largest first: columns, and what was seen of the minutes before a row. @param {Summary} summary */
export function importances({ features, windows }) {
  const shares = [...features, ...windows].flatMap(({ name, importance }) => (importance === null ? [] : [{ name, importance }]));
  return shares.some(({ importance }) => importance > 0) ? shares.toSorted((a, b) => b.importance - a.importance) : [];
}

/** Where nine of ten draws of a figure lie; undefined where many have none. @param {Evaluation} evaluation @param {Figure} figure */
export const intervalOf = ({ intervals }, figure) => intervals.find((interval) => interval.figure === figure);

/** The candidate that was taken. @param {Summary} summary */
export const chosenOf = ({ candidates }) => candidates.find(({ chosen }) => chosen);

/** The columns in the order of their strongest terms or their importance, so that the ones worth typing come first. @param {Summary} summary */
export function featuresInOrder({ features, terms }) {
  const weight = (/** @type {Feature} */ { importance }) => importance ?? 0;
  if (terms.length === 0) return features.toSorted((a, b) => weight(b) - weight(a));
  /** @type {Map<string, number>} */
  const place = new Map();
  strongestFirst(terms).forEach(({ feature }, at) => {
    if (!place.has(feature)) place.set(feature, at);
  });
  const placeOf = (/** @type {string} */ name) => place.get(name) ?? terms.length;
  return features.toSorted((a, b) => placeOf(a.name) - placeOf(b.name));
}
