import type { Owner } from "../../base/process/owner.ts";
import type { Database } from "../open.ts";

/** How far the schedule has come with one thing, such as `backup:box/immich` or `retain:nas`. */
export interface Progress {
  firstSeenAt: Date;
  /** The newest due time that was seen to. */
  lastDueAt: Date;
}

/** How far the schedule has come, by key. */
export async function readSchedules(db: Database): Promise<Map<string, Progress>> {
  const rows = await db.selectFrom("schedules").selectAll().execute();
  return new Map(
    rows.map((row) => [row.key, { firstSeenAt: new Date(row.first_seen_at), lastDueAt: new Date(row.last_due_at) }]),
  );
}

/** Rows of one statement: PostgreSQL takes 65,535 values, SQLite half of that. */
const atOnce = 500;

/**
 * Sees to these due times, within the caller's transaction. What was never seen before is seen `now`, and what a clock that
 * was ahead has seen first, too.
 */
export async function moveOn(
  transaction: Database,
  served: readonly { key: string; dueAt: Date }[],
  now: Date,
): Promise<void> {
  const rows = served.map(({ key, dueAt }) => ({
    key,
    first_seen_at: now.toISOString(),
    last_due_at: dueAt.toISOString(),
  }));
  for (let start = 0; start < rows.length; start += atOnce) {
    await transaction
      .insertInto("schedules")
      .values(rows.slice(start, start + atOnce))
      .onConflict((conflict) =>
        conflict.column("key").doUpdateSet((row) => ({
          last_due_at: row.ref("excluded.last_due_at"),
          first_seen_at: row
            .case()
            .when("schedules.first_seen_at", ">", row.ref("excluded.first_seen_at"))
            .then(row.ref("excluded.first_seen_at"))
            .else(row.ref("schedules.first_seen_at"))
            .end(),
        })),
      )
      .execute();
  }
}

/** Tells which apps have an unfinished run, of whichever kind. One that is bound to no node counts on each. */
export async function busyApps(db: Database): Promise<(app: { name: string; device: string }) => boolean> {
  const rows = await db
    .selectFrom("runs")
    .select(["app", "node"])
    .distinct()
    .where("state", "in", ["queued", "running"])
    .where("app", "is not", null)
    .execute();
  const nodes = new Map<string | null, Set<string | null>>();
  for (const { app, node } of rows) nodes.set(app, (nodes.get(app) ?? new Set()).add(node));
  return ({ name, device }) => nodes.get(name)?.has(device) === true || nodes.get(name)?.has(null) === true;
}

/** A run that waited longer than this in the queue is not looked for: the search stays short however long the history. */
const longestWaitMs = 7 * 24 * 3_600_000;

/** A backup that has ended well. */
export interface BegunBackup {
  app: string;
  /** The node whose app it was. */
  device: string;
  /** Where it stored. */
  destinations: string[];
  begunAt: Date;
}

/** The newest backup of each app, node and set of destinations that began after `since` and has ended well. */
export async function backupsBegunSince(db: Database, apps: readonly string[], since: Date): Promise<BegunBackup[]> {
  const begun: BegunBackup[] = [];
  for (let start = 0; start < apps.length; start += atOnce) {
    const rows = await db
      .selectFrom("runs")
      .select((select) => ["app", "node", "owner", "destinations", select.fn.max("started_at").as("begun")])
      .where("app", "in", apps.slice(start, start + atOnce))
      .where("queued_at", ">=", new Date(since.getTime() - longestWaitMs).toISOString())
      .where("started_at", ">=", since.toISOString())
      .where("kind", "=", "backup")
      .where("dry_run", "=", 0)
      .where("state", "in", ["success", "warning"])
      .groupBy(["app", "node", "owner", "destinations"])
      .execute();
    for (const { app, node, owner, destinations, begun: at } of rows) {
      // What came out of no queue was for the node that did it.
      const device = node ?? (owner === null ? null : (JSON.parse(owner) as Owner).node);
      if (app === null || device === null || at === null) continue;
      begun.push({ app, device, destinations: JSON.parse(destinations) as string[], begunAt: new Date(at) });
    }
  }
  return begun;
}
