import type { Database as Connection } from "better-sqlite3";
import type { Kysely } from "kysely";
import type { PoolClient } from "pg";
import type { PostgresEngine } from "./dialects/postgres.ts";
import { emptySqlite } from "./dialects/sqlite.ts";
import { migrate, migrationsOf } from "./migrations/migrate.ts";
import type { Schema } from "./schema.ts";

const rowsAtOnce = 2000;

/** Copies a state on PostgreSQL into a SQLite in memory, all of one moment, in a transaction that cannot write. */
export async function copyOfServer(original: PostgresEngine): Promise<Kysely<Schema>> {
  const done = await migrationsOf(original);
  const copy = emptySqlite(original.place);
  try {
    await migrate(copy, done);
    const tables = (await copy.tables()).filter((name) => name !== "migrations");
    if (done.length > 0) await fill(copy.connection, original, tables);
    await migrate(copy);
    return copy.db;
  } catch (error) {
    await copy.db.destroy();
    throw error;
  }
}

async function fill(into: Connection, { server }: PostgresEngine, tables: string[]): Promise<void> {
  const client = await server.pool.connect();
  try {
    await client.query("start transaction isolation level repeatable read read only");
    await withoutIndexes(into, async () => {
      for (const table of tables) await copyTable(client, into, table);
    });
    await client.query("commit");
  } finally {
    // Whatever state it is in: it was the only thing to do.
    client.release(true);
  }
}

/** Ordering many rows once costs a fraction of finding each its place. */
async function withoutIndexes(connection: Connection, fill: () => Promise<void>): Promise<void> {
  const made = connection
    .prepare<[], { name: string; sql: string }>(
      "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''",
    )
    .all();
  const statistics = connection.prepare<[], unknown[]>("SELECT tbl, idx, stat FROM sqlite_stat1").raw().all();
  for (const { name } of made) connection.exec(`DROP INDEX "${name}"`);
  await fill();
  for (const { sql } of made) connection.exec(sql);
  // They went with the indexes.
  const insert = connection.prepare("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)");
  connection.exec("DELETE FROM sqlite_stat1");
  for (const row of statistics) insert.run(row);
  connection.exec("ANALYZE sqlite_schema");
}

async function copyTable(client: PoolClient, into: Connection, table: string): Promise<void> {
  // Of what happened only the runs that are under way are looked at again.
  const which =
    table === "events" ? `"events" where run_id in (select id from runs where finished_at is null)` : `"${table}"`;
  await client.query(`declare copied no scroll cursor for select * from ${which}`);
  for (;;) {
    const { rows, fields } = await client.query({ text: `fetch ${rowsAtOnce} from copied`, rowMode: "array" });
    if (rows.length === 0) break;
    const names = fields.map(({ name }) => `"${name}"`).join(", ");
    const places = fields.map(() => "?").join(", ");
    const insert = into.prepare(`INSERT INTO "${table}" (${names}) VALUES (${places})`);
    into.transaction(() => {
      for (const row of rows) insert.run(row);
    })();
  }
  await client.query("close copied");
}
