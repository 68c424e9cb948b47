import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { failure, isFailure, problem, type Problem } from "../../base/errors/error.ts";
import { secretRefSchema } from "../../domain/atoms/secret-ref.ts";
import { exists } from "../../base/files/exists.ts";
import { captureFileName, captureFolder, type Capture, type DatabaseCapture } from "../../domain/capture.ts";
import type { Progress, StepRef } from "../../domain/events.ts";
import type { SnapshotId } from "../../domain/names.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import type { Repository, RestoreStats } from "../../domain/repository.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf, type Repositories } from "../context/repositories.ts";
import { carryOut, claim, type RunWork } from "../run/lifecycle.ts";
import type { Caller } from "../run/listener.ts";
import { settle } from "../settle/settle.ts";
import { literalPattern } from "../survey/survey.ts";
import { chooseSnapshots } from "./choose.ts";
import { loadDatabases } from "./databases.ts";
import { needEmpty, restoreFresh } from "./fresh.ts";
import { restoreInPlace, type Placed } from "./in-place.ts";
import { parseCapture, readCapture, stagingIn } from "./read-capture.ts";
import type { RestoredDatabase, RestoreReport } from "./report.ts";

export interface RestoreRequestOptions {
  app: string;
  /** The beginning of a snapshot's id; the newest good one when absent. */
  snapshot?: string;
  destination?: string;
  /** A fresh folder; absent: a new one in the current folder. */
  target?: string;
  inPlace: boolean;
  /** Only these absolute paths. */
  paths: string[];
  /** Whether files are restored; false when only databases are wanted. */
  files: boolean;
  databases: "none" | "all" | string[];
  /** Fields of the databases' declarations to replace; `env:NAME` and `file:PATH` for secrets. */
  into: Record<string, string>;
}

interface Restored {
  record: SnapshotRecord;
  stats: RestoreStats;
  target?: string;
  databases: RestoredDatabase[];
}

/** Brings an app, or part of it, back from a snapshot. Throws HF_SNAPSHOT_*, HF_RESTORE_TARGET_NOT_EMPTY, HF_RUN_BUSY. */
export async function restore(
  holdfast: Holdfast,
  request: RestoreRequestOptions,
  caller: Caller,
): Promise<RestoreReport> {
  const candidates = await chooseSnapshots(holdfast, request);
  const [first] = candidates;
  if (first === undefined) throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: request.snapshot ?? request.app });
  const target = targetOf(request, first);
  if (target !== undefined) await needEmpty(target);
  await settle(holdfast);
  const claimed = await claim(holdfast, {
    kind: "restore",
    subject: request.app,
    // Only a restore that changes the app itself keeps others away from it.
    ...(request.inPlace || request.databases !== "none" ? { app: request.app } : {}),
    destination: first.destination,
    requestedBy: "person",
    dryRun: false,
  });
  if ("busy" in claimed) {
    throw failure("HF_RUN_BUSY", { app: request.app, run: claimed.busy.id, since: claimed.busy.queuedAt });
  }
  const repositories = repositoriesOf(holdfast);
  const end = await carryOut(holdfast, claimed.run, request.app, caller, async (run): Promise<Restored> => {
    for (const found of worthOf(first)) run.note({ phase: "restore", subject: first.destination }, found);
    return await fromAny(holdfast, repositories, candidates, { ...request, target }, run);
  });
  const record = end.result?.record ?? first;
  return {
    app: request.app,
    snapshotId: record.resticId ?? "",
    time: record.time ?? record.startedAt,
    destination: record.destination,
    verdict: record.verdict ?? "unproven",
    outcome: end.outcome,
    ...(end.result?.target === undefined ? {} : { target: end.result.target }),
    inPlace: request.inPlace,
    files: { count: end.result?.stats.filesRestored ?? 0, bytes: end.result?.stats.bytesRestored ?? 0 },
    verified: end.result !== undefined && request.files,
    databases: end.result?.databases ?? [],
    problems: end.problems,
    durationMs: end.durationMs,
  };
}

