import { closeSync, openSync } from "node:fs";
import Sqlite from "better-sqlite3";
import { Kysely, Migrator, SqliteDialect, type Migration } from "kysely";
import { failure } from "../base/errors/error.ts";
import * as initial from "./migrations/0001-initial.ts";
import type { Schema } from "./schema.ts";

export type Database = Kysely<Schema>;

/** All migrations, in order. A published one is never changed. */
const migrations: Record<string, Migration> = { "0001-initial": initial };

const busyTimeoutMs = 15_000;

/** Opens the state, bringing its schema up to date. Throws HF_STATE_UNUSABLE, HF_STATE_NEWER. */
export async function openState(path: string): Promise<Database> {
  let connection: Sqlite.Database;
  try {
    // SQLite gives its -wal and -shm the mode of the file itself.
    if (path !== ":memory:") closeSync(openSync(path, "a", 0o600));
    connection = new Sqlite(path, { timeout: busyTimeoutMs });
    connection.pragma("journal_mode = WAL");
    connection.pragma("synchronous = FULL");
    connection.pragma("foreign_keys = ON");
  } catch (error) {
    throw unusable(path, error);
  }
  const db: Database = new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection }) });
  try {
    if (await needsMigration(connection, path)) await migrate(db, path);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
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
