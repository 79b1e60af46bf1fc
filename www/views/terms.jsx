/** The terms of a logistic regression, each with its error. @import { Term } from "../types" */
import { chanceOf, couldBeChance } from "../learned.js";

/** @param {{ terms: Term[] }} props */
export function TermTable({ terms }) {
  const widest = Math.max(...terms.map((term) => Math.abs(term.coefficient) + chanceOf(term)));
  return (
    <>
      <h3 id="terms-title">What it looks at, strongest first</h3>
      <div class="scroll" role="region" aria-labelledby="terms-title" tabIndex={0}>
        <table class="terms">
          <thead>
            <tr>
              <th scope="col">Term</th>
              <th scope="col">Pushes towards</th>
              <th scope="col" class="number">
                Coefficient
              </th>
              <th scope="col" class="number">
                Standard error
              </th>
              <th scope="col" class="number">
                Odds of a crash
              </th>
            </tr>
          </thead>
          <tbody>
            {terms.map((term, at) => (
              <tr key={at}>
                <th scope="row">
                  <span class="user-text">{term.feature}</span> {term.term !== "value" && <span class="soft user-text">{term.term}</span>}
                </th>
                <td>{pushWords(term)}</td>
                <td class="number">
                  <Push term={term} widest={widest} /> {signed(term.coefficient)}
                </td>
                <td class="number">{Number.isFinite(term.standardError) ? `± ${term.standardError.toFixed(3)}` : "–"}</td>
                <td class="number">× {formatOdds(Math.exp(term.coefficient))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        Numbers are measured in their own standard deviations, so the terms compare: the last column is what one standard deviation more, or having the value, does to the odds of a crash,
        all else being equal. A coefficient within twice its standard error of zero could be chance; the thin line shows that range.
      </p>
    </>
  );
}

/** @param {Term} term */
function pushWords(term) {
  if (couldBeChance(term)) return <span class="soft">could be chance</span>;
  return <strong>{term.coefficient > 0 ? "a crash" : "no crash"}</strong>;
}

/** @param {number} x */
const signed = (x) => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(3)}`;

/** @param {number} odds */
const formatOdds = (odds) => (odds >= 1000 ? "1000 or more" : odds < 0.01 ? "0.01 or less" : odds.toPrecision(odds < 0.1 ? 2 : 3));

/** The coefficient as a bar from zero, with twice its standard error either way. @param {{ term: Term, widest: number }} props */
function Push({ term, widest }) {
  const x = (/** @type {number} */ value) => 60 + (Math.max(-widest, Math.min(widest, value)) / (widest || 1)) * 58;
  const { coefficient } = term;
  const [from, to] = [x(Math.min(0, coefficient)), x(Math.max(0, coefficient))];
  return (
    <svg class={`bar ${coefficient > 0 ? "up" : "down"}`} viewBox="0 0 120 14" width="120" height="14" aria-hidden="true">
      <line class="axis" x1="60" x2="60" y1="0" y2="14" />
      <rect x={from} width={Math.max(1, to - from)} y="3" height="8" rx="1" />
      <line class="whisker" x1={x(coefficient - chanceOf(term))} x2={x(coefficient + chanceOf(term))} y1="7" y2="7" />
    </svg>
  );
}
