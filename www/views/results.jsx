/** Part 4: how good the model is, on rows it had not seen. @import { ComponentChildren } from "preact" */
/** @import { Evaluation, Figure, Model, Scores, Summary } from "../types" */
import { intervalOf } from "../learned.js";
import { formatCount, formatPercent, formatScore, plural, sentence } from "../words.js";
import { Pager } from "./pager.jsx";
import { Rules } from "./rules.jsx";

/** @param {{ model: Model, children: ComponentChildren }} props */
export function ResultsPart({ model, children }) {
  const { summary, evaluation } = model.predictor;
  return (
    <section id="results" aria-labelledby="results-title" class="part">
      <h2 id="results-title" tabIndex={-1}>
        How good it is
      </h2>
      <p class="origin soft">
        <Origin model={model} />
      </p>
      <p class="verdict">{sentence(evaluation.verdict)}</p>
      {evaluation.tooFewIncidents && (
        <div class="callout" id="too-few">
          <p>These are too few crashes to tell much, however good the figures look.</p>
        </div>
      )}
      {summary.algorithm === "base-rate" && <BaseRate summary={summary} />}
      <Pager evaluation={evaluation} />
      <Rules rules={evaluation.rules} />
      <div class="checked">
        <Confusion evaluation={evaluation} />
        <HowChecked model={model} />
      </div>
      <Figures evaluation={evaluation} />
      {children}
    </section>
  );
}

/** @param {{ model: Model }} props */
function Origin({ model }) {
  const { name, synthetic, seconds, predictor } = model;
  if (seconds === null) return <>Model from the file {name}</>;
  return (
    <>
      {synthetic ? "Learned from the synthetic sample" : `Learned from ${name}`}, {plural(predictor.summary.nRows, "row")}, in {seconds < 0.1 ? "under 0.1" : seconds.toFixed(1)} s
    </>
  );
}

/** Which rows were kept aside. */
const KEPT = { time: "the latest", random: "a random", host: "whole hosts:", incident: "stretches around whole incidents:" };

/** @param {{ model: Model }} props */
function HowChecked({ model }) {
  const { summary, evaluation } = model.predictor;
  const { kind, reason, nTrain, nTest, nLeftOut, positivesTest } = evaluation.split;
  const { means, horizonMinutes } = summary.target;
  const [now, then] = [summary.threshold, evaluation.threshold].map((threshold) => formatPercent(threshold));
  return (
    <div>
      <h3>How this was checked</h3>
      <p>
        On {KEPT[kind]} {plural(nTest, "row")} ({formatPercent(nTest / (nTrain + nTest + nLeftOut))} of the log, {plural(positivesTest, "crash row")} among them), after
        learning from {formatCount(nTrain)} others{nLeftOut > 0 && ` (${plural(nLeftOut, "row")} in between took no part)`}. {sentence(reason)}
        {means === "ahead" && horizonMinutes !== null && ` A crash row is one with a crash within ${plural(horizonMinutes, "minute")} after it.`}
      </p>
      <p>
        {summary.algorithm !== "base-rate" && `It raised the alarm from a probability of ${then}. `}
        {sentence(evaluation.thresholdReason)}
      </p>
      {evaluation.randomSplit !== null && <p>{evaluation.randomSplit.message}</p>}
      {model.isChecked === false && <p>The model you have here then learned from all {formatCount(summary.nRows)} rows; the figures stay those of the check.</p>}
      {now !== then && <p>It raises the alarm from {now} now: among all rows, the share of crashes is another than among those it was checked with.</p>}
      {model.isChecked === true && <p>The model you have here is the one that was checked.</p>}
    </div>
  );
}

/** @param {{ summary: Summary }} props */
function BaseRate({ summary }) {
  return (
    <div class="callout">
      <p>
        Nothing that was tried beat always answering the share of crash rows, so that is what this model does: it says{" "}
        {formatPercent(summary.baseRate)} whatever the metrics are. {sentence(summary.algorithmReason)}
      </p>
      <p>What often helps: more crash rows, metrics taken earlier before the crash, or a metric nearer to the cause.</p>
    </div>
  );
}

