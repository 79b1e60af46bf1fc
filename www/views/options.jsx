/** How to train, for those who want to say so. @import { Options } from "../types" */

/** @type {[string, string, string][]} */
const ALGORITHMS = [
  ["auto", "automatic", "tries them all, keeps the simplest good one"],
  ["logistic", "logistic regression", "each metric by itself"],
  ["boosting", "boosted trees", "combinations of metrics"],
  ["forest", "random forest", "many trees voting, steady on noisy logs"],
];

/** @typedef {{ options: Options, onOptions: (change: Partial<Options>) => void }} OptionsProps */

/** @param {OptionsProps} props */
export function TrainOptions(props) {
  return (
    <details class="plain">
      <summary>Options</summary>
      <h3>The model and its check</h3>
      <ModelOptions {...props} />
      <h3>When to page somebody</h3>
      <PageOptions {...props} />
    </details>
  );
}

/** @param {OptionsProps} props */
function ModelOptions({ options, onOptions }) {
  return (
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
      <div class="field whole">
        <label for="option-split">Rows kept aside for checking</label>
        <select id="option-split" value={options.split} onChange={(event) => onOptions({ split: event.currentTarget.value })}>
          <option value="auto">the latest where there is a time, else the best there is</option>
          <option value="time">the latest fifth</option>
          <option value="incident">whole incidents, a fifth of them</option>
          <option value="host">whole hosts, a fifth of them</option>
          <option value="random">a random fifth</option>
        </select>
        <p class="hint">The latest rows are the honest test: a model has to answer for the future. A random fifth flatters.</p>
      </div>
      <label class="whole">
        <input type="checkbox" checked={options.keepChecked} onChange={(event) => onOptions({ keepChecked: event.currentTarget.checked })} /> Keep the model that was checked, instead of one that
        learned from all rows
      </label>
    </div>
  );
}

/**
 * What was typed stays text: only the engine says what is wrong with it.
 *
 * @type {{ name: "threshold" | "costMissed" | "costPage" | "pagesPerWeek" | "alarmNeeded" | "alarmOf", label: string, hint: string, empty: string }[]}
 */
const FIGURES = [
  { name: "costMissed", label: "A missed crash costs", hint: "In any unit, the same as beside: the threshold is then the one that costs least.", empty: "not said" },
  { name: "costPage", label: "A page for nothing costs", hint: "What it is worth not to wake somebody.", empty: "not said" },
  { name: "pagesPerWeek", label: "Pages a week that can be borne", hint: "The threshold then keeps to that.", empty: "not said" },
  { name: "threshold", label: "Alarm from a probability of, in %", hint: "Lower catches more crashes and raises more false alarms.", empty: "found from the data" },
  { name: "alarmNeeded", label: "Rows over the threshold it takes", hint: "Of the last rows of a server, beside: one odd row then pages nobody.", empty: "2" },
  { name: "alarmOf", label: "out of a server’s last rows", hint: "2 of the last 3 where nothing is said.", empty: "3" },
];

/** @param {OptionsProps} props */
function PageOptions({ options, onOptions }) {
  return (
    <>
      <p class="hint">Say one of three: what alarms cost, how many pages can be borne, or the threshold itself. Left empty, crashes caught and false alarms are balanced.</p>
      <div class="roles">
        {FIGURES.map(({ name, label, hint, empty }) => (
          <div key={name} class="field">
            <label for={`option-${name}`}>{label}</label>
            <input
              id={`option-${name}`}
              type="number"
              min="0"
              max={name === "threshold" ? 100 : undefined}
              step="any"
              placeholder={empty}
              value={options[name]}
              aria-describedby={`option-${name}-hint`}
              onInput={(event) => onOptions({ [name]: event.currentTarget.value })}
            />
            <p class="hint" id={`option-${name}-hint`}>
              {hint}
            </p>
          </div>
        ))}
      </div>
    </>
  );
}
