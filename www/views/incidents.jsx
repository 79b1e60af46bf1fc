/** A list of crashes to learn from instead of a label. @import { Choices, Problem, Schema } from "../types" */
import { plural, sentence } from "../words.js";
import { ProblemNote } from "./problem.jsx";

/**
 * @param {{ incidents: Choices["incidents"], schema: Schema, problem: Problem | null, onIncidents: (file: File | null) => void }} props
 *   `problem` where it is about the list
 */
export function IncidentList({ incidents, schema, problem, onIncidents }) {
  const onChange = (/** @type {Event & { currentTarget: HTMLInputElement }} */ event) => {
    const file = event.currentTarget.files?.[0];
    event.currentTarget.value = ""; // so that the same file, corrected, can be chosen again
    if (file !== undefined) onIncidents(file);
  };
  const isUsed = incidents !== undefined;
  return (
    <div class="field whole incidents">
      <p class="field-name">{isUsed ? "List of crashes" : "Or a list of crashes"}</p>
      {isUsed && (
        <p>
          <strong class="user-text">{incidents.name}</strong>
          {problem === null && schema.incidents !== null && `: ${plural(schema.incidents, "crash", "crashes")} of this log`}
        </p>
      )}
      <ProblemNote problem={problem} id="incidents-problem" />
      <div class="actions">
        <label class="button quiet file" for="incidents-file">
          {isUsed ? "Choose another" : "Choose a CSV"}
          <input type="file" id="incidents-file" accept=".csv,.tsv,.txt,text/csv" aria-describedby="incidents-hint" onChange={onChange} />
        </label>
        {isUsed && (
          <button type="button" class="quiet" onClick={() => onIncidents(null)}>
            Back to the label
          </button>
        )}
        <span class="hint" id="incidents-hint">
          {isUsed && problem === null && schema.target !== null
            ? sentence(schema.target.reason)
            : "Where no column says when servers crashed: one crash a line, with its start, and where known its end and its host."}
        </span>
      </div>
    </div>
  );
}
