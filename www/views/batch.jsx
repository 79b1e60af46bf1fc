/** Part 6: a whole log scored. @import { BytesRead, Job, Log, Problem, ScoredFile } from "../types" */
import { formatBytes, formatCount, formatPercent, plural, sentence } from "../words.js";
import { DriftReport } from "./drift.jsx";
import { FileDrop } from "./file-drop.jsx";
import { Issues } from "./issues.jsx";
import { JobProgress } from "./job.jsx";
import { Pages } from "./pages.jsx";
import { ProblemNote } from "./problem.jsx";

/**
 * @param {{ log: Log | null, rule: { needed: number, of: number }, scoring: Job<BytesRead> | null, scored: ScoredFile | null, problem: Problem | undefined, over: boolean,
 *   onOver: (over: boolean) => void, onFiles: (files: Iterable<File>) => void, onLog: () => void, onCancel: () => void }} props
 */
export function BatchPart({ log, rule, scoring, scored, problem, over, onOver, onFiles, onLog, onCancel }) {
  return (
    <section id="batch" aria-labelledby="batch-title" class="part">
      <h2 id="batch-title">Score a whole log</h2>
      <p class="lead">
        Every line comes back as it was, with two columns more: <code>crash_probability</code> and <code>crash_prediction</code>.
      </p>
      <FileDrop id="batch-file" accept=".csv,.tsv,.txt,.log,.gz,text/csv" compact over={over} onOver={onOver} onFiles={onFiles}>
        <span class="drop-words">
          <strong>Drop a CSV to score</strong>
          <span>
            or <span class="link">choose a file</span>
          </span>
        </span>
      </FileDrop>
      {log !== null && (
        <div class="actions">
          <button type="button" class="quiet" onClick={onLog}>
            Score {log.synthetic ? "the sample log" : "the log above"}
          </button>
          <span class="hint">The rows it learned from look easier than new ones; for a fair figure see “How good it is”.</span>
        </div>
      )}
      {scoring !== null && <Scoring job={scoring} onCancel={onCancel} />}
      <ProblemNote problem={problem} id="batch-problem" />
      {scored !== null && <ScoredLog scored={scored} />}
      {scored !== null && <Pages pages={scored.pages} total={scored.summary.pages ?? 0} rule={rule} />}
      {scored !== null && <DriftReport drift={scored.summary.drift} />}
    </section>
  );
}

/** @param {{ job: Job<BytesRead>, onCancel: () => void }} props */
function Scoring({ job, onCancel }) {
  const { bytesRead = 0, bytesTotal = null } = job.progress ?? {};
  const detail = bytesTotal === null ? "" : `${formatBytes(bytesRead)} of ${formatBytes(bytesTotal)}`;
  return <JobProgress title={`Scoring ${job.name}`} detail={detail} done={bytesRead} total={bytesTotal} onCancel={onCancel} />;
}

/** @param {{ scored: ScoredFile }} props */
function ScoredLog({ scored }) {
  const { name, url, bytes, summary, synthetic } = scored;
  const { rowsScored, rowsUnreadable, crashes, warnings } = summary;
  return (
    <div class="scored" role="status">
      <p class="lead">
        <strong>{plural(rowsScored, "row")}</strong> scored{synthetic && " (synthetic)"}, <strong>{plural(crashes, "alarm")}</strong> ({formatPercent(rowsScored === 0 ? 0 : crashes / rowsScored)})
        {rowsUnreadable > 0 && `, ${formatCount(rowsUnreadable)} could not be read and have no probability`}.
      </p>
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.slice(0, 10).map((warning, at) => (
            <li key={at}>{sentence(warning.message, warning.column)}</li>
          ))}
          {warnings.length > 10 && <li>And {formatCount(warnings.length - 10)} more of this kind.</li>}
        </ul>
      )}
      <p class="actions">
        <a href={url} download={name} class="button" id="scored-download">
          Download {name}
        </a>
        <span class="hint">{formatBytes(bytes)}</span>
      </p>
      <Issues issues={summary.issues} />
    </div>
  );
}
