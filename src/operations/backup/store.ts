import { isFailure, problem, type Problem } from "../../base/errors/error.ts";
import type { StepRef } from "../../domain/events.ts";
import { snapshotId, type AppName, type DestinationName, type SnapshotRecordId } from "../../domain/names.ts";
import type { BackupPlan, StoreStep } from "../../domain/plan/backup.ts";
import type { Repository, StoreRequest, StoreResult } from "../../domain/repository.ts";
import type { SnapshotRecord, Verdict } from "../../domain/snapshot.ts";
import { growDestination } from "../../state/queries/destinations.ts";
import { finishSnapshotRecord, listSnapshotRecords } from "../../state/queries/snapshots.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import { localIso } from "../../base/clock.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Repositories } from "../context/repositories.ts";
import { needSame } from "../context/same-repository.ts";
import type { RunWork } from "../run/lifecycle.ts";
import type { StoreReport } from "./report.ts";
import type { Scan } from "./scan.ts";

/** What is to be stored: a finished capture. */
export interface ToStore {
  plan: BackupPlan;
  /** The paths that restic gets: the files where they lie, and the staging folder. */
  paths: string[];
  /** Exclude patterns, restic's own language. */
  exclude: string[];
  scan: Scan;
  parts: SnapshotRecord["parts"];
  /** What the snapshot will be worth if it is stored whole. */
  verdict: "good" | "partial" | "suspect";
  /** Nothing has to be stored where the current good snapshot has the same fingerprint. */
  mayBeUnchanged: boolean;
  initialise: boolean;
}

/** What became of a capture in one destination, when it went well. */
type Stored =
  | { status: "unchanged"; current: SnapshotRecord }
  | { status: "success"; verdict: Verdict; result: StoreResult; time: string; tags: string[] };

/**
 * Stores a capture in one destination, or finds that its current snapshot still holds. Its failure is this
 * destination's only.
 */
export async function storeIn(
  holdfast: Holdfast,
  repositories: Repositories,
  step: StoreStep,
  record: SnapshotRecordId | undefined,
  what: ToStore,
  run: RunWork,
): Promise<StoreReport> {
  const ref: StepRef = { phase: "store", subject: step.destination };
  const begun = performance.now();
  const stored = await run.step(ref, async (): Promise<Stored> => {
    const current = what.mayBeUnchanged ? await currentIn(holdfast, repositories, step, what, run) : undefined;
    return current === undefined
      ? await store(holdfast, repositories, step, record, what, run)
      : { status: "unchanged", current };
  });
  const unreadable = stored?.status === "success" ? stored.result.unreadable : [];
  const [first] = unreadable;
  if (first !== undefined) {
    const { path, detail } = first;
    run.note(ref, problem("HF_SOURCE_UNREADABLE", { count: unreadable.length, path, detail }));
  }
  const report = reportOf(step, stored, run.problemOf(ref), performance.now() - begun);
  if (record !== undefined && stored?.status !== "success") await keepEnd(holdfast, record, stored, report, run);
  return report;
}

function reportOf(
  step: StoreStep,
  stored: Stored | undefined,
  failed: Problem | undefined,
  durationMs: number,
): StoreReport {
  const base = { destination: step.destination, durationMs };
  if (stored === undefined) return { ...base, status: "failed", ...(failed === undefined ? {} : { problem: failed }) };
  if (stored.status === "unchanged") {
    const { resticId } = stored.current;
    return {
      ...base,
      status: "unchanged",
      verdict: "good",
      ...(resticId === undefined ? {} : { snapshotId: resticId }),
    };
  }
  const { id, summary } = stored.result;
  return {
    ...base,
    status: "success",
    verdict: stored.verdict,
    summary,
    ...(id === undefined ? {} : { snapshotId: id }),
  };
}

/** The newest snapshot there, if it is good, is what the app still looks like, and is in tonight's listing. */
async function currentIn(
  holdfast: Holdfast,
  repositories: Repositories,
  step: StoreStep,
  what: ToStore,
  run: RunWork,
): Promise<SnapshotRecord | undefined> {
  const newest = await newestStored(holdfast, what.plan.app, step.destination);
  if (newest?.verdict !== "good" || newest.fingerprint !== what.scan.fingerprint) return undefined;
  const listing = await repositories.listing(step.destination, run);
  return listing.has(newest.resticId ?? "") ? newest : undefined;
}

async function newestStored(
  holdfast: Holdfast,
  app: AppName,
  destination: DestinationName,
): Promise<SnapshotRecord | undefined> {
  return (await listSnapshotRecords(holdfast.state, { app, destination, stored: true, limit: 1 }))[0];
}

