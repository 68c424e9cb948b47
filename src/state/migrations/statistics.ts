import { PostgresAdapter, sql, type Kysely } from "kysely";
import type { Schema } from "../schema.ts";

/**
 * Rows of a table, and how many of them share the first column of an index, its first two, and so on: 1,000 apps with two
 * destinations. A state that is selected from by rare values tells so of them: few runs are queued, few records failed.
 */
const assumed: Record<string, Record<string, string>> = {
  snapshots: {
    snapshots_by_app: "100000 100 50 1 1",
    snapshots_by_restic_id: "100000 1",
    snapshots_by_run: "100000 2",
    snapshots_by_place: "100000 50000 40000 35000 1",
    snapshots_by_standing: "100000 100 50 50 40 40 40 1 1",
    snapshots_by_time: "100000 50 1",
    snapshots_by_app_time: "100000 100 2 1",
    snapshots_by_destination_time: "100000 50000 25 1",
    snapshots_by_status_time: "100000 30000 20 1",
    snapshots_by_verdict_time: "100000 30000 20 1",
    snapshots_by_pinned_time: "100000 50000 25 1",
  },
  runs: {
    runs_by_app: "100000 100 1",
    runs_by_state: "100000 50 50 50 1 1",
    runs_by_end: "100000 50000 40000 100 1 1",
    runs_by_time: "100000 10 1",
    runs_by_destination_time: "100000 10000 1 1",
  },
  events: { events_by_run: "1000000 10 1" },
  dumps: { dumps_by_app: "100000 100 100 1" },
  checks: { checks_by_destination: "10000 1000 1" },
  outbox: { outbox_by_time: "10000 20 1" },
};

/**
 * Gives SQLite fixed statistics (its manual on ANALYZE, 2.1): without any it takes an index on a status for as good as one
 * on an app, and reading a page from 100,000 records takes a hundred times as long. PostgreSQL gathers its own.
 */
export async function assumeStatistics(db: Kysely<Schema>): Promise<void> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) return;
  // Makes the table of statistics, which cannot be created by hand.
  await sql`ANALYZE`.execute(db);
  for (const [table, indexes] of Object.entries(assumed)) {
    for (const [index, stat] of Object.entries(indexes)) {
      await sql`INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (${table}, ${index}, ${stat})`.execute(db);
    }
  }
  // Has this connection, too, read them.
  await sql`ANALYZE sqlite_schema`.execute(db);
}
