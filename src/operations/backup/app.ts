import { problem } from "../../base/errors/error.ts";
import { exists } from "../../base/files/exists.ts";
import type { App, Hook } from "../../domain/app.ts";
import type { StepRef } from "../../domain/events.ts";
import { literalPattern } from "../../domain/excludes/literal.ts";
import { findCollapse } from "../../domain/guard.ts";
import type { SnapshotRecordId } from "../../domain/names.ts";
import type { BackupPlan, FilesStep } from "../../domain/plan/backup.ts";
import type { SnapshotRecord, SourcePart } from "../../domain/snapshot.ts";
import type { RunRecord } from "../../state/queries/runs.ts";
import { createSnapshotRecord, failOpenRecords, listSnapshotRecords } from "../../state/queries/snapshots.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Repositories } from "../context/repositories.ts";
import { nameOfHook, runHook } from "../run/hooks.ts";
import { carryOut, type RunWork } from "../run/lifecycle.ts";
import type { Caller } from "../run/listener.ts";
import { writeCapture } from "./capture-file.ts";
import { captureDatabases, type CapturedDatabases } from "./capture.ts";
import type { AppReport, StoreReport } from "./report.ts";
import { scanFiles, type Scan } from "./scan.ts";
import { storeIn } from "./store.ts";

export interface AppBackup {
  app: App;
  plan: BackupPlan;
  skipUnchanged: boolean;
  initialise: boolean;
}

interface Taken {
  databases: CapturedDatabases;
  scan: Scan | undefined;
  stores: StoreReport[];
}

const nothingTaken: Taken = { databases: { captures: [], reports: [] }, scan: undefined, stores: [] };

/** Carries out a claimed backup of one app, from its first hook to its last. Never throws: the report tells. */
export async function backupApp(
  holdfast: Holdfast,
  repositories: Repositories,
  backup: AppBackup,
  claimed: RunRecord,
  caller: Caller,
): Promise<AppReport> {
  const { app, plan } = backup;
  const end = await carryOut(holdfast, claimed, app.name, caller, async (run): Promise<Taken> => {
    for (const found of plan.problems) run.note({ phase: "scan", subject: app.name }, found);
    const records = await openRecords(holdfast, plan, run);
    for (const found of plan.refusals) run.note({ phase: "scan", subject: app.name }, found);
    if (plan.refusals.length > 0) return nothingTaken;
    return await betweenHooks(
      holdfast,
      plan,
      run,
      async (prepared) => await capture(holdfast, repositories, backup, { records, prepared }, run),
    );
  });
  const stores = end.result?.stores ?? [];
  const parts = end.result?.scan?.parts ?? [];
  const why = end.problems[0] ?? problem("HF_CANCELLED", {});
  await failOpenRecords(holdfast.state, end.runId, why, holdfast.clock.now());
  return {
    app: app.name,
    runId: end.runId,
    outcome: end.outcome,
    dryRun: plan.dryRun,
    unchanged: stores.length > 0 && stores.every((store) => store.status === "unchanged"),
    followed: false,
    durationMs: end.durationMs,
    files: {
      count: parts.reduce((sum, part) => sum + part.files, 0),
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    },
    dumps: end.result?.databases.reports ?? [],
    stores,
    problems: end.problems,
  };
}

async function openRecords(holdfast: Holdfast, plan: BackupPlan, run: RunWork): Promise<Map<string, SnapshotRecordId>> {
  if (plan.dryRun) return new Map();
  // A queued run has its records already.
  const there = await listSnapshotRecords(holdfast.state, { runId: run.runId });
  const records = new Map<string, SnapshotRecordId>(there.map((record) => [record.destination, record.id]));
  for (const store of plan.stores) {
    if (records.has(store.destination)) continue;
    const record = await createSnapshotRecord(holdfast.state, {
      runId: run.runId,
      app: plan.app,
      destination: store.destination,
      host: store.host,
      startedAt: run.clock.now().toISOString(),
    });
    records.set(store.destination, record);
  }
  return records;
}

/**
 * After-hooks run once before-hooks have begun, whatever happens in between, and after a crash (law 3). The work is told
 * whether all before-hooks succeeded.
 */
async function betweenHooks<T>(
  holdfast: Holdfast,
  plan: BackupPlan,
  run: RunWork,
  work: (prepared: boolean) => Promise<T>,
): Promise<T> {
  const hasHooks = plan.before.length + plan.after.length > 0;
  if (!hasHooks || plan.dryRun) return await work(true);
  const owed =
    plan.after.length === 0
      ? undefined
      : await holdfast.journal.incur({ kind: "hooks", app: plan.app, hooks: plan.after });
  try {
    return await work(await hooks(holdfast, plan, "before", plan.before, run, run.signal));
  } finally {
    // A cancelled run still owes its after-hooks: what was stopped must start. One that failed is owed further.
    const done = await hooks(holdfast, plan, "after", plan.after, run, new AbortController().signal);
    if (owed !== undefined && done) await holdfast.journal.settle(owed);
  }
}

