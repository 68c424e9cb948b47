import { failure } from "../../base/errors/error.ts";
import { mayForget } from "../../domain/destination.ts";
import { unfinishedRuns, type RunRecord } from "../../state/queries/runs.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { selectMaintained } from "../context/select.ts";
import { enqueueUpkeep } from "../queue/enqueue.ts";

export interface OrderedUpkeep {
  kind: "retain" | "prune" | "check";
  destination: string;
  /** Of a check. */
  data?: "none" | "part" | "all";
}

/**
 * Puts upkeep that a person wants into the queue, and gives its run; of what waits there already, that run.
 * Throws HF_UNKNOWN_NAME, HF_DESTINATION_DISABLED, HF_APPEND_ONLY.
 */
export async function orderUpkeep(holdfast: Holdfast, order: OrderedUpkeep): Promise<RunRecord> {
  const { kind, destination } = order;
  const [declared] = selectMaintained(holdfast, [destination]);
  if (declared !== undefined && kind !== "check" && !mayForget(declared)) {
    throw failure("HF_APPEND_ONLY", { destination });
  }
  return await writing(holdfast.state, async (transaction) => {
    const [queued] = await enqueueUpkeep(holdfast, transaction, [{ ...order, requestedBy: "person" }]);
    if (queued !== undefined) return queued;
    const runs = await unfinishedRuns(transaction);
    const waiting = runs.find((run) => run.kind === kind && run.destination === destination && run.state === "queued");
    if (waiting !== undefined) return waiting;
    throw failure("HF_INTERNAL", { detail: "upkeep was neither queued nor waiting" });
  });
}
