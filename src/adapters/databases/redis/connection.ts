import { failure, type HoldfastError } from "../../../base/errors/error.ts";
import type { Command, Executor, Exit } from "../../../base/process/command.ts";
import { redact, type Secret } from "../../../base/secrets/secret.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import type { RedisTools } from "./client-tools.ts";
import type { RedisSpec } from "./spec.ts";

export interface RedisConnection {
  /** The declared name, for messages. */
  name: string;
  executor: Executor;
  tools: RedisTools;
  spec: RedisSpec;
  password: Secret | undefined;
}

/** redis-cli, connected; the password goes by its environment. */
export function cliCommand(connection: RedisConnection, ...more: string[]): Command {
  const { spec, tools, password } = connection;
  const argv = [
    tools.path("cli"),
    ...["-h", spec.host, "-p", String(spec.port), "--no-auth-warning"],
    ...(spec.username === undefined ? [] : ["--user", spec.username]),
    ...(spec.tls ? ["--tls"] : []),
    ...(spec.ca_file === undefined ? [] : ["--cacert", spec.ca_file]),
    ...more,
  ] as const;
  return { argv: [argv[0] ?? tools.path("cli"), ...argv.slice(1)], env: { LC_ALL: "C", ...secretOf(tools, password) } };
}

/** Asks the server one thing; gives the answer's text. Throws HF_DATABASE_UNREACHABLE, HF_DATABASE_REFUSED. */
export async function ask(connection: RedisConnection, ...words: string[]): Promise<string> {
  const exit = await connection.executor.run(cliCommand(connection, "--raw", ...words));
  const trouble = connectionFailure(connection.name, exit);
  if (trouble !== undefined) throw trouble;
  return exit.stdout.replaceAll("\r", "").trim();
}

/** What an answer that is no answer means. redis-cli exits 0 when the login was refused. */
export function connectionFailure(name: string, exit: Exit): HoldfastError | undefined {
  const text = `${exit.stderr}\n${exit.stdout.slice(0, 2000)}`;
  const refused = /^.*\b(NOAUTH|WRONGPASS|NOPERM|AUTH failed|ERR AUTH)\b.*$/m.exec(text)?.[0];
  if (refused !== undefined) return failure("HF_DATABASE_REFUSED", { database: name, detail: redact(refused.trim()) });
  if (exit.code === 0) return undefined;
  return failure("HF_DATABASE_UNREACHABLE", { database: name, detail: exitDetail("redis-cli", exit) });
}

function secretOf(tools: RedisTools, password: Secret | undefined): Record<string, Secret> {
  if (password === undefined) return {};
  // Newer Valkey tools look for their own name; older ones for that of Redis.
  return { REDISCLI_AUTH: password, ...(tools.family === "valkey" ? { VALKEYCLI_AUTH: password } : {}) };
}
