/** What was tried, how each did, and which was chosen. @import { Candidate, Summary } from "../types" */
import { chosenOf } from "../learned.js";
import { capitalised, formatScore, nameOfAlgorithm, sentence } from "../words.js";

/** @param {{ summary: Summary }} props */
export function Tried({ summary }) {
  const { algorithm, algorithmReason, candidates, candidateSeconds } = summary;
  if (candidates.length === 0) return null;
  const chosen = chosenOf(summary);
  const range = rangeOf(candidates);
  const compared = candidates.some((candidate) => candidate.algorithm !== algorithm && candidate.algorithm !== "base-rate");
  return (
    <>
      <h3 id="tried-title">What was tried</h3>
      <div class="scroll" role="region" aria-labelledby="tried-title" tabIndex={0}>
        <table class="tried">
          <thead>
            <tr>
              <th scope="col">Kind of model, simplest first</th>
              <th scope="col" class="number">
                Log loss
              </th>
              <th scope="col" class="number">
                Spread
              </th>
              {candidateSeconds && (
                <th scope="col" class="number">
                  Time
                </th>
              )}
              <th scope="col" class="number">
                Size
              </th>
              <td class="share" />
            </tr>
          </thead>
          <tbody>
            {candidates.map((candidate, at) => (
              <tr key={at} class={candidate === chosen ? "chosen" : ""}>
                <th scope="row">
                  {capitalised(nameOfAlgorithm(candidate.algorithm))} {candidate === chosen && <span class="tag">chosen</span>}
                  {candidate.setting !== "" && <small class="soft">{candidate.setting}</small>}
                </th>
                <td class="number">{formatScore(candidate.logLoss, 4)}</td>
                <td class="number">± {formatScore(candidate.spread, 4)}</td>
                {candidateSeconds && <td class="number">{formatScore(candidateSeconds[at] ?? 0, 1)} s</td>}
                <td class="number">{formatScore(candidate.modelBytes / 1000, candidate.modelBytes < 10_000 ? 1 : 0)} kB</td>
                <td class="share">
                  <Loss candidate={candidate} range={range} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        {compared || algorithm === "base-rate"
          ? "Lower is better. Chosen is the simplest whose log loss is within one standard error of the lowest; the error is that of the difference between the two."
          : `${sentence(algorithmReason)} ${candidates.length > 2 ? "Of its settings the one with the lower log loss was taken; always" : "Always"} the base rate is there to compare.`}{" "}
        Measured by cross-validation inside the rows it learned from; the rows kept aside took no part in the choice.
      </p>
    </>
  );
}

/** @param {Candidate[]} candidates @returns {[number, number]} */
function rangeOf(candidates) {
  return [Math.min(...candidates.map(({ logLoss, spread }) => logLoss - spread)), Math.max(...candidates.map(({ logLoss, spread }) => logLoss + spread))];
}

/** The log loss as a point, with its spread either way, on the scale all share. @param {{ candidate: Candidate, range: [number, number] }} props */
function Loss({ candidate, range }) {
  const [low, high] = range;
  const x = (/** @type {number} */ loss) => `${4 + (92 * (loss - low)) / (high - low || 1)}%`;
  const { logLoss, spread } = candidate;
  return (
    <svg class="bar even" width="100%" height="14" aria-hidden="true">
      <line class="axis" x1="4%" x2="96%" y1="7" y2="7" />
      <line class="whisker" x1={x(logLoss - spread)} x2={x(logLoss + spread)} y1="7" y2="7" />
      <circle cx={x(logLoss)} cy="7" r="4" />
    </svg>
  );
}
