import { PostgresAdapter, sql, type Kysely } from "kysely";
import type { Schema } from "./schema.ts";

/** How far the database's clock is ahead of ours, per opened database; its transactions share its adapter. */
const ahead = new WeakMap<object, number>();

/**
 * Asks a PostgreSQL for its time. Heartbeats are kept in that one clock: two nodes whose own clocks differ by minutes would
 * take each other for dead.
 */
export async function learnTime(db: Kysely<Schema>): Promise<void> {
  const { adapter } = db.getExecutor();
  if (!(adapter instanceof PostgresAdapter)) return;
  const before = Date.now();
  const time = sql<number>`extract(epoch from clock_timestamp()) * 1000`.as("time");
  const row = await db.selectNoFrom(time).executeTakeFirstOrThrow();
  ahead.set(adapter, Math.round(row.time - (before + Date.now()) / 2));
}

/** A time of this machine's clock as the state's clock has it. */
export function toStateTime(db: Kysely<Schema>, own: string): string {
  return shifted(own, aheadOf(db));
}

/** A time of the state's clock as this machine's clock has it. */
export function toOwnTime(db: Kysely<Schema>, time: string): string {
  return shifted(time, -aheadOf(db));
}

function aheadOf(db: Kysely<Schema>): number {
  return ahead.get(db.getExecutor().adapter) ?? 0;
}

function shifted(time: string, byMs: number): string {
  return byMs === 0 ? time : new Date(Date.parse(time) + byMs).toISOString();
}
