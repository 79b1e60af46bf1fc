/** @import { Problem } from "../types" */
import { sentence } from "../words.js";

/** An error in words, at the place it belongs to, its code beside it for whoever reports it. @param {{ problem: Problem | null | undefined, id?: string }} props */
export function ProblemNote({ problem, id }) {
  if (!problem) return null;
  return (
    <p class="problem" role="alert" id={id}>
      {sentence(problem.message)} <code>{problem.code}</code>
    </p>
  );
}