async function store(
  holdfast: Holdfast,
  repositories: Repositories,
  step: StoreStep,
  record: SnapshotRecordId | undefined,
  what: ToStore,
  run: RunWork,
): Promise<Stored> {
  const ref: StepRef = { phase: "store", subject: step.destination };
  const { dryRun } = what.plan;
  const repository = await repositories.ready(step.destination, run, { initialise: what.initialise, dryRun });
  if (repository === undefined) {
    return {
      status: "success",
      verdict: what.verdict,
      result: wouldStore(what),
      time: localIso(run.clock.now()),
      tags: [],
    };
  }
  await using _turn = await takeTurn(holdfast.state, {
    destination: step.destination,
    mode: "shared",
    owner: holdfast.owner,
    what: `the backup of ${what.plan.app}`,
    signal: run.signal,
    onWait: (holder) => run.emit({ type: "waiting", step: ref, reason: `${holder} has the repository` }),
  });
  const parent = (await newestStored(holdfast, what.plan.app, step.destination))?.resticId;
  const tags = [...step.tags, `run:${run.runId}`, ...(what.verdict === "good" ? [] : [what.verdict])];
  const request: StoreRequest = {
    paths: what.paths,
    exclude: what.exclude,
    host: step.host,
    tags,
    dryRun,
    ...(parent === undefined ? {} : { parent }),
    onProgress: (progress) => run.emit({ type: "step-progress", step: ref, progress }),
  };
  // restic dates a snapshot by its beginning.
  const began = run.clock.now();
  const time = localIso(began);
  const result = await storeWithParent(holdfast, repository, step.destination, request, run);
  if (result.id !== undefined) {
    repositories.stored(step.destination, { id: result.id, time, host: step.host, paths: what.paths, tags });
  }
  // With files missing it is stored, but not whole: it must not stand for a good one.
  const verdict = result.unreadable.length > 0 && what.verdict === "good" ? "partial" : what.verdict;
  const stored = { status: "success" as const, verdict, result, time, tags };
  // Within the turn: whoever has the repository next finds the snapshot and what it is worth.
  if (record !== undefined) {
    await finishSnapshotRecord(holdfast.state, record, {
      status: "success",
      completedAt: run.clock.now().toISOString(),
      durationMs: run.clock.now().getTime() - began.getTime(),
      verdict,
      time,
      tags,
      summary: result.summary,
      fingerprint: what.scan.fingerprint,
      paths: what.paths,
      parts: what.parts,
      ...(result.id === undefined ? {} : { resticId: result.id }),
    });
    await growDestination(holdfast.state, step.destination, result.summary.dataAddedPacked);
  }
  return stored;
}

/**
 * A parent that is gone was forgotten by hand, or this is another repository in the place of the known one: only then is
 * it worth half a second to look. Without its parent everything is read again, which is slower and no less right.
 */
async function storeWithParent(
  holdfast: Holdfast,
  repository: Repository,
  destination: DestinationName,
  request: StoreRequest,
  run: RunWork,
): Promise<StoreResult> {
  try {
    return await repository.store(request, run);
  } catch (error) {
    if (request.parent === undefined || !isFailure(error, "HF_SNAPSHOT_UNKNOWN")) throw error;
    await needSame(holdfast.state, destination, repository, run);
    const { parent: _gone, ...orphan } = request;
    return await repository.store(orphan, run);
  }
}

/** What a dry run says of a destination whose repository would be created first. */
function wouldStore(what: ToStore): StoreResult {
  const files = what.parts.reduce((sum, part) => sum + part.files, 0);
  const bytes = what.parts.reduce((sum, part) => sum + part.bytes, 0);
  return {
    summary: {
      filesNew: files,
      filesChanged: 0,
      filesUnmodified: 0,
      filesProcessed: files,
      bytesProcessed: bytes,
      dataAdded: bytes,
      dataAddedPacked: bytes,
    },
    unreadable: [],
  };
}

/** The record of a capture that was not stored there. */
async function keepEnd(
  holdfast: Holdfast,
  record: SnapshotRecordId,
  stored: Stored | undefined,
  report: StoreReport,
  run: RunWork,
): Promise<void> {
  // What failed after it was stored and recorded makes it no worse.
  const records = await listSnapshotRecords(holdfast.state, { runId: run.runId });
  if (records.some(({ id, status }) => id === record && status === "success")) return;
  const { problem: why, snapshotId: current } = report;
  await finishSnapshotRecord(holdfast.state, record, {
    status: stored === undefined ? "failed" : "unchanged",
    completedAt: run.clock.now().toISOString(),
    durationMs: report.durationMs,
    ...(why === undefined ? {} : { problem: why }),
    ...(current === undefined ? {} : { resticId: snapshotId(current) }),
  });
}
