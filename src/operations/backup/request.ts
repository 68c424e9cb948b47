import { setTimeout as sleep } from "node:timers/promises";
import { failure } from "../../base/errors/error.ts";
import type { App } from "../../domain/app.ts";
import { withoutDisabled } from "../../domain/destination.ts";
import type { DestinationName, RunId, SnapshotRecordId } from "../../domain/names.ts";
import { unfinishedRuns, type RunRecord } from "../../state/queries/runs.ts";
import { listSnapshotRecords } from "../../state/queries/snapshots.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { policyOf } from "../context/select.ts";
import { enqueueBackups } from "../queue/enqueue.ts";

export interface BackupWish {
  /** Only to these of the policy's destinations. */
  only?: string[];
  /** Create a repository anew although its destination was used before. */
  initialise: boolean;
}

export interface RequestedBackup {
  runId: RunId;
  /** Whether the app had a run already, which is what the request gets. */
  follows: boolean;
  /** In the order of the policy's destinations. */
  snapshots: { id: SnapshotRecordId; destination: DestinationName }[];
}

/** A run that was begun outside the queue makes its records at once, but not in the same moment. */
const recordsWithinMs = 5000;
const pollMs = 50;

/**
 * Queues a backup that a person wants, or gives the app's backup that is queued or goes on. Throws HF_DESTINATION_*,
 * HF_RUN_BUSY when the app has a run of another kind.
 */
export async function requestBackup(holdfast: Holdfast, app: App, wish: BackupWish): Promise<RequestedBackup> {
  const policy = policyOf(holdfast, app);
  const destinations: string[] = withoutDisabled(policy.destinations, holdfast.declared.destinations);
  const other = wish.only?.find((name) => !destinations.includes(name));
  if (other !== undefined) {
    throw failure("HF_DESTINATION_NOT_OF_POLICY", { destination: other, app: app.name, policy: policy.name });
  }
  if (destinations.length === 0) throw failure("HF_DESTINATION_NONE", { app: app.name });
  const asked = await writing(holdfast.state, async (transaction) => {
    const order = { app, destinations, requestedBy: "person" as const, ...wish };
    const [queued] = await enqueueBackups(holdfast, transaction, [order]);
    if (queued !== undefined) return { queued };
    const there = (await unfinishedRuns(transaction)).find((run) => run.app === app.name);
    return { there };
  });
  if (asked.queued !== undefined) {
    return { runId: asked.queued.run.id, follows: false, snapshots: asked.queued.snapshots };
  }
  const { there } = asked;
  if (there === undefined) throw failure("HF_INTERNAL", { detail: `the backup of ${app.name} could not be queued` });
  return { runId: there.id, follows: true, snapshots: await recordsOf(holdfast, there, destinations) };
}

async function recordsOf(
  holdfast: Holdfast,
  run: RunRecord,
  order: readonly string[],
): Promise<RequestedBackup["snapshots"]> {
  const busy = (): Error => failure("HF_RUN_BUSY", { app: run.app ?? "", run: run.id, since: run.queuedAt });
  if (run.kind !== "backup") throw busy();
  const until = performance.now() + recordsWithinMs;
  for (;;) {
    const records = await listSnapshotRecords(holdfast.state, { runId: run.id });
    if (records.length > 0) {
      return records
        .map(({ id, destination }) => ({ id, destination }))
        .sort((one, other) => order.indexOf(one.destination) - order.indexOf(other.destination));
    }
    if (performance.now() > until) throw busy();
    await sleep(pollMs);
  }
}
