import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { render, type Problem } from "../../base/errors/error.ts";
import { writeAtomically } from "../../base/files/atomic.ts";
import {
  captureFileName,
  captureFolder,
  type Capture,
  type DatabaseCapture,
  type EarlierRun,
} from "../../domain/capture.ts";
import type { BackupPlan } from "../../domain/plan/backup.ts";
import type { SourcePart } from "../../domain/snapshot.ts";
import { listSnapshotRecords } from "../../state/queries/snapshots.ts";
import { recentBackups } from "../../state/queries/runs.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { version } from "../version.ts";
import { stagingOf } from "./capture.ts";

/** Of so many runs the outcome is looked up; retention leaves fewer snapshots. */
const knownRuns = 1000;

export interface Captured {
  runId: string;
  plan: BackupPlan;
  startedAt: Date;
  complete: boolean;
  suspect: Problem | undefined;
  parts: SourcePart[];
  databases: DatabaseCapture[];
  problems: Problem[];
}

/** Writes capture.json into the app's staging folder; gives the staging folder, which goes into the snapshot. */
export async function writeCapture(holdfast: Holdfast, captured: Captured): Promise<string> {
  const { plan } = captured;
  const staging = stagingOf(holdfast, plan.app);
  await mkdir(join(staging, captureFolder), { recursive: true, mode: 0o700 });
  const capture: Capture = {
    format: 1,
    holdfast: version,
    run: captured.runId,
    app: plan.app,
    device: plan.device,
    startedAt: captured.startedAt.toISOString(),
    capturedAt: holdfast.clock.now().toISOString(),
    complete: captured.complete,
    ...(captured.suspect === undefined ? {} : { suspect: render(captured.suspect).message }),
    paths: captured.parts
      .filter((part) => part.name.startsWith("/"))
      .map(({ name, files, bytes }) => ({ path: name, files, bytes })),
    missing: plan.files.missing,
    exclude: [...plan.files.exclude, ...plan.dumps.flatMap((step) => step.replaces)],
    databases: captured.databases,
    problems: captured.problems.map((found) => render(found).message),
    restoreByHand: instructions(staging, captured),
    earlier: await earlier(holdfast, plan.app),
  };
  const path = join(staging, captureFolder, captureFileName);
  await writeAtomically(path, `${JSON.stringify(capture, null, 2)}\n`, { mode: 0o600 });
  return staging;
}

/** Every run that left a snapshot which is still there; what the run itself came to is told where the state knows it. */
async function earlier(holdfast: Holdfast, app: BackupPlan["app"]): Promise<EarlierRun[]> {
  const outcomes = new Map((await recentBackups(holdfast.state, app, knownRuns)).map((run) => [run.id, run.state]));
  const runs = new Map<string, EarlierRun>();
  for (const record of await listSnapshotRecords(holdfast.state, { app, stored: true })) {
    const { destination, resticId: id, verdict = "unproven", pinned } = record;
    if (id === undefined) continue;
    const run = runs.get(record.runId) ?? {
      run: record.runId,
      outcome: outcomes.get(record.runId) ?? "unknown",
      finishedAt: record.completedAt ?? record.startedAt,
      snapshots: [],
    };
    run.snapshots.push({ destination, id, verdict, pinned });
    runs.set(record.runId, run);
  }
  return [...runs.values()];
}

/** What a person needs who has restic, the password and nothing else (law 6). */
function instructions(staging: string, captured: Captured): string[] {
  const folder = join(staging, captureFolder);
  const lines = [
    "Files lie in this snapshot at their real paths: restic restore SNAPSHOT --target / --include PATH",
    "Restore to another folder first (--target /tmp/restore) when the app still runs.",
  ];
  for (const database of captured.databases.filter((one) => one.complete)) {
    const files = database.files.map((file) => join(folder, file.path));
    lines.push(
      `Database ${database.name} (${database.engine ?? database.type} ${database.serverVersion ?? ""}): ${files.join(", ")}; ${handLoad(database, files[0] ?? "")}`,
    );
  }
  return lines;
}

function handLoad(database: DatabaseCapture, file: string): string {
  switch (database.type) {
    case "postgres":
      return database.format === "custom"
        ? `load with: pg_restore --create --dbname postgres ${file}`
        : `load with: psql --dbname postgres --file ${file}`;
    case "mysql":
    case "mariadb":
      return `load with: mariadb < ${file}, which makes and uses the database by its own name`;
    case "sqlite":
      return `stop the app, remove ${database.replaces.join(", ")}, and copy the file to ${database.replaces[0] ?? "its place"}`;
    case "redis":
      return "stop the server, copy the file over its dump.rdb, and start it (with appendonly off)";
    default:
      return "see the engine's own documentation";
  }
}
