import type { Problem } from "../base/errors/error.ts";
import { catalogue } from "../base/errors/catalogue.ts";
import { exits } from "../base/errors/entry.ts";
import type { StepRef } from "./events.ts";
import type { Outcome } from "./run-state.ts";

/** What became of one step. A step without problems succeeded. */
export interface StepResult {
  step: StepRef;
  problems: Problem[];
}

/**
 * The outcome of a run is this fold over its steps and nothing else (law 1): `failed` as soon as one step has a
 * problem that is more than a warning, `cancelled` when that problem is the cancel itself.
 */
export function outcomeOf(results: StepResult[]): Outcome {
  return results
    .flatMap((result) => result.problems)
    .map(outcomeOfProblem)
    .reduce(worse, "success");
}

export function outcomeOfProblem(found: Problem): Outcome {
  if (found.code === "HF_CANCELLED") return "cancelled";
  return catalogue[found.code].exit === exits.warning ? "warning" : "failed";
}

const severity: Outcome[] = ["success", "warning", "failed", "cancelled"];

export function worse(left: Outcome, right: Outcome): Outcome {
  return severity.indexOf(left) >= severity.indexOf(right) ? left : right;
}
