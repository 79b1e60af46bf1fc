/** How much each column, and the minutes before a row, tell the trees of a model. */
import { formatPercent } from "../words.js";

/** @param {{ shares: { name: string, importance: number }[] }} props the largest first */
export function ImportanceTable({ shares }) {
  const largest = shares[0]?.importance || 1;
  return (
    <>
      <h3 id="importances-title">What it looks at, strongest first</h3>
      <div class="scroll" role="region" aria-labelledby="importances-title" tabIndex={0}>
        <table class="importances">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col" class="number">
                Importance
              </th>
              <td class="share" />
            </tr>
          </thead>
          <tbody>
            {shares.map(({ name, importance }) => (
              <tr key={name}>
                <th scope="row">
                  <span class="user-text">{name}</span>
                </th>
                <td class="number">{formatPercent(importance, 1)}</td>
                <td class="share">
                  <Share of={importance / largest} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        The importance of a column is its share in what all the splits of the trees gained. It says that the trees go by the column, not in which direction, nor that it causes a crash; columns of
        many different values are favoured a little.
      </p>
    </>
  );
}

/** @param {{ of: number }} props share of the widest bar */
function Share({ of }) {
  return (
    <svg class="bar even" viewBox="0 0 100 8" preserveAspectRatio="none" width="100%" height="8" aria-hidden="true">
      <rect width={of > 0 ? Math.max(0.5, 100 * of) : 0} height="8" />
    </svg>
  );
}
