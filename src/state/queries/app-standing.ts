import { sql } from "kysely";
import type { Database } from "../open.ts";
import { fromRow, type RunRecord } from "./runs.ts";
import type { ProtectionRow } from "./snapshots.ts";

/** How these apps stand in each destination: a page of a list asks for no more than it shows. */
export async function protectionOf(db: Database, apps: readonly string[]): Promise<ProtectionRow[]> {
  if (apps.length === 0) return [];
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
    .where("app", "in", apps)
    .groupBy(["app", "destination"])
    .orderBy("destination")
    .execute();
}

/** The last finished backup of each of these apps, dry runs aside. */
export async function lastBackupsOf(db: Database, apps: readonly string[]): Promise<Map<string, RunRecord>> {
  if (apps.length === 0) return new Map();
  const newest = db
    .selectFrom("runs")
    .select((select) => ["app", select.fn.max("queued_at").as("newest")])
    .where("app", "in", apps)
    .where("kind", "=", "backup")
    .where("dry_run", "=", 0)
    .where("finished_at", "is not", null)
    .groupBy("app")
    .as("last");
  const rows = await db
    .selectFrom("runs")
    .innerJoin(newest, (join) => join.onRef("last.app", "=", "runs.app").onRef("last.newest", "=", "runs.queued_at"))
    .selectAll("runs")
    .where("runs.kind", "=", "backup")
    .where("runs.finished_at", "is not", null)
    .execute();
  return new Map(rows.map((row) => [row.app ?? "", fromRow(row)]));
}
