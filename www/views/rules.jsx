/** Alert rules beside the model, at the same number of pages. @import { Evaluation, RuleScores } from "../types" */
import { formatCount, plural } from "../words.js";

/** @param {{ rules: Evaluation["rules"] }} props */
export function Rules({ rules }) {
  if (rules.length === 0) return null;
  const inPages = rules.every(({ incidents, modelIncidents }) => incidents !== null && modelIncidents !== null);
  return (
    <>
      <h3 id="rules-title">Beside alert rules, at the same number of {inPages ? "pages" : "alarms"}</h3>
      <div class="scroll" role="region" aria-labelledby="rules-title" tabIndex={0}>
        <table class="rules">
          <thead>
            <tr>
              <td />
              <th scope="col" class="number">
                {inPages ? "Crashes caught" : "Crash rows caught"}
              </th>
              <th scope="col" class="number">
                {inPages ? "Pages for nothing" : "False alarms"}
              </th>
            </tr>
          </thead>
          {rules.map((rule) => (
            <RuleRows key={rule.origin} rule={rule} />
          ))}
        </table>
      </div>
      <p class="hint">Who raises more alarms catches more crashes; so the model is measured at the threshold from which on it raises at most as many as the rule.</p>
    </>
  );
}

/** @param {{ rule: RuleScores }} props */
function RuleRows({ rule }) {
  const { text, origin, confusion, incidents, modelConfusion, modelIncidents, message } = rule;
  return (
    <tbody>
      <RuleRow name={origin === "yours" ? "Your rule" : "The best rule of at most three conditions"} text={text} confusion={confusion} incidents={incidents} />
      <RuleRow name="The model" text={null} confusion={modelConfusion} incidents={modelIncidents} />
      <tr class="words">
        <td colSpan={3}>{message}</td>
      </tr>
    </tbody>
  );
}

/** @param {{ name: string, text: string | null, confusion: Evaluation["confusion"], incidents: Evaluation["incidents"] }} props */
function RuleRow({ name, text, confusion, incidents }) {
  const { truePositives, falsePositives, falseNegatives } = confusion;
  const caught = incidents === null ? [truePositives, truePositives + falseNegatives] : [incidents.caught, incidents.incidents];
  return (
    <tr>
      <th scope="row">
        {name}
        {text !== null && <code class="rule-text user-text">{text}</code>}
      </th>
      <td class="number">
        <strong>{formatCount(caught[0])}</strong> of {formatCount(caught[1])}
      </td>
      <td class="number">
        {incidents === null ? formatCount(falsePositives) : <>{formatCount(incidents.falsePages)} of {plural(incidents.pages, "page")}</>}
      </td>
    </tr>
  );
}
