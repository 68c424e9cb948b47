import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RunContext } from "../../../domain/run.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import { dumpFiles } from "./files.ts";
import { loadFailure } from "./load-failure.ts";
import { proveArchive, proveScript } from "./proof.ts";
import type { PostgresServer } from "./server.ts";

/** The dump of one database, found in a folder. */
export interface DumpFile {
  path: string;
  archive: boolean;
  /** The script that makes the server's roles. */
  globals: string;
  /** A script that holds the statements which make the database itself. */
  definitions: string;
}

/** Finds the dump and reads it to its end: one that was cut since is refused before the server is touched. */
export async function openDump(server: PostgresServer, folder: string, run: RunContext): Promise<DumpFile> {
  const files = dumpFiles(server.connection.name);
  const archive = await exists(join(folder, files.archive));
  const path = join(folder, archive ? files.archive : files.script);
  const source = createReadStream(path);
  await (archive ? proveArchive(server, source, run.signal) : proveScript(server.connection.name, source));
  const globals = await readFile(join(folder, files.globals), "utf8");
  const definitions = archive
    ? await definitionsIn(server, path, run)
    : await readFile(join(folder, files.properties), "utf8");
  return { path, archive, globals, definitions };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

async function definitionsIn(server: PostgresServer, archive: string, run: RunContext): Promise<string> {
  const { connection, tools } = server;
  const lines: string[] = [];
  const exit = await connection.executor.run(
    { argv: [tools.path("pg_restore"), "--create", "--schema-only", "-f", "-"], env: { LC_ALL: "C" } },
    { stdin: createReadStream(archive), onLine: (line) => void lines.push(line), signal: run.signal },
  );
  if (exit.code !== 0) throw loadFailure(server, exitDetail("pg_restore", exit));
  return lines.join("\n");
}
