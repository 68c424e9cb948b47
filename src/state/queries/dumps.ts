import type { RunId } from "../../domain/names.ts";
import type { Database } from "../open.ts";

export interface DumpRecord {
  runId: RunId;
  app: string;
  database: string;
  type: string;
  bytes: number;
  durationMs: number;
  finishedAt: string;
}

/** Only complete dumps are recorded. */
export async function recordDump(db: Database, dump: DumpRecord): Promise<void> {
  await db
    .insertInto("dumps")
    .values({
      run_id: dump.runId,
      app: dump.app,
      database: dump.database,
      type: dump.type,
      bytes: dump.bytes,
      duration_ms: Math.round(dump.durationMs),
      finished_at: dump.finishedAt,
    })
    .execute();
}

/** Size of the newest complete dump of each of an app's databases, in bytes. */
export async function lastDumpSizes(db: Database, app: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("dumps")
    .select(["database", "bytes"])
    .where("app", "=", app)
    .orderBy("finished_at", "asc")
    .execute();
  return new Map(rows.map((row) => [row.database, row.bytes]));
}
