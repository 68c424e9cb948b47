import type { Kysely } from "kysely";
import type { Schema } from "../schema.ts";

export async function up(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable("runs")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("app", "text")
    .addColumn("destination", "text")
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("requested_by", "text", (column) => column.notNull())
    .addColumn("dry_run", "integer", (column) => column.notNull())
    .addColumn("queued_at", "text", (column) => column.notNull())
    .addColumn("started_at", "text")
    .addColumn("finished_at", "text")
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("heartbeat_at", "text", (column) => column.notNull())
    .addColumn("problems", "text", (column) => column.notNull())
    .addColumn("progress", "text")
    .execute();
  await db.schema.createIndex("runs_by_app").on("runs").columns(["app", "queued_at"]).execute();
  await db.schema.createIndex("runs_by_state").on("runs").column("state").execute();

  await db.schema
    .createTable("snapshots")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("run_id", "text", (column) => column.notNull())
    .addColumn("app", "text", (column) => column.notNull())
    .addColumn("destination", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("verdict", "text")
    .addColumn("restic_id", "text")
    .addColumn("time", "text")
    .addColumn("host", "text", (column) => column.notNull())
    .addColumn("paths", "text", (column) => column.notNull())
    .addColumn("tags", "text", (column) => column.notNull())
    .addColumn("summary", "text")
    .addColumn("fingerprint", "text")
    .addColumn("parts", "text", (column) => column.notNull())
    .addColumn("pinned", "integer", (column) => column.notNull())
    .addColumn("started_at", "text", (column) => column.notNull())
    .addColumn("completed_at", "text")
    .addColumn("forgotten_at", "text")
    .addColumn("duration_ms", "integer")
    .addColumn("problem", "text")
    .execute();
  await db.schema
    .createIndex("snapshots_by_app")
    .on("snapshots")
    .columns(["app", "destination", "started_at"])
    .execute();
  await db.schema.createIndex("snapshots_by_restic_id").on("snapshots").columns(["restic_id"]).execute();
  await db.schema.createIndex("snapshots_by_run").on("snapshots").columns(["run_id"]).execute();

  await db.schema
    .createTable("destinations")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("repository_id", "text", (column) => column.notNull())
    .addColumn("location", "text", (column) => column.notNull())
    .addColumn("first_used_at", "text", (column) => column.notNull())
    .addColumn("last_retained_at", "text")
    .addColumn("last_pruned_at", "text")
    .addColumn("size_bytes", "bigint")
    .execute();
  await db.schema
    .createTable("secrets")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("sealed", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("turns")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("destination", "text", (column) => column.notNull())
    .addColumn("mode", "text", (column) => column.notNull())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("what", "text", (column) => column.notNull())
    .addColumn("granted", "integer", (column) => column.notNull())
    .addColumn("asked_at", "text", (column) => column.notNull())
    .addColumn("heartbeat_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("events")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("run_id", "text", (column) => column.notNull())
    .addColumn("at", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("events_by_run").on("events").columns(["run_id", "id"]).execute();
  await db.schema
    .createTable("checks")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("destination", "text", (column) => column.notNull())
    .addColumn("at", "text", (column) => column.notNull())
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("problems", "text", (column) => column.notNull())
    .addColumn("duration_ms", "integer", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("checks_by_destination").on("checks").columns(["destination", "at"]).execute();
  await db.schema
    .createTable("dumps")
    .addColumn("run_id", "text", (column) => column.notNull())
    .addColumn("app", "text", (column) => column.notNull())
    .addColumn("database", "text", (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("duration_ms", "integer", (column) => column.notNull())
    .addColumn("finished_at", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("dumps_by_app").on("dumps").columns(["app", "database", "finished_at"]).execute();
}