function targetOf(request: RestoreRequestOptions, record: SnapshotRecord): string | undefined {
  if (request.inPlace || !request.files) return undefined;
  return resolve(request.target ?? `restore-${request.app}-${(record.resticId ?? "").slice(0, 8)}`);
}

function worthOf(record: SnapshotRecord): Problem[] {
  if (record.verdict === "good") return [];
  const snapshot = (record.resticId ?? "").slice(0, 8);
  return [problem("HF_RESTORE_INCOMPLETE_SNAPSHOT", { snapshot, verdict: record.verdict ?? "unproven" })];
}

type Resolved = Omit<RestoreRequestOptions, "target"> & { target: string | undefined };

/** From the first destination that can be reached. */
async function fromAny(
  holdfast: Holdfast,
  repositories: Repositories,
  candidates: SnapshotRecord[],
  request: Resolved,
  run: RunWork,
): Promise<Restored> {
  for (const [index, record] of candidates.entries()) {
    try {
      return await fromOne(holdfast, repositories, record, request, run);
    } catch (error) {
      const unreachable = isFailure(error, "HF_REPOSITORY_UNREACHABLE", "HF_REPOSITORY_MISSING", "HF_UNKNOWN_NAME");
      if (!unreachable || index === candidates.length - 1) throw error;
      run.emit({
        type: "waiting",
        step: { phase: "restore", subject: record.destination },
        reason: `it cannot be reached; trying ${candidates[index + 1]?.destination ?? "the next"}`,
      });
    }
  }
  throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: request.snapshot ?? request.app });
}

async function fromOne(
  holdfast: Holdfast,
  repositories: Repositories,
  record: SnapshotRecord,
  request: Resolved,
  run: RunWork,
): Promise<Restored> {
  const { destination } = record;
  const repository = await repositories.open(destination);
  await using _turn = await takeTurn(holdfast.state, {
    destination,
    mode: "shared",
    owner: holdfast.owner,
    what: `the restore of ${request.app}`,
    signal: run.signal,
  });
  if (request.target !== undefined)
    return await fresh(holdfast, repository, record, { ...request, target: request.target }, run);
  return await backInPlace(holdfast, repository, record, request, run);
}

/** Everything into a fresh folder; databases only when they were asked for, from the dumps that lie there now. */
async function fresh(
  holdfast: Holdfast,
  repository: Repository,
  record: SnapshotRecord,
  request: Resolved & { target: string },
  run: RunWork,
): Promise<Restored> {
  const { target } = request;
  const id = idOf(record);
  const staging = stagingIn(record, request.app);
  const step: StepRef = { phase: "restore", subject: record.destination };
  const dumpsToo = request.databases !== "none" && staging !== undefined;
  const include =
    request.paths.length > 0 && dumpsToo ? [...request.paths, join(staging, captureFolder)] : request.paths;
  const stats = await run.stage(step, async () => {
    const onProgress = (progress: Progress): void => run.emit({ type: "step-progress", step, progress });
    return await restoreFresh(repository, { id, target, include, onProgress }, staging, run);
  });
  const folder = join(target, captureFolder);
  const captures = request.databases === "none" ? [] : wanted(request, await captureAt(folder));
  return { record, stats, target, databases: await loadFrom(holdfast, request, captures, folder, run) };
}

