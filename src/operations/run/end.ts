import { toProblem, type Problem } from "../../base/errors/error.ts";
import type { Outcome } from "../../domain/run-state.ts";
import { finishRun, type RunRecord } from "../../state/queries/runs.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { runEnded } from "../notify/runs.ts";

/**
 * Closes a run and tells of it, in one step: who is killed between the two would have told nobody. What somebody else has
 * closed meanwhile is theirs to tell. Gives what kept it from being told, which is no reason for the run to stay open.
 * Throws when the end cannot be written.
 */
export async function endRun(
  holdfast: Holdfast,
  run: Pick<RunRecord, "id" | "kind" | "app" | "destination" | "dryRun">,
  end: { outcome: Outcome; problems: Problem[]; durationMs: number },
): Promise<Problem | undefined> {
  const at = holdfast.clock.now().toISOString();
  try {
    await writing(holdfast.state, async (state) => {
      const closed = await finishRun(state, run.id, end.outcome, end.problems, at);
      if (closed) await runEnded({ ...holdfast, state }, run, end);
    });
    return undefined;
  } catch (error) {
    await finishRun(holdfast.state, run.id, end.outcome, end.problems, at);
    return toProblem(error);
  }
}
