/** Part 3: training. @import { Ahead, Choices, Job, Options, Problem, Schema, TrainProgress } from "../types" */
import { capitalised, formatCount, formatNumber, formatPercent, plural, sentence } from "../words.js";
import { Goal } from "./goal.jsx";
import { JobProgress } from "./job.jsx";
import { TrainOptions } from "./options.jsx";
import { ProblemNote } from "./problem.jsx";

/**
 * @param {{ schema: Schema | null, ahead: Ahead, choices: Choices, options: Options, training: Job<TrainProgress> | null, problem: Problem | undefined,
 *   onAim: (change: import("./goal.jsx").Aim) => void, onMeans: (means: "down-now" | "ahead") => void, onOptions: (change: Partial<Options>) => void,
 *   onTrain: () => void, onCancel: () => void }} props
 */
export function TrainPart({ schema, ahead, choices, options, training, problem, onAim, onMeans, onOptions, onTrain, onCancel }) {
  const ready = schema !== null && schema.problem === null;
  const ofRule = isOfRule(problem, options);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    onTrain();
  };
  return (
    <section id="train" aria-labelledby="train-title" class="part">
      <h2 id="train-title">Train</h2>
      {schema !== null && (ready ? <Plan schema={schema} isListed={choices.incidents !== undefined} /> : <p class="lead soft">Not yet: one thing needs your answer first.</p>)}
      <form onSubmit={submit} noValidate>
        {schema !== null && <Goal schema={schema} ahead={ahead} choices={choices} onAim={onAim} onMeans={onMeans} />}
        <TodaysRule rule={options.rule} problem={ofRule ? problem : undefined} onOptions={onOptions} />
        <TrainOptions options={options} onOptions={onOptions} />
        {schema !== null && <FewCrashes schema={schema} />}
        <div class="actions">
          <button type="submit" disabled={!ready || training !== null}>
            Train
          </button>
          <span class="hint">A fifth of the rows is kept aside, to see how the model does on rows it has not seen.</span>
        </div>
        {training !== null && <Running job={training} onCancel={onCancel} />}
        <ProblemNote problem={ofRule ? undefined : problem} id="train-problem" />
      </form>
    </section>
  );
}

/** A column of another name than the log's can only stand in the rule: the roles were understood before. @param {Problem | undefined} problem @param {Options} options */
const isOfRule = (problem, { rule }) => problem?.code === "BadRule" || (problem?.code === "UnknownColumn" && rule.trim() !== "");

/** @param {{ schema: Schema, isListed: boolean }} props */
function Plan({ schema, isListed }) {
  const { label, positive, features, target, incidents } = schema;
  const total = schema.labelValues.reduce((sum, { count }) => sum + count, 0);
  const rows = schema.labelValues.find(({ value }) => value === positive)?.count ?? 0;
  const crashes = incidents !== null && plural(incidents, "crash", "crashes");
  const horizon = target?.horizonMinutes ?? null;
  const goal = target?.means === "ahead" ? `a crash comes within ${horizon === null ? "the minutes" : `${formatNumber(horizon)} minutes`} after it` : "a server is down";
  return (
    <p class="lead">
      Learn from <strong>{plural(features.length, "column")}</strong> of a row whether {goal}.{" "}
      <span class="soft">
        {isListed ? (
          `The list has ${crashes} of this log.`
        ) : (
          <>
            <strong class="user-text">{label}</strong> is <strong class="user-text">{positive}</strong> in {plural(rows, "row")} of {formatCount(total)} ({formatPercent(total === 0 ? null : rows / total)})
            {crashes && `: ${crashes}`}.
          </>
        )}
        {schema.rowsWithoutLabel > 0 && !isListed && ` ${plural(schema.rowsWithoutLabel, "row")} without a label ${schema.rowsWithoutLabel === 1 ? "is" : "are"} left out.`}
      </span>
    </p>
  );
}

/** Said before the work, not after it. @param {{ schema: Schema }} props */
function FewCrashes({ schema }) {
  if (!schema.tooFewIncidents) return null;
  return (
    <div class="callout" id="few-crashes">
      <p>{sentence(schema.remarks.at(-1) ?? "")}</p>
    </div>
  );
}

/** @param {{ rule: string, problem: Problem | undefined, onOptions: (change: Partial<Options>) => void }} props */
function TodaysRule({ rule, problem, onOptions }) {
  return (
    <div class="field whole">
      <label for="option-rule">Your alert rule of today, if there is one</label>
      <input
        id="option-rule"
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder="cpu_pct > 90 and latency_ms > 200"
        value={rule}
        aria-invalid={problem !== undefined || undefined}
        aria-describedby={problem === undefined ? "option-rule-hint" : "rule-problem"}
        onInput={(event) => onOptions({ rule: event.currentTarget.value })}
      />
      <ProblemNote problem={problem} id="rule-problem" />
      <p class="hint" id="option-rule-hint">
        It is compared with the model at the same number of pages. Names of columns, signs, <code>and</code>, <code>or</code>, <code>not</code>, parentheses.
      </p>
    </div>
  );
}

/** @param {{ job: Job<TrainProgress>, onCancel: () => void }} props */
function Running({ job, onCancel }) {
  const { message = "Starting", done = 0, total = 0 } = job.progress ?? {};
  const detail = total > 0 ? formatPercent(done / total) : "";
  return <JobProgress title={capitalised(message)} detail={detail} done={done} total={total} onCancel={onCancel} />;
}
