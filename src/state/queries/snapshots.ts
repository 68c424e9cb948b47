import { randomUUID } from "node:crypto";
import { sql, type Selectable } from "kysely";
import type { Problem } from "../../base/errors/error.ts";
import {
  appName,
  destinationName,
  runId,
  snapshotId,
  snapshotRecordId,
  type AppName,
  type DestinationName,
  type RunId,
  type SnapshotId,
  type SnapshotRecordId,
} from "../../domain/names.ts";
import type { StoreSummary } from "../../domain/repository.ts";
import type { SnapshotRecord, SnapshotStatus, SourcePart, Verdict } from "../../domain/snapshot.ts";
import type { Database } from "../open.ts";
import type { SnapshotsTable } from "../schema.ts";

/** A record exists from the moment that its run is queued. */
export async function createSnapshotRecord(
  db: Database,
  record: { runId: RunId; app: AppName; destination: DestinationName; host: string; startedAt: string },
): Promise<SnapshotRecordId> {
  const id = randomUUID();
  await db
    .insertInto("snapshots")
    .values({
      id,
      run_id: record.runId,
      app: record.app,
      destination: record.destination,
      status: "in_progress",
      host: record.host,
      paths: "[]",
      tags: "[]",
      parts: "[]",
      pinned: 0,
      started_at: record.startedAt,
    })
    .execute();
  return snapshotRecordId(id);
}

/** A snapshot found in a repository, of which the state knew nothing. */
export async function insertSnapshotRecord(db: Database, record: SnapshotRecord): Promise<void> {
  await db.insertInto("snapshots").values(toRow(record)).execute();
}

export interface SnapshotResult {
  status: Exclude<SnapshotStatus, "in_progress">;
  verdict?: Verdict;
  resticId?: SnapshotId;
  time?: string;
  paths?: string[];
  tags?: string[];
  summary?: StoreSummary;
  fingerprint?: string;
  parts?: SourcePart[];
  completedAt: string;
  durationMs: number;
  problem?: Problem;
}

export async function finishSnapshotRecord(db: Database, id: SnapshotRecordId, result: SnapshotResult): Promise<void> {
  await db
    .updateTable("snapshots")
    .set({
      status: result.status,
      verdict: result.verdict ?? null,
      restic_id: result.resticId ?? null,
      time: result.time ?? null,
      paths: JSON.stringify(result.paths ?? []),
      tags: JSON.stringify(result.tags ?? []),
      summary: result.summary === undefined ? null : JSON.stringify(result.summary),
      fingerprint: result.fingerprint ?? null,
      parts: JSON.stringify(result.parts ?? []),
      completed_at: result.completedAt,
      duration_ms: Math.round(result.durationMs),
      problem: result.problem === undefined ? null : JSON.stringify(result.problem),
    })
    .where("id", "=", id)
    .execute();
}

export interface SnapshotFilter {
  app?: AppName;
  destination?: DestinationName;
  runId?: RunId;
  /** Only snapshots that exist in a repository, as far as the state knows. */
  stored?: boolean;
  limit?: number;
}

/** Newest first. */
export async function listSnapshotRecords(db: Database, filter: SnapshotFilter = {}): Promise<SnapshotRecord[]> {
  let query = db.selectFrom("snapshots").selectAll().orderBy("started_at", "desc");
  if (filter.app !== undefined) query = query.where("app", "=", filter.app);
  if (filter.destination !== undefined) query = query.where("destination", "=", filter.destination);
  if (filter.runId !== undefined) query = query.where("run_id", "=", filter.runId);
  if (filter.stored === true) {
    query = query.where("status", "=", "success").where("restic_id", "is not", null).where("forgotten_at", "is", null);
  }
  if (filter.limit !== undefined) query = query.limit(filter.limit);
  return (await query.execute()).map(snapshotFromRow);
}

/**
 * Records whose restic id, or own id, begins with this; both are written in small letters. Those of runs that found nothing changed point to a snapshot, but
 * are none.
 */
export async function findSnapshotRecords(db: Database, prefix: string): Promise<SnapshotRecord[]> {
  const first = prefix.toLowerCase();
  // Beyond every digit and letter of an id: a range, for which the indexes serve on both engines.
  const last = `${first}~`;
  const rows = await db
    .selectFrom("snapshots")
    .selectAll()
    .where((where) =>
      where.or([
        where.and([where("restic_id", ">=", first), where("restic_id", "<", last)]),
        where.and([where("id", ">=", first), where("id", "<", last)]),
      ]),
    )
    .where("status", "=", "success")
    .where("restic_id", "is not", null)
    .where("forgotten_at", "is", null)
    .orderBy("started_at", "desc")
    .execute();
  return rows.map(snapshotFromRow);
}

