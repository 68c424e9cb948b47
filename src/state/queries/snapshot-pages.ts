import type { SnapshotRecordId } from "../../domain/names.ts";
import type { SnapshotRecord, SnapshotStatus, Verdict } from "../../domain/snapshot.ts";
import type { Database } from "../open.ts";
import { snapshotFromRow } from "./snapshots.ts";

/** The last record of a page; the next page begins after it. Newer records never move what comes after. */
export interface PageEnd {
  /** ISO 8601, UTC. */
  time: string;
  id: string;
}

export interface PagedSnapshots {
  app?: string;
  destination?: string;
  run?: string;
  /** `success` is also what records of unchanged runs are. */
  status?: Exclude<SnapshotStatus, "unchanged">;
  verdict?: Verdict;
  pinned?: boolean;
  /** By when the record was made: from this time on, and before that one. ISO 8601, UTC. */
  from?: string;
  to?: string;
  /** Also those that were forgotten. */
  forgotten: boolean;
  /** Also records of runs that found nothing changed. */
  unchanged: boolean;
  after?: PageEnd;
  limit: number;
}

/** One page of records, newest first. */
export async function snapshotPage(db: Database, filter: PagedSnapshots): Promise<SnapshotRecord[]> {
  let query = db.selectFrom("snapshots").selectAll();
  if (filter.app !== undefined) query = query.where("app", "=", filter.app);
  if (filter.destination !== undefined) query = query.where("destination", "=", filter.destination);
  if (filter.run !== undefined) query = query.where("run_id", "=", filter.run);
  // What most records are is asked for by what they are not: an index on that would lead past nearly all of them.
  if (filter.status === "success") query = query.where("status", "not in", ["in_progress", "failed"]);
  else if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  if (filter.verdict === "good") query = query.where("verdict", "not in", ["partial", "suspect", "unproven"]);
  else if (filter.verdict !== undefined) query = query.where("verdict", "=", filter.verdict);
  if (filter.pinned !== undefined) query = query.where("pinned", filter.pinned ? "=" : "!=", 1);
  if (filter.from !== undefined) query = query.where("started_at", ">=", filter.from);
  if (filter.to !== undefined) query = query.where("started_at", "<", filter.to);
  if (!filter.forgotten) query = query.where("forgotten_at", "is", null);
  if (!filter.unchanged) query = query.where("status", "!=", "unchanged");
  const { after } = filter;
  if (after !== undefined) {
    // The first condition alone lets the index be entered at the right place.
    query = query
      .where("started_at", "<=", after.time)
      .where((where) => where.or([where("started_at", "<", after.time), where("id", "<", after.id)]));
  }
  const rows = await query.orderBy("started_at", "desc").orderBy("id", "desc").limit(filter.limit).execute();
  return rows.map(snapshotFromRow);
}

export async function readSnapshotRecord(db: Database, id: SnapshotRecordId): Promise<SnapshotRecord | undefined> {
  const row = await db.selectFrom("snapshots").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : snapshotFromRow(row);
}

/** The records that stored these snapshots, for those that only point to one: by destination and restic's id. */
export async function storedRecords(
  db: Database,
  pointing: readonly Pick<SnapshotRecord, "destination" | "resticId">[],
): Promise<SnapshotRecord[]> {
  const ids = [...new Set(pointing.flatMap(({ resticId }) => (resticId === undefined ? [] : [resticId])))];
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("snapshots")
    .selectAll()
    .where("restic_id", "in", ids)
    .where("status", "=", "success")
    .execute();
  return rows.map(snapshotFromRow);
}

/** The names of all apps or destinations of which there are records, declared or not. */
export async function namesInSnapshots(db: Database, column: "app" | "destination"): Promise<string[]> {
  const rows = await db.selectFrom("snapshots").select(column).distinct().execute();
  return rows.map((row) => row[column]);
}
