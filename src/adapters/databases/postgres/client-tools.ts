import { dirname, join, basename } from "node:path";
import { failure, isFailure } from "../../../base/errors/error.ts";
import type { Executor } from "../../../base/process/command.ts";
import { majorOf, versionIn } from "../shared/versions.ts";

/** PostgreSQL's client tools of one version. */
export interface ClientTools {
  version: string;
  /** Path of a tool: `pg_dump`, `psql`, … */
  path(tool: "psql" | "pg_dump" | "pg_dumpall" | "pg_restore"): string;
}

/** Where distributions put the tools of several versions side by side: Debian, and Alpine. */
const searched = ["/usr/lib/postgresql", "/usr/libexec", "/usr/local/bin", "/usr/bin"];

/**
 * All client tools that are installed where the executor runs, newest first; only those in `client` when it is given.
 * Throws HF_PROGRAM_MISSING when there are none.
 */
export async function installedTools(executor: Executor, client: string | undefined): Promise<ClientTools[]> {
  if (client !== undefined) {
    const folder = /^(pg_|psql)/.test(basename(client)) ? dirname(client) : client;
    return [await toolsIn(executor, folder)];
  }
  // Version folders stand three levels deep at most; find reports those that are not there, and goes on.
  const found = await executor.run({ argv: ["find", ...searched, "-maxdepth", "3", "-name", "pg_dump"] });
  const folders = found.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map(dirname);
  // Debian's /usr/bin/pg_dump is a script that picks a version by itself: only where there is nothing plainer.
  const plain = folders.filter((folder) => folder !== "/usr/bin");
  const candidates = plain.length > 0 ? plain : folders;
  if (candidates.length === 0) return [await toolsIn(executor, undefined)];
  const tools: ClientTools[] = [];
  for (const folder of candidates) tools.push(await toolsIn(executor, folder));
  return tools.sort((a, b) => majorOf(b.version) - majorOf(a.version));
}

/** The tools of the server's own major version, else the oldest newer ones. Throws HF_CLIENT_TOO_OLD. */
export function toolsFor(tools: ClientTools[], serverVersion: string, database: string): ClientTools {
  const server = majorOf(serverVersion);
  const fitting = tools.filter(({ version }) => majorOf(version) >= server);
  const chosen = fitting.at(-1);
  if (chosen !== undefined) return chosen;
  throw failure("HF_CLIENT_TOO_OLD", {
    program: "pg_dump",
    found: tools[0]?.version ?? "unknown",
    database,
    needed: server,
    package: `postgresql-client-${server}`,
  });
}

async function toolsIn(executor: Executor, folder: string | undefined): Promise<ClientTools> {
  const path = (tool: string): string => (folder === undefined ? tool : join(folder, tool));
  const version = versionIn((await versionOutput(executor, path("pg_dump"))).replace(/^\S+ \(PostgreSQL\) /, ""));
  if (version === undefined) throw missing(path("pg_dump"));
  return { version, path };
}

async function versionOutput(executor: Executor, program: string): Promise<string> {
  try {
    return (await executor.run({ argv: [program, "--version"] })).stdout;
  } catch (error) {
    if (isFailure(error, "HF_PROGRAM_MISSING")) throw missing(program, error);
    throw error;
  }
}

const missing = (program: string, cause?: unknown): Error =>
  failure("HF_PROGRAM_MISSING", { program, package: "postgresql-client" }, { cause });