export async function markForgotten(
  db: Database,
  destination: DestinationName,
  ids: SnapshotId[],
  at: string,
): Promise<void> {
  for (let start = 0; start < ids.length; start += 500) {
    await db
      .updateTable("snapshots")
      .set({ forgotten_at: at })
      .where("destination", "=", destination)
      .where("restic_id", "in", ids.slice(start, start + 500))
      .execute();
  }
}

export async function setPinned(db: Database, id: SnapshotRecordId, pinned: boolean): Promise<void> {
  await db
    .updateTable("snapshots")
    .set({ pinned: pinned ? 1 : 0 })
    .where("id", "=", id)
    .execute();
}

/** A person has looked at a suspect snapshot and says that it is right. */
export async function acceptSnapshot(db: Database, id: SnapshotRecordId): Promise<void> {
  await db
    .updateTable("snapshots")
    .set({ verdict: "good" })
    .where("id", "=", id)
    .where("verdict", "=", "suspect")
    .execute();
}

/** One line per app and destination, for `status`: counted in the database, so that 10,000 snapshots cost nothing. */
export interface ProtectionRow {
  app: string;
  destination: string;
  snapshots: number;
  lastGoodAt: string | null;
  lastStoredAt: string | null;
}

export async function protection(db: Database): Promise<ProtectionRow[]> {
  return await db
    .selectFrom("snapshots")
    .select([
      "app",
      "destination",
      sql<number>`sum(case when status = 'success' and forgotten_at is null then 1 else 0 end)`.as("snapshots"),
      sql<
        string | null
      >`max(case when (verdict = 'good' or status = 'unchanged') and forgotten_at is null then completed_at end)`.as(
        "lastGoodAt",
      ),
      sql<string | null>`max(case when status = 'success' then completed_at end)`.as("lastStoredAt"),
    ])
    .groupBy(["app", "destination"])
    .execute();
}

/** A snapshot as it is remembered. */
export function snapshotFromRow(row: Selectable<SnapshotsTable>): SnapshotRecord {
  return {
    id: snapshotRecordId(row.id),
    runId: runId(row.run_id),
    app: appName(row.app),
    destination: destinationName(row.destination),
    status: row.status as SnapshotStatus,
    host: row.host,
    paths: JSON.parse(row.paths) as string[],
    tags: JSON.parse(row.tags) as string[],
    parts: JSON.parse(row.parts) as SourcePart[],
    pinned: row.pinned === 1,
    startedAt: row.started_at,
    ...(row.verdict === null ? {} : { verdict: row.verdict as Verdict }),
    ...(row.restic_id === null ? {} : { resticId: snapshotId(row.restic_id) }),
    ...(row.time === null ? {} : { time: row.time }),
    ...(row.summary === null ? {} : { summary: JSON.parse(row.summary) as StoreSummary }),
    ...(row.fingerprint === null ? {} : { fingerprint: row.fingerprint }),
    ...(row.completed_at === null ? {} : { completedAt: row.completed_at }),
    ...(row.forgotten_at === null ? {} : { forgottenAt: row.forgotten_at }),
    ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
    ...(row.problem === null ? {} : { problem: JSON.parse(row.problem) as Problem }),
  };
}

function toRow(record: SnapshotRecord): SnapshotsTable {
  return {
    id: record.id,
    run_id: record.runId,
    app: record.app,
    destination: record.destination,
    status: record.status,
    verdict: record.verdict ?? null,
    restic_id: record.resticId ?? null,
    time: record.time ?? null,
    host: record.host,
    paths: JSON.stringify(record.paths),
    tags: JSON.stringify(record.tags),
    summary: record.summary === undefined ? null : JSON.stringify(record.summary),
    fingerprint: record.fingerprint ?? null,
    parts: JSON.stringify(record.parts),
    pinned: record.pinned ? 1 : 0,
    started_at: record.startedAt,
    completed_at: record.completedAt ?? null,
    forgotten_at: record.forgottenAt ?? null,
    duration_ms: record.durationMs ?? null,
    problem: record.problem === undefined ? null : JSON.stringify(record.problem),
  };
}

/** Every snapshot of a destination is gone: its repository was created anew. */
export async function forgetAllRecords(db: Database, destination: DestinationName, at: string): Promise<void> {
  await db
    .updateTable("snapshots")
    .set({ forgotten_at: at })
    .where("destination", "=", destination)
    .where("restic_id", "is not", null)
    .where("forgotten_at", "is", null)
    .execute();
}

/** Closes the records of a run that ended before it came to them. */
export async function failOpenRecords(db: Database, run: RunId, why: Problem, at: Date): Promise<void> {
  const open = await db
    .selectFrom("snapshots")
    .select(["id", "started_at"])
    .where("run_id", "=", run)
    .where("status", "=", "in_progress")
    .execute();
  for (const record of open) {
    await finishSnapshotRecord(db, snapshotRecordId(record.id), {
      status: "failed",
      completedAt: at.toISOString(),
      durationMs: Math.max(0, at.getTime() - Date.parse(record.started_at)),
      problem: why,
    });
  }
}
