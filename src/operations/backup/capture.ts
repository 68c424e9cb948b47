import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { failure, problem, render, type Problem } from "../../base/errors/error.ts";
import { freeBytes } from "../../base/files/atomic.ts";
import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { App } from "../../domain/app.ts";
import { captureFolder, type DatabaseCapture } from "../../domain/capture.ts";
import type { Database, DatabaseDeclaration, DumpProof, Pin } from "../../domain/database.ts";
import type { StepRef } from "../../domain/events.ts";
import type { BackupPlan } from "../../domain/plan/backup.ts";
import { lastDumpSizes, recordDump } from "../../state/queries/dumps.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { RunWork } from "../run/lifecycle.ts";
import { exportDump } from "./export.ts";
import { pinDatabases, type Cleanups, type Pinned } from "./pin.ts";
import type { DumpReport } from "./report.ts";

/** Room left free in staging beside the dumps. */
const spareBytes = 64 * 1024 * 1024;

export interface CapturedDatabases {
  captures: DatabaseCapture[];
  reports: DumpReport[];
}

/** The folder of an app that goes into its snapshots: a stable path, so that restic finds its parent. */
export function stagingOf(holdfast: Holdfast, app: string): string {
  return join(holdfast.home.staging, app);
}

/** Pins every database of an app, then dumps them one after another. A failed one is a problem of the run, and is told in its capture. */
export async function captureDatabases(
  holdfast: Holdfast,
  app: App,
  plan: BackupPlan,
  run: RunWork,
): Promise<CapturedDatabases> {
  const folder = join(stagingOf(holdfast, app.name), captureFolder, "databases");
  if (!plan.dryRun) {
    await rm(join(stagingOf(holdfast, app.name), captureFolder), { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  const cleanups: Cleanups = [];
  try {
    const result: CapturedDatabases = { captures: [], reports: [] };
    for (const { declaration, held } of await pinDatabases(holdfast, app, cleanups, run)) {
      const { capture, report } =
        held === undefined ? failed(declaration, run) : await dump(holdfast, app, held, plan, folder, run);
      result.captures.push(capture);
      result.reports.push(report);
    }
    return result;
  } finally {
    for (const cleanUp of cleanups.reverse()) await cleanUp();
  }
}

async function dump(
  holdfast: Holdfast,
  app: App,
  held: Pinned,
  plan: BackupPlan,
  folder: string,
  run: RunWork,
): Promise<{ capture: DatabaseCapture; report: DumpReport }> {
  const { declaration, database } = held;
  const step: StepRef = { phase: "dump", subject: declaration.name };
  const begun = performance.now();
  let exportedTo: string | undefined;
  const proof = await run.step(step, async () => {
    try {
      if (plan.dryRun) return await database.dump(held.pin, "nowhere", run);
      await needSpace(holdfast, app.name, held);
      const made = await database.dump(held.pin, { folder }, run);
      exportedTo =
        app.export && (await exportDump(app.export, declaration, folder, made, holdfast.clock.now(), run.signal));
      return made;
    } finally {
      await held.pin.release();
    }
  });
  if (proof === undefined) return failed(declaration, run, performance.now() - begun);
  for (const warning of proof.warnings) if (!isKnown(app, warning)) run.note(step, warning);
  if (!plan.dryRun) {
    await recordDump(holdfast.state, {
      runId: run.runId,
      app: app.name,
      database: declaration.name,
      type: declaration.type,
      bytes: proof.bytes,
      durationMs: proof.durationMs,
      finishedAt: run.clock.now().toISOString(),
    });
  }
  return {
    capture: captureOf(declaration, database, held.pin, proof),
    report: {
      database: declaration.name,
      type: declaration.type,
      bytes: proof.bytes,
      rows: Object.values(proof.counts).reduce((sum, rows) => sum + rows, 0),
      durationMs: proof.durationMs,
      ...(exportedTo === undefined ? {} : { exportedTo }),
    },
  };
}

function captureOf(declaration: DatabaseDeclaration, database: Database, pin: Pin, proof: DumpProof): DatabaseCapture {
  return {
    name: declaration.name,
    type: declaration.type,
    complete: true,
    files: proof.files.map((file) => ({ path: `databases/${file.name}`, bytes: file.bytes })),
    format: proof.format,
    engine: proof.engine,
    serverVersion: proof.serverVersion,
    clientVersion: proof.clientVersion,
    pinnedAt: pin.pinnedAt.toISOString(),
    counts: proof.counts,
    replaces: database.footprint().leaveOut,
  };
}

/** The capture of a database whose pin or dump threw: the last problem of the run is the one that says why. */
function failed(
  declaration: DatabaseDeclaration,
  run: RunWork,
  durationMs = 0,
): { capture: DatabaseCapture; report: DumpReport } {
  const { name: subject } = declaration;
  const why: Problem =
    run.problemOf({ phase: "pin", subject }) ??
    run.problemOf({ phase: "dump", subject }) ??
    problem("HF_DUMP_FAILED", { database: subject, detail: "it ended without a word" });
  return {
    capture: {
      name: declaration.name,
      type: declaration.type,
      complete: false,
      files: [],
      counts: {},
      replaces: [],
      problem: render(why).message,
    },
    report: { database: declaration.name, type: declaration.type, bytes: 0, rows: 0, durationMs, problem: why },
  };
}

/** Before anything is staged: is there room for a dump as large as the last one? */
async function needSpace(holdfast: Holdfast, app: string, held: Pinned): Promise<void> {
  const last = (await lastDumpSizes(holdfast.state, app)).get(held.declaration.name);
  const needed = (last ?? held.facts.sizeBytes ?? 0) + spareBytes;
  const free = await freeBytes(holdfast.home.root);
  if (free >= needed) return;
  throw failure("HF_NO_SPACE", {
    path: holdfast.home.staging,
    needed: formatBytes(needed),
    free: formatBytes(free),
    what: `the dump of ${held.declaration.name}`,
  });
}

/** The password of the state's own role stands in DATABASE_URL: that a dump lacks it is no news each night. */
function isKnown({ system }: App, { code }: Problem): boolean {
  return system === "database" && code === "HF_DUMP_NO_ROLE_PASSWORDS";
}
