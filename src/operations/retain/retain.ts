import { failure, problem } from "../../base/errors/error.ts";
import { mayForget, type DestinationDeclaration } from "../../domain/destination.ts";
import type { StepRef } from "../../domain/events.ts";
import { snapshotId, type DestinationName, type SnapshotId } from "../../domain/names.ts";
import type { Repository } from "../../domain/repository.ts";
import type { Outcome, RequestedBy } from "../../domain/run-state.ts";
import type { RunRecord } from "../../state/queries/runs.ts";
import { noteDestination } from "../../state/queries/destinations.ts";
import { listSnapshotRecords, markForgotten } from "../../state/queries/snapshots.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf, type Repositories } from "../context/repositories.ts";
import { needSame } from "../context/same-repository.ts";
import { selectApps, selectMaintained } from "../context/select.ts";
import { pastStaleLocks } from "../maintain/stale-locks.ts";
import { carryOut, claim, type RunWork } from "../run/lifecycle.ts";
import type { Caller } from "../run/listener.ts";
import { settle } from "../settle/settle.ts";
import { decideIn } from "./decide.ts";
import type { RetainedSnapshot, RetainReport } from "./report.ts";

export interface RetainRequest {
  /** None means all. */
  destinations: string[];
  apps: string[];
  dryRun: boolean;
}

/** Thins destinations by the policies of their apps (law 2). One destination's failure never holds up another's. */
export async function retain(holdfast: Holdfast, request: RetainRequest, caller: Caller): Promise<RetainReport[]> {
  const destinations = selectMaintained(holdfast, request.destinations);
  const apps = request.apps.length === 0 ? [] : selectApps(holdfast, request.apps).map((app) => app.name);
  if (!request.dryRun) await settle(holdfast, caller.signal);
  const repositories = repositoriesOf(holdfast);
  return await Promise.all(
    destinations.map(async ({ name }) => {
      const one = { destination: name, apps, dryRun: request.dryRun, requestedBy: "person" as const };
      return await retainIn(holdfast, repositories, one, caller);
    }),
  );
}

export interface RetainInRequest {
  destination: DestinationName;
  /** Only these apps; none means all. */
  apps: string[];
  dryRun: boolean;
  requestedBy: RequestedBy;
}

/** Thins one destination, as a run of its own. Never throws: the report tells. */
export async function retainIn(
  holdfast: Holdfast,
  repositories: Repositories,
  request: RetainInRequest,
  caller: Caller,
): Promise<RetainReport> {
  const { destination, dryRun, requestedBy } = request;
  const claimed = await claim(
    holdfast,
    { kind: "retain", subject: destination, destination, requestedBy, dryRun },
    caller.signal,
  );
  if (!("run" in claimed)) throw failure("HF_INTERNAL", { detail: "a run without an app cannot be busy" });
  return await retainClaimed(holdfast, repositories, claimed.run, request, caller);
}

/** Thins one destination, in a run that has been claimed. Never throws: the report tells. */
export async function retainClaimed(
  holdfast: Holdfast,
  repositories: Repositories,
  claimed: RunRecord,
  request: RetainInRequest,
  caller: Caller,
): Promise<RetainReport> {
  const { destination, dryRun } = request;
  const step: StepRef = { phase: "retain", subject: destination };
  const end = await carryOut(holdfast, claimed, destination, caller, async (run) => {
    return await run.step(step, async () => await thin(holdfast, repositories, request, run, step));
  });
  const outcome: Outcome = end.outcome;
  return {
    destination,
    outcome,
    dryRun,
    snapshots: end.result?.snapshots ?? [],
    forgotten: end.result?.forgotten ?? 0,
    problems: end.problems,
  };
}

async function thin(
  holdfast: Holdfast,
  repositories: Repositories,
  request: RetainInRequest,
  run: RunWork,
  step: StepRef,
): Promise<{ snapshots: RetainedSnapshot[]; forgotten: number }> {
  const { destination, dryRun } = request;
  const declaration = repositories.declaration(destination);
  const repository = await repositories.ready(destination, run, { initialise: false, dryRun });
  if (repository === undefined) return { snapshots: [], forgotten: 0 };
  await using _turn = dryRun
    ? undefined
    : await takeTurn(holdfast.state, {
        destination,
        mode: "exclusive",
        owner: holdfast.owner,
        what: "retention",
        signal: run.signal,
        onWait: (holder) => run.emit({ type: "waiting", step, reason: `${holder} has the repository` }),
      });
  const listing = await repositories.listing(destination, run);
  const { decided, foreign } = await decideIn(holdfast, declaration, listing, request.apps, run.clock.now());
  if (declaration.appendOnly && foreign.length > 0) {
    const ids = foreign.slice(0, 3).map((id) => id.slice(0, 8));
    const more = foreign.length > ids.length ? " and others" : "";
    run.note(
      step,
      problem("HF_SNAPSHOTS_FOREIGN", { count: foreign.length, destination, ids: `${ids.join(", ")}${more}` }),
    );
  }
  const goners = decided.filter((one) => !one.keep).map((one) => snapshotId(one.id));
  if (!mayForget(declaration) && goners.length > 0) {
    run.note(step, problem("HF_APPEND_ONLY", { destination }));
    return { snapshots: decided, forgotten: 0 };
  }
  if (dryRun) return { snapshots: decided, forgotten: 0 };
  if (goners.length > 0) {
    const maintained = await forMaintenance(holdfast, repositories, declaration, run);
    await pastStaleLocks(maintained, run, async () => await maintained.forget(goners, run));
    await forgotten(holdfast, repositories, destination, goners, run);
  }
  await noteDestination(holdfast.state, destination, { last_retained_at: run.clock.now().toISOString() });
  return { snapshots: decided, forgotten: goners.length };
}

/** The repository as it may be thinned. Other credentials may lead elsewhere: what they reach is the same one, or it fails. */
async function forMaintenance(
  holdfast: Holdfast,
  repositories: Repositories,
  { name, maintenance }: DestinationDeclaration,
  run: RunWork,
): Promise<Repository> {
  const repository = await repositories.open(name, "maintenance");
  if (maintenance !== undefined) await needSame(holdfast.state, name, repository, run);
  return repository;
}

/**
 * restic exits 0 on ids that do not exist, so its word is not enough: what is gone is what a new listing lacks. That holds
 * also for snapshots that were forgotten by hand.
 */
async function forgotten(
  holdfast: Holdfast,
  repositories: Repositories,
  destination: DestinationName,
  goners: SnapshotId[],
  run: RunWork,
): Promise<void> {
  const left = await repositories.relist(destination, run);
  const known = await listSnapshotRecords(holdfast.state, { destination, stored: true });
  const gone = known.flatMap(({ resticId }) => (resticId === undefined || left.has(resticId) ? [] : [resticId]));
  await markForgotten(holdfast.state, destination, gone, run.clock.now().toISOString());
  const kept = goners.filter((id) => left.has(id));
  if (kept.length > 0) throw failure("HF_FORGET_INEFFECTIVE", { count: kept.length, destination });
}
