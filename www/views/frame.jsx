/** What stands around the parts: the head, the list of parts, the foot. @import { ComponentChildren } from "preact" */
import { metaPolicy } from "../csp.js";

export function Head() {
  return (
    <header class="head">
      <p class="brand">
        <Mark /> crash-predictor
      </p>
      <p class="private">Runs in this browser. Your log stays here.</p>
    </header>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path class="limit" d="M4 11h24" />
      <path class="trace" d="M4 24l6-3 4 2 5-8 3 1 6-11" />
    </svg>
  );
}

export function Hero() {
  return (
    <div class="hero">
      <h1>Which server is about to crash?</h1>
      <p>
        Your logs know. Drop a CSV of server metrics in which some rows say “crashed”: this page learns the pattern, says honestly how well it knows it, and answers for new metrics. You need
        no machine learning, no account and no server.
      </p>
      <Picture />
    </div>
  );
}

const METRICS = [
  "M0 154 10 149 20 143 30 130 40 130 50 134 60 137 70 137 80 137 90 138 100 148 110 155 120 155 130 157 140 159 150 165 160 167 170 169 180 159 190 166 200 156 210 149 220 143 230 130 240 127 250 122 260 123 270 117 280 118 290 118 300 121",
  "M0 165 20 161 40 154 60 155 80 154 100 149 110 144 120 148 130 151 140 144 150 144 160 140 170 140 180 144 190 134 210 136 220 137 230 129 240 124 250 125 260 127 270 130 280 125 290 118 300 117",
];
const PROBABILITY =
  "M0 177 15 180 30 175 45 176 60 178 75 176 90 174 105 177 120 175 135 174 150 175 165 174 180 172 195 172 205 167 215 159 225 148 235 132 245 115 255 94 265 75 275 58 285 46 300 36";

/** What the page is for, in one picture: metrics drift, the probability passes the line, the alarm comes before the crash. */
function Picture() {
  return (
    <svg class="picture" viewBox="0 0 420 200" width="420" height="200" aria-hidden="true">
      <path class="axis" d="M0 190H420" />
      {METRICS.map((path) => (
        <path key={path} class="metric" d={path} />
      ))}
      <path class="area" d={`${PROBABILITY} 300 190 0 190Z`} />
      <path class="limit" d="M0 100H420" />
      <path class="trace" d={PROBABILITY} />
      <circle cx="300" cy="36" r="5" />
      <text x="314" y="40" class="figure">
        85 %
      </text>
      <text x="314" y="60">may crash</text>
      <text x="0" y="93">alarm</text>
    </svg>
  );
}

/** @typedef {{ id: string, name: string, open: boolean }} Part */

/** @param {{ parts: Part[], here: string }} props */
export function Rail({ parts, here }) {
  return (
    <nav class="rail" aria-label="Parts of this page">
      <ol>
        {parts.map(({ id, name, open }) => (
          <li key={id}>
            {open ? (
              <a href={`#${id}`} aria-current={here === id ? "true" : undefined}>
                {name}
              </a>
            ) : (
              <span class="later">{name}</span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** @param {{ notice: string }} props */
export function StatusLine({ notice }) {
  return (
    <p class="status" role="status">
      {notice}
    </p>
  );
}

export function Foot() {
  return (
    <footer class="foot">
      <p>
        Nothing leaves this browser. That is not a promise but a rule your browser enforces: the page’s Content-Security-Policy forbids it to talk to anyone but the place it was loaded from.
      </p>
      <details class="plain">
        <summary>Read the policy</summary>
        <p>
          <code>{metaPolicy}</code>
        </p>
      </details>
    </footer>
  );
}

/** @param {{ rail: ComponentChildren, children: ComponentChildren }} props */
export function Frame({ rail, children }) {
  return (
    <div class="frame">
      <Head />
      <div class="body">
        {rail}
        <main>{children}</main>
      </div>
      <Foot />
    </div>
  );
}
