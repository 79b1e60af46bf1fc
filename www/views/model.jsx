/** Part 7: the model as a file. @import { Model, Problem, Summary } from "../types" */
import { chosenOf } from "../learned.js";
import { formatCount, formatNumber, formatPercent, nameOfAlgorithm } from "../words.js";
import { ProblemNote } from "./problem.jsx";

/**
 * @param {{ model: Model, problem: Problem | undefined, onSave: () => void, onExport: () => void, onLoad: (file: File) => void }} props
 */
export function ModelPart({ model, problem, onSave, onExport, onLoad }) {
  const onChange = (/** @type {Event & { currentTarget: HTMLInputElement }} */ event) => {
    const file = event.currentTarget.files?.[0];
    event.currentTarget.value = ""; // so that the same file can be chosen again
    if (file !== undefined) onLoad(file);
  };
  return (
    <section id="model" aria-labelledby="model-title" class="part">
      <h2 id="model-title">Keep the model</h2>
      <p class="lead">
        The file holds everything above: what was learned, the threshold and the figures. No row of your log is in it, only names of columns, ranges, and the values of categories. Drop it on
        this page again, or give it to the npm package <code>crash-predictor</code>.
      </p>
      <div class="actions">
        <button type="button" onClick={onSave}>
          Save the model
        </button>
        <button type="button" class="quiet" onClick={onExport}>
          Export as JSON
        </button>
        <label class="button quiet file" for="model-file">
          Load another model
          <input type="file" id="model-file" accept=".crashmodel" onChange={onChange} />
        </label>
      </div>
      <ProblemNote problem={problem} id="model-problem" />
      <Facts model={model} />
    </section>
  );
}

/** @param {Summary} summary */
function goalOf({ label, positive, target }) {
  const said = `${label} = ${positive}`;
  return target.horizonMinutes === null ? said : `${said}, ${formatNumber(target.horizonMinutes)} minutes ahead`;
}

/** @param {{ model: Model }} props */
function Facts({ model }) {
  const { summary } = model.predictor;
  const setting = chosenOf(summary)?.setting ?? "";
  /** @type {[string, string][]} */
  const facts = [
    ["Kind", `${nameOfAlgorithm(summary.algorithm)}${setting === "" ? "" : `: ${setting}`}`],
    ["Predicts", goalOf(summary)],
    ["Learned from", `${formatCount(summary.nRows)} rows, ${formatPercent(summary.baseRate)} of them crashes`],
    ["Columns used", formatCount(summary.features.length)],
    ["Alarm from", formatPercent(summary.threshold)],
    ["Seed", String(summary.seed)],
    ["Made by", `crash-predictor ${summary.version}`],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="user-text">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
