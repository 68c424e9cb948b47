import type { Database } from "../open.ts";
import { findUser, type User } from "./users.ts";

export interface Session {
  hash: string;
  user: User;
  lastSeenAt: string;
  /** Whatever happens, it ends then. */
  expiresAt: string;
}

export interface NewSession {
  hash: string;
  userId: string;
  at: string;
  expiresAt: string;
}

/** Begins a session; those that have expired are swept out. */
export async function addSession(db: Database, { hash, userId, at, expiresAt }: NewSession): Promise<void> {
  await db.deleteFrom("sessions").where("expires_at", "<", at).execute();
  await db
    .insertInto("sessions")
    .values({ hash, user_id: userId, created_at: at, last_seen_at: at, expires_at: expiresAt })
    .execute();
}

export async function findSession(db: Database, hash: string): Promise<Session | undefined> {
  const row = await db.selectFrom("sessions").selectAll().where("hash", "=", hash).executeTakeFirst();
  if (row === undefined) return undefined;
  const user = await findUser(db, { id: row.user_id });
  return user === undefined ? undefined : { hash, user, lastSeenAt: row.last_seen_at, expiresAt: row.expires_at };
}

export async function touchSession(db: Database, hash: string, at: string): Promise<void> {
  await db.updateTable("sessions").set({ last_seen_at: at }).where("hash", "=", hash).execute();
}

export async function endSession(db: Database, hash: string): Promise<void> {
  await db.deleteFrom("sessions").where("hash", "=", hash).execute();
}

export async function endSessionsOf(db: Database, userId: string): Promise<void> {
  await db.deleteFrom("sessions").where("user_id", "=", userId).execute();
}
