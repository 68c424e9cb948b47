import { randomUUID } from "node:crypto";
import type { Notification } from "../../domain/notification.ts";
import { toOwnTime, toStateTime } from "../clock.ts";
import type { Database } from "../open.ts";
import { writing } from "../transaction.ts";

/** A notification that is to be sent by one notifier. */
export interface OutboxEntry {
  id: string;
  notification: Notification;
  createdAt: string;
  /** Including the one that the claim is for. */
  attempts: number;
}

/** Nothing is put off so long: a time further ahead was written by a clock that was wrong. */
const furthestMs = 3 * 3_600_000;

function furthest(time: string): string {
  return new Date(Date.parse(time) + furthestMs).toISOString();
}

/** Adds a notification for each of these notifiers, behind all that wait for it: times never go backwards within one. */
export async function addToOutbox(
  db: Database,
  entries: readonly { notifier: string; notification: Notification }[],
  now: Date,
): Promise<void> {
  const time = toStateTime(db, now.toISOString());
  await writing(db, async (transaction) => {
    for (const { notifier, notification } of entries) {
      const last = await transaction
        .selectFrom("outbox")
        .select((select) => select.fn.max("created_at").as("at"))
        .where("notifier", "=", notifier)
        .where("created_at", "<=", furthest(time))
        .executeTakeFirst();
      const after = last?.at == null ? 0 : Date.parse(last.at) + 1;
      await transaction
        .insertInto("outbox")
        .values({
          id: randomUUID(),
          notifier,
          body: JSON.stringify(notification),
          created_at: new Date(Math.max(Date.parse(time), after)).toISOString(),
          attempts: 0,
          next_attempt_at: time,
        })
        .execute();
    }
  });
}

export interface ClaimOptions {
  now: string;
  /** Until then nobody else takes it; should this process die, somebody does afterwards. */
  until: string;
  /** One that was tried so often no longer holds up those behind it. */
  holdsUpUntilAttempts: number;
}

/** So many of one notifier are looked at for one that is due. */
const window = 100;

/** Takes the next notification of this notifier that is due, in order. Two processes never take the same one. */
export async function claimNext(
  db: Database,
  notifier: string,
  { now, until, holdsUpUntilAttempts }: ClaimOptions,
): Promise<OutboxEntry | undefined> {
  const time = toStateTime(db, now);
  return await writing(db, async (transaction) => {
    const rows = await transaction
      .selectFrom("outbox")
      .selectAll()
      .where("notifier", "=", notifier)
      .where("sent_at", "is", null)
      .where("dropped_at", "is", null)
      .orderBy("created_at")
      .limit(window)
      .execute();
    const isDue = (next: string): boolean => next <= time || next > furthest(time);
    const held = rows.findIndex((row) => !isDue(row.next_attempt_at) && row.attempts < holdsUpUntilAttempts);
    const free = held === -1 ? rows : rows.slice(0, held);
    const row = free.find(({ next_attempt_at: next }) => isDue(next));
    if (row === undefined) return undefined;
    const attempts = row.attempts + 1;
    await transaction
      .updateTable("outbox")
      .set({ attempts, next_attempt_at: toStateTime(db, until) })
      .where("id", "=", row.id)
      .execute();
    const createdAt = toOwnTime(db, row.created_at);
    return { id: row.id, notification: JSON.parse(row.body) as Notification, createdAt, attempts };
  });
}

export async function markSent(db: Database, id: string, at: string): Promise<void> {
  await db.updateTable("outbox").set({ sent_at: at, last_error: null }).where("id", "=", id).execute();
}

export async function postpone(db: Database, id: string, until: string, why: string): Promise<void> {
  await db
    .updateTable("outbox")
    .set({ next_attempt_at: toStateTime(db, until), last_error: why })
    .where("id", "=", id)
    .execute();
}

export async function drop(db: Database, id: string, at: string, why: string): Promise<void> {
  await db.updateTable("outbox").set({ dropped_at: at, last_error: why }).where("id", "=", id).execute();
}

/** The notifiers for which something waits, whether or not they are still declared. */
export async function notifiersWaitedFor(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom("outbox")
    .select("notifier")
    .distinct()
    .where("sent_at", "is", null)
    .where("dropped_at", "is", null)
    .execute();
  return rows.map(({ notifier }) => notifier);
}

/** Drops what waits for these notifiers since before that time. */
export async function dropAllOf(
  db: Database,
  notifiers: readonly string[],
  { before, at, why }: { before: string; at: string; why: string },
): Promise<void> {
  if (notifiers.length === 0) return;
  await db
    .updateTable("outbox")
    .set({ dropped_at: at, last_error: why })
    .where("notifier", "in", notifiers)
    .where("created_at", "<=", toStateTime(db, before))
    .where("sent_at", "is", null)
    .where("dropped_at", "is", null)
    .execute();
}

/** Forgets what was sent or dropped before that time. */
export async function forgetDelivered(db: Database, before: string): Promise<void> {
  await db
    .deleteFrom("outbox")
    .where("created_at", "<", before)
    .where((where) => where.or([where("sent_at", "is not", null), where("dropped_at", "is not", null)]))
    .execute();
}
