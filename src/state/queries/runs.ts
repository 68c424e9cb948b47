import { randomUUID } from "node:crypto";
import type { Selectable } from "kysely";
import type { Problem } from "../../base/errors/error.ts";
import type { Owner } from "../../base/process/owner.ts";
import { runId, type RunId } from "../../domain/names.ts";
import type { QueuedWork } from "../../domain/queue.ts";
import type { RequestedBy, RunKind, RunState } from "../../domain/run-state.ts";
import type { Database } from "../open.ts";
import { writing } from "../transaction.ts";
import type { RunsTable } from "../schema.ts";

export interface RunRecord {
  id: RunId;
  kind: RunKind;
  app?: string;
  destination?: string;
  state: RunState;
  requestedBy: RequestedBy;
  dryRun: boolean;
  queuedAt: string;
  startedAt?: string;
  finishedAt?: string;
  /** Who works on it; absent as long as it is queued. */
  owner?: Owner;
  heartbeatAt: string;
  problems: Problem[];
  /** What a queued run is to do. */
  work?: QueuedWork;
  /** The due time that it is for; no two runs have the same. */
  slot?: string;
  notBefore?: string;
  /** 1, and one more for each retry. */
  attempt: number;
  node?: string;
  destinations: string[];
  wave: number;
  cancelRequestedAt?: string;
}

export interface NewRun {
  kind: RunKind;
  app?: string;
  destination?: string;
  requestedBy: RequestedBy;
  dryRun: boolean;
  owner: Owner;
  now: string;
}

/**
 * Begins a run, unless an unfinished run of the same app, of whichever kind, is there: then that one is given. A queued one
 * of the same kind is taken out of the queue and begun.
 */
export async function claimRun(db: Database, run: NewRun): Promise<{ claimed: boolean; run: RunRecord }> {
  return await writing(db, async (transaction) => {
    if (run.app !== undefined) {
      const there = await transaction
        .selectFrom("runs")
        .selectAll()
        .where("app", "=", run.app)
        .where("state", "in", ["queued", "running"])
        .executeTakeFirst();
      if (there?.state === "queued" && there.kind === run.kind) {
        const begun = await transaction
          .updateTable("runs")
          .set({ ...beginning(run), requested_by: run.requestedBy })
          .where("id", "=", there.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        return { claimed: true, run: fromRow(begun) };
      }
      if (there !== undefined) return { claimed: false, run: fromRow(there) };
    }
    const row = await transaction
      .insertInto("runs")
      .values({
        id: randomUUID(),
        kind: run.kind,
        app: run.app ?? null,
        destination: run.destination ?? null,
        ...beginning(run),
        requested_by: run.requestedBy,
        dry_run: run.dryRun ? 1 : 0,
        queued_at: run.now,
        problems: "[]",
        attempt: 1,
        destinations: JSON.stringify(run.destination === undefined ? [] : [run.destination]),
        wave: 0,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { claimed: true, run: fromRow(row) };
  });
}

/** What a run that begins now has. */
export function beginning({ owner, now }: { owner: Owner; now: string }) {
  return { state: "running", owner: JSON.stringify(owner), heartbeat_at: now, started_at: now } as const;
}

/** Closes a run, unless it has been closed already. */
export async function finishRun(
  db: Database,
  id: RunId,
  state: RunState,
  problems: Problem[],
  at: string,
): Promise<void> {
  await db
    .updateTable("runs")
    .set({ state, problems: JSON.stringify(problems), finished_at: at, progress: null })
    .where("id", "=", id)
    .where("finished_at", "is", null)
    .execute();
}

export async function readRun(db: Database, id: RunId): Promise<RunRecord | undefined> {
  const row = await db.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

export async function unfinishedRuns(db: Database): Promise<RunRecord[]> {
  const rows = await db.selectFrom("runs").selectAll().where("state", "in", ["queued", "running"]).execute();
  return rows.map(fromRow);
}

/** The last finished backup of each app, dry runs aside. */
export async function lastBackups(db: Database): Promise<RunRecord[]> {
  const newest = db
    .selectFrom("runs")
    .select((select) => ["app", select.fn.max("queued_at").as("newest")])
    .where("kind", "=", "backup")
    .where("dry_run", "=", 0)
    .where("finished_at", "is not", null)
    .groupBy("app")
    .as("last");
  const rows = await db
    .selectFrom("runs")
    .innerJoin(newest, (join) => join.onRef("last.app", "=", "runs.app").onRef("last.newest", "=", "runs.queued_at"))
    .selectAll("runs")
    .where("kind", "=", "backup")
    .execute();
  return rows.map(fromRow);
}

/** Finished backups of one app, newest first. */
export async function recentBackups(db: Database, app: string, limit: number): Promise<RunRecord[]> {
  const rows = await db
    .selectFrom("runs")
    .selectAll()
    .where("kind", "=", "backup")
    .where("app", "=", app)
    .where("dry_run", "=", 0)
    .where("finished_at", "is not", null)
    .orderBy("queued_at", "desc")
    .limit(limit)
    .execute();
  return rows.map(fromRow);
}

export async function beat(db: Database, owner: Owner, at: string): Promise<void> {
  const token = JSON.stringify(owner);
  await db
    .updateTable("runs")
    .set({ heartbeat_at: at })
    .where("owner", "=", token)
    .where("finished_at", "is", null)
    .execute();
  await db.updateTable("turns").set({ heartbeat_at: at }).where("owner", "=", token).execute();
}

/** A run as it is remembered. */
export function fromRow(row: Selectable<RunsTable>): RunRecord {
  return {
    id: runId(row.id),
    kind: row.kind as RunKind,
    state: row.state as RunState,
    requestedBy: row.requested_by as RequestedBy,
    dryRun: row.dry_run === 1,
    queuedAt: row.queued_at,
    heartbeatAt: row.heartbeat_at,
    problems: JSON.parse(row.problems) as Problem[],
    attempt: row.attempt,
    destinations: JSON.parse(row.destinations) as string[],
    wave: row.wave,
    ...(row.owner === null ? {} : { owner: JSON.parse(row.owner) as Owner }),
    ...(row.work === null ? {} : { work: JSON.parse(row.work) as QueuedWork }),
    ...(row.slot === null ? {} : { slot: row.slot }),
    ...(row.not_before === null ? {} : { notBefore: row.not_before }),
    ...(row.node === null ? {} : { node: row.node }),
    ...(row.cancel_requested_at === null ? {} : { cancelRequestedAt: row.cancel_requested_at }),
    ...(row.app === null ? {} : { app: row.app }),
    ...(row.destination === null ? {} : { destination: row.destination }),
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
  };
}
