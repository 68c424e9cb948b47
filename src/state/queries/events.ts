import { runId, type RunId } from "../../domain/names.ts";
import type { RunEvent } from "../../domain/events.ts";
import type { Database } from "../open.ts";

/** Transitions are rows of their own; progress only replaces the run's one progress row. */
export async function appendEvent(db: Database, id: RunId, event: RunEvent, at: string): Promise<void> {
  const body = JSON.stringify(event);
  if (event.type === "step-progress") {
    await db.updateTable("runs").set({ progress: body }).where("id", "=", id).execute();
    return;
  }
  await db.insertInto("events").values({ run_id: id, at, type: event.type, body }).execute();
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
