import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../src/adapters/databases/registry.ts";
import type { HoldfastError } from "../../src/base/errors/error.ts";
import type { Executor } from "../../src/base/process/command.ts";
import type { Database, DumpProof, DumpTarget } from "../../src/domain/database.ts";
import { databaseContext, runContext } from "../support/database-context.ts";
import { suiteFolder, testFolder } from "../support/folders.ts";
import { recordingExecutor } from "../support/recording-executor.ts";
import { startRedis, type RedisDetails } from "../support/redis.ts";
import type { Server } from "../support/server.ts";

const folder = suiteFolder();
let source: Server<RedisDetails>;
let other: Server<RedisDetails>;

beforeAll(async () => {
  source = await started("source");
  other = await started("other");
});

afterAll(async () => {
  await source.stop();
  await other.stop();
});

async function started(name: string, ...settings: string[]): Promise<Server<RedisDetails>> {
  const own = join(folder(), name);
  await mkdir(own);
  return await startRedis(own, ...settings);
}

const run = promisify(execFile);

async function cli(server: RedisDetails, ...words: string[]): Promise<string> {
  const { stdout } = await run("redis-cli", ["-e", "-p", String(server.port), ...words], {
    env: { PATH: process.env["PATH"], REDISCLI_AUTH: server.password },
  });
  return stdout.trim();
}

/** Every type, binary names, a time to live, an expired key, two databases, a function. */
async function fill({ details }: Server<RedisDetails>): Promise<void> {
  await cli(details, "FLUSHALL");
  await cli(
    details,
    "EVAL",
    String.raw`
    redis.call('SET', 'bin\0\255\r\n"key"', 'v\0\254')
    redis.call('SET', 'größe 🦫', 'ü') redis.call('SET', 'ttl', '1', 'EX', 5000)
    redis.call('RPUSH', 'list', 'a', '', 'b') redis.call('SADD', 'ints', 1, 2, 3) redis.call('SADD', 'set', 'x', 'y')
    redis.call('HSET', 'hash', 'f', 'v') redis.call('ZADD', 'zset', 1.5, 'a', '-inf', 'b')
    redis.call('PFADD', 'hll', 'a', 'b')
    redis.call('XADD', 'stream', '1-1', 'f', 'v') redis.call('XGROUP', 'CREATE', 'stream', 'g', '0')
    for i = 1, 3000 do redis.call('SET', 'many:' .. i, string.rep(i, 20)) end`,
    "0",
  );
  await cli(details, "-n", "3", "SET", "in three", "3");
  await cli(
    details,
    "FUNCTION",
    "LOAD",
    "REPLACE",
    "#!lua name=shop\nredis.register_function('told', function() return 'yes' end)",
  );
}

/** The server's own digest of all databases (values, and whether they expire), and what that leaves out. */
async function portrait({ details }: Server<RedisDetails>): Promise<string> {
  return [
    await cli(details, "DEBUG", "DIGEST"),
    await cli(details, "INFO", "keyspace").then((text) => text.replaceAll(/avg_ttl=\d+/g, "")),
    await cli(
      details,
      "EVAL",
      "return redis.call('EXISTS', 'stream') == 1 and redis.call('XINFO', 'GROUPS', 'stream')",
      "0",
    ),
    await cli(details, "FUNCTION", "LIST", "WITHCODE"),
  ].join("\n");
}

async function open(server: RedisDetails, spec: Record<string, unknown> = {}, executor?: Executor): Promise<Database> {
  const { host, port, password } = server;
  return await openDatabase(
    { name: "cache", type: "redis", spec: { host, port, password, ...spec } },
    await databaseContext(testFolder(), "cache", executor),
  );
}

async function dumped(database: Database, into: DumpTarget): Promise<DumpProof> {
  const run = runContext();
  const pin = await database.pin(run);
  try {
    return await database.dump(pin, into, run);
  } finally {
    await pin.release();
  }
}

const codeOf = async (doing: Promise<unknown>): Promise<string> =>
  await doing.then(
    () => "no failure",
    (error: HoldfastError) => error.code ?? String(error),
  );

