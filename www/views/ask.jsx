/** Part 5: type metrics, read the answer. @import { ComponentChildren } from "preact" @import { Feature, Model, Prediction, Problem } from "../types" */
import { featuresInOrder } from "../learned.js";
import { formatCount, formatNumber, formatPercent, formatProbability, formatScore, plural, sentence } from "../words.js";
import { ProblemNote } from "./problem.jsx";

/** Categories with more levels than this are typed, not picked. */
const MAX_LEVELS = 100;

/**
 * @param {{ model: Model, answers: Map<string, string>, prediction: Prediction | null, problem: Problem | undefined, shown: number,
 *   onAnswer: (feature: string, text: string) => void, onTypical: () => void, onUnknown: () => void, onMore: (count: number) => void,
 *   children: ComponentChildren }} props
 */
export function AskPart({ model, answers, prediction, problem, shown, onAnswer, onTypical, onUnknown, onMore, children }) {
  const features = featuresInOrder(model.predictor.summary);
  const visible = features.slice(0, shown);
  const warned = new Set(prediction?.warnings.map((warning) => warning.column));
  return (
    <section id="ask" aria-labelledby="ask-title" class="part">
      <h2 id="ask-title">Ask about one server</h2>
      {model.predictor.summary.algorithm === "base-rate" ? (
        <p class="lead">This model always answers the share of crash rows it learned from, whatever you type.</p>
      ) : (
        <p class="lead">Type the metrics of a server. Leave a field empty where you do not know: the model copes. It starts with a typical row: medians and the most frequent values.</p>
      )}
      <Reach model={model} />
      <form class="ask" onSubmit={(event) => event.preventDefault()}>
        <div class="stack">
          <div class="fields">
            {visible.map((feature, at) => (
              <Field key={feature.name} id={`ask-${at}`} feature={feature} text={answers.get(feature.name) ?? ""} warned={warned.has(feature.name)} onAnswer={onAnswer} />
            ))}
          </div>
          <div class="actions">
            {visible.length < features.length && (
              <button type="button" class="quiet" onClick={() => onMore(shown + 48)}>
                Show {formatCount(Math.min(48, features.length - shown))} more of {plural(features.length, "metric")}
              </button>
            )}
            <button type="button" class="quiet" onClick={onTypical}>
              A typical row
            </button>
            <button type="button" class="quiet" onClick={onUnknown}>
              All unknown
            </button>
          </div>
        </div>
        <div class="answer-column">
          <Answer prediction={prediction} />
          <div class="stack">
            <Warnings prediction={prediction} />
            <ProblemNote problem={problem} id="ask-problem" />
          </div>
        </div>
      </form>
      {children}
    </section>
  );
}

/** How far ahead the answer looks, and what it does without the minutes before the row. @param {{ model: Model }} props */
function Reach({ model }) {
  const { summary, evaluation } = model.predictor;
  const { means, horizonMinutes } = summary.target;
  return (
    <>
      {means === "ahead" && horizonMinutes !== null && <p class="hint">The answer is about the {formatNumber(horizonMinutes)} minutes after the row.</p>}
      {summary.windows.length > 0 && evaluation.rowAlone !== null && (
        <p class="hint">
          Where the minutes before it are not known, a row is judged by itself: the ROC AUC is then {formatScore(evaluation.rowAlone.rocAuc)}, where whole logs reach {formatScore(evaluation.model.rocAuc)}. Say them under “Row
          after row”, or score a log below.
        </p>
      )}
    </>
  );
}

/** @param {{ id: string, feature: Feature, text: string, warned: boolean, onAnswer: (feature: string, text: string) => void }} props */
function Field({ id, feature, text, warned, onAnswer }) {
  const { name, kind, unit, levels } = feature;
  const attributes = { id, "aria-describedby": `${id}-hint` };
  const onEdit = (/** @type {Event & { currentTarget: HTMLInputElement | HTMLSelectElement }} */ event) => onAnswer(name, event.currentTarget.value);
  return (
    <div class={`field${warned ? " warned" : ""}`}>
      <label for={id}>
        <span class="user-text">{name}</span> {unit !== null && <span class="soft">{unit}</span>}
      </label>
      {kind === "number" && <input {...attributes} type="number" step="any" placeholder="unknown" value={text} onInput={onEdit} />}
      {kind !== "number" && levels.length <= MAX_LEVELS && (
        <select {...attributes} value={text} onChange={onEdit}>
          <option value="">unknown / other</option>
          {levels.map(({ value }) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </select>
      )}
      {kind !== "number" && levels.length > MAX_LEVELS && (
        <>
          <input {...attributes} type="text" placeholder="unknown / other" list={`${id}-levels`} value={text} onInput={onEdit} />
          <datalist id={`${id}-levels`}>
            {levels.slice(0, MAX_LEVELS).map(({ value }) => (
              <option key={value} value={value} />
            ))}
          </datalist>
        </>
      )}
      <p class="hint" id={`${id}-hint`}>
        {kind === "number" ? `learned from ${formatNumber(feature.min)} to ${formatNumber(feature.max)}` : `${plural(levels.length, "value")} learned`}
      </p>
    </div>
  );
}

/** @param {{ prediction: Prediction | null }} props */
function Answer({ prediction }) {
  const tone = prediction === null ? "" : prediction.prediction === 1 ? " crash" : " okay";
  return (
    <div class={`answer${tone}`}>
      <output aria-live="polite" id="answer">
        {prediction === null ? (
          "…"
        ) : (
          <>
            <span class="answer-words">{prediction.message}</span> <strong>{formatProbability(prediction.probability)}</strong>
          </>
        )}
      </output>
      {prediction !== null && <Gauge prediction={prediction} />}
    </div>
  );
}

/** @param {{ prediction: Prediction | null }} props */
function Warnings({ prediction }) {
  const warnings = prediction?.warnings ?? [];
  return (
    <ul class="warnings" aria-live="polite">
      {warnings.slice(0, 5).map((warning, at) => (
        <li key={at}>{sentence(warning.message, warning.column)}</li>
      ))}
      {warnings.length > 5 && <li>And {formatCount(warnings.length - 5)} more of this kind.</li>}
    </ul>
  );
}

/** The probability on a scale, with the threshold marked. @param {{ prediction: Prediction }} props */
function Gauge({ prediction }) {
  const { probability, threshold } = prediction;
  const at = 100 * Math.min(1, Math.max(0, threshold));
  return (
    <div class="gauge">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" width="100%" height="10" aria-hidden="true">
        <rect class="track" width="100" height="6" />
        <rect class="value" width={100 * probability} height="6" />
        <rect class="mark" x={Math.min(99.4, at)} width="0.6" height="6" />
      </svg>
      <p class="hint">Alarm from {formatPercent(threshold)}</p>
    </div>
  );
}
