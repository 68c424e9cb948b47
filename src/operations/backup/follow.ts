import { setTimeout as sleep } from "node:timers/promises";
import type { BackupPlan } from "../../domain/plan/backup.ts";
import { eventsAfter, currentProgress } from "../../state/queries/events.ts";
import { readRun, type RunRecord } from "../../state/queries/runs.ts";
import { listSnapshotRecords } from "../../state/queries/snapshots.ts";
import { isDead } from "../../state/runs/turns.ts";
import type { Outcome } from "../../domain/run-state.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Caller } from "../run/listener.ts";
import type { AppReport } from "./report.ts";

const pollMs = 500;

/**
 * Follows another process's run of an app to its end, telling its events as if it were ours. Gives undefined when the app
 * is there to be claimed: that process died, or its run was not what this plan wants.
 */
export async function follow(
  holdfast: Holdfast,
  plan: BackupPlan,
  run: RunRecord,
  caller: Caller,
): Promise<AppReport | undefined> {
  let last = 0;
  for (;;) {
    const now = await readRun(holdfast.state, run.id);
    for (const { id, event } of await eventsAfter(holdfast.state, run.id, last)) {
      last = id;
      caller.listen(plan.app, event);
    }
    if (now === undefined) return undefined;
    if (now.finishedAt !== undefined) return await reportOf(holdfast, plan, now);
    if (isDead(now.owner, now.heartbeatAt)) return undefined;
    const progress = await currentProgress(holdfast.state, run.id);
    if (progress !== undefined) caller.listen(plan.app, progress);
    await sleep(pollMs, undefined, { signal: caller.signal });
  }
}

/** The report of a run that ended well in itself, or failed, and stored where this plan would have stored. */
async function reportOf(holdfast: Holdfast, plan: BackupPlan, run: RunRecord): Promise<AppReport | undefined> {
  const records = await listSnapshotRecords(holdfast.state, { runId: run.id });
  const covers = plan.stores.every((store) => records.some((record) => record.destination === store.destination));
  const interrupted = run.problems.some((found) => found.code === "HF_RUN_INTERRUPTED");
  if (run.kind !== "backup" || !covers || interrupted) return undefined;
  const files = records[0]?.parts.filter((part) => part.name.startsWith("/")) ?? [];
  return {
    app: plan.app,
    runId: run.id,
    outcome: run.state as Outcome,
    dryRun: run.dryRun,
    unchanged: records.length > 0 && records.every((record) => record.status === "unchanged"),
    followed: true,
    durationMs: Date.parse(run.finishedAt ?? run.queuedAt) - Date.parse(run.queuedAt),
    files: {
      count: files.reduce((sum, part) => sum + part.files, 0),
      bytes: files.reduce((sum, part) => sum + part.bytes, 0),
    },
    dumps: [],
    stores: records.map((record) => ({
      destination: record.destination,
      status: record.status,
      durationMs: record.durationMs ?? 0,
      ...(record.verdict === undefined ? {} : { verdict: record.verdict }),
      ...(record.resticId === undefined ? {} : { snapshotId: record.resticId }),
      ...(record.summary === undefined ? {} : { summary: record.summary }),
      ...(record.problem === undefined ? {} : { problem: record.problem }),
    })),
    problems: run.problems,
  };
}
