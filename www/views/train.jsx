/** Part 3: training. @import { Job, Problem, Schema, TrainProgress } from "../types" */
import { capitalised, formatCount, formatPercent, plural } from "../words.js";
import { JobProgress } from "./job.jsx";
import { ProblemNote } from "./problem.jsx";

/**
 * @typedef {{ algorithm: string, split: string, threshold: string }} Options
 * @param {{ schema: Schema | null, options: Options, training: Job<TrainProgress> | null, problem: Problem | undefined,
 *   onOptions: (change: Partial<Options>) => void, onTrain: () => void, onCancel: () => void }} props
 */
export function TrainPart({ schema, options, training, problem, onOptions, onTrain, onCancel }) {
  const ready = schema !== null && schema.problem === null;
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    onTrain();
  };
  return (
    <section id="train" aria-labelledby="train-title" class="part">
      <h2 id="train-title">Train</h2>
      {schema !== null && (ready ? <Plan schema={schema} /> : <p class="lead soft">Not yet: one thing above needs your answer first.</p>)}
      <form onSubmit={submit}>
        <div class="actions">
          <button type="submit" disabled={!ready || training !== null}>
            Train
          </button>
          <span class="hint">A fifth of the rows is kept aside, to see how the model does on rows it has not seen.</span>
        </div>
        {training !== null && <Running job={training} onCancel={onCancel} />}
        <ProblemNote problem={problem} id="train-problem" />
        <TrainOptions options={options} onOptions={onOptions} />
      </form>
    </section>
  );
}

/** @param {{ schema: Schema }} props */
function Plan({ schema }) {
  const total = schema.labelValues.reduce((sum, { count }) => sum + count, 0);
  const crashes = schema.labelValues.find(({ value }) => value === schema.positive)?.count ?? 0;
  return (
    <p class="lead">
      Learn when <strong class="user-text">{schema.label}</strong> is <strong class="user-text">{schema.positive}</strong> from <strong>{plural(schema.features.length, "column")}</strong>.{" "}
      <span class="soft">
        {plural(crashes, "row")} of {formatCount(total)} say so ({formatPercent(total === 0 ? null : crashes / total)}).
        {schema.rowsWithoutLabel > 0 && ` ${plural(schema.rowsWithoutLabel, "row")} without a label ${schema.rowsWithoutLabel === 1 ? "is" : "are"} left out.`}
      </span>
    </p>
  );
}

/** @param {{ job: Job<TrainProgress>, onCancel: () => void }} props */
function Running({ job, onCancel }) {
  const { message = "Starting", done = 0, total = 0 } = job.progress ?? {};
  const detail = total > 0 ? formatPercent(done / total) : "";
  return <JobProgress title={capitalised(message)} detail={detail} done={done} total={total} onCancel={onCancel} />;
}

/** @type {[string, string, string][]} */
const ALGORITHMS = [
  ["auto", "automatic", "tries them all, keeps the simplest good one"],
  ["logistic", "logistic regression", "each metric by itself"],
  ["boosting", "boosted trees", "combinations of metrics"],
  ["forest", "random forest", "many trees voting, steady on noisy logs"],
];

/** @param {{ options: Options, onOptions: (change: Partial<Options>) => void }} props */
function TrainOptions({ options, onOptions }) {
  return (
    <details class="plain">
      <summary>Options</summary>
      <div class="roles three">
        <div class="field whole">
          <label for="option-algorithm">Kind of model</label>
          <select id="option-algorithm" value={options.algorithm} onChange={(event) => onOptions({ algorithm: event.currentTarget.value })}>
            {ALGORITHMS.map(([value, name, purpose]) => (
              <option key={value} value={value}>
                {name}: {purpose}
              </option>
            ))}
          </select>
          <p class="hint">Automatic may keep none: when the metrics do not help, the page says so.</p>
        </div>
        <div class="field">
          <label for="option-split">Rows kept aside for checking</label>
          <select id="option-split" value={options.split} onChange={(event) => onOptions({ split: event.currentTarget.value })}>
            <option value="auto">the latest where there is a time, else the best there is</option>
            <option value="time">the latest fifth</option>
            <option value="incident">whole incidents, a fifth of them</option>
            <option value="host">whole hosts, a fifth of them</option>
            <option value="random">a random fifth</option>
          </select>
          <p class="hint">The latest rows are the honest test: a model has to answer for the future.</p>
        </div>
        <div class="field">
          <label for="option-threshold">Alarm from a probability of, in %</label>
          <input
            id="option-threshold"
            type="number"
            min="0"
            max="100"
            step="any"
            placeholder="found from the data"
            value={options.threshold}
            onInput={(event) => onOptions({ threshold: event.currentTarget.value })}
          />
          <p class="hint">Lower catches more crashes and raises more false alarms.</p>
        </div>
      </div>
    </details>
  );
}
