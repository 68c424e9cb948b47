import type { Kysely } from "kysely";
import { failure, isFailure } from "../base/errors/error.ts";
import { redact, type Secret } from "../base/secrets/secret.ts";
import type { Engine } from "./dialects/engine.ts";
import { copySqlite, openSqlite } from "./dialects/sqlite.ts";
import { migrate } from "./migrations/migrate.ts";
import type { Schema } from "./schema.ts";

export type Database = Kysely<Schema>;

/** A path: the SQLite file there. A secret: the address of a PostgreSQL database, which may hold a password. */
export type StateTarget = string | Secret;

/**
 * Opens the state, bringing its schema up to date. Throws HF_STATE_UNUSABLE, HF_STATE_NEWER, and for PostgreSQL
 * HF_STATE_ADDRESS, HF_STATE_UNREACHABLE, HF_STATE_OCCUPIED.
 */
export async function openState(target: StateTarget): Promise<Database> {
  if (typeof target === "string") return await ready(target, () => openSqlite(target));
  // The driver is loaded by those who use it: it would cost every other command's start.
  const { openServer } = await import("./postgres.ts");
  return await openServer(target);
}

/**
 * A private copy of the state in memory, of one moment, for those who must not write; an empty one where there is no state
 * yet. Throws what `openState` throws.
 */
export async function openStateCopy(target: StateTarget): Promise<Database> {
  if (typeof target === "string") return await ready(target, () => copySqlite(target));
  const { copyServer } = await import("./postgres.ts");
  return await copyServer(target);
}

async function ready(path: string, open: () => Engine): Promise<Database> {
  let engine: Engine | undefined;
  try {
    engine = open();
    await migrate(engine);
    return engine.db;
  } catch (error) {
    await engine?.db.destroy();
    if (isFailure(error)) throw error;
    const detail = redact(error instanceof Error ? error.message : String(error));
    throw failure("HF_STATE_UNUSABLE", { path, detail }, { cause: error });
  }
}
