import { runId, type RunId } from "../../domain/names.ts";
import type { RunEvent } from "../../domain/events.ts";
import type { Database } from "../open.ts";

export interface HappenedEvent {
  event: RunEvent;
  at: string;
}

/** Transitions are rows of their own; progress only replaces the run's one progress row. */
export async function appendEvents(db: Database, id: RunId, happened: readonly HappenedEvent[]): Promise<void> {
  const rows = happened
    .filter(({ event }) => event.type !== "step-progress")
    .map(({ event, at }) => ({ run_id: id, at, type: event.type, body: JSON.stringify(event) }));
  if (rows.length > 0) await db.insertInto("events").values(rows).execute();
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
