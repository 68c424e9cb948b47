import { closeSync, existsSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import {
  CompiledQuery,
  Kysely,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import type { Schema } from "../schema.ts";
import type { Engine } from "./engine.ts";

/** How long another writer is waited for. */
const busyTimeoutMs = 15_000;
/** SQLite itself waits with the whole process standing still, so it waits only for so long at once. */
const standstillMs = 10;

/** Opens the file, and makes it where it is missing. Throws what the driver throws. */
export function openSqlite(path: string): Engine {
  // SQLite gives its -wal and -shm the mode of the file itself.
  closeSync(openSync(path, "a", 0o600));
  const connection = new Sqlite(path, { timeout: busyTimeoutMs });
  connection.pragma("journal_mode = WAL");
  connection.pragma("synchronous = FULL");
  connection.pragma("foreign_keys = ON");
  connection.pragma(`busy_timeout = ${standstillMs}`);
  return engineOf(connection, path);
}

/** A private copy of the file in memory, of one moment; an empty one where there is no file. Throws what the driver throws. */
export function copySqlite(path: string): Engine {
  return engineOf(existsSync(path) ? copyOf(path) : new Sqlite(":memory:"), path);
}

/** An empty database in memory, to be filled through `connection`. */
export function emptySqlite(place: string): Engine & { connection: Sqlite.Database } {
  const connection = new Sqlite(":memory:");
  return { ...engineOf(connection, place), connection };
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

function engineOf(connection: Sqlite.Database, place: string): Engine {
  const names = connection.prepare<[], { name: string }>(
    // Its own tables, such as those of its counters, are `sqlite_…`.
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
  );
  return {
    kind: "sqlite",
    db: new Kysely<Schema>({ dialect: new WritersDialect({ database: connection }) }),
    place,
    tables: () => Promise.resolve(names.all().map(({ name }) => name)),
  };
}

class WritersDialect extends SqliteDialect {
  readonly #config: { database: Sqlite.Database };

  constructor(config: { database: Sqlite.Database }) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new WritersDriver(this.#config);
  }
}

/**
 * Its transactions own the right to write from their first moment. SQLite's plain BEGIN takes that right at the first
 * write, and fails at once, without waiting, when another process wrote since the first read.
 */
class WritersDriver extends SqliteDriver {
  #patient: DatabaseConnection | undefined;

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return (this.#patient ??= patient(connection));
  }

  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    const begin = settings?.accessMode === "read only" ? "begin" : "begin immediate";
    await connection.executeQuery(CompiledQuery.raw(begin));
  }
}

/** Waits for other writers. A statement that found the file taken has done nothing, so it can be repeated. */
function patient(connection: DatabaseConnection): DatabaseConnection {
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const began = performance.now();
      for (;;) {
        try {
          return await connection.executeQuery<R>(query);
        } catch (error) {
          const busy = error instanceof Sqlite.SqliteError && error.code === "SQLITE_BUSY";
          if (!busy || performance.now() - began > busyTimeoutMs) throw error;
        }
        await sleep(standstillMs);
      }
    },
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  };
}
