import { catalogue } from "../base/errors/catalogue.ts";
import { exits, type ExitStatus } from "../base/errors/entry.ts";
import type { Problem } from "../base/errors/error.ts";
import { outcomeOfProblem, worse } from "../domain/outcome.ts";
import type { Outcome } from "../domain/run-state.ts";

const ofOutcome: Record<Outcome, ExitStatus> = {
  success: exits.success,
  warning: exits.warning,
  failed: exits.failed,
  cancelled: exits.cancelled,
};

/**
 * The exit status of a command that ended with this outcome. A failure that was nothing but a lock or another run in
 * the way is `busy`, so that a script can simply try again.
 */
export function exitOf(outcome: Outcome, problems: readonly Problem[] = []): ExitStatus {
  const failing = problems.filter((problem) => outcomeOfProblem(problem) === "failed");
  const busy = failing.length > 0 && failing.every(({ code }) => catalogue[code].exit === exits.busy);
  return outcome === "failed" && busy ? exits.busy : ofOutcome[outcome];
}

export function worstOutcome(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(worse, "success");
}
