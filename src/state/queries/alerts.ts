import { randomUUID } from "node:crypto";
import { sql, type Selectable } from "kysely";
import type { Problem } from "../../base/errors/error.ts";
import { aheadMs } from "../../domain/ahead.ts";
import type { Database } from "../open.ts";
import type { AlertsTable } from "../schema.ts";

/** What an alert is about. `stale`: an app without a fresh good snapshot in a destination. */
export type AlertKind = "stale";

export interface Alert {
  id: string;
  kind: AlertKind;
  /** Once while it lasts: `DEVICE/APP DESTINATION`. */
  subject: string;
  app?: string;
  destination?: string;
  /** ISO 8601, UTC. */
  raisedAt: string;
  clearedAt?: string;
  problem: Problem;
}

export type NewAlert = Omit<Alert, "id" | "raisedAt" | "clearedAt">;

/** The alerts that last, of one kind or of all, the newest first. */
export async function openAlerts(db: Database, kind?: AlertKind): Promise<Alert[]> {
  let query = db.selectFrom("alerts").selectAll().where("cleared_at", "is", null);
  if (kind !== undefined) query = query.where("kind", "=", kind);
  return (await query.orderBy("raised_at", "desc").orderBy("subject").execute()).map(fromRow);
}

/** Rows of one statement: PostgreSQL takes 65,535 values, SQLite half of that. */
const atOnce = 500;

/** Raises alerts, within the caller's transaction, in which it has seen that none of them lasts already. */
export async function raiseAlerts(transaction: Database, alerts: readonly NewAlert[], at: Date): Promise<Alert[]> {
  const raised = alerts.map((alert): Alert => ({ ...alert, id: randomUUID(), raisedAt: at.toISOString() }));
  for (let start = 0; start < raised.length; start += atOnce) {
    await transaction
      .insertInto("alerts")
      .values(
        raised.slice(start, start + atOnce).map((alert) => ({
          id: alert.id,
          kind: alert.kind,
          subject: alert.subject,
          app: alert.app ?? null,
          destination: alert.destination ?? null,
          raised_at: alert.raisedAt,
          problem: JSON.stringify(alert.problem),
        })),
      )
      .execute();
  }
  return raised;
}

/** Clears alerts, within the caller's transaction. */
export async function clearAlerts(transaction: Database, alerts: readonly Alert[], at: Date): Promise<Alert[]> {
  const clearedAt = at.toISOString();
  for (let start = 0; start < alerts.length; start += atOnce) {
    const ids = alerts.slice(start, start + atOnce).map(({ id }) => id);
    await transaction.updateTable("alerts").set({ cleared_at: clearedAt }).where("id", "in", ids).execute();
  }
  return alerts.map((alert) => ({ ...alert, clearedAt }));
}

/** The newest good snapshot of one device's app in one destination. */
export interface NewestGood {
  app: string;
  device: string;
  destination: string;
  at: string;
}

/**
 * When the newest good snapshot of each device's app in each destination was stored, or found to be current still; of all
 * apps or of these. What a clock that was wrong has stored in times to come counts for nothing.
 */
export async function newestGood(db: Database, now: Date, apps?: readonly string[]): Promise<NewestGood[]> {
  if (apps?.length === 0) return [];
  const latest = new Date(now.getTime() + aheadMs).toISOString();
  let query = db
    .selectFrom("snapshots")
    .select([
      "app",
      "host",
      "destination",
      sql<
        string | null
      >`max(case when (verdict = 'good' or status = 'unchanged') and forgotten_at is null and completed_at <= ${latest} then completed_at end)`.as(
        "at",
      ),
    ])
    .groupBy(["app", "destination", "host"]);
  if (apps !== undefined) query = query.where("app", "in", apps);
  const rows = await query.execute();
  return rows.flatMap(({ app, host: device, destination, at }) =>
    at === null ? [] : [{ app, device, destination, at }],
  );
}

function fromRow(row: Selectable<AlertsTable>): Alert {
  return {
    id: row.id,
    kind: row.kind as AlertKind,
    subject: row.subject,
    raisedAt: row.raised_at,
    problem: JSON.parse(row.problem) as Problem,
    ...(row.app === null ? {} : { app: row.app }),
    ...(row.destination === null ? {} : { destination: row.destination }),
    ...(row.cleared_at === null ? {} : { clearedAt: row.cleared_at }),
  };
}
