import type { RunKind, RunState } from "../../domain/run-state.ts";
import type { Database } from "../open.ts";
import { fromRow, type RunRecord } from "./runs.ts";
import type { PageEnd } from "./snapshot-pages.ts";

export interface PagedRuns {
  kind?: RunKind;
  app?: string;
  destination?: string;
  state?: RunState;
  /** By when it was asked for: from this time on, and before that one. ISO 8601, UTC. */
  from?: string;
  to?: string;
  after?: PageEnd;
  limit: number;
}

/** One page of runs, newest first. */
export async function runPage(db: Database, filter: PagedRuns): Promise<RunRecord[]> {
  let query = db.selectFrom("runs").selectAll();
  if (filter.kind !== undefined) query = query.where("kind", "=", filter.kind);
  if (filter.app !== undefined) query = query.where("app", "=", filter.app);
  if (filter.destination !== undefined) query = query.where("destination", "=", filter.destination);
  if (filter.state !== undefined) query = query.where("state", "=", filter.state);
  if (filter.from !== undefined) query = query.where("queued_at", ">=", filter.from);
  if (filter.to !== undefined) query = query.where("queued_at", "<", filter.to);
  const { after } = filter;
  if (after !== undefined) {
    query = query
      .where("queued_at", "<=", after.time)
      .where((where) => where.or([where("queued_at", "<", after.time), where("id", "<", after.id)]));
  }
  const rows = await query.orderBy("queued_at", "desc").orderBy("id", "desc").limit(filter.limit).execute();
  return rows.map(fromRow);
}

/** The latest progress of every run that goes on, as JSON of a RunEvent. */
export async function runningProgress(db: Database): Promise<{ id: string; progress: string }[]> {
  const rows = await db
    .selectFrom("runs")
    .select(["id", "progress"])
    .where("state", "=", "running")
    .where("progress", "is not", null)
    .execute();
  return rows.flatMap(({ id, progress }) => (progress === null ? [] : [{ id, progress }]));
}
