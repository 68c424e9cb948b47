import { basename, dirname, join } from "node:path";
import { failure, isFailure } from "../../../base/errors/error.ts";
import type { Executor } from "../../../base/process/command.ts";
import { compareVersions, versionIn } from "../shared/versions.ts";

/** MySQL and MariaDB were one once; their version numbers mean different things. */
export type Flavour = "mysql" | "mariadb";

export interface Version {
  flavour: Flavour;
  /** Such as `10.11.19` or `8.4.3`. */
  number: string;
}

/** The client tools of one origin. */
export interface ClientTools {
  version: Version;
  dump: string;
  client: string;
}

const pairs = [
  { dump: "mariadb-dump", client: "mariadb" },
  { dump: "mysqldump", client: "mysql" },
] as const;
const toolNames = new Set<string>(pairs.flatMap(({ dump, client }) => [dump, client]));

/**
 * Reads `mariadb-dump  Ver 10.19 Distrib 10.11.19-MariaDB`, `mariadb-dump from 11.8.2-MariaDB` (whose first number is
 * the tool's own), `mysqldump  Ver 8.4.3 for Linux`, and a server's `8.4.3` or `10.11.19-MariaDB-0+deb12u1`.
 */
export function parseVersion(text: string): Version {
  const mariadb = /(\d+(?:\.\d+)+)-MariaDB/i.exec(text)?.[1];
  if (mariadb !== undefined) return { flavour: "mariadb", number: mariadb };
  const distributed = /Distrib (\d+(?:\.\d+)+)/.exec(text)?.[1];
  return { flavour: "mysql", number: distributed ?? versionIn(text) ?? "0" };
}

/** The tools that are installed where the executor runs. Throws HF_PROGRAM_MISSING when there are none. */
export async function installedTools(executor: Executor, client: string | undefined): Promise<ClientTools[]> {
  const folder = client !== undefined && toolNames.has(basename(client)) ? dirname(client) : client;
  const found: ClientTools[] = [];
  for (const pair of pairs) {
    const [dump, sql] = [pair.dump, pair.client].map((name) => (folder === undefined ? name : join(folder, name)));
    if (dump === undefined || sql === undefined) continue;
    const version = await versionOf(executor, dump);
    if (version !== undefined) found.push({ version, dump, client: sql });
  }
  if (found.length > 0) return found;
  throw failure("HF_PROGRAM_MISSING", {
    program: folder === undefined ? "mariadb-dump" : join(folder, "mariadb-dump"),
    package: "mariadb-client",
  });
}

/** The tools of the server's own kind, else the others. Throws HF_CLIENT_TOO_OLD when they are known not to serve. */
export function toolsFor(tools: readonly ClientTools[], server: Version, database: string): ClientTools {
  const ranked = tools.toSorted(
    (a, b) => Number(b.version.flavour === server.flavour) - Number(a.version.flavour === server.flavour),
  );
  const fit = ranked.find(({ version }) => versionNeeded(version, server) === undefined);
  if (fit !== undefined) return fit;
  const [best] = ranked;
  if (best === undefined) throw failure("HF_PROGRAM_MISSING", { program: "mariadb-dump", package: "mariadb-client" });
  throw failure("HF_CLIENT_TOO_OLD", {
    program: best.dump,
    found: best.version.number,
    database,
    needed: versionNeeded(best.version, server) ?? "",
    package: server.flavour === "mysql" ? "mysql-client" : "mariadb-client",
  });
}

/**
 * What a client must be at least, when it is known to fail or to leave something out: MySQL's own clients before 8.0 set
 * modes that an 8.0 server does not know; both kinds before MariaDB 10.3 take sequences for tables.
 */
export function versionNeeded(client: Version, server: Version): string | undefined {
  const below = (version: Version, number: string): boolean => compareVersions(version.number, number) < 0;
  if (server.flavour === "mysql" && client.flavour === "mysql" && below(client, "8.0") && !below(server, "8.0"))
    return "8.0";
  if (server.flavour === "mariadb" && client.flavour === "mariadb" && below(client, "10.3") && !below(server, "10.3"))
    return "10.3";
  return undefined;
}

async function versionOf(executor: Executor, program: string): Promise<Version | undefined> {
  try {
    const exit = await executor.run({ argv: [program, "--version"] });
    return exit.code === 0 ? parseVersion(exit.stdout) : undefined;
  } catch (error) {
    if (isFailure(error, "HF_PROGRAM_MISSING")) return undefined;
    throw error;
  }
}