describe("a Redis server", () => {
  it("comes back whole on an empty server, with every type, times to live, databases and functions", async () => {
    await fill(source);
    const into = testFolder();
    const proof = await dumped(await open(source.details), { folder: into });
    expect(proof).toMatchObject({ format: "rdb", engine: "redis", counts: { db0: 3010, db3: 1 } });
    expect(await readdir(into)).toEqual(["cache.rdb"]);
    expect(proof.files).toEqual([{ name: "cache.rdb", bytes: (await stat(join(into, "cache.rdb"))).size }]);
    await cli(other.details, "FLUSHALL");
    const report = await (await open(other.details)).load(into, proof.counts, runContext());
    expect(report).toEqual({ counts: proof.counts, mismatches: [], warnings: [] });
    expect(await portrait(other)).toBe(await portrait(source));
    expect(await cli(other.details, "FCALL", "told", "0")).toBe("yes");
  });

  it("replaces what a server holds by the whole dump, and by nothing else", async () => {
    await fill(source);
    const before = await portrait(source);
    const into = testFolder();
    const database = await open(source.details);
    const proof = await dumped(database, { folder: into });
    await cli(
      source.details,
      "EVAL",
      "for i = 1, 500 do redis.call('DEL', 'many:' .. i) end redis.call('SET', 'newer', 1)",
      "0",
    );
    await cli(source.details, "-n", "7", "SET", "in seven", "7");
    await cli(source.details, "FUNCTION", "FLUSH");
    await database.load(into, proof.counts, runContext());
    expect(await portrait(source)).toBe(before);
    expect(await database.count()).toEqual({ db0: 3010, db3: 1 });
  });

  it("leaves out what is written after the pin", async () => {
    await fill(source);
    const database = await open(source.details);
    const run = runContext();
    const pin = await database.pin(run);
    await cli(source.details, "SET", "after the pin", "1");
    const proof = await database.dump(pin, "nowhere", run);
    await pin.release();
    expect(proof.counts).toEqual({ db0: 3010, db3: 1 });
    expect(proof.files).toEqual([]);
    expect(proof.bytes).toBeGreaterThan(10_000);
  });

  it("lets keys stay away that have expired since the dump", async () => {
    await cli(source.details, "FLUSHALL");
    await cli(source.details, "MSET", "a", "1", "b", "2");
    // Without this the server might remove it before it is dumped.
    await cli(source.details, "DEBUG", "SET-ACTIVE-EXPIRE", "0");
    await cli(source.details, "SET", "soon gone", "1", "PX", "1");
    const into = testFolder();
    const proof = await dumped(await open(source.details), { folder: into });
    await cli(source.details, "DEBUG", "SET-ACTIVE-EXPIRE", "1");
    expect(proof.counts).toEqual({ db0: 3 });
    const report = await (await open(other.details)).load(into, proof.counts, runContext());
    expect(report.counts).toEqual({ db0: 2 });
  });

  it("keeps what a server holds when the load fails in the middle", async () => {
    await fill(source);
    const into = testFolder();
    const proof = await dumped(await open(source.details), { folder: into });
    const small = await started(`small-${randomUUID()}`, "--maxmemory", "2200kb", "--maxmemory-policy", "noeviction");
    onTestFinished(() => small.stop());
    await cli(small.details, "SET", "precious", "old");
    await cli(
      small.details,
      "EVAL",
      "for i = 1, 2500 do redis.call('SET', 'big:' .. i, string.rep('x', 200)) end",
      "0",
    );
    const before = await portrait(small);
    expect(await codeOf((await open(small.details)).load(into, proof.counts, runContext()))).toBe("HF_LOAD_FAILED");
    expect(await portrait(small)).toBe(before);
    expect(await (await open(small.details)).count()).toEqual({ db0: 2501 });
  });

  it("says so when there is no empty database to load into", async () => {
    await fill(source);
    const into = testFolder();
    const proof = await dumped(await open(source.details), { folder: into });
    const single = await started(`single-${randomUUID()}`, "--databases", "1");
    onTestFinished(() => single.stop());
    await cli(single.details, "SET", "precious", "old");
    await expect((await open(single.details)).load(into, proof.counts, runContext())).rejects.toThrow(/no empty one/);
    expect(await cli(single.details, "GET", "precious")).toBe("old");
  });

  it("refuses a file that was cut, before anything is touched", async () => {
    await fill(source);
    const into = testFolder();
    const database = await open(source.details);
    const proof = await dumped(database, { folder: into });
    await truncate(join(into, "cache.rdb"), Math.floor(proof.bytes / 2));
    const before = await portrait(source);
    await expect(database.load(into, proof.counts, runContext())).rejects.toMatchObject({ code: "HF_LOAD_FAILED" });
    expect(await portrait(source)).toBe(before);
  });

  it("fails and leaves nothing when the server goes in the middle of the transfer", async () => {
    const doomed = await started(`doomed-${randomUUID()}`, "--rdb-key-save-delay", "2000");
    await cli(doomed.details, "EVAL", "for i = 1, 5000 do redis.call('SET', i, string.rep('x', 1000)) end", "0");
    const into = testFolder();
    const database = await open(doomed.details);
    const run = runContext();
    const pin = await database.pin(run);
    process.kill(doomed.details.pid, "SIGKILL");
    await doomed.stop();
    expect(await codeOf(database.dump(pin, { folder: into }, run))).toBe("HF_DUMP_FAILED");
    await pin.release();
    expect(await readdir(into)).toEqual([]);
  });

  it("tells a refused login from a server that is not there", async () => {
    expect(await codeOf((await open(source.details, { password: "wrong" })).probe())).toBe("HF_DATABASE_REFUSED");
    expect(await codeOf((await open(source.details, { port: 1 })).probe())).toBe("HF_DATABASE_UNREACHABLE");
    expect(await codeOf((await open(source.details, { password: "wrong" })).pin(runContext()))).toBe(
      "HF_DATABASE_REFUSED",
    );
  });

  it("never puts the password into an argument", async () => {
    await fill(source);
    const executor = recordingExecutor();
    const into = testFolder();
    const database = await open(source.details, {}, executor);
    const proof = await dumped(database, { folder: into });
    await database.load(into, proof.counts, runContext());
    expect(executor.commands.length).toBeGreaterThan(5);
    expect(executor.commands.flatMap(({ argv }) => argv).join(" ")).not.toContain(source.details.password);
  });
});