/** Files and databases back to where they were; what was there stays aside until everything has succeeded. */
async function backInPlace(
  holdfast: Holdfast,
  repository: Repository,
  record: SnapshotRecord,
  request: Resolved,
  run: RunWork,
): Promise<Restored> {
  const id = idOf(record);
  const staging = stagingIn(record, request.app);
  const folder = join(await holdfast.scratch(), "dumps", captureFolder);
  let capture: Capture | undefined;
  if (request.databases === "none") {
    capture = (await readCapture(repository, { id, paths: record.paths }, request.app, run))?.capture;
  } else if (staging !== undefined) {
    await run.stage({ phase: "restore", subject: `dumps from ${record.destination}` }, async () => {
      const include = [join(staging, captureFolder)];
      return await restoreFresh(repository, { id, target: dirname(folder), include }, staging, run);
    });
    capture = await captureAt(folder);
  }
  const captures = wanted(request, capture);
  const placed = request.files ? await inPlace(holdfast, repository, record, request, capture, run) : undefined;
  const databases = await loadFrom(holdfast, request, captures, folder, run);
  const failed = databases.some((database) => database.problem !== undefined);
  await (failed ? placed?.undo() : placed?.keep());
  return { record, stats: placed?.stats ?? { filesRestored: 0, bytesRestored: 0 }, databases };
}

function idOf(record: SnapshotRecord): SnapshotId {
  if (record.resticId === undefined) throw failure("HF_SNAPSHOT_UNKNOWN", { snapshot: record.id });
  return record.resticId;
}

async function captureAt(folder: string): Promise<Capture | undefined> {
  const path = join(folder, captureFileName);
  return (await exists(path)) ? parseCapture(await readFile(path, "utf8"), path) : undefined;
}

/** The dumps that are to be loaded. Throws HF_UNKNOWN_NAME, HF_LOAD_FAILED for one that is not in the snapshot. */
function wanted(request: Resolved, capture: Capture | undefined): DatabaseCapture[] {
  if (request.databases === "none") return [];
  const all = capture?.databases ?? [];
  if (request.databases === "all") return all.filter((one) => one.complete);
  return request.databases.map((name) => {
    const one = all.find((capture) => capture.name === name);
    if (one === undefined) {
      const suggestion =
        all.length === 0
          ? "The snapshot holds none."
          : `The snapshot holds: ${all.map((capture) => capture.name).join(", ")}.`;
      throw failure("HF_UNKNOWN_NAME", { kind: "database", name, suggestion });
    }
    if (!one.complete) {
      throw failure("HF_LOAD_FAILED", {
        database: name,
        detail: `this snapshot has no complete dump of it (${one.problem ?? ""})`,
      });
    }
    return one;
  });
}

async function inPlace(
  holdfast: Holdfast,
  repository: Repository,
  record: SnapshotRecord,
  request: Resolved,
  capture: Capture | undefined,
  run: RunWork,
): Promise<Placed | undefined> {
  const staging = stagingIn(record, request.app);
  const paths = request.paths.length > 0 ? request.paths : record.paths.filter((path) => path !== staging);
  if (paths.length === 0) return undefined;
  // Files that a dump stands for are put back by the load, not by bringing the old ones over.
  const replaced = new Set((capture?.databases ?? []).flatMap((one) => one.replaces).map(literalPattern));
  const exclude = (capture?.exclude ?? []).filter((pattern) => !replaced.has(pattern));
  const step: StepRef = { phase: "restore", subject: record.destination };
  return await run.stage(step, async () => {
    const onProgress = (progress: Progress): void => run.emit({ type: "step-progress", step, progress });
    return await restoreInPlace(repository, holdfast.journal, { id: idOf(record), paths, exclude, onProgress }, run);
  });
}

async function loadFrom(
  holdfast: Holdfast,
  request: Resolved,
  captures: DatabaseCapture[],
  folder: string,
  run: RunWork,
): Promise<RestoredDatabase[]> {
  const declared = holdfast.declared.apps.find((app) => app.name === request.app)?.databases ?? [];
  return await loadDatabases(holdfast, { captures, declared, into: overrides(request.into), folder }, run);
}

/** `port=5433` is a number where the spec wants one; `password=env:NAME` is a reference, never a value in argv. */
function overrides(into: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(into).map(([key, value]) => {
      if (value.startsWith("env:")) return [key, secretRefSchema.parse({ env: value.slice(4) })];
      if (value.startsWith("file:")) return [key, secretRefSchema.parse({ file: value.slice(5) })];
      return [key, /^\d+$/.test(value) ? Number(value) : value];
    }),
  );
}
