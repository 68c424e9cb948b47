import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { failure, HoldfastError, isFailure, problem } from "../../../base/errors/error.ts";
import type { Counts, LoadReport } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { describeMismatches, mismatchesOf } from "../shared/mismatches.ts";
import { query, quoteName, runScript, type Connection } from "./connection.ts";
import { withDefiners } from "./definers.ts";
import type { Range } from "./dump-scanner.ts";
import { leftoversOf, passingNames } from "./leftovers.ts";
import { countTables, type Server } from "./server.ts";
import { readSidecar, type Sidecar, type SidecarDatabase } from "./sidecar.ts";
import { createDatabase, swapIn } from "./swap.ts";

const progressEveryMs = 500;

/**
 * Loads a dump, one database after another: each into a fresh database first, where its rows are counted; only then it
 * takes the place of the old one (swap.ts). Until then nothing of the old one is touched.
 */
export async function loadMysql(server: Server, from: string, expected: Counts, run: RunContext): Promise<LoadReport> {
  const { connection } = server;
  const { name } = connection.context;
  const file = join(from, `${name}.sql`);
  try {
    const sidecar = await readSidecar(join(from, `${name}.json`));
    const { size } = await stat(file);
    if (size !== sidecar.bytes) throw new Error(`the dump has ${size} bytes instead of ${sidecar.bytes}`);
    const keep = await knownUsers(connection);
    const replaced = new Set<string>();
    const counts: Counts = {};
    const targets = targetsOf(connection, sidecar);
    const warnings = await leftoversOf(
      connection,
      targets.map(({ target }) => target),
    );
    for (const { database, target } of targets) {
      const prefix = connection.spec.all ? `${database.name}.` : "";
      const loading = { connection, file, sidecar, database, target, keep, replaced, run };
      const others = sidecar.databases.map(({ name }) => `${name}.`).filter((other) => other.length > prefix.length);
      const found = await loadOne(loading, within(expected, prefix, others));
      for (const [table, rows] of Object.entries(found)) counts[`${prefix}${table}`] = rows;
    }
    const definer = "the user that loaded it";
    if (replaced.size > 0)
      warnings.push(problem("HF_LOAD_DEFINERS", { database: name, users: [...replaced].join(", "), definer }));
    return { counts, mismatches: [], warnings };
  } catch (error) {
    run.signal.throwIfAborted();
    if (
      isFailure(
        error,
        "HF_LOAD_FAILED",
        "HF_LOAD_ASIDE",
        "HF_LOAD_RIGHTS",
        "HF_DATABASE_REFUSED",
        "HF_DATABASE_UNREACHABLE",
      )
    )
      throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw failure("HF_LOAD_FAILED", { database: name, detail }, { cause: error });
  }
}

interface Loading {
  connection: Connection;
  file: string;
  sidecar: Sidecar;
  database: SidecarDatabase;
  target: string;
  keep: ReadonlySet<string>;
  replaced: Set<string>;
  run: RunContext;
}

async function loadOne(loading: Loading, expected: Counts): Promise<Counts> {
  const { connection, database, target, run } = loading;
  const { fresh, aside } = passingNames(target);
  const { charset, collation } = database;
  await createFresh(connection, createDatabase(database, fresh), target);
  try {
    await runParts(loading, fresh, database.body, run.signal);
    const counts = await countTables(connection, fresh);
    const mismatches = mismatchesOf(expected, counts);
    if (mismatches.length > 0) throw new Error(describeMismatches(mismatches));
    run.signal.throwIfAborted();
    const finish = (): Promise<void> => runParts(loading, target, database.events);
    await swapIn(connection, { target, fresh, aside, charset, collation, finish });
    await query(connection, `DROP DATABASE ${quoteName(fresh)}`);
    return counts;
  } catch (error) {
    await drop(connection, fresh, error);
    throw error;
  }
}

/** Throws HF_LOAD_RIGHTS: an app's own user may do everything in its database, and nothing beside it. */
async function createFresh(connection: Connection, statement: string, target: string): Promise<void> {
  try {
    await query(connection, statement);
  } catch (error) {
    if (!isFailure(error, "HF_DATABASE_REFUSED")) throw error;
    const user = connection.spec.username ?? "the user";
    throw failure("HF_LOAD_RIGHTS", { database: target, user }, { cause: error });
  }
}

/** Removes the half-loaded database; when that fails too, the first error stays the cause. */
async function drop(connection: Connection, database: string, after: unknown): Promise<void> {
  try {
    await query(connection, `SET foreign_key_checks = 0; DROP DATABASE IF EXISTS ${quoteName(database)}`);
  } catch (error) {
    const reason = after instanceof Error ? after.message : String(after);
    const detail = `${reason} (${database} is left on the server: ${error instanceof Error ? error.message : String(error)})`;
    throw failure("HF_LOAD_FAILED", { database: connection.context.name, detail }, { cause: after });
  }
}

/** Runs those parts of the dump, with the preamble that they need. */
async function runParts(
  loading: Loading,
  database: string,
  parts: readonly Range[],
  signal?: AbortSignal,
): Promise<void> {
  const { connection, file, sidecar, keep, replaced, run } = loading;
  if (parts.length === 0) return;
  const bytesTotal = parts.reduce((total, { start, end }) => total + end - start, 0);
  async function* bytes(): AsyncGenerator<Buffer> {
    let bytesDone = 0;
    let told = performance.now();
    for (const { start, end } of [sidecar.preamble, ...parts]) {
      // The end is exclusive here and inclusive there.
      for await (const chunk of createReadStream(file, { start, end: end - 1, highWaterMark: 1024 * 1024 })) {
        const buffer = Buffer.from(chunk);
        yield buffer;
        bytesDone += buffer.length;
        if (performance.now() - told < progressEveryMs) continue;
        told = performance.now();
        const step = { phase: "load", subject: connection.context.name } as const;
        run.emit({ type: "step-progress", step, progress: { bytesDone: Math.min(bytesDone, bytesTotal), bytesTotal } });
      }
    }
  }
  await runScript(connection, database, {
    stdin: Readable.from(withDefiners(bytes(), keep, replaced), { objectMode: false }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Which database of the dump goes where: by its own name, or to the one that the spec names. */
function targetsOf(connection: Connection, sidecar: Sidecar): { database: SidecarDatabase; target: string }[] {
  const { databases } = sidecar;
  const { database: target } = connection.spec;
  if (target === undefined) return databases.map((database) => ({ database, target: database.name }));
  const [only] = databases;
  const database = databases.find(({ name }) => name === target) ?? (databases.length === 1 ? only : undefined);
  if (database === undefined)
    throw new Error(`the dump holds ${databases.map(({ name }) => name).join(", ")}, but not ${target}`);
  return [{ database, target }];
}

/** Accounts that may stand as definers; none when we may not look: then we may not set them either. */
async function knownUsers(connection: Connection): Promise<Set<string>> {
  try {
    return new Set((await query(connection, "SELECT CONCAT(user, '@', host) FROM mysql.user")).flat());
  } catch (error) {
    if (error instanceof HoldfastError && /denied/.test(error.message)) return new Set();
    throw error;
  }
}

/** The counts of one database; a name may hold dots, so the longest that fits owns a table. */
function within(counts: Counts, prefix: string, longerPrefixes: readonly string[]): Counts {
  if (prefix === "") return counts;
  const entries = Object.entries(counts).filter(
    ([table]) => table.startsWith(prefix) && !longerPrefixes.some((other) => table.startsWith(other)),
  );
  return Object.fromEntries(entries.map(([table, rows]) => [table.slice(prefix.length), rows]));
}
