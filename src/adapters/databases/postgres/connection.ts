import { failure, type HoldfastError } from "../../../base/errors/error.ts";
import type { Command, Executor, Exit } from "../../../base/process/command.ts";
import type { Secret } from "../../../base/secrets/secret.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import type { ClientTools } from "./client-tools.ts";
import type { PostgresSpec } from "./spec.ts";

const connectSeconds = 15;

/** How the client tools reach a server. All of it goes by their environment: nothing secret is ever an argument. */
export interface Connection {
  /** The declared name, for messages. */
  name: string;
  executor: Executor;
  spec: PostgresSpec;
  password: Secret | undefined;
  /** Operating system user of the client tools. */
  user: string | undefined;
}

/** A command of the client tools, connected to `database`. */
export function clientCommand(connection: Connection, argv: readonly [string, ...string[]], database: string): Command {
  const { spec, password, user } = connection;
  return {
    argv,
    env: {
      // Messages that we tell apart must not be translated.
      LC_ALL: "C",
      PGCLIENTENCODING: "UTF8",
      PGAPPNAME: "holdfast",
      PGCONNECT_TIMEOUT: String(connectSeconds),
      PGDATABASE: database,
      ...(spec.host === undefined ? {} : { PGHOST: spec.host }),
      ...(spec.port === undefined ? {} : { PGPORT: String(spec.port) }),
      ...(spec.username === undefined ? {} : { PGUSER: spec.username }),
      ...(spec.sslmode === undefined ? {} : { PGSSLMODE: spec.sslmode }),
      ...(password === undefined ? {} : { PGPASSWORD: password }),
    },
    ...(user === undefined ? {} : { user, cwd: "/" }),
  };
}

/** psql without anyone's settings, stopping at the first error. */
export function psqlCommand(connection: Connection, tools: ClientTools, database: string, ...more: string[]): Command {
  const argv = [tools.path("psql"), "-X", "-w", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", ...more] as const;
  return clientCommand(connection, argv, database);
}

/** The value of `--dbname` for pg_restore, which connects only when it is told to. */
export function conninfo(database: string): string {
  return `dbname='${database.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

/** What a failed psql means; undefined when the connection was not the trouble. */
export function connectionFailure(name: string, database: string, exit: Exit): HoldfastError | undefined {
  const detail = exitDetail("psql", exit);
  if (/database ".*" does not exist/.test(exit.stderr)) return failure("HF_DATABASE_MISSING", { database });
  if (
    /authentication failed|no password supplied|no pg_hba\.conf entry|role ".*" does not exist|not permitted to log in|permission denied for database/.test(
      exit.stderr,
    )
  ) {
    return failure("HF_DATABASE_REFUSED", { database: name, detail });
  }
  return exit.code === 2 ? failure("HF_DATABASE_UNREACHABLE", { database: name, detail }) : undefined;
}
