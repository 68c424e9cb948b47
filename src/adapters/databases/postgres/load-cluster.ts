import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import type { Counts, LoadReport } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import { renamedCluster } from "./cluster-script.ts";
import { psqlCommand } from "./connection.ts";
import { dumpFiles } from "./files.ts";
import { inspect } from "./load.ts";
import { asLoadFailure, dropFresh, loadFailure, refuseMismatch } from "./load-failure.ts";
import { createMissingRoles } from "./roles.ts";
import { readScript, type ScriptContent } from "./script-reader.ts";
import type { PostgresServer } from "./server.ts";
import { openSession } from "./session.ts";
import { moveFor, putIntoPlace, type Move } from "./swap.ts";

/**
 * Loads a cluster's dump: each database beside the one of its name, and when all are whole and counted, all into
 * place in one transaction. `template1`, and `postgres` when it holds no tables, are left as the server has them.
 * Throws HF_LOAD_FAILED; the old databases are then untouched.
 */
export async function loadCluster(
  reached: PostgresServer,
  from: string,
  expected: Counts,
  run: RunContext,
): Promise<LoadReport> {
  // `postgres` itself may be replaced, so we must not be connected to it.
  const server = { ...reached, maintenance: "template1" };
  const path = join(from, dumpFiles(server.connection.name).script);
  let moves: Move[] = [];
  try {
    const content = await readScript(createReadStream(path));
    if (!content.complete) throw loadFailure(server, "the dump is not complete: its end mark is missing");
    moves = movesFor(content);
    await createRoles(server, path, run);
    await runRenamed(server, path, moves, run);
    const counts = await countMoved(server, moves, run);
    refuseMismatch(server, expected, counts);
    return { counts, mismatches: [], warnings: await putIntoPlace(server, moves) };
  } catch (error) {
    throw await dropFresh(
      server,
      moves.map(({ fresh }) => fresh),
      asLoadFailure(server, error, run.signal),
    );
  }
}

function movesFor({ databases, filled }: ScriptContent): Move[] {
  const id = randomBytes(4).toString("hex");
  const used = (name: string): boolean => name !== "postgres" || filled.has(name);
  return [...new Set(databases)].filter((name) => name !== "template1" && used(name)).map((name) => moveFor(name, id));
}

/** Roles stand before the first database. */
async function createRoles(server: PostgresServer, path: string, run: RunContext): Promise<void> {
  const lines: string[] = [];
  const source = createReadStream(path);
  for await (const line of createInterface({ input: source })) {
    if (line.startsWith("\\connect ")) break;
    lines.push(line);
  }
  source.destroy();
  const session = openSession(server.connection, server.tools, server.maintenance, run.signal);
  try {
    await createMissingRoles(session, lines.join("\n"));
  } finally {
    await session.close();
  }
}

async function runRenamed(server: PostgresServer, path: string, moves: Move[], run: RunContext): Promise<void> {
  const script = renamedCluster(new Map(moves.map(({ name, fresh }) => [name, fresh])));
  const command = psqlCommand(server.connection, server.tools, server.maintenance, "-o", "/dev/null");
  const [fed, ended] = await Promise.allSettled([
    pipeline(createReadStream(path), script),
    server.connection.executor.run(command, { stdin: script, signal: run.signal }),
  ]);
  if (ended.status === "rejected") throw ended.reason;
  // A psql that gave up read no further: that breaks the pipe too, but the reason is what psql says.
  if (ended.value.code !== 0) throw loadFailure(server, exitDetail("psql", ended.value));
  if (fed.status === "rejected") throw fed.reason;
}

async function countMoved(server: PostgresServer, moves: Move[], run: RunContext): Promise<Counts> {
  const counts: Counts = {};
  for (const { name, fresh } of moves) {
    for (const [table, rows] of Object.entries(await inspect(server, fresh, run))) counts[`${name}/${table}`] = rows;
  }
  return counts;
}
