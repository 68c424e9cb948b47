import { randomUUID } from "node:crypto";
import type { Selectable } from "kysely";
import type { Problem } from "../../base/errors/error.ts";
import type { Owner } from "../../base/process/owner.ts";
import { runId, type RunId } from "../../domain/names.ts";
import type { QueuedWork } from "../../domain/queue.ts";
import type { RunEvent } from "../../domain/events.ts";
import type { Outcome, RequestedBy, RunKind, RunState } from "../../domain/run-state.ts";
import { learnTime, toOwnTime, toStateTime } from "../clock.ts";
import type { Database } from "../open.ts";
import { dropUnheldTurns } from "../runs/turns.ts";
import { writing } from "../transaction.ts";
import type { RunsTable } from "../schema.ts";
import { keepDaemon } from "./daemons.ts";
import { eventRow } from "./events.ts";

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
  /** As this machine's clock has it. */
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
  /** The run that tries again what this one failed of; `none` when it was judged to be of no use. */
  followedBy?: RunId | "none";
}

export interface NewRun {
  kind: RunKind;
  app?: string;
  /** Of upkeep. */
  destination?: string;
  /** All that it will use. */
  destinations: readonly string[];
  requestedBy: RequestedBy;
  dryRun: boolean;
  owner: Owner;
  now: string;
}

/**
 * Begins a run, unless one of the same app, of whichever kind, is running: then that one is given. A backup that is queued
 * for no other destinations is taken out of the queue and begun; any other queued one waits until this one has ended.
 */
export async function claimRun(db: Database, run: NewRun): Promise<{ claimed: boolean; run: RunRecord }> {
  return await writing(db, async (transaction) => {
    if (run.app !== undefined) {
      const rows = await transaction
        .selectFrom("runs")
        .selectAll()
        .where("app", "=", run.app)
        .where("state", "in", ["queued", "running"])
        .execute();
      const running = rows.find((row) => row.state === "running");
      if (running !== undefined) return { claimed: false, run: inOwnTime(db, fromRow(running)) };
      const queued = rows.map(fromRow).find((one) => isCovered(one, run));
      if (queued !== undefined) {
        const begun = await transaction
          .updateTable("runs")
          .set({ ...beginning(db, run), requested_by: run.requestedBy })
          .where("id", "=", queued.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        return { claimed: true, run: fromRow(begun) };
      }
    }
    const row = await transaction
      .insertInto("runs")
      .values({
        id: randomUUID(),
        kind: run.kind,
        app: run.app ?? null,
        destination: run.destination ?? null,
        ...beginning(db, run),
        requested_by: run.requestedBy,
        dry_run: run.dryRun ? 1 : 0,
        queued_at: run.now,
        problems: "[]",
        attempt: 1,
        destinations: JSON.stringify(run.destinations),
        wave: 0,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { claimed: true, run: fromRow(row) };
  });
}

function isCovered(queued: RunRecord, by: NewRun): boolean {
  if (queued.cancelRequestedAt !== undefined) return false;
  // Another machine's app of the same name.
  if (queued.node !== undefined && queued.node !== by.owner.node) return false;
  return queued.kind === by.kind && queued.destinations.every((name) => by.destinations.includes(name));
}

/** What a run that begins now has. */
export function beginning(db: Database, { owner, now }: { owner: Owner; now: string }) {
  const heartbeat = toStateTime(db, now);
  return { state: "running", owner: JSON.stringify(owner), heartbeat_at: heartbeat, started_at: now } as const;
}

/** Heartbeats are kept in the state's own time, so that those of several machines can be compared. */
function inOwnTime(db: Database, run: RunRecord): RunRecord {
  return { ...run, heartbeatAt: toOwnTime(db, run.heartbeatAt) };
}

/**
 * Closes a run, unless it has been closed already: gives whether it did. That, and the event that tells of it, become
 * visible at once.
 */
export async function finishRun(
  db: Database,
  id: RunId,
  state: Outcome,
  problems: Problem[],
  at: string,
): Promise<boolean> {
  return await writing(db, async (transaction) => {
    const closed = await transaction
      .updateTable("runs")
      .set({ state, problems: JSON.stringify(problems), finished_at: at, progress: null })
      .where("id", "=", id)
      .where("finished_at", "is", null)
      .returning(["queued_at", "started_at"])
      .executeTakeFirst();
    if (closed === undefined) return false;
    const durationMs = Date.parse(at) - Date.parse(closed.started_at ?? closed.queued_at);
    const event: RunEvent = { type: "finished", outcome: state, durationMs };
    await transaction.insertInto("events").values(eventRow(id, { event, at })).execute();
    return true;
  });
}

/** Those of these runs that are over. */
export async function finishedAmong(db: Database, ids: readonly RunId[]): Promise<RunId[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("runs")
    .select("id")
    .where("id", "in", ids)
    .where("finished_at", "is not", null)
    .execute();
  return rows.map(({ id }) => runId(id));
}

export async function readRun(db: Database, id: RunId): Promise<RunRecord | undefined> {
  const row = await db.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : inOwnTime(db, fromRow(row));
}

export async function unfinishedRuns(db: Database): Promise<RunRecord[]> {
  const rows = await db.selectFrom("runs").selectAll().where("state", "in", ["queued", "running"]).execute();
  return rows.map((row) => inOwnTime(db, fromRow(row)));
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

/** Tells that an owner lives, with all that it holds. */
export async function beat(db: Database, owner: Owner, now: string): Promise<void> {
  const token = JSON.stringify(owner);
  await learnTime(db);
  const at = toStateTime(db, now);
  await db
    .updateTable("runs")
    .set({ heartbeat_at: at })
    .where("owner", "=", token)
    .where("finished_at", "is", null)
    .execute();
  await db.updateTable("turns").set({ heartbeat_at: at }).where("owner", "=", token).execute();
  await keepDaemon(db, owner, at);
  await dropUnheldTurns(db, owner);
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
    ...(row.followed_by === null ? {} : { followedBy: runId(row.followed_by) }),
    ...(row.app === null ? {} : { app: row.app }),
    ...(row.destination === null ? {} : { destination: row.destination }),
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
  };
}
