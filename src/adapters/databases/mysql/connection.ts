import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { failure, type HoldfastError } from "../../../base/errors/error.ts";
import type { Command, Exit, Io } from "../../../base/process/command.ts";
import type { DatabaseContext } from "../../../domain/database.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import type { ClientTools } from "./client-tools.ts";
import type { MysqlSpec } from "./spec.ts";

/** A server with the tools that fit it. */
export interface Connection {
  context: DatabaseContext;
  spec: MysqlSpec;
  tools: ClientTools;
  /** Leads every tool to the server: an option file of mode 0600, or plain options where nothing is secret. */
  options: string[];
}

/**
 * What must stand first in a tool's arguments. Only a declaration without user and password falls back to the system's
 * own option files (~/.my.cnf): these would override ours.
 */
export async function connectionOptions(context: DatabaseContext, spec: MysqlSpec): Promise<string[]> {
  const password = spec.password === undefined ? undefined : (await context.resolveSecret(spec.password)).reveal();
  const settings: [string, string][] = [
    ...(spec.username === undefined ? [] : [["user", spec.username] satisfies [string, string]]),
    ...(password === undefined ? [] : [["password", password] satisfies [string, string]]),
    ...(spec.host === undefined ? [] : [["host", spec.host] satisfies [string, string]]),
    // "localhost" means the socket to the client tools, also when a port is given.
    ...(spec.host === undefined ? [] : [["protocol", "tcp"] satisfies [string, string]]),
    ...(spec.port === undefined ? [] : [["port", String(spec.port)] satisfies [string, string]]),
    ...(spec.socket === undefined ? [] : [["socket", spec.socket] satisfies [string, string]]),
  ];
  if (password === undefined) {
    const plain = settings.map(([name, value]) => `--${name}=${value}`);
    return spec.username === undefined ? plain : ["--no-defaults", ...plain];
  }
  const file = join(context.scratch, `${context.name}.my.cnf`);
  const lines = settings.map(([name, value]) => `${name}=${quoteOption(value)}`);
  await writeFile(file, `[client]\n${lines.join("\n")}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  return [`--defaults-file=${file}`];
}

/** A value in an option file: https://mariadb.com/kb/en/configuring-mariadb-with-option-files/ */
export function quoteOption(value: string): string {
  const escaped = value.replaceAll(/[\\"\n\r\t]/g, (character) => {
    const letters: Record<string, string> = { "\n": String.raw`\n`, "\r": String.raw`\r`, "\t": String.raw`\t` };
    return letters[character] ?? `\\${character}`;
  });
  return `"${escaped}"`;
}

/** A tool's command line; `more` must hold nothing secret. */
export function toolCommand(connection: Connection, tool: "dump" | "client", ...more: string[]): Command {
  const { spec, tools } = connection;
  const user = spec.run_as;
  return {
    argv: [tools[tool], ...connection.options, ...sslOptions(connection), "--default-character-set=utf8mb4", ...more],
    ...(user === undefined ? {} : { user, cwd: "/" }),
  };
}

function sslOptions({ spec, tools }: Connection): string[] {
  if (spec.ssl === undefined) return [];
  if (tools.version.flavour === "mysql") return [spec.ssl ? "--ssl-mode=REQUIRED" : "--ssl-mode=DISABLED"];
  return [spec.ssl ? "--ssl" : "--skip-ssl"];
}

/** Runs statements and gives their rows. Throws HF_DATABASE_*, HF_PROGRAM_FAILED. */
export async function query(connection: Connection, sql: string, database?: string): Promise<string[][]> {
  const rows: string[][] = [];
  const exit = await connection.context.executor.run(clientCommand(connection, database), {
    stdin: `${sql};\n`,
    onLine: (line) => void rows.push(line.split("\t").map(unescaped)),
  });
  if (exit.code !== 0) throw meaningOf(connection, exit);
  return rows;
}

/** Runs a script. Throws HF_DATABASE_*, HF_PROGRAM_FAILED. */
export async function runScript(connection: Connection, database: string, io: Io): Promise<void> {
  const exit = await connection.context.executor.run(clientCommand(connection, database), io);
  if (exit.code !== 0) throw meaningOf(connection, exit);
}

function clientCommand(connection: Connection, database: string | undefined): Command {
  return toolCommand(
    connection,
    "client",
    "--batch",
    "--skip-column-names",
    "--binary-mode",
    "--comments",
    "--max-allowed-packet=1G",
    ...(database === undefined ? [] : [`--database=${database}`]),
  );
}

/** Undoes what --batch does to tabs, line ends and backslashes in values. */
function unescaped(value: string): string {
  const meanings: Record<string, string> = { n: "\n", t: "\t", "0": "\0" };
  return value.replaceAll(/\\(.)/g, (_whole, letter: string) => meanings[letter] ?? letter);
}

/** What the tools' error numbers mean; undefined for those that say nothing about the connection. */
export function connectionFailure(connection: Connection, exit: Exit): HoldfastError | undefined {
  const { name } = connection.context;
  const number = Number(/\b(?:ERROR|error:?) (\d{4})\b/i.exec(exit.stderr)?.[1]);
  const detail = toolDetail(connection.tools.client, exit);
  if ([1044, 1045, 1698, 1130, 1862].includes(number))
    return failure("HF_DATABASE_REFUSED", { database: name, detail });
  if (number === 1049) return failure("HF_DATABASE_MISSING", { database: connection.spec.database ?? name });
  if ([2002, 2003, 2005, 2026].includes(number)) return failure("HF_DATABASE_UNREACHABLE", { database: name, detail });
  return undefined;
}

/** The telling line; what `--verbose` says about the course of a dump begins with dashes. */
export function toolDetail(program: string, exit: Exit): string {
  const lines = exit.stderr.split("\n").filter((line) => !line.startsWith("--") && line !== "--------------");
  return exitDetail(program, { ...exit, stderr: lines.join("\n") });
}

function meaningOf(connection: Connection, exit: Exit): HoldfastError {
  const { client } = connection.tools;
  return (
    connectionFailure(connection, exit) ??
    failure("HF_PROGRAM_FAILED", {
      program: client,
      how: exit.signal ?? `status ${exit.code}`,
      detail: toolDetail(client, exit),
    })
  );
}

export const quoteName = (name: string): string => `\`${name.replaceAll("`", "``")}\``;
export const quoteText = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
