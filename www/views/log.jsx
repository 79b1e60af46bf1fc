/** Part 1: the log comes in. @import { BytesRead, Job, Log, Problem } from "../types" */
import { formatBytes, plural, sentence } from "../words.js";
import { FileDrop } from "./file-drop.jsx";
import { JobProgress } from "./job.jsx";
import { ProblemNote } from "./problem.jsx";

/**
 * @param {{ log: Log | null, first: boolean, reading: Job<BytesRead> | null, problem: Problem | undefined, over: boolean, onOver: (over: boolean) => void, onFiles: (files: Iterable<File>) => void,
 *   onSample: () => void, onCancel: () => void }} props
 */
export function LogPart({ log, first, reading, problem, over, onOver, onFiles, onSample, onCancel }) {
  return (
    <section id="log" aria-labelledby="log-title" class="part">
      <h2 id="log-title">{log === null ? "Start with a log" : "Your log"}</h2>
      <div class={first ? "start" : ""}>
        <div class="stack">
          <FileDrop
            id="log-file"
            accept=".csv,.tsv,.txt,.log,.gz,.crashmodel,text/csv"
            multiple
            compact={!first}
            describedBy="log-hint"
            over={over}
            onOver={onOver}
            onFiles={onFiles}
          >
            {log === null ? <DropWords /> : <LogInUse log={log} />}
          </FileDrop>
          <p class="hint" id="log-hint">
            A saved model (<code>.crashmodel</code>) can be dropped here too.
          </p>
          {reading !== null && <Reading job={reading} onCancel={onCancel} />}
          <ProblemNote problem={problem} id="log-problem" />
          <div class="actions">
            <button type="button" class={first ? "" : "quiet"} onClick={onSample}>
              Try the sample log
            </button>
            <span class="hint">Synthetic: a simulated fleet of servers, made in this browser.</span>
          </div>
        </div>
        {first && <WhatALogLooksLike />}
      </div>
    </section>
  );
}

function DropWords() {
  return (
    <span class="drop-words">
      <Arrow />
      <strong>Drop a CSV of server metrics here</strong>
      <span>
        or <span class="link">choose a file</span>
      </span>
    </span>
  );
}

/** @param {Log["table"]["source"]} source */
const sizeOf = (source) => [source].flat().reduce((sum, part) => sum + part.size, 0);

/** @param {{ log: Log }} props */
function LogInUse({ log }) {
  return (
    <span class="drop-words">
      <strong class="user-text">{log.name}</strong>
      <span class="soft">
        {log.synthetic && "synthetic · "}
        {plural(log.table.rowCount, "row")} · {plural(log.table.columns.length, "column")} · {formatBytes(sizeOf(log.table.source))}
      </span>
      <span>
        Drop another here or <span class="link">choose a file</span>
      </span>
    </span>
  );
}

/** @param {{ job: Job<BytesRead>, onCancel: () => void }} props */
function Reading({ job, onCancel }) {
  const { bytesRead = 0, bytesTotal = null, forecast } = job.progress ?? {};
  const detail = bytesTotal === null ? "" : `${formatBytes(bytesRead)} of ${formatBytes(bytesTotal)}`;
  const warning = forecast && sentence(forecast.words);
  return <JobProgress title={`Reading ${job.name}`} detail={detail} warning={warning} done={bytesRead} total={bytesTotal} onCancel={onCancel} />;
}

const EXAMPLE = [
  ["09:00", "web-1", "41", "63", "120", "no"],
  ["09:01", "web-1", "97", "88", "910", "no"],
  ["09:02", "web-1", "99", "93", "1400", "yes"],
];

function WhatALogLooksLike() {
  return (
    <aside class="example" aria-labelledby="example-title">
      <h3 id="example-title">What it should look like</h3>
      <div class="scroll" role="region" aria-labelledby="example-title" tabIndex={0}>
        <table class="cells">
          <thead>
            <tr>
              {["time", "host", "cpu_pct", "mem_pct", "latency_ms"].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              <th scope="col" class="is-label">
                crashed
              </th>
            </tr>
          </thead>
          <tbody>
            {EXAMPLE.map((cells) => (
              <tr key={cells[0]}>
                {cells.map((cell, at) => (
                  <td key={at} class={at === 5 ? "is-label" : undefined}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        One row for each moment and server, and one column that says which rows crashed. Names, order, delimiter and extra columns are up to you: the page finds out, and asks
        where it cannot.
      </p>
    </aside>
  );
}

function Arrow() {
  return (
    <svg class="arrow" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true">
      <path d="M12 3v12m0 0 5-5m-5 5-5-5M4 20h16" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
