import type { Counts } from "../../../domain/database.ts";
import type { PostgresServer } from "./server.ts";
import { openSession, queryOnce } from "./session.ts";
import { countRows } from "./tables.ts";

const databasesQuery = `SELECT pg_catalog.to_json(datname::text) FROM pg_catalog.pg_database
  WHERE datallowconn AND datname <> 'template1' ORDER BY datname`;

/** Row counts of one database, now. */
export async function countDatabase(server: PostgresServer, database: string): Promise<Counts> {
  const session = openSession(server.connection, server.tools, database);
  try {
    return await countRows(session);
  } finally {
    await session.close();
  }
}

/** Row counts of every database of the server, named `database/schema.table`. */
export async function countCluster(server: PostgresServer): Promise<Counts> {
  const counts: Counts = {};
  for (const line of await queryOnce(server.connection, server.tools, server.maintenance, databasesQuery)) {
    const database = String(JSON.parse(line));
    for (const [table, rows] of Object.entries(await countDatabase(server, database))) {
      counts[`${database}/${table}`] = rows;
    }
  }
  return counts;
}

/** Size on disk of one database, or of all that may be seen. Indexes count too, so a dump is mostly smaller. */
export async function sizeOf(server: PostgresServer, database: string | undefined): Promise<number> {
  const where = database === undefined ? "has_database_privilege(oid, 'CONNECT')" : "datname = current_database()";
  const sql = `SELECT coalesce(sum(pg_catalog.pg_database_size(oid)), 0) FROM pg_catalog.pg_database WHERE ${where}`;
  const [size] = await queryOnce(server.connection, server.tools, database ?? server.maintenance, sql);
  return Number(size);
}
