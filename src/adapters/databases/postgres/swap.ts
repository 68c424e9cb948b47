import { problem, type Problem } from "../../../base/errors/error.ts";
import { quoteIdentifier, quoteLiteral } from "./identifiers.ts";
import type { PostgresServer } from "./server.ts";
import { openSession, queryOnce, type Session } from "./session.ts";

/** A loaded database, the name that it is to have, and the name under which an older one waits meanwhile. */
export interface Move {
  fresh: string;
  name: string;
  aside: string;
}

/** Names for loading beside what is there; within PostgreSQL's 63 bytes also for long names. */
export function moveFor(name: string, id: string): Move {
  const short = Buffer.from(name)
    .subarray(0, 36)
    .toString()
    .replace(/\uFFFD$/, "");
  return { name, fresh: `${short}_holdfast_${id}`, aside: `${short}_holdfast_${id}_old` };
}

/**
 * Gives loaded databases their names, all in one transaction: on a failure every database keeps the name that it had.
 * Connections to older ones of those names are ended, and these are removed at last; one that cannot be is a warning.
 */
export async function putIntoPlace(server: PostgresServer, moves: Move[]): Promise<Problem[]> {
  const session = openSession(server.connection, server.tools, server.maintenance);
  try {
    const replaced = await existing(session, moves);
    const aside = replaced.map((move) => rename(move.name, move.aside));
    const renames = [...aside, ...moves.map((move) => rename(move.fresh, move.name))];
    const names = replaced.map(({ name }) => name);
    await withoutConnections(server, names, session.query(["BEGIN", ...renames, "COMMIT"].join("; ")));
    return await dropReplaced(server, replaced);
  } finally {
    await session.close();
  }
}

const rename = (from: string, to: string): string =>
  `ALTER DATABASE ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`;

async function existing(session: Session, moves: Move[]): Promise<Move[]> {
  const lines = await session.query("SELECT pg_catalog.to_json(datname::text) FROM pg_catalog.pg_database");
  const present = new Set(lines.map((line) => String(JSON.parse(line))));
  return moves.filter(({ name }) => present.has(name));
}

/**
 * Ends the databases' connections until `renaming` is through. The rename locks a database first, so that new ones
 * wait, and gives up after five seconds when old ones stay (RenameDatabase in PostgreSQL's dbcommands.c).
 */
async function withoutConnections(server: PostgresServer, names: string[], renaming: Promise<unknown>): Promise<void> {
  let through = names.length === 0;
  const settled = renaming.finally(() => {
    through = true;
  });
  const ending = async (): Promise<void> => {
    while (!through) await queryOnce(server.connection, server.tools, server.maintenance, terminate(names));
  };
  const [renamed, ended] = await Promise.allSettled([settled, ending()]);
  if (renamed.status === "rejected") throw renamed.reason;
  if (ended.status === "rejected") throw ended.reason;
}

/** The rename looks for connections ten times a second; so do we. */
const terminate = (names: string[]): string =>
  `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
     WHERE datname IN (${names.map(quoteLiteral).join(", ")});
   SELECT pg_catalog.pg_sleep(0.1)`;

async function dropReplaced(server: PostgresServer, replaced: Move[]): Promise<Problem[]> {
  const warnings: Problem[] = [];
  for (const { name, aside } of replaced) {
    try {
      const sql = `DROP DATABASE ${quoteIdentifier(aside)}`;
      await queryOnce(server.connection, server.tools, server.maintenance, sql);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      warnings.push(problem("HF_LOAD_OLD_KEPT", { database: name, aside, detail }));
    }
  }
  return warnings;
}