/** @param {{ evaluation: Evaluation }} props */
function Confusion({ evaluation }) {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = evaluation.confusion;
  const crashed = truePositives + falseNegatives;
  const quiet = trueNegatives + falsePositives;
  return (
    <div>
      <h3 id="confusion-title">Its alarms, row by row</h3>
      <div class="scroll" role="region" aria-labelledby="confusion-title" tabIndex={0}>
        <table class="confusion">
          <thead>
            <tr>
              <td />
              <th scope="col">It raised the alarm</th>
              <th scope="col">It stayed quiet</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">
                Crashed <small>{plural(crashed, "row")}</small>
              </th>
              <Count n={truePositives} of={crashed} words="crashes caught" tone="good" />
              <Count n={falseNegatives} of={crashed} words="crashes missed" tone="bad" />
            </tr>
            <tr>
              <th scope="row">
                Did not crash <small>{plural(quiet, "row")}</small>
              </th>
              <Count n={falsePositives} of={quiet} words="false alarms" tone="bad" />
              <Count n={trueNegatives} of={quiet} words="rightly quiet" tone="good" />
            </tr>
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** @param {{ n: number, of: number, words: string, tone: "good" | "bad" }} props */
function Count({ n, of, words, tone }) {
  return (
    <td class={`count ${tone}`}>
      <strong>{formatCount(n)}</strong> <span>{words}</span> <small>{of === 0 ? "" : formatPercent(n / of)}</small>
    </td>
  );
}

/**
 * What each figure says to someone who carries a pager. `better` is the direction that is good.
 *
 * @type {{ key: keyof Scores & Figure, name: string, words: string, percent?: true, better: "higher" | "lower" }[]}
 */
const FIGURES = [
  { key: "recall", name: "Recall", words: "Of all crashes, how many it announced.", percent: true, better: "higher" },
  { key: "precision", name: "Precision", words: "Of all its alarms, how many were real. The rest woke somebody for nothing.", percent: true, better: "higher" },
  { key: "f1", name: "F1", words: "Recall and precision in one figure; 1 would be every crash and no false alarm.", better: "higher" },
  { key: "accuracy", name: "Accuracy", words: "Rows it got right. Flatters when crashes are rare: never raising an alarm scores high too.", percent: true, better: "higher" },
  { key: "rocAuc", name: "ROC AUC", words: "Take one crash row and one quiet row: how often the crash row got the higher probability. 0.5 is a coin toss.", better: "higher" },
  { key: "prAuc", name: "PR AUC", words: "Precision averaged over every share of crashes caught. Says more than ROC AUC when crashes are rare.", better: "higher" },
  { key: "logLoss", name: "Log loss", words: "Whether its percentages can be believed: being sure and wrong costs most. Lower is better.", better: "lower" },
  { key: "brier", name: "Brier score", words: "Squared distance between its probability and what happened, on average. Lower is better.", better: "lower" },
];

/** @param {{ evaluation: Evaluation }} props */
function Figures({ evaluation }) {
  return (
    <>
      <h3 id="figures-title">The figures</h3>
      <div class="scroll" role="region" aria-labelledby="figures-title" tabIndex={0}>
        <table class="figures-table">
          <thead>
            <tr>
              <th scope="col">Figure</th>
              <th scope="col" class="number">
                This model
              </th>
              <th scope="col" class="number">
                Always the base rate
              </th>
              <th scope="col" class="compared">
                So it is
              </th>
            </tr>
          </thead>
          {FIGURES.map((figure) => (
            <FigureRows key={figure.key} figure={figure} evaluation={evaluation} />
          ))}
        </table>
      </div>
      <p class="hint">
        “Always the base rate” answers every row with the share of crash rows it learned from: the least a model has to beat. Both were measured on the same rows. Below a figure stands where nine of
        ten draws of stretches of the held-out time lie.
      </p>
      <RowAlone rowAlone={evaluation.rowAlone} />
    </>
  );
}

/** What is left of it without the minutes before a row. @param {{ rowAlone: Evaluation["rowAlone"] }} props */
function RowAlone({ rowAlone }) {
  if (rowAlone === null) return null;
  return (
    <p id="row-alone">
      The model looks at the minutes before a row too. Of a row whose minutes before are not known: ROC AUC {formatScore(rowAlone.rocAuc)}, PR AUC {formatScore(rowAlone.prAuc)}, log loss{" "}
      {formatScore(rowAlone.logLoss, 4)}.
    </p>
  );
}

/** @param {{ figure: typeof FIGURES[number], evaluation: Evaluation }} props */
function FigureRows({ figure, evaluation }) {
  const format = (/** @type {number} */ x) => (figure.percent ? formatPercent(x, 1) : formatScore(x, figure.better === "lower" ? 4 : 3));
  const ours = evaluation.model[figure.key];
  const base = evaluation.baseline[figure.key];
  const interval = intervalOf(evaluation, figure.key);
  return (
    <tbody>
      <tr>
        <th scope="row">{figure.name}</th>
        <td class="number">
          <strong>{ours === null ? "no alarm" : format(ours)}</strong>
          {interval && (
            <small>
              {format(interval.low)} to {format(interval.high)}
            </small>
          )}
        </td>
        <td class="number">{base === null ? <span class="soft">no alarm</span> : format(base)}</td>
        <td class="compared">{compared(ours, base, figure.better)}</td>
      </tr>
      <tr class="words">
        <td colSpan={4}>{figure.words}</td>
      </tr>
    </tbody>
  );
}

/** @param {number | null} ours @param {number | null} base @param {"higher" | "lower"} direction */
function compared(ours, base, direction) {
  if (ours === null || base === null) return "–";
  const gain = direction === "higher" ? ours - base : base - ours;
  if (Math.abs(gain) < 5e-5) return "as good";
  return gain > 0 ? "better" : "worse";
}
