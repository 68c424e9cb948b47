import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { failure, problem, type Problem } from "../../../base/errors/error.ts";
import type { Command } from "../../../base/process/command.ts";
import type { Counts, DumpProof, DumpTarget } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { clientCommand } from "./connection.ts";
import { sizeOf } from "./count.ts";
import { runDump, type DumpProgram, type Written } from "./dump-program.ts";
import { dumpFiles } from "./files.ts";
import type { SnapshotPin } from "./pin.ts";
import { proveArchive, proveContents, proveScript } from "./proof.ts";
import type { PostgresServer } from "./server.ts";
import type { Session } from "./session.ts";
import { countRows } from "./tables.ts";

/** Dumps one database as of the pinned snapshot, with the server's roles beside it. Throws HF_DUMP_*. */
export async function dumpDatabase(
  server: PostgresServer,
  database: string,
  pin: SnapshotPin,
  target: DumpTarget,
  run: RunContext,
): Promise<DumpProof> {
  const started = performance.now();
  const { name, spec } = server.connection;
  const files = dumpFiles(name);
  const pgDump = (...more: string[]): Command => {
    const argv = [server.tools.path("pg_dump"), "-w", `--snapshot=${pin.snapshotId}`, ...more] as const;
    return clientCommand(server.connection, argv, database);
  };
  const bytesTotal = await held(server, pin, sizeQuery);
  // Uncompressed, so that restic can find what has not changed.
  const dump: DumpProgram =
    spec.format === "custom"
      ? {
          command: pgDump("-Fc", "-Z0"),
          target,
          fileName: files.archive,
          reader: (source) => proveArchive(server, source, run.signal),
          finished: (path) => proveContents(server, path, run.signal),
        }
      : { command: pgDump("-Fp"), target, fileName: files.script, reader: scriptReader(name) };
  const beside: DumpProgram[] = [
    { command: globalsOf(server), target, fileName: files.globals, reader: scriptReader(name) },
  ];
  if (spec.format === "plain") {
    const command = pgDump("-Fp", "--create", "--schema-only", "--exclude-schema=*");
    beside.push({ command, target, fileName: files.properties, reader: scriptReader(name) });
  }
  return await cleanUnlessWhole(target, name, async () => {
    // The pinned session counts while the dump runs: of the same moment, and close to it in the server's cache.
    const [written, counts] = await dumpAndCount(server, { ...dump, bytesTotal }, pin, run);
    const all = [written];
    for (const program of beside) all.push(await runDump(server, program, run));
    return proofOf(server, spec.format, target, all, counts, started);
  });
}

/** Dumps every database and role of a server, each database at a moment of its own. Throws HF_DUMP_*. */
export async function dumpCluster(server: PostgresServer, target: DumpTarget, run: RunContext): Promise<DumpProof> {
  const started = performance.now();
  const { name } = server.connection;
  let counts: Counts = {};
  const argv = [server.tools.path("pg_dumpall"), "-w", ...withoutPasswords(server)] as const;
  const dump: DumpProgram = {
    command: clientCommand(server.connection, argv, server.maintenance),
    target,
    fileName: dumpFiles(name).script,
    // Without a common snapshot the only rows of the dump's moment are those in the dump.
    reader: async (source) => {
      counts = await proveScript(name, source);
    },
    bytesTotal: await sizeOf(server, undefined),
  };
  const written = await runDump(server, dump, run);
  return proofOf(server, "cluster", target, [written], counts, started);
}

/** What a dump by this role lacks. */
export function dumpWarnings(server: PostgresServer): Problem[] {
  return server.superuser ? [] : [problem("HF_DUMP_NO_ROLE_PASSWORDS", { database: server.connection.name })];
}

const withoutPasswords = (server: PostgresServer): string[] => (server.superuser ? [] : ["--no-role-passwords"]);

function globalsOf(server: PostgresServer): Command {
  const argv = [server.tools.path("pg_dumpall"), "-w", "--globals-only", ...withoutPasswords(server)] as const;
  return clientCommand(server.connection, argv, server.maintenance);
}

const scriptReader =
  (name: string) =>
  async (source: Readable): Promise<void> => {
    await proveScript(name, source);
  };

async function sizeQuery(session: Session): Promise<number> {
  const [size] = await session.query("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())");
  return Number(size);
}

/** Asks the session that holds the moment; when it is lost, so is the moment, and the dump is not used. */
async function held<T>(server: PostgresServer, pin: SnapshotPin, ask: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await ask(pin.session);
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    const detail = `the session that held its moment failed: ${error instanceof Error ? error.message : String(error)}`;
    throw failure("HF_DUMP_FAILED", { database: server.connection.name, detail }, { cause: error });
  }
}

/** Dumps and counts side by side. The first failure of either ends the other, which might wait for ever. */
async function dumpAndCount(
  server: PostgresServer,
  dump: DumpProgram,
  pin: SnapshotPin,
  run: RunContext,
): Promise<[Written, Counts]> {
  const stopping = new AbortController();
  const signal = AbortSignal.any([run.signal, stopping.signal]);
  const dumping = runDump(server, dump, { ...run, signal });
  const counting = held(server, pin, countRows);
  try {
    return await Promise.all([dumping, counting]);
  } catch (error) {
    stopping.abort();
    await pin.session.abort();
    await Promise.allSettled([dumping, counting]);
    run.signal.throwIfAborted();
    throw error;
  }
}

/** A dump of several files is whole with the last of them: a failure takes the others away again. */
async function cleanUnlessWhole<T>(target: DumpTarget, name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (target === "nowhere") throw error;
    for (const file of Object.values(dumpFiles(name))) await rm(join(target.folder, file), { force: true });
    throw error;
  }
}

function proofOf(
  server: PostgresServer,
  format: string,
  target: DumpTarget,
  files: Written[],
  counts: Counts,
  started: number,
): DumpProof {
  return {
    files: target === "nowhere" ? [] : files,
    format,
    engine: "postgres",
    serverVersion: server.version,
    clientVersion: server.tools.version,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    counts,
    warnings: dumpWarnings(server),
    durationMs: performance.now() - started,
  };
}
