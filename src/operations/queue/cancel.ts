import { failure } from "../../base/errors/error.ts";
import type { RunId } from "../../domain/names.ts";
import { requestCancel } from "../../state/queries/queue.ts";
import type { Holdfast } from "../context/holdfast.ts";

/**
 * Asks that a run ends, in whichever process it is: one in the queue never begins, one that runs is cancelled cleanly
 * within a heartbeat. Gives whether it was still unfinished. `wake` is called where the queue of this process is to look.
 * Throws HF_UNKNOWN_NAME.
 */
export async function cancelRun(holdfast: Holdfast, id: RunId, wake: () => void): Promise<boolean> {
  const run = await requestCancel(holdfast.state, id, holdfast.clock.now().toISOString());
  if (run === undefined) throw failure("HF_UNKNOWN_NAME", { kind: "run", name: id, suggestion: "" });
  if (run.finishedAt !== undefined) return false;
  if (!holdfast.cancelling.cancel(id)) wake();
  return true;
}
