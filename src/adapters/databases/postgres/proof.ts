import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { failure } from "../../../base/errors/error.ts";
import type { Counts } from "../../../domain/database.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import { readScript } from "./script-reader.ts";
import type { PostgresServer } from "./server.ts";

/** Lets pg_restore read an archive to its end (its `--list` would accept one that is cut). Throws HF_DUMP_INCOMPLETE. */
export async function proveArchive(server: PostgresServer, archive: Readable, signal: AbortSignal): Promise<void> {
  const { connection, tools } = server;
  const argv = [tools.path("pg_restore"), "-f", "/dev/null"] as const;
  const exit = await connection.executor.run({ argv, env: { LC_ALL: "C" } }, { stdin: archive, signal });
  if (exit.code === 0) return;
  throw failure("HF_DUMP_INCOMPLETE", { database: connection.name, detail: exitDetail("pg_restore", exit) });
}

/**
 * Reads the table of contents of a finished archive: pg_dump goes back at the end and writes into it where each table
 * lies. Throws HF_DUMP_INCOMPLETE.
 */
export async function proveContents(server: PostgresServer, path: string, signal: AbortSignal): Promise<void> {
  const { connection, tools } = server;
  const argv = [tools.path("pg_restore"), "--list"] as const;
  const head = createReadStream(path);
  const exit = await connection.executor.run({ argv, env: { LC_ALL: "C" } }, { stdin: head, signal });
  if (exit.code === 0) return;
  throw failure("HF_DUMP_INCOMPLETE", { database: connection.name, detail: exitDetail("pg_restore --list", exit) });
}

/** Reads a script up to its end mark; gives the rows that it holds. Throws HF_DUMP_INCOMPLETE. */
export async function proveScript(name: string, script: Readable): Promise<Counts> {
  const { counts, complete } = await readScript(script);
  if (!complete) throw failure("HF_DUMP_INCOMPLETE", { database: name, detail: "its end mark is missing" });
  return counts;
}
