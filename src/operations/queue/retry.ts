import type { RunId } from "../../domain/names.ts";
import { outcomeOfProblem } from "../../domain/outcome.ts";
import { passes, retryDelayMs } from "../../domain/schedule/retry.ts";
import { judgeFailure, unjudgedFailures } from "../../state/queries/queue.ts";
import { readRun, unfinishedRuns, type RunRecord } from "../../state/queries/runs.ts";
import { listSnapshotRecords } from "../../state/queries/snapshots.ts";
import { writing } from "../../state/transaction.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { enqueueBackups } from "./enqueue.ts";

/** A failed run, and the one that tries again. */
export interface Retry {
  failed: RunRecord;
  again: RunRecord;
}

/**
 * Queues failed backups once more, later, when what they failed of may pass, and those that ended with their daemon. What a
 * person asked for is tried again only when the process that carried it out was killed: of everything else they hear, and
 * decide themselves. Each failure is
 * judged in one transaction with what follows of it, so that none is forgotten and none tried twice, whoever is killed.
 */
export async function retryFailed(holdfast: Holdfast): Promise<Retry[]> {
  const retries: Retry[] = [];
  for (const id of await unjudgedFailures(holdfast.state)) {
    const retry = await judge(holdfast, id);
    if (retry !== undefined) retries.push(retry);
  }
  return retries;
}

async function judge(holdfast: Holdfast, id: RunId): Promise<Retry | undefined> {
  return await writing(holdfast.state, async (transaction) => {
    const failed = await readRun(transaction, id);
    if (failed?.work?.kind !== "backup" || failed.followedBy !== undefined) return undefined;
    // Another machine's: it knows its apps, and tries again itself.
    if (failed.node !== undefined && failed.node !== holdfast.deviceName) return undefined;
    const app = holdfast.declared.apps.find(({ name }) => name === failed.app);
    const delayMs = delayOf(failed);
    const others = (await unfinishedRuns(transaction)).filter(
      (run) => run.app === failed.app && (run.node === undefined || run.node === failed.node),
    );
    // A restore in the way ends some time; a backup in the way does what this one was to do.
    if (others.length > 0 && others.every((run) => run.kind !== "backup")) return undefined;
    if (delayMs === undefined || app === undefined || others.length > 0) {
      await judgeFailure(transaction, id, "none");
      return undefined;
    }
    const only = await failedAlone({ ...holdfast, state: transaction }, failed);
    const [queued] = await enqueueBackups(holdfast, transaction, [
      {
        app,
        destinations: failed.destinations,
        requestedBy: failed.requestedBy,
        attempt: failed.attempt + 1,
        notBefore: new Date(holdfast.clock.now().getTime() + delayMs).toISOString(),
        initialise: failed.work.initialise,
        ...(only === undefined ? {} : { only }),
      },
    ]);
    await judgeFailure(transaction, id, queued?.run.id ?? "none");
    return queued === undefined ? undefined : { failed, again: queued.run };
  });
}

function delayOf({ state, requestedBy, problems, attempt, app }: RunRecord): number | undefined {
  const interrupted = problems.some(({ code }) => code === "HF_RUN_INTERRUPTED");
  if (requestedBy === "person" && !interrupted) return undefined;
  // Nobody cancelled it: its daemon was stopped.
  if (state === "cancelled") return 0;
  const delayMs = retryDelayMs(problems, attempt, app ?? "");
  // Nothing has to pass first: the process that carried it out is gone.
  return interrupted && delayMs !== undefined ? 0 : delayMs;
}

/** The destinations that failed of what may pass, when nothing but destinations failed: the others have their snapshot. */
async function failedAlone({ state }: Pick<Holdfast, "state">, run: RunRecord): Promise<string[] | undefined> {
  const records = await listSnapshotRecords(state, { runId: run.id });
  const stored = records.filter(({ verdict, status }) => status === "unchanged" || verdict === "good");
  const failed = records.filter(({ status }) => status === "failed");
  const told = new Set(failed.map(({ problem }) => JSON.stringify(problem)));
  const others = run.problems.filter(
    (found) => outcomeOfProblem(found) === "failed" && !told.has(JSON.stringify(found)),
  );
  if (stored.length === 0 || stored.length + failed.length < records.length || others.length > 0) return undefined;
  return failed.filter(({ problem }) => problem !== undefined && passes(problem)).map(({ destination }) => destination);
}
