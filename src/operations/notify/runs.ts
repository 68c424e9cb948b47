import { randomUUID } from "node:crypto";
import { toProblem, type Problem } from "../../base/errors/error.ts";
import type { Outcome } from "../../domain/run-state.ts";
import { ofEnd, ofStart, type Happening } from "../../domain/notification-rules.ts";
import { recentBackups, type RunRecord } from "../../state/queries/runs.ts";
import { listSnapshotRecords } from "../../state/queries/snapshots.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { hasNotifiers, tell } from "./tell.ts";

/** So many runs are looked through for the last one that nobody cancelled. */
const lookedThrough = 10;

type Run = Pick<RunRecord, "id" | "kind" | "app" | "destination" | "dryRun">;

/** Tells that a run has begun. Gives what kept it from being told, which is no reason for the run to fail. */
export async function runStarted(holdfast: Holdfast, run: Run): Promise<Problem | undefined> {
  if (run.dryRun || !hasNotifiers(holdfast)) return undefined;
  return await attempt(async () => await tell(holdfast, ofStart(happeningOf(holdfast, run), run.kind)));
}

/** Tells how a run has ended; call it when its end is in the state. Throws what the state throws. */
export async function runEnded(
  holdfast: Holdfast,
  run: Run,
  end: { outcome: Outcome; problems: readonly Problem[]; durationMs: number },
): Promise<void> {
  if (run.dryRun || !hasNotifiers(holdfast)) return;
  const stored = run.kind === "backup" ? await listSnapshotRecords(holdfast.state, { runId: run.id }) : [];
  const { outcome, problems, durationMs } = end;
  const facts = { kind: run.kind, outcome, problems, durationMs, stored };
  await tell(holdfast, ofEnd(happeningOf(holdfast, run), facts, await lastOneFailed(holdfast, run)));
}

async function lastOneFailed({ state }: Holdfast, run: Run): Promise<boolean> {
  if (run.kind !== "backup" || run.app === undefined) return false;
  const recent = await recentBackups(state, run.app, lookedThrough);
  return recent.find((one) => one.id !== run.id && one.state !== "cancelled")?.state === "failed";
}

function happeningOf({ clock, deviceName }: Holdfast, run: Run): Happening {
  return {
    id: randomUUID(),
    at: clock.now().toISOString(),
    device: deviceName,
    runId: run.id,
    ...(run.app === undefined ? {} : { app: run.app }),
    ...(run.destination === undefined ? {} : { destination: run.destination }),
  };
}

async function attempt(work: () => Promise<void>): Promise<Problem | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return toProblem(error);
  }
}
