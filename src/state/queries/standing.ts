import { sql } from "kysely";
import type { StoreSummary } from "../../domain/repository.ts";
import type { Database } from "../open.ts";

/** How an app stands in one destination. */
export interface Standing {
  app: string;
  destination: string;
  /** Snapshots that exist, as far as the state knows. */
  snapshots: number;
  /** When the newest good one was stored, or found to be still current. */
  lastGoodAt?: string;
  /** The newest record that has ended. */
  ended?: Ended;
  /** The newest record that stored a snapshot. */
  stored?: Ended;
}

export interface Ended {
  status: string;
  completedAt?: string;
  durationMs?: number;
  summary?: StoreSummary;
}

/** All apps and destinations: counted in the database, over an index alone, so that 100,000 snapshots cost little. */
export async function standings(db: Database): Promise<Standing[]> {
  const counted = db
    .selectFrom("snapshots")
    .select([
      "app",
      "destination",
      sql<number>`sum(case when status = 'success' and forgotten_at is null then 1 else 0 end)`.as("snapshots"),
      sql<
        string | null
      >`max(case when (verdict = 'good' or status = 'unchanged') and forgotten_at is null then completed_at end)`.as(
        "good",
      ),
      sql<string | null>`max(case when status <> 'in_progress' then started_at end)`.as("ended"),
      sql<string | null>`max(case when status = 'success' then started_at end)`.as("stored"),
    ])
    .groupBy(["app", "destination"])
    .as("counted");
  const rows = await db
    .selectFrom(counted)
    .leftJoin("snapshots", (join) =>
      join
        .onRef("snapshots.app", "=", "counted.app")
        .onRef("snapshots.destination", "=", "counted.destination")
        .on(sql<boolean>`snapshots.started_at in (counted.ended, counted.stored)`),
    )
    .select([
      "counted.app",
      "counted.destination",
      "counted.snapshots",
      "counted.good",
      "counted.ended",
      "counted.stored",
      "snapshots.status",
      "snapshots.started_at",
      "snapshots.completed_at",
      "snapshots.duration_ms",
      "snapshots.summary",
    ])
    .execute();
  const found = new Map<string, Standing>();
  for (const row of rows) {
    const key = JSON.stringify([row.app, row.destination]);
    const standing: Standing = found.get(key) ?? {
      app: row.app,
      destination: row.destination,
      snapshots: row.snapshots,
      ...(row.good === null ? {} : { lastGoodAt: row.good }),
    };
    found.set(key, standing);
    if (row.status === null) continue;
    const ended: Ended = {
      status: row.status,
      ...(row.completed_at === null ? {} : { completedAt: row.completed_at }),
      ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
      ...(row.summary === null ? {} : { summary: JSON.parse(row.summary) as StoreSummary }),
    };
    if (row.started_at === row.ended) standing.ended = ended;
    if (row.started_at === row.stored && row.status === "success") standing.stored = ended;
  }
  return [...found.values()];
}

export interface NewestDump {
  app: string;
  database: string;
  bytes: number;
  finishedAt: string;
}

/** The newest complete dump of each database. */
export async function newestDumps(db: Database): Promise<NewestDump[]> {
  const newest = db
    .selectFrom("dumps")
    .select((select) => ["app", "database", select.fn.max("finished_at").as("newest")])
    .groupBy(["app", "database"])
    .as("last");
  return await db
    .selectFrom("dumps")
    .innerJoin(newest, (join) =>
      join
        .onRef("last.app", "=", "dumps.app")
        .onRef("last.database", "=", "dumps.database")
        .onRef("last.newest", "=", "dumps.finished_at"),
    )
    .select(["dumps.app", "dumps.database", "dumps.bytes", "dumps.finished_at as finishedAt"])
    .execute();
}

/** How the last finished backup of an app ended, rehearsals aside. */
export interface LastEnd {
  app: string;
  result: string;
  startedAt: string | null;
  finishedAt: string | null;
}

export async function lastEnds(db: Database): Promise<LastEnd[]> {
  const newest = db
    .selectFrom("runs")
    .select((select) => ["app", select.fn.max("queued_at").as("newest")])
    .where("kind", "=", "backup")
    .where("dry_run", "=", 0)
    .where("finished_at", "is not", null)
    .groupBy("app")
    .as("last");
  const rows = await db
    .selectFrom(newest)
    .innerJoin("runs", (join) => join.onRef("last.app", "=", "runs.app").onRef("last.newest", "=", "runs.queued_at"))
    .select(["runs.app", "runs.state as result", "runs.started_at as startedAt", "runs.finished_at as finishedAt"])
    .where("runs.kind", "=", "backup")
    .where("runs.finished_at", "is not", null)
    .execute();
  return rows.flatMap(({ app, ...rest }) => (app === null ? [] : [{ app, ...rest }]));
}

/** How many runs of each kind are queued and running. */
export async function unfinishedCounts(db: Database): Promise<{ kind: string; state: string; count: number }[]> {
  return await db
    .selectFrom("runs")
    .select((select) => ["kind", "state", select.fn.countAll<number>().as("count")])
    .where("state", "in", ["queued", "running"])
    .groupBy(["kind", "state"])
    .execute();
}

/** How many alerts of each kind last. */
export async function openAlertCounts(db: Database): Promise<{ kind: string; count: number }[]> {
  return await db
    .selectFrom("alerts")
    .select((select) => ["kind", select.fn.countAll<number>().as("count")])
    .where("cleared_at", "is", null)
    .groupBy("kind")
    .execute();
}

/** How many notifications of each notifier wait to be sent, and how many were given up. */
export async function unsentCounts(db: Database): Promise<{ notifier: string; pending: number; dropped: number }[]> {
  return await db
    .selectFrom("outbox")
    .select([
      "notifier",
      sql<number>`sum(case when dropped_at is null then 1 else 0 end)`.as("pending"),
      sql<number>`sum(case when dropped_at is not null then 1 else 0 end)`.as("dropped"),
    ])
    .where("sent_at", "is", null)
    .groupBy("notifier")
    .execute();
}

/** The newest check of each destination. */
export async function newestChecks(db: Database): Promise<{ destination: string; at: string; outcome: string }[]> {
  const newest = db
    .selectFrom("checks")
    .select((select) => ["destination", select.fn.max("at").as("newest")])
    .groupBy("destination")
    .as("last");
  return await db
    .selectFrom("checks")
    .innerJoin(newest, (join) =>
      join.onRef("last.destination", "=", "checks.destination").onRef("last.newest", "=", "checks.at"),
    )
    .select(["checks.destination", "checks.at", "checks.outcome"])
    .execute();
}

/** The smallest question: resolves when the state answers. */
export async function stateAnswers(db: Database): Promise<void> {
  await db.selectFrom("notes").select("key").limit(1).execute();
}
