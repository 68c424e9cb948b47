import { failure, toProblem } from "../../base/errors/error.ts";
import { destinationName } from "../../domain/names.ts";
import type { QueuedWork } from "../../domain/queue.ts";
import type { RunRecord } from "../../state/queries/runs.ts";
import { failOpenRecords } from "../../state/queries/snapshots.ts";
import { backupApp } from "../backup/app.ts";
import { planOf } from "../backup/backup.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Repositories } from "../context/repositories.ts";
import { policyOf, selectApps } from "../context/select.ts";
import { checkWork } from "../maintain/check.ts";
import { pruneWork } from "../maintain/prune.ts";
import { upkeepClaimed } from "../maintain/upkeep.ts";
import { retainClaimed } from "../retain/retain.ts";
import { carryOut } from "../run/lifecycle.ts";
import type { Caller } from "../run/listener.ts";
import { survey } from "../survey/survey.ts";

/** Carries out a run that was claimed from the queue, to its end. Throws only when the end cannot be written. */
export async function carryOutQueued(
  holdfast: Holdfast,
  repositories: Repositories,
  run: RunRecord,
  caller: Caller,
): Promise<void> {
  try {
    await begin(holdfast, repositories, run, caller);
  } catch (error) {
    await endUnbegun(holdfast, run, caller, error);
  }
}

async function begin(holdfast: Holdfast, repositories: Repositories, run: RunRecord, caller: Caller): Promise<void> {
  const { work } = run;
  if (work === undefined) throw new TypeError(`the run ${run.id} was never queued`);
  switch (work.kind) {
    case "backup":
      return await backupQueued(holdfast, repositories, { run, work }, caller);
    case "retain": {
      const { requestedBy } = run;
      const request = { destination: subjectOf(run), apps: [], dryRun: false, requestedBy };
      await retainClaimed(holdfast, repositories, run, request, caller);
      return;
    }
    case "prune":
    case "check": {
      const { kind } = work;
      const doing = work.kind === "check" ? checkWork(holdfast, work.data) : pruneWork(holdfast);
      await upkeepClaimed(holdfast, repositories, run, { kind, destination: subjectOf(run) }, caller, doing);
    }
  }
}

function subjectOf(run: RunRecord) {
  return destinationName(run.destination ?? "");
}

async function backupQueued(
  holdfast: Holdfast,
  repositories: Repositories,
  { run, work }: { run: RunRecord; work: Extract<QueuedWork, { kind: "backup" }> },
  caller: Caller,
): Promise<void> {
  const { requestedBy } = run;
  for (const app of selectApps(holdfast, [run.app ?? ""])) {
    const facts = await survey(holdfast, [app]);
    const plan = planOf(holdfast, app, facts, {
      requestedBy,
      dryRun: false,
      ...(work.only === undefined ? {} : { only: work.only }),
    });
    const { skipUnchanged } = policyOf(holdfast, app);
    const { initialise } = work;
    await backupApp(holdfast, repositories, { app, plan, skipUnchanged, initialise }, run, caller);
  }
}

/** What kept a run from its first step is its result: an app that is no longer declared, a survey that failed. */
async function endUnbegun(holdfast: Holdfast, run: RunRecord, caller: Caller, error: unknown): Promise<void> {
  const end = await carryOut(holdfast, run, run.app ?? run.destination ?? "", caller, () => Promise.reject(error));
  const why = end.problems[0] ?? toProblem(error);
  await failOpenRecords(holdfast.state, run.id, why, holdfast.clock.now());
}

/** Ends a run that was cancelled before it began. */
export async function endCancelled(holdfast: Holdfast, run: RunRecord, caller: Caller): Promise<void> {
  await endUnbegun(holdfast, run, { ...caller, signal: AbortSignal.abort() }, failure("HF_CANCELLED", {}));
}
