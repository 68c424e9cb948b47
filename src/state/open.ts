import { closeSync, existsSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import { Kysely, Migrator, SqliteDialect, type Migration } from "kysely";
import { failure } from "../base/errors/error.ts";
import * as initial from "./migrations/0001-initial.ts";
import type { Schema } from "./schema.ts";

export type Database = Kysely<Schema>;

/** All migrations, in order. A published one is never changed. */
const migrations: Record<string, Migration> = { "0001-initial": initial };

const busyTimeoutMs = 15_000;
const migrationAttempts = 8;

/** Opens the state, bringing its schema up to date. Throws HF_STATE_UNUSABLE, HF_STATE_NEWER. */
export async function openState(path: string): Promise<Database> {
  let connection: Sqlite.Database;
  try {
    // SQLite gives its -wal and -shm the mode of the file itself.
    closeSync(openSync(path, "a", 0o600));
    connection = new Sqlite(path, { timeout: busyTimeoutMs });
    connection.pragma("journal_mode = WAL");
    connection.pragma("synchronous = FULL");
    connection.pragma("foreign_keys = ON");
  } catch (error) {
    throw unusable(path, error);
  }
  return await ready(connection, path);
}

/** A private copy of the state in memory, for those who must not write; an empty one where there is no state yet. */
export async function openStateCopy(path: string): Promise<Database> {
  let connection: Sqlite.Database;
  try {
    connection = existsSync(path) ? copyOf(path) : new Sqlite(":memory:");
  } catch (error) {
    throw unusable(path, error);
  }
  return await ready(connection, path);
}

/** `serialize` reads within one transaction, so that the copy is of one moment. */
function copyOf(path: string): Sqlite.Database {
  const original = new Sqlite(path, { timeout: busyTimeoutMs });
  try {
    const copy = original.serialize();
    // Bytes 18 and 19 of the header say WAL, which a database in memory cannot be (SQLite's file format, 1.3).
    copy[18] = 1;
    copy[19] = 1;
    return new Sqlite(copy);
  } finally {
    original.close();
  }
}

async function ready(connection: Sqlite.Database, path: string): Promise<Database> {
  const db: Database = new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection }) });
  try {
    await bringUpToDate(db, connection, path);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

/** Two processes may be first at once: each migration is one transaction, and who comes second finds it done. */
async function bringUpToDate(db: Database, connection: Sqlite.Database, path: string): Promise<void> {
  for (let attempt = 1; await needsMigration(connection, path); attempt++) {
    try {
      await migrate(db, path);
    } catch (error) {
      if (attempt === migrationAttempts) throw error;
      await sleep(attempt * 50);
    }
  }
}

/** Kysely's migrator takes tens of milliseconds even when there is nothing to do; this look takes none. */
async function needsMigration(connection: Sqlite.Database, path: string): Promise<boolean> {
  const table = connection.prepare("SELECT name FROM sqlite_master WHERE name = 'kysely_migration'").get();
  if (table === undefined) return true;
  const done = connection.prepare<[], { name: string }>("SELECT name FROM kysely_migration ORDER BY name").all();
  const known = Object.keys(migrations);
  const foreign = done.find(({ name }) => !known.includes(name));
  if (foreign !== undefined) throw failure("HF_STATE_NEWER", { path, found: foreign.name, known: known.at(-1) ?? "" });
  return done.length < known.length;
}

async function migrate(db: Database, path: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw unusable(path, error);
}

function unusable(path: string, error: unknown): Error {
  return failure(
    "HF_STATE_UNUSABLE",
    { path, detail: error instanceof Error ? error.message : String(error) },
    { cause: error },
  );
}
