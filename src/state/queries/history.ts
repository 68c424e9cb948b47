import { sql, type DeleteResult, type Transaction } from "kysely";
import type { Database } from "../open.ts";
import type { Schema } from "../schema.ts";
import { writing } from "../transaction.ts";
import { forgetDelivered } from "./outbox.ts";

/** Rows that are removed at once: other writers wait no longer than that takes. */
const atOnce = 500;

/** ISO 8601, UTC. */
export interface Older {
  before: string;
}

/**
 * Removes what ended before that time and says nothing about how things stand now. Stored snapshots keep their records and
 * the runs that made them, whatever their age; of each app, database and destination the newest of everything stays.
 */
export async function thinHistory(db: Database, { before }: Older): Promise<void> {
  await inParts(db, async (transaction) => await thinSnapshots(transaction, before));
  for (const about of ["app", "destination"] as const) {
    await inParts(db, async (transaction) => await thinRuns(transaction, about, before));
  }
  await thinDumps(db, before);
  await thinChecks(db, before);
  await inParts(db, async (transaction) => await thinAudit(transaction, before));
  await forgetDelivered(db, before);
  await db.deleteFrom("alerts").where("cleared_at", "<", before).execute();
  await db.deleteFrom("sessions").where("expires_at", "<", before).execute();
}

/** Removes the single events of runs that had finished before that time; the runs themselves stay. */
export async function thinEvents(db: Database, { before }: Older): Promise<void> {
  // Ids are in the order of time: after the first time the search for the end of the old ones is short.
  const young = await db
    .selectFrom("events")
    .select("id")
    .where("at", ">=", before)
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  await inParts(db, async (transaction) => {
    let old = transaction
      .selectFrom("events")
      .innerJoin("runs", "runs.id", "events.run_id")
      .select("events.id")
      .where("runs.finished_at", "<", before)
      .orderBy("events.id")
      .limit(atOnce);
    if (young !== undefined) old = old.where("events.id", "<", young.id);
    return deleted(await transaction.deleteFrom("events").where("id", "in", old).executeTakeFirstOrThrow());
  });
}

async function inParts(db: Database, part: (transaction: Transaction<Schema>) => Promise<number>): Promise<void> {
  for (;;) {
    if ((await writing(db, part)) < atOnce) return;
    // On SQLite nothing else of this process has had a turn meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Of each app, destination and status the newest stays: it tells how the app stands there, and since when. */
async function thinSnapshots(transaction: Transaction<Schema>, before: string): Promise<number> {
  const old = transaction
    .selectFrom("snapshots as old")
    .select("old.id")
    .where((where) =>
      where.or([
        where("old.status", "in", ["failed", "unchanged"]),
        where.and([where("old.status", "=", "success"), where("old.forgotten_at", "<", before)]),
      ]),
    )
    .where("old.started_at", "<", before)
    .where((where) =>
      where.exists(
        where
          .selectFrom("snapshots as newer")
          .select("newer.id")
          .whereRef("newer.app", "=", "old.app")
          .whereRef("newer.destination", "=", "old.destination")
          .whereRef("newer.status", "=", "old.status")
          .whereRef("newer.started_at", ">", "old.started_at"),
      ),
    )
    .limit(atOnce);
  return deleted(await transaction.deleteFrom("snapshots").where("id", "in", old).executeTakeFirstOrThrow());
}

/** Of each kind the newest finished run of each app, and of each destination, stays. What goes takes its events along. */
async function thinRuns(
  transaction: Transaction<Schema>,
  about: "app" | "destination",
  before: string,
): Promise<number> {
  const old = await transaction
    .selectFrom("runs as old")
    .select("old.id")
    .where("old.app", about === "app" ? "is not" : "is", null)
    .where("old.queued_at", "<", before)
    .where("old.finished_at", "<", before)
    .where((where) =>
      where.not(
        where.exists(where.selectFrom("snapshots").select("snapshots.id").whereRef("snapshots.run_id", "=", "old.id")),
      ),
    )
    .where((where) => {
      const newer = where
        .selectFrom("runs as newer")
        .select("newer.id")
        .whereRef("newer.kind", "=", "old.kind")
        .whereRef("newer.dry_run", "=", "old.dry_run")
        .where("newer.finished_at", "is not", null)
        .whereRef("newer.queued_at", ">", "old.queued_at");
      return where.exists(
        about === "app"
          ? newer.whereRef("newer.app", "=", "old.app")
          : newer
              .where("newer.app", "is", null)
              .whereRef("newer.destination", "is not distinct from", "old.destination"),
      );
    })
    .limit(atOnce)
    .execute();
  const ids = old.map(({ id }) => id);
  if (ids.length === 0) return 0;
  await transaction.deleteFrom("events").where("run_id", "in", ids).execute();
  await transaction.deleteFrom("runs").where("id", "in", ids).execute();
  return ids.length;
}

/** The newest of each database tells how much room the next one needs. */
async function thinDumps(db: Database, before: string): Promise<void> {
  await db
    .deleteFrom("dumps")
    .where("finished_at", "<", before)
    .where((where) =>
      where.exists(
        where
          .selectFrom("dumps as newer")
          .select("newer.run_id")
          .whereRef("newer.app", "=", "dumps.app")
          .whereRef("newer.database", "=", "dumps.database")
          .whereRef("newer.finished_at", ">", "dumps.finished_at"),
      ),
    )
    .execute();
}

/** The newest stays, and the newest that read a part of the data: the next one goes on from there. */
async function thinChecks(db: Database, before: string): Promise<void> {
  await db
    .deleteFrom("checks")
    .where("at", "<", before)
    .where((where) =>
      where.exists(
        where
          .selectFrom("checks as newer")
          .select("newer.id")
          .whereRef("newer.destination", "=", "checks.destination")
          .where(sql<boolean>`(newer.scope like '{%') = (checks.scope like '{%')`)
          .whereRef("newer.at", ">", "checks.at"),
      ),
    )
    .execute();
}

async function thinAudit(transaction: Transaction<Schema>, before: string): Promise<number> {
  const old = transaction.selectFrom("audit").select("id").where("at", "<", before).orderBy("id").limit(atOnce);
  return deleted(await transaction.deleteFrom("audit").where("id", "in", old).executeTakeFirstOrThrow());
}

function deleted({ numDeletedRows }: DeleteResult): number {
  return Number(numDeletedRows);
}
