import { join } from "node:path";
import { Readable } from "node:stream";
import { failure, isFailure } from "../../../base/errors/error.ts";
import type { Counts, LoadReport } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import { exitDetail } from "../shared/exit-detail.ts";
import { ask, cliCommand, connectionFailure, type RedisConnection } from "./connection.ts";
import { restoreCommands, textOf, type Copied } from "./copy-keys.ts";
import { rdbName } from "./dump.ts";
import { placementFor, type Placement } from "./placement.ts";
import { checkRdb } from "./rdb-check.ts";
import { withRdbServer } from "./rdb-server.ts";
import { encodeCommand, type RespClient } from "./resp.ts";
import { countKeys, infoFields, keyspaceIn } from "./server-facts.ts";

const usualDatabases = 16;

/**
 * Loads an RDB into a running server: into databases that are empty, which take the place of the older ones in one
 * transaction at the end, together with the functions. Keys that have expired since the dump stay away. Throws
 * HF_LOAD_FAILED; what was there before is then still in place.
 */
export async function loadRdb(
  connection: RedisConnection,
  from: string,
  expected: Counts,
  run: RunContext,
): Promise<LoadReport> {
  try {
    const rdb = join(from, rdbName(connection.name));
    const dumped = await checkRdb(connection, rdb, run.signal);
    refuseDifference(connection, expected, dumped);
    await withRdbServer(connection, rdb, run.signal, async (client) => {
      await refuseLoss(connection, client, dumped);
      await copyAndSwap(connection, client, run);
    });
    return { counts: await countKeys(connection), mismatches: [], warnings: [] };
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    if (isFailure(error, "HF_LOAD_FAILED", "HF_PROGRAM_MISSING")) throw error;
    throw loadFailure(connection, error.message, error);
  }
}

async function copyAndSwap(connection: RedisConnection, client: RespClient, run: RunContext): Promise<void> {
  const [keyspace] = await client.send([["INFO", "keyspace"]]);
  const loaded = keyspaceIn(textOf(keyspace));
  const present = await countKeys(connection);
  const databases = await databasesOf(connection);
  const placement = placementFor(loaded, present, databases);
  if (placement === undefined) {
    const detail = `its ${databases} numbered databases leave no empty one to load into; raise \`databases\` in the server's configuration, or empty it first`;
    throw loadFailure(connection, detail);
  }
  try {
    const copied = new Map<string, Copied>();
    await pipe(connection, restoreCommands(client, placement.targets, copied), run.signal);
    await refuseMissing(connection, copied);
    await pipe(connection, [swapCommands(placement, await functionsOf(client))], run.signal);
  } catch (error) {
    await clear(connection, placement, error);
    throw error;
  }
}

/** One transaction: the server answers nobody between the old state and the new one. */
function swapCommands({ swaps, replaced }: Placement, functions: (string | Buffer)[] | undefined): Buffer {
  return Buffer.concat(
    [
      ["MULTI"],
      ...swaps.map(([one, other]) => ["SWAPDB", numberOf(one), numberOf(other)]),
      ...replaced.flatMap((database) => [["SELECT", numberOf(database)], ["FLUSHDB"]]),
      ...(functions === undefined ? [] : [functions]),
      ["EXEC"],
    ].map(encodeCommand),
  );
}

/** The functions of a server that knows such a thing (7.0 and newer); they replace those of the target. */
async function functionsOf(client: RespClient): Promise<(string | Buffer)[] | undefined> {
  const [info] = await client.send([["INFO", "server"]]);
  if (Number.parseInt(infoFields(textOf(info)).get("redis_version") ?? "0", 10) < 7) return undefined;
  const [[libraries], [functions]] = [
    await client.send([["FUNCTION", "LIST"]]),
    await client.send([["FUNCTION", "DUMP"]]),
  ];
  if (!Array.isArray(libraries) || libraries.length === 0 || !Buffer.isBuffer(functions)) return undefined;
  return ["FUNCTION", "RESTORE", functions, "FLUSH"];
}

const numberOf = (database: string): string => database.slice("db".length);

/** Removes what a failed load has put into databases that were empty. */
async function clear(connection: RedisConnection, { targets }: Placement, cause: unknown): Promise<void> {
  try {
    const commands = [...targets.values()].flatMap((database) => [["SELECT", numberOf(database)], ["FLUSHDB"]]);
    await pipe(connection, [Buffer.concat(commands.map(encodeCommand))], undefined);
  } catch (error) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const left = [...targets.values()].join(", ");
    const detail = `${why} What was loaded so far is still in ${left}: ${error instanceof Error ? error.message : String(error)}`;
    throw loadFailure(connection, detail, cause);
  }
}

/** Sends commands in their wire form; every answer is read, and the first error is thrown. */
async function pipe(
  connection: RedisConnection,
  commands: Iterable<Buffer> | AsyncIterable<Buffer>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const exit = await connection.executor.run(cliCommand(connection, "--pipe"), {
    stdin: Readable.from(commands, { objectMode: false }),
    ...(signal === undefined ? {} : { signal }),
  });
  const trouble = connectionFailure(connection.name, exit);
  if (/errors: 0, replies: \d+/.test(exit.stdout) && trouble === undefined) return;
  throw trouble?.code === "HF_DATABASE_REFUSED"
    ? trouble
    : loadFailure(connection, exitDetail("redis-cli --pipe", exit));
}

async function databasesOf(connection: RedisConnection): Promise<number> {
  const [, value] = (await ask(connection, "CONFIG", "GET", "databases")).split("\n");
  return Number(value ?? usualDatabases);
}

function refuseDifference(connection: RedisConnection, expected: Counts, dumped: Counts): void {
  for (const [database, keys] of Object.entries(expected)) {
    const found = dumped[database] ?? 0;
    if (found !== keys) throw loadFailure(connection, `${database} has ${found} keys, and ${keys} when it was dumped`);
  }
}

/** Every key of the file was loaded, or had expired. */
async function refuseLoss(connection: RedisConnection, client: RespClient, dumped: Counts): Promise<void> {
  const [info] = await client.send([["INFO", "persistence"]]);
  const fields = infoFields(textOf(info));
  const loaded = Number(fields.get("rdb_last_load_keys_loaded")) + Number(fields.get("rdb_last_load_keys_expired"));
  const total = Object.values(dumped).reduce((sum, keys) => sum + keys, 0);
  if (Number.isNaN(loaded) || loaded === total) return;
  throw loadFailure(connection, `${loaded} of its ${total} keys could be loaded`);
}

/** Between those that never expire and all: what lies in the target databases. */
async function refuseMissing(connection: RedisConnection, copied: ReadonlyMap<string, Copied>): Promise<void> {
  const found = await countKeys(connection);
  for (const [target, { keys, lasting }] of copied) {
    const there = found[target] ?? 0;
    if (there < lasting || there > keys) throw loadFailure(connection, `${there} of ${keys} keys arrived in ${target}`);
  }
}

function loadFailure(connection: RedisConnection, detail: string, cause?: unknown): Error {
  return failure("HF_LOAD_FAILED", { database: connection.name, detail }, { cause });
}
