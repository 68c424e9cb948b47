import {
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type Driver,
} from "kysely";
import { Pool, types, TypeOverrides, type PoolConfig } from "pg";
import type { Schema } from "../schema.ts";
import type { PostgresAddress } from "./address.ts";
import type { Engine } from "./engine.ts";
import { Session, type Server } from "./session.ts";
import { turnstile } from "./turnstile.ts";

/** One writes at a time, the others read. */
const connections = 5;
/** No statement of ours takes seconds; what is silent for so long is gone. */
const statementTimeoutMs = 50_000;
/** How long a database may be away in the middle of our work: as long as SQLite's other writers may take. */
const patienceMs = 15_000;

export interface PostgresEngine extends Engine {
  server: Server;
}

/** Prepares a pool of connections; the first one is made when it is needed. */
export function openPostgres(address: PostgresAddress): PostgresEngine {
  const pool = new Pool(configOf(address));
  // A connection that breaks while nobody uses it is replaced at the next use; in use, its query fails.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  const server: Server = { pool, place: address.place, patienceMs: 0, turn: turnstile() };
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driverOf(server),
      createIntrospector: (one) => new PostgresIntrospector(one),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return { kind: "postgres", db, place: address.place, server, tables: () => tablesOf(server) };
}

/** From now on the database may go away for a while: it did answer. */
export function bePatient(server: Server): void {
  server.patienceMs = patienceMs;
}

function configOf(address: PostgresAddress): PoolConfig {
  const { user, password, host, port, database, options } = address;
  return {
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: () => password.reveal() }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(database === undefined ? {} : { database }),
    ...(options === undefined ? {} : { options }),
    ssl: address.tls,
    application_name: address.applicationName,
    connectionTimeoutMillis: address.connectTimeoutMs,
    query_timeout: statementTimeoutMs + 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    max: connections,
    types: ownTypes(),
    // Not as parameters of the connection: poolers such as pgbouncer refuse those.
    verify: (client, done) => {
      const text = `set statement_timeout = ${statementTimeoutMs}; set idle_in_transaction_session_timeout = ${statementTimeoutMs}; set session characteristics as transaction isolation level read committed`;
      // By its callback, for pg-pool awaits nothing here.
      client.query(text, (error) => done(error));
    },
  };
}

/** Counts and sums are numbers, as they are from SQLite; all of ours are below 2^53. */
function ownTypes(): TypeOverrides {
  const own = new TypeOverrides();
  own.setTypeParser(types.builtins.INT8, Number);
  own.setTypeParser(types.builtins.NUMERIC, Number);
  return own;
}

function driverOf(server: Server): Driver {
  const sessions = new WeakMap<DatabaseConnection, Session>();
  const of = (connection: DatabaseConnection): Session => {
    const session = sessions.get(connection);
    if (session === undefined) throw new Error("a connection of another driver");
    return session;
  };
  return {
    init: () => Promise.resolve(),
    acquireConnection() {
      const session = new Session(server);
      sessions.set(session, session);
      return Promise.resolve(session);
    },
    beginTransaction: async (connection, settings) => await of(connection).begin(settings),
    commitTransaction: async (connection) => await of(connection).commit(),
    rollbackTransaction: async (connection) => await of(connection).rollback(),
    releaseConnection: async (connection) => await of(connection).release(),
    destroy: async () => await server.pool.end(),
  };
}

/** Whatever the schema that ours would be made in holds: also what another role made. */
async function tablesOf({ pool }: Server): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select c.relname as name from pg_catalog.pg_class c
      where c.relnamespace = to_regnamespace(quote_ident(current_schema())) and c.relkind in ('r', 'p', 'v', 'm', 'f')
      order by 1`,
  );
  return rows.map(({ name }) => name);
}
