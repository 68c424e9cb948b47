import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Exit } from "../../../base/process/command.ts";
import type { Counts, LoadReport } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import { clientCommand, conninfo, psqlCommand } from "./connection.ts";
import { openDump, type DumpFile } from "./dump-file.ts";
import { quoteIdentifier } from "./identifiers.ts";
import { asLoadFailure, dropFresh, loadFailure, refuseMismatch } from "./load-failure.ts";
import { databaseStatements } from "./properties.ts";
import { createMissingRoles } from "./roles.ts";
import type { PostgresServer } from "./server.ts";
import { openSession } from "./session.ts";
import { moveFor, putIntoPlace } from "./swap.ts";
import { countRows } from "./tables.ts";

const mostJobs = 4;

/**
 * Loads a dump of one database beside what is there, compares the row counts, and only then puts it in the old one's
 * place. Creates missing roles and the database. Throws HF_LOAD_FAILED; the old database is then untouched.
 */
export async function loadDatabase(
  server: PostgresServer,
  database: string,
  from: string,
  expected: Counts,
  run: RunContext,
): Promise<LoadReport> {
  const move = moveFor(database, randomBytes(4).toString("hex"));
  try {
    const dump = await openDump(server, from, run);
    await createDatabase(server, dump, move.fresh, run);
    const exit = dump.archive
      ? await restoreArchive(server, move.fresh, dump.path, run)
      : await runScript(server, move.fresh, dump.path, run);
    if (exit.code !== 0) throw loadFailure(server, exitDetail(dump.archive ? "pg_restore" : "psql", exit));
    const counts = await inspect(server, move.fresh, run);
    refuseMismatch(server, expected, counts);
    return { counts, mismatches: [], warnings: await putIntoPlace(server, [move]) };
  } catch (error) {
    throw await dropFresh(server, [move.fresh], asLoadFailure(server, error, run.signal));
  }
}

/** Creates the database with the encoding, collation, owner, settings and rights of the dumped one, and its roles. */
async function createDatabase(server: PostgresServer, dump: DumpFile, fresh: string, run: RunContext): Promise<void> {
  const session = openSession(server.connection, server.tools, server.maintenance, run.signal);
  try {
    await createMissingRoles(session, dump.globals);
    const statements = databaseStatements(dump.definitions, fresh);
    if (statements[0]?.startsWith("CREATE DATABASE ") !== true) {
      statements.unshift(`CREATE DATABASE ${quoteIdentifier(fresh)} TEMPLATE template0`);
    }
    for (const statement of statements) await session.query(statement);
  } finally {
    await session.close();
  }
}

/** Counts the rows, and lets the server gather the statistics that a dump lacks: without them queries are slow. */
export async function inspect(server: PostgresServer, database: string, run: RunContext): Promise<Counts> {
  const session = openSession(server.connection, server.tools, database, run.signal);
  try {
    const counts = await countRows(session);
    await session.query("ANALYZE");
    return counts;
  } finally {
    await session.close();
  }
}

async function restoreArchive(server: PostgresServer, fresh: string, path: string, run: RunContext): Promise<Exit> {
  const { connection, tools } = server;
  const parallel = await readableThere(server, path);
  const argv = [
    tools.path("pg_restore"),
    "-w",
    "--exit-on-error",
    "-d",
    conninfo(fresh),
    ...(parallel ? [`--jobs=${Math.min(mostJobs, availableParallelism())}`, path] : []),
  ] as const;
  return await connection.executor.run(clientCommand(connection, argv, fresh), {
    signal: run.signal,
    ...(parallel ? {} : { stdin: createReadStream(path) }),
  });
}

async function runScript(server: PostgresServer, fresh: string, path: string, run: RunContext): Promise<Exit> {
  const command = psqlCommand(server.connection, server.tools, fresh, "-o", "/dev/null");
  return await server.connection.executor.run(command, { stdin: createReadStream(path), signal: run.signal });
}

/** Whether the tools, where and as whom they run, can open this very file: only then may several read it at once. */
async function readableThere(server: PostgresServer, path: string): Promise<boolean> {
  const { executor, user } = server.connection;
  const as = user === undefined ? {} : { user, cwd: "/" };
  const readable = await executor.run({ argv: ["test", "-r", path], ...as });
  if (readable.code !== 0) return false;
  const there = await executor.run({ argv: ["stat", "-c", "%i %s", path], ...as });
  const here = await stat(path);
  return there.stdout.trim() === `${here.ino} ${here.size}`;
}
