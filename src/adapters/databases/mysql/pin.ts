import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { failure, type HoldfastError } from "../../../base/errors/error.ts";
import type { Exit } from "../../../base/process/command.ts";
import type { Pin } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { connectionFailure, toolCommand, toolDetail, type Connection } from "./connection.ts";
import type { Server } from "./server.ts";

const mebibyte = 1024 * 1024;

/** A dump whose transaction has begun, and whose output waits. */
export interface MysqlPin extends Pin {
  server: Server;
  databases: string[];
  /** The dump, from its first byte; call it once. */
  output(): Promise<Readable>;
  /** Settles when the dump program has ended. Throws HF_DATABASE_*, HF_DUMP_FAILED, or the signal's reason. */
  finished: Promise<void>;
}

const dumpOptions = [
  "--verbose",
  "--comments",
  "--single-transaction",
  "--quick",
  "--routines",
  "--triggers",
  "--events",
  "--hex-blob",
  // Needs the PROCESS privilege otherwise, which an app's user does not have; table spaces belong to the server.
  "--no-tablespaces",
  "--max-allowed-packet=1G",
];
/** For MySQL's own tool: positions of replication do not belong into a dump, and MariaDB knows no such statistics. */
const mysqlOptions = ["--set-gtid-purged=OFF", "--column-statistics=0"];

/**
 * Starts the dump and returns once its transaction has begun. The dump programs tell what they do with --verbose: what
 * they say next after "Starting transaction" is said when the server has answered START TRANSACTION WITH CONSISTENT
 * SNAPSHOT (mysqldump.c, start_transaction). The output then waits in its pipe; before the server loses patience with
 * rows that nobody takes (net_write_timeout), it goes to a file in scratch instead.
 */
export async function pinMysql(server: Server, databases: string[], run: RunContext): Promise<MysqlPin> {
  const { connection, facts } = server;
  const { context, tools } = connection;
  const gate = new PassThrough({ highWaterMark: mebibyte });
  const kill = new AbortController();
  const own = tools.version.flavour === "mysql" ? mysqlOptions : [];
  const spool = join(context.scratch, `${context.name}.spool.sql`);
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let starting = false;
  const dumping = async (): Promise<void> => {
    const exit = await context.executor.run(
      toolCommand(connection, "dump", ...dumpOptions, ...own, "--databases", ...databases),
      {
        stdout: gate,
        signal: AbortSignal.any([run.signal, kill.signal]),
        onErrorLine: (line) => {
          if (starting && line.startsWith("--")) begin();
          if (line.startsWith("-- Starting transaction")) starting = true;
        },
      },
    );
    if (exit.code !== 0) throw meaningOf(connection, exit);
  };
  const finished = dumping();
  let lost: { reason: unknown } | undefined;
  finished.catch((reason: unknown) => {
    lost = { reason };
    gate.destroy();
  });
  let spooling: Promise<void> | undefined;
  const patience = setTimeout(() => {
    spooling = pipeline(gate, createWriteStream(spool, { mode: 0o600 }));
    spooling.catch(() => kill.abort());
  }, facts.netWriteTimeoutSeconds * 500);
  const release = async (): Promise<void> => {
    clearTimeout(patience);
    kill.abort();
    gate.destroy();
    await Promise.allSettled([finished, spooling]);
    await rm(spool, { force: true });
  };
  try {
    await Promise.race([begun, finished]);
  } catch (error) {
    await release();
    throw error;
  }
  return {
    pinnedAt: run.clock.now(),
    release,
    server,
    databases,
    finished,
    output: async () => {
      clearTimeout(patience);
      if (lost !== undefined) throw lost.reason;
      if (spooling === undefined) return gate;
      await spooling;
      return createReadStream(spool, { highWaterMark: mebibyte });
    },
  };
}

function meaningOf(connection: Connection, exit: Exit): HoldfastError {
  return (
    connectionFailure(connection, exit) ??
    failure("HF_DUMP_FAILED", { database: connection.context.name, detail: toolDetail(connection.tools.dump, exit) })
  );
}
