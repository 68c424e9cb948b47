import { z } from "zod";
import { failure, isFailure } from "../../../base/errors/error.ts";
import type { Secret } from "../../../base/secrets/secret.ts";
import type { DatabaseContext } from "../../../domain/database.ts";
import { installedTools, toolsFor, type ClientTools } from "./client-tools.ts";
import type { Connection } from "./connection.ts";
import { queryOnce } from "./session.ts";
import type { PostgresSpec } from "./spec.ts";

/** A server that answered, and the client tools that fit it. */
export interface PostgresServer {
  connection: Connection;
  tools: ClientTools;
  version: string;
  /** Whether the role may read every password and create every role. */
  superuser: boolean;
  /** A database that is not the declared one: where others are created, renamed and dropped from. */
  maintenance: string;
}

const factsSchema = z.object({ version: z.string(), superuser: z.boolean() });
const factsQuery = `SELECT json_build_object('version', current_setting('server_version'), 'superuser',
  (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user))`;

/** Reaches the server. Throws HF_DATABASE_UNREACHABLE, HF_DATABASE_REFUSED, HF_CLIENT_TOO_OLD, HF_PROGRAM_MISSING. */
export async function reachServer(
  spec: PostgresSpec,
  context: DatabaseContext,
  signal?: AbortSignal,
): Promise<PostgresServer> {
  const password: Secret | undefined = spec.password && (await context.resolveSecret(spec.password));
  const installed = await installedTools(context.executor, spec.client);
  const [newest] = installed;
  if (newest === undefined) throw failure("HF_PROGRAM_MISSING", { program: "psql", package: "postgresql-client" });
  const maintenance = spec.database === "postgres" ? "template1" : "postgres";
  const reach = async (user: string | undefined): Promise<PostgresServer> => {
    const connection: Connection = { name: context.name, executor: context.executor, spec, password, user };
    const [line = "{}"] = await firstAnswer(connection, newest, [spec.database, maintenance], signal);
    const facts = factsSchema.parse(JSON.parse(line));
    const version = facts.version.split(" ")[0] ?? facts.version;
    return {
      connection,
      tools: toolsFor(installed, version, context.name),
      version,
      superuser: facts.superuser,
      maintenance,
    };
  };
  try {
    return await reach(spec.run_as);
  } catch (error) {
    // A local server that knows its users by the operating system's: become that user, where we may.
    const peer = isFailure(error, "HF_DATABASE_REFUSED") && /peer authentication/i.test(error.message);
    if (!peer || spec.run_as !== undefined || password !== undefined) throw error;
    return await reach(spec.username ?? "postgres");
  }
}

/** The declared database may be gone, and the role may be shut out of the other one: either answers for the server. */
async function firstAnswer(
  connection: Connection,
  tools: ClientTools,
  databases: (string | undefined)[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  let first: unknown;
  for (const database of databases) {
    if (database === undefined) continue;
    try {
      return await queryOnce(connection, tools, database, factsQuery, signal);
    } catch (error) {
      if (!isFailure(error, "HF_DATABASE_MISSING", "HF_DATABASE_REFUSED")) throw error;
      first ??= error;
      if (!isFailure(error, "HF_DATABASE_MISSING")) break;
    }
  }
  throw first;
}
