import { runId, type RunId } from "../../domain/names.ts";
import type { RunEvent } from "../../domain/events.ts";
import type { RunKind } from "../../domain/run-state.ts";
import type { Database } from "../open.ts";
import { writing } from "../transaction.ts";

export interface HappenedEvent {
  event: RunEvent;
  at: string;
}

/** What is kept of an event. */
export function eventRow(id: RunId, { event, at }: HappenedEvent) {
  return { run_id: id, at, type: event.type, body: JSON.stringify(event) };
}

/**
 * Transitions are rows of their own; progress only replaces the run's one progress row. Ids are handed out in the order in
 * which they become visible, so that whoever has seen one has seen all before it: hence `writing`.
 */
export async function appendEvents(db: Database, id: RunId, happened: readonly HappenedEvent[]): Promise<void> {
  const rows = happened.filter(({ event }) => event.type !== "step-progress").map((one) => eventRow(id, one));
  if (rows.length > 0) {
    await writing(db, async (transaction) => await transaction.insertInto("events").values(rows).execute());
  }
  const progress = happened.findLast(({ event }) => event.type === "step-progress");
  if (progress === undefined) return;
  const body = JSON.stringify(progress.event);
  await db.updateTable("runs").set({ progress: body }).where("id", "=", id).execute();
}

/** Events of a run after the given event id, in order. */
export async function eventsAfter(
  db: Database,
  id: RunId,
  after: number,
): Promise<{ id: number; runId: RunId; event: RunEvent }[]> {
  const rows = await db
    .selectFrom("events")
    .selectAll()
    .where("run_id", "=", id)
    .where("id", ">", after)
    .orderBy("id")
    .execute();
  return rows.map((row) => ({ id: row.id, runId: runId(row.run_id), event: JSON.parse(row.body) as RunEvent }));
}

export async function currentProgress(db: Database, id: RunId): Promise<RunEvent | undefined> {
  const row = await db.selectFrom("runs").select("progress").where("id", "=", id).executeTakeFirst();
  return row?.progress == null ? undefined : (JSON.parse(row.progress) as RunEvent);
}

export interface KeptEvent extends HappenedEvent {
  id: number;
  runId: RunId;
  /** Of the run. */
  kind?: RunKind;
  app?: string;
  destination?: string;
}

/** Events of all runs, or of one, after the given event id, in order. */
export async function eventsSince(
  db: Database,
  { after, run, limit }: { after: number; run?: RunId; limit: number },
): Promise<KeptEvent[]> {
  let query = db
    .selectFrom("events")
    .leftJoin("runs", "runs.id", "events.run_id")
    .select(["events.id", "events.run_id", "events.at", "events.body", "runs.kind", "runs.app", "runs.destination"])
    .where("events.id", ">", after);
  if (run !== undefined) query = query.where("events.run_id", "=", run);
  const rows = await query.orderBy("events.id").limit(limit).execute();
  return rows.map((row) => ({
    id: row.id,
    runId: runId(row.run_id),
    at: row.at,
    event: JSON.parse(row.body) as RunEvent,
    ...(row.kind === null ? {} : { kind: row.kind as RunKind }),
    ...(row.app === null ? {} : { app: row.app }),
    ...(row.destination === null ? {} : { destination: row.destination }),
  }));
}

/** The newest events of a run, in order. */
export async function lastEvents(db: Database, run: RunId, limit: number): Promise<KeptEvent[]> {
  const [newest] = await db
    .selectFrom("events")
    .select("id")
    .where("run_id", "=", run)
    .orderBy("id", "desc")
    .offset(limit)
    .limit(1)
    .execute();
  return await eventsSince(db, { after: newest?.id ?? 0, run, limit });
}

/** The newest event's id; 0 when there is none. */
export async function lastEventId(db: Database): Promise<number> {
  const row = await db.selectFrom("events").select("id").orderBy("id", "desc").limit(1).executeTakeFirst();
  return row?.id ?? 0;
}
