import type { Kysely } from "kysely";
import type { Schema } from "../schema.ts";
import { columnsOf } from "./columns.ts";
import { assumeStatistics } from "./statistics.ts";

export async function up(db: Kysely<Schema>): Promise<void> {
  const { text, counted } = columnsOf(db);
  await db.schema
    .createTable("runs")
    .addColumn("id", text, (column) => column.primaryKey())
    .addColumn("kind", text, (column) => column.notNull())
    .addColumn("app", text)
    .addColumn("destination", text)
    .addColumn("state", text, (column) => column.notNull())
    .addColumn("requested_by", text, (column) => column.notNull())
    .addColumn("dry_run", "integer", (column) => column.notNull())
    .addColumn("queued_at", text, (column) => column.notNull())
    .addColumn("started_at", text)
    .addColumn("finished_at", text)
    .addColumn("owner", text)
    .addColumn("heartbeat_at", text, (column) => column.notNull())
    .addColumn("problems", text, (column) => column.notNull())
    .addColumn("progress", text)
    .addColumn("work", text)
    .addColumn("slot", text, (column) => column.unique())
    .addColumn("not_before", text)
    .addColumn("attempt", "integer", (column) => column.notNull())
    .addColumn("node", text)
    .addColumn("destinations", text, (column) => column.notNull())
    .addColumn("wave", "integer", (column) => column.notNull())
    .addColumn("rank", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("cancel_requested_at", text)
    .addColumn("followed_by", text)
    .execute();
  await db.schema.createIndex("runs_by_app").on("runs").columns(["app", "queued_at"]).execute();
  // The queue is read in this order, from its head.
  await db.schema
    .createIndex("runs_by_state")
    .on("runs")
    .columns(["state", "rank", "wave", "queued_at", "id"])
    .execute();
  // The last backup of every app is found over this index alone.
  await db.schema
    .createIndex("runs_by_end")
    .on("runs")
    .columns(["kind", "dry_run", "app", "finished_at", "queued_at"])
    .execute();
  await db.schema.createIndex("runs_by_time").on("runs").columns(["queued_at", "id"]).execute();
  await db.schema
    .createIndex("runs_by_destination_time")
    .on("runs")
    .columns(["destination", "queued_at", "id"])
    .execute();

  await db.schema
    .createTable("snapshots")
    .addColumn("id", text, (column) => column.primaryKey())
    .addColumn("run_id", text, (column) => column.notNull())
    .addColumn("app", text, (column) => column.notNull())
    .addColumn("destination", text, (column) => column.notNull())
    .addColumn("status", text, (column) => column.notNull())
    .addColumn("verdict", text)
    .addColumn("restic_id", text)
    .addColumn("time", text)
    .addColumn("host", text, (column) => column.notNull())
    .addColumn("paths", text, (column) => column.notNull())
    .addColumn("tags", text, (column) => column.notNull())
    .addColumn("summary", text)
    .addColumn("fingerprint", text)
    .addColumn("parts", text, (column) => column.notNull())
    .addColumn("pinned", "integer", (column) => column.notNull())
    .addColumn("started_at", text, (column) => column.notNull())
    .addColumn("completed_at", text)
    .addColumn("forgotten_at", text)
    .addColumn("duration_ms", "bigint")
    .addColumn("problem", text)
    .execute();
  await db.schema
    .createIndex("snapshots_by_app")
    .on("snapshots")
    .columns(["app", "destination", "started_at", "id"])
    .execute();
  await db.schema.createIndex("snapshots_by_restic_id").on("snapshots").columns(["restic_id"]).execute();
  await db.schema.createIndex("snapshots_by_run").on("snapshots").columns(["run_id"]).execute();
  // How much lies in a destination is counted over this index alone, and how every app stands over the next.
  await db.schema
    .createIndex("snapshots_by_place")
    .on("snapshots")
    .columns(["destination", "status", "forgotten_at", "completed_at"])
    .execute();
  await db.schema
    .createIndex("snapshots_by_standing")
    .on("snapshots")
    .columns(["app", "destination", "host", "status", "verdict", "forgotten_at", "completed_at", "started_at"])
    .execute();
  // For pages of lists: newest first, of all, of an app, of a destination, of one status, and so on.
  await db.schema.createIndex("snapshots_by_time").on("snapshots").columns(["started_at", "id"]).execute();
  for (const column of ["app", "destination", "status", "verdict", "pinned"] as const) {
    await db.schema
      .createIndex(`snapshots_by_${column}_time`)
      .on("snapshots")
      .columns([column, "started_at", "id"])
      .execute();
  }

  await db.schema
    .createTable("destinations")
    .addColumn("name", text, (column) => column.primaryKey())
    .addColumn("repository_id", text, (column) => column.notNull())
    .addColumn("location", text, (column) => column.notNull())
    .addColumn("first_used_at", text, (column) => column.notNull())
    .addColumn("last_retained_at", text)
    .addColumn("last_pruned_at", text)
    .addColumn("size_bytes", "bigint")
    .execute();
  await db.schema
    .createTable("secrets")
    .addColumn("name", text, (column) => column.primaryKey())
    .addColumn("sealed", text, (column) => column.notNull())
    .addColumn("created_at", text, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("turns")
    .addColumn("id", text, (column) => column.primaryKey())
    .addColumn("destination", text, (column) => column.notNull())
    .addColumn("mode", text, (column) => column.notNull())
    .addColumn("owner", text, (column) => column.notNull())
    .addColumn("what", text, (column) => column.notNull())
    .addColumn("granted", "integer", (column) => column.notNull())
    .addColumn("asked_at", text, (column) => column.notNull())
    .addColumn("heartbeat_at", text, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("events")
    .addColumn("id", counted.type, counted.build)
    .addColumn("run_id", text, (column) => column.notNull())
    .addColumn("at", text, (column) => column.notNull())
    .addColumn("type", text, (column) => column.notNull())
    .addColumn("body", text, (column) => column.notNull())
    .execute();
  await db.schema.createIndex("events_by_run").on("events").columns(["run_id", "id"]).execute();
  await db.schema
    .createTable("checks")
    .addColumn("id", text, (column) => column.primaryKey())
    .addColumn("destination", text, (column) => column.notNull())
    .addColumn("at", text, (column) => column.notNull())
    .addColumn("scope", text, (column) => column.notNull())
    .addColumn("outcome", text, (column) => column.notNull())
    .addColumn("problems", text, (column) => column.notNull())
    .addColumn("duration_ms", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("checks_by_destination").on("checks").columns(["destination", "at"]).execute();
  await db.schema
    .createTable("dumps")
    .addColumn("run_id", text, (column) => column.notNull())
    .addColumn("app", text, (column) => column.notNull())
    .addColumn("database", text, (column) => column.notNull())
    .addColumn("type", text, (column) => column.notNull())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("duration_ms", "bigint", (column) => column.notNull())
    .addColumn("finished_at", text, (column) => column.notNull())
    .execute();
  await db.schema.createIndex("dumps_by_app").on("dumps").columns(["app", "database", "finished_at"]).execute();
  await control(db);
  await access(db);
  await assumeStatistics(db);
}

/** The daemon's own tables. */
async function control(db: Kysely<Schema>): Promise<void> {
  const { text } = columnsOf(db);
  await db.schema
    .createTable("declarations")
    .addColumn("kind", text, (column) => column.notNull())
    .addColumn("name", text, (column) => column.notNull())
    .addColumn("body", text, (column) => column.notNull())
    .addColumn("created_at", text, (column) => column.notNull())
    .addColumn("updated_at", text, (column) => column.notNull())
    .addColumn("created_by", text, (column) => column.notNull())
    .addPrimaryKeyConstraint("declarations_key", ["kind", "name"])
    .execute();
  await db.schema
    .createTable("schedules")
    .addColumn("key", text, (column) => column.primaryKey())
    .addColumn("first_seen_at", text, (column) => column.notNull())
    .addColumn("last_due_at", text, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("alerts")
    .addColumn("id", text, (column) => column.primaryKey())
    .addColumn("kind", text, (column) => column.notNull())
    .addColumn("subject", text, (column) => column.notNull())
    .addColumn("app", text)
    .addColumn("destination", text)
    .addColumn("raised_at", text, (column) => column.notNull())
    .addColumn("cleared_at", text)
    .addColumn("problem", text, (column) => column.notNull())
    .execute();
  await db.schema.createIndex("alerts_by_subject").on("alerts").columns(["kind", "subject", "cleared_at"]).execute();
  await db.schema
    .createTable("outbox")
    .addColumn("id", text, (column) => column.primaryKey())
    .addColumn("notifier", text, (column) => column.notNull())
    .addColumn("body", text, (column) => column.notNull())
    .addColumn("created_at", text, (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("next_attempt_at", text, (column) => column.notNull())
    .addColumn("sent_at", text)
    .addColumn("dropped_at", text)
    .addColumn("last_error", text)
    .execute();
  await db.schema.createIndex("outbox_by_time").on("outbox").columns(["sent_at", "next_attempt_at"]).execute();
  await db.schema
    .createTable("daemons")
    .addColumn("owner", text, (column) => column.primaryKey())
    .addColumn("node", text, (column) => column.notNull())
    .addColumn("address", text, (column) => column.notNull())
    .addColumn("version", text, (column) => column.notNull())
    .addColumn("started_at", text, (column) => column.notNull())
    .addColumn("heartbeat_at", text, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("notes")
    .addColumn("key", text, (column) => column.primaryKey())
    .addColumn("value", text, (column) => column.notNull())
    .execute();
}

/** Who may do what, and who did. */
async function access(db: Kysely<Schema>): Promise<void> {
  const { text, counted } = columnsOf(db);
  await db.schema
    .createTable("users")
    .addColumn("id", text, (column) => column.primaryKey())
    .addColumn("name", text, (column) => column.notNull().unique())
    .addColumn("password_hash", text)
    .addColumn("oidc_subject", text, (column) => column.unique())
    .addColumn("scope", text, (column) => column.notNull())
    .addColumn("created_at", text, (column) => column.notNull())
    .addColumn("disabled_at", text)
    .execute();
  await db.schema
    .createTable("sessions")
    .addColumn("hash", text, (column) => column.primaryKey())
    .addColumn("user_id", text, (column) => column.notNull())
    .addColumn("created_at", text, (column) => column.notNull())
    .addColumn("last_seen_at", text, (column) => column.notNull())
    .addColumn("expires_at", text, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("tokens")
    .addColumn("id", text, (column) => column.primaryKey())
    .addColumn("name", text, (column) => column.notNull())
    .addColumn("hash", text, (column) => column.notNull().unique())
    .addColumn("scope", text, (column) => column.notNull())
    .addColumn("created_by", text, (column) => column.notNull())
    .addColumn("created_at", text, (column) => column.notNull())
    .addColumn("expires_at", text)
    .addColumn("last_used_at", text)
    .addColumn("revoked_at", text)
    .execute();
  await db.schema
    .createTable("audit")
    .addColumn("id", counted.type, counted.build)
    .addColumn("at", text, (column) => column.notNull())
    .addColumn("actor", text, (column) => column.notNull())
    .addColumn("address", text, (column) => column.notNull())
    .addColumn("action", text, (column) => column.notNull())
    .addColumn("subject", text, (column) => column.notNull())
    .addColumn("status", "integer", (column) => column.notNull())
    .execute();
}
