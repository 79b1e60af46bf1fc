/** The order of a model's terms, and with it of its columns: what surely matters first, what could be chance last. @import { Summary, Term } from "./types" */

/** Twice the standard error: how far a coefficient may be off by chance. @param {Term} term */
export const chanceOf = (term) => (Number.isFinite(term.standardError) ? 2 * term.standardError : 0);

/** @param {Term} term */
export const couldBeChance = (term) => Math.abs(term.coefficient) <= chanceOf(term);

/** @param {Term[]} terms */
export function strongestFirst(terms) {
  return terms.toSorted((a, b) => Number(couldBeChance(a)) - Number(couldBeChance(b)) || Math.abs(b.coefficient) - Math.abs(a.coefficient));
}

/** The columns in the order of their strongest terms, so that the ones worth typing come first. @param {Summary} summary */
export function featuresInOrder({ features, terms }) {
  /** @type {Map<string, number>} */
  const place = new Map();
  strongestFirst(terms).forEach(({ feature }, at) => {
    if (!place.has(feature)) place.set(feature, at);
  });
  const placeOf = (/** @type {string} */ name) => place.get(name) ?? terms.length;
  return features.toSorted((a, b) => placeOf(a.name) - placeOf(b.name));
}
