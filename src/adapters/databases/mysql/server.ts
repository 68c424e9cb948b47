import type { DatabaseContext } from "../../../domain/database.ts";
import { installedTools, parseVersion, toolsFor, type Version } from "./client-tools.ts";
import { connectionOptions, query, quoteName, quoteText, type Connection } from "./connection.ts";
import type { MysqlSpec } from "./spec.ts";

export interface ServerFacts {
  version: Version;
  /** As the server says it, such as `10.11.19-MariaDB-0+deb12u1`. */
  versionText: string;
  /** After this many seconds in which nobody reads, the server ends a connection that has rows to send. */
  netWriteTimeoutSeconds: number;
}

export interface Server {
  connection: Connection;
  facts: ServerFacts;
}

/** The server's own databases, which a dump of all leaves out: they describe that server, not the data. */
const ownDatabases = ["mysql", "information_schema", "performance_schema", "sys"];

/** Reaches the server and picks the tools that fit it. Throws HF_DATABASE_*, HF_CLIENT_TOO_OLD, HF_PROGRAM_MISSING. */
export async function reachServer(context: DatabaseContext, spec: MysqlSpec): Promise<Server> {
  const installed = await installedTools(context.executor, spec.client);
  const options = await connectionOptions(context, spec);
  const [any] = installed;
  const asking: Connection = {
    context,
    spec,
    options,
    tools: any ?? toolsFor(installed, parseVersion(""), context.name),
  };
  const [row] = await query(asking, "SELECT VERSION(), @@net_write_timeout");
  const [versionText = "", timeout = "60"] = row ?? [];
  const version = parseVersion(versionText);
  return {
    connection: { ...asking, tools: toolsFor(installed, version, context.name) },
    facts: { version, versionText, netWriteTimeoutSeconds: Number(timeout) },
  };
}

/** What the spec asks for, as it is there now: the one database, or all but the server's own. */
export async function databasesOf(connection: Connection): Promise<string[]> {
  const { database } = connection.spec;
  if (database !== undefined) return [database];
  const listed = ownDatabases.map(quoteText).join(", ");
  const rows = await query(
    connection,
    `SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN (${listed}) ORDER BY schema_name`,
  );
  return rows.flat();
}

export interface DatabaseSettings {
  name: string;
  charset: string;
  collation: string;
  sizeBytes: number;
  /** Tables of engines without transactions. */
  loose: string[];
}

/** Settings of the databases that are there; those that are missing are left out. */
export async function settingsOf(connection: Connection, databases: readonly string[]): Promise<DatabaseSettings[]> {
  if (databases.length === 0) return [];
  const names = databases.map(quoteText).join(", ");
  const rows = await query(
    connection,
    `SELECT s.schema_name, s.default_character_set_name, s.default_collation_name,
            COALESCE((SELECT SUM(t.data_length) FROM information_schema.tables t WHERE t.table_schema = s.schema_name), 0)
     FROM information_schema.schemata s WHERE s.schema_name IN (${names}) ORDER BY s.schema_name`.replaceAll(
      /\s+/g,
      " ",
    ),
  );
  const loose = await query(
    connection,
    `SELECT t.table_schema, t.table_name FROM information_schema.tables t JOIN information_schema.engines e ON e.engine = t.engine
     WHERE t.table_type = 'BASE TABLE' AND COALESCE(e.transactions, 'NO') <> 'YES' AND t.table_schema IN (${names})
     ORDER BY 1, 2`.replaceAll(/\s+/g, " "),
  );
  return rows.map(([name = "", charset = "", collation = "", size = "0"]) => ({
    name,
    charset,
    collation,
    sizeBytes: Number(size),
    loose: loose.filter(([schema]) => schema === name).map(([, table = ""]) => table),
  }));
}

/** Names of the tables of one database, sequences and views apart. */
export async function tablesOf(
  connection: Connection,
  database: string,
): Promise<{ tables: string[]; views: string[]; sequences: string[] }> {
  const rows = await query(
    connection,
    `SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = ${quoteText(database)} ORDER BY table_name`,
  );
  const named = (wanted: (type: string) => boolean): string[] =>
    rows.filter(([, type = ""]) => wanted(type)).map(([name = ""]) => name);
  return {
    tables: named((type) => type === "BASE TABLE" || type === "SYSTEM VERSIONED"),
    views: named((type) => type.endsWith("VIEW")),
    sequences: named((type) => type === "SEQUENCE"),
  };
}

/** Rows of every table. */
export async function countTables(connection: Connection, database: string): Promise<Record<string, number>> {
  const { tables } = await tablesOf(connection, database);
  if (tables.length === 0) return {};
  const selects = tables.map(
    (table) => `SELECT ${quoteText(table)}, COUNT(*) FROM ${quoteName(database)}.${quoteName(table)}`,
  );
  const rows = await query(connection, selects.join(" UNION ALL "));
  return Object.fromEntries(rows.map(([table = "", count = ""]) => [table, Number(count)]));
}
