/** When somebody would have been paged, of a log that was scored. @import { Page } from "../types" */
import { formatCount, formatProbability, plural } from "../words.js";

/** Pages shown: the first, in the order of the log. */
const MAX_SHOWN = 20;

/** @param {{ pages: Page[], total: number, rule: { needed: number, of: number } }} props  `pages` may be the first of them only */
export function Pages({ pages, total, rule: { needed, of } }) {
  const shown = pages.slice(0, MAX_SHOWN);
  return (
    <div id="pages" role="status">
      <h3 id="pages-title">When somebody would be paged</h3>
      <p>
        {total === 0 ? "Never" : plural(total, "time")}: when {formatCount(needed)} of a server’s last {plural(of, "row")} are over the threshold, and not again while it stays so.
        {total > shown.length && ` The first ${formatCount(shown.length)} are shown.`}
      </p>
      {shown.length > 0 && (
        <div class="scroll" role="region" aria-labelledby="pages-title" tabIndex={0}>
          <table class="seen">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Server</th>
                <th scope="col" class="number">
                  Probability
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ time, host, probability }, at) => (
                <tr key={at}>
                  <td class="user-text">{time ?? "–"}</td>
                  <td class="user-text">{host || "–"}</td>
                  <td class="number">{formatProbability(probability)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