async function hooks(
  holdfast: Holdfast,
  plan: BackupPlan,
  phase: "before" | "after",
  list: Hook[],
  run: RunWork,
  signal: AbortSignal,
): Promise<boolean> {
  let succeeded = true;
  for (const hook of list) {
    const step: StepRef = { phase, subject: nameOfHook(hook) };
    const done = await run.step(step, async () => {
      await runHook(holdfast.device, plan.app, hook, { signal, outlives: phase === "after" });
      return true;
    });
    succeeded &&= done === true;
  }
  return succeeded;
}

async function capture(
  holdfast: Holdfast,
  repositories: Repositories,
  backup: AppBackup,
  { records, prepared }: { records: Map<string, SnapshotRecordId>; prepared: boolean },
  run: RunWork,
): Promise<Taken> {
  const { app } = backup;
  const scanStep: StepRef = { phase: "scan", subject: app.name };
  const plan = { ...backup.plan, files: await presentNow(backup.plan.files) };
  for (const path of plan.files.missing) run.note(scanStep, problem("HF_PATH_MISSING", { path, app: app.name }));
  const startedAt = run.clock.now();
  const [databases, scan] = await Promise.all([
    captureDatabases(holdfast, app, plan, run),
    run.step(scanStep, async () => await scanFiles(plan, holdfast.home.staging, run)),
  ]);
  run.signal.throwIfAborted();
  const dumped = databases.captures.filter((database) => database.complete);
  const nothing = plan.files.paths.length === 0 && dumped.length === 0;
  if (nothing) run.note(scanStep, problem("HF_NOTHING_TO_CAPTURE", { app: app.name }));
  if (scan === undefined || nothing) return { databases, scan, stores: [] };
  const parts: SourcePart[] = [
    ...scan.parts,
    ...dumped.map((one) => ({ name: `database:${one.name}`, files: one.files.length, bytes: sum(one.files) })),
  ];
  const before = await lastWhole(holdfast, app);
  const suspect = before === undefined || plan.dryRun ? undefined : findCollapse(app.name, before.parts, parts);
  if (suspect !== undefined) run.note(scanStep, suspect);
  noteClock(before, app, run, scanStep);
  const complete = prepared && dumped.length === databases.captures.length && plan.files.missing.length === 0;
  const staging = plan.dryRun
    ? undefined
    : await writeCapture(holdfast, {
        runId: run.runId,
        plan,
        startedAt,
        complete,
        suspect,
        parts,
        databases: databases.captures,
        problems: run.problems(),
      });
  const replaced = plan.dumps
    .filter((step) => dumped.some((one) => one.name === step.name))
    .flatMap((step) => step.replaces);
  const what = {
    plan,
    paths: [...plan.files.paths, ...(staging === undefined ? [] : [staging])],
    // Whatever people exclude, what Holdfast adds to the snapshot stays in.
    exclude: [...plan.files.exclude, ...replaced, ...(staging === undefined ? [] : [`!${literalPattern(staging)}`])],
    scan,
    parts,
    verdict: complete ? (suspect === undefined ? ("good" as const) : ("suspect" as const)) : ("partial" as const),
    mayBeUnchanged:
      plan.requestedBy === "schedule" && backup.skipUnchanged && !plan.dryRun && complete && app.databases.length === 0,
    initialise: backup.initialise,
  };
  const stores = await Promise.all(
    plan.stores.map((store) => storeIn(holdfast, repositories, store, records.get(store.destination), what, run)),
  );
  return { databases, scan, stores };
}

/** A before-hook may have mounted what was missing when the plan was made. */
async function presentNow(files: FilesStep): Promise<FilesStep> {
  const came: string[] = [];
  for (const path of files.missing) if (await exists(path)) came.push(path);
  return { ...files, paths: [...files.paths, ...came], missing: files.missing.filter((path) => !came.includes(path)) };
}

/** What to compare with: the newest snapshot that is not known to be bad, and of which it is known what it held. */
async function lastWhole(holdfast: Holdfast, app: App): Promise<SnapshotRecord | undefined> {
  const stored = await listSnapshotRecords(holdfast.state, { app: app.name, stored: true });
  return stored.find(({ verdict, parts }) => (verdict === "good" || verdict === "unproven") && parts.length > 0);
}

/** A clock that went back makes "newest" meaningless: say so, and let retention stand still (it looks for itself). */
function noteClock(before: SnapshotRecord | undefined, app: App, run: RunWork, step: StepRef): void {
  if (before?.time === undefined) return;
  const behindMs = Date.parse(before.time) - run.clock.now().getTime();
  const toleranceMs = 60_000;
  if (behindMs <= toleranceMs) return;
  run.note(step, problem("HF_CLOCK_BACK", { app: app.name, by: `${Math.round(behindMs / 60_000)} minutes` }));
}

function sum(files: { bytes: number }[]): number {
  return files.reduce((total, file) => total + file.bytes, 0);
}
