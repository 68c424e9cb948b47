import { mkdir, readdir, readFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/adapters/databases/registry.ts";
import { databaseContext, runContext } from "../support/database-context.ts";
import { suiteFolder, testFolder } from "../support/folders.ts";
import { describeNeeding } from "../support/needs.ts";
import {
  awkwardDatabase,
  codeOf,
  dumped,
  fakeOldClient,
  holdLock,
  open,
  pidOf,
  portrait,
  unloadableDatabase,
} from "../support/postgres-fixtures.ts";
import { startPostgres, type PostgresDetails } from "../support/postgres.ts";
import { psql } from "../support/psql.ts";
import { recordingExecutor } from "../support/recording-executor.ts";
import type { Server } from "../support/server.ts";

const folder = suiteFolder();
let source: Server<PostgresDetails>;
let other: Server<PostgresDetails>;

beforeAll(async () => {
  for (const name of ["source", "other"]) await mkdir(join(folder(), name));
  source = await startPostgres(join(folder(), "source"));
  other = await startPostgres(join(folder(), "other"));
});

afterAll(async () => {
  await source.stop();
  await other.stop();
});

describe("a PostgreSQL database", () => {
  it.each(["custom", "plain"])(
    "comes back whole from its %s dump, on its own server and on an empty one",
    async (format) => {
      const name = await awkwardDatabase(source);
      const into = testFolder();
      const before = await portrait(source.details, name);
      const database = await open(source.details, { database: name, format });
      const proof = await dumped(database, { folder: into });
      expect(proof.counts).toMatchObject({
        "public.events_1": 2662,
        "public.empty": 0,
        'odd "schema; --.Wörld; FROM stdin;': 3,
      });
      expect(proof.warnings).toEqual([]);
      expect((await readdir(into)).sort()).toEqual(proof.files.map(({ name }) => name).sort());
      for (const file of proof.files) expect((await stat(join(into, file.name))).size).toBe(file.bytes);

      await psql(source.details, name, "DROP TABLE public.events CASCADE; CREATE TABLE public.later (id int)");
      const report = await database.load(into, proof.counts, runContext());
      expect(report).toMatchObject({ counts: proof.counts, mismatches: [], warnings: [] });
      expect(await portrait(source.details, name)).toBe(before);

      const elsewhere = await open(other.details, { database: name, format });
      await elsewhere.load(into, proof.counts, runContext());
      expect(await portrait(other.details, name)).toBe(before);
      expect(
        await psql(other.details, "postgres", "SELECT datname FROM pg_database WHERE datname LIKE '%holdfast%'"),
      ).toBe("");
    },
  );

  it("holds the moment of the pin while others write", async () => {
    const name = await awkwardDatabase(source);
    const database = await open(source.details, { database: name });
    const run = runContext();
    const pin = await database.pin(run);
    const write = (): Promise<string> =>
      psql(source.details, name, "INSERT INTO public.empty SELECT generate_series(1, 100)");
    await write();
    let writing = true;
    const writer = (async (): Promise<void> => {
      while (writing) await write();
    })();
    const into = testFolder();
    const dumping = database.dump(pin, { folder: into }, run);
    await Promise.allSettled([dumping]);
    writing = false;
    await writer;
    await pin.release();
    const proof = await dumping;
    expect(proof.counts["public.empty"]).toBe(0);
    await database.load(into, proof.counts, run);
    expect((await database.count())["public.empty"]).toBe(0);
    expect(run.events).toContainEqual(
      expect.objectContaining({ type: "step-progress", step: { phase: "dump", subject: "shop" } }),
    );
  });

  it("reads a dry run's dump to its end and writes nothing", async () => {
    const name = await awkwardDatabase(source);
    const proof = await dumped(await open(source.details, { database: name }), "nowhere");
    expect(proof).toMatchObject({ files: [], engine: "postgres", counts: { "public.events_1": 2662 } });
    expect(proof.bytes).toBeGreaterThan(100_000);
  });

  it("leaves nothing behind when pg_dump is killed in the middle", async () => {
    const name = await awkwardDatabase(source);
    const into = testFolder();
    const database = await open(source.details, { database: name });
    const run = runContext();
    const pin = await database.pin(run);
    // A lock on one table holds pg_dump where it is, with the beginning of its work done.
    const locked = await holdLock(source.details, name);
    const dumping = codeOf(database.dump(pin, { folder: into }, run));
    process.kill(await pidOf("pg_dump", name), "SIGKILL");
    expect(await dumping).toBe("HF_DUMP_FAILED");
    await locked.release();
    await pin.release();
    expect(await readdir(into)).toEqual([]);
  });

  it("fails when the session that holds the moment is ended", async () => {
    const name = await awkwardDatabase(source);
    const into = testFolder();
    const database = await open(source.details, { database: name });
    const run = runContext();
    const pin = await database.pin(run);
    await psql(
      source.details,
      "postgres",
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
    );
    await expect(database.dump(pin, { folder: into }, run)).rejects.toThrow(/session that held its moment/);
    await pin.release();
    expect(await readdir(into)).toEqual([]);
  });

  it("fails and leaves nothing when the server goes in the middle of the dump", async () => {
    await mkdir(join(folder(), "doomed"));
    const doomed = await startPostgres(join(folder(), "doomed"));
    const into = testFolder();
    await psql(doomed.details, "postgres", "CREATE DATABASE gone");
    await psql(doomed.details, "gone", "CREATE TABLE t AS SELECT generate_series(1, 1000) id");
    const database = await open(doomed.details, { database: "gone" });
    const run = runContext();
    const pin = await database.pin(run);
    const locked = await holdLock(doomed.details, "gone", "t");
    const dumping = codeOf(database.dump(pin, { folder: into }, run));
    await pidOf("pg_dump", "gone");
    await doomed.stop();
    expect(await dumping).toBe("HF_DUMP_FAILED");
    await locked.release();
    await pin.release();
    expect(await readdir(into)).toEqual([]);
    expect(await codeOf((await open(doomed.details, { database: "gone" })).probe())).toBe("HF_DATABASE_UNREACHABLE");
  });

  it("tells a wrong password, a missing database and a missing role apart", async () => {
    const trying = async (spec: Record<string, unknown>): Promise<string> =>
      await codeOf((await open(source.details, spec)).pin(runContext()));
    expect(await trying({ database: "postgres", password: "wrong" })).toBe("HF_DATABASE_REFUSED");
    expect(await trying({ database: "postgres", username: "nobody here" })).toBe("HF_DATABASE_REFUSED");
    expect(await trying({ database: "no such" })).toBe("HF_DATABASE_MISSING");
    expect(await trying({ database: "postgres", port: 1 })).toBe("HF_DATABASE_UNREACHABLE");
  });

  it("refuses a client that is older than the server, naming the version that is needed", async () => {
    const old = await fakeOldClient(source.details);
    const database = await open(source.details, { database: "postgres", client: old });
    await expect(database.probe()).rejects.toThrow(
      "pg_dump 9.6.24 is too old for the server of shop: version 15 or newer",
    );
  });

  it("dumps as an ordinary role without role passwords, and says so", async () => {
    const name = await awkwardDatabase(source);
    const spec = { database: name, username: `${name} owner`, password: `app's "secret"` };
    await psql(
      source.details,
      name,
      `DROP SCHEMA "odd ""schema; --" CASCADE; ALTER SCHEMA public OWNER TO "${name} owner";
      ALTER TABLE public.empty OWNER TO "${name} owner"; DROP TABLE public.events CASCADE; DROP SEQUENCE public.numbers;
      SELECT lo_unlink(424242); INSERT INTO public.empty VALUES (1), (2)`,
    );
    const into = testFolder();
    const proof = await dumped(await open(source.details, spec), { folder: into });
    expect(proof.warnings).toEqual([{ code: "HF_DUMP_NO_ROLE_PASSWORDS", params: { database: "shop" } }]);
    expect(proof.counts).toEqual({ "public.empty": 2 });
    const globals = await readFile(join(into, "shop.globals.sql"), "utf8");
    expect(globals).toContain(`CREATE ROLE "${name} owner"`);
    expect(globals).not.toContain("SCRAM-SHA-256");
  });

  it("refuses a dump that was cut, before the server is touched", async () => {
    const name = await awkwardDatabase(source);
    const before = await portrait(source.details, name);
    for (const [format, file] of [
      ["custom", "shop.dump"],
      ["plain", "shop.sql"],
    ] as const) {
      const into = testFolder();
      const database = await open(source.details, { database: name, format });
      const proof = await dumped(database, { folder: into });
      await truncate(join(into, file), Math.floor((proof.files[0]?.bytes ?? 0) * 0.7));
      expect(await codeOf(database.load(into, proof.counts, runContext()))).toBe("HF_LOAD_FAILED");
    }
    expect(await portrait(source.details, name)).toBe(before);
  });

  it("replaces a database that somebody is connected to", async () => {
    const name = await awkwardDatabase(source);
    const into = testFolder();
    const database = await open(source.details, { database: name });
    const proof = await dumped(database, { folder: into });
    const connected = await holdLock(source.details, name);
    await database.load(into, proof.counts, runContext());
    await connected.release();
    expect(await psql(source.details, name, "SELECT count(*) FROM public.events")).toBe("5000");
  });

  it.each(["custom", "plain"])("keeps the old database when loading a %s dump fails in the middle", async (format) => {
    const name = await unloadableDatabase(source, other);
    const into = testFolder();
    const proof = await dumped(await open(source.details, { database: name, format }), { folder: into });
    const database = await open(other.details, { database: name, format });
    await psql(other.details, "postgres", `CREATE DATABASE "${name}"`);
    await psql(other.details, name, "CREATE TABLE precious AS SELECT 7 AS seven");
    await expect(database.load(into, proof.counts, runContext())).rejects.toThrow(/division by zero/);
    expect(await psql(other.details, name, "SELECT seven FROM precious")).toBe("7");
    expect(
      await psql(other.details, "postgres", "SELECT datname FROM pg_database WHERE datname LIKE '%holdfast%'"),
    ).toBe("");
  });

  it("keeps the old database when a table lacks rows", async () => {
    const name = await awkwardDatabase(source);
    const into = testFolder();
    const database = await open(source.details, { database: name });
    const proof = await dumped(database, { folder: into });
    await psql(source.details, name, "CREATE TABLE precious AS SELECT 7 AS seven");
    await expect(database.load(into, { ...proof.counts, "public.empty": 99 }, runContext())).rejects.toThrow(
      "public.empty has 0 rows, and 99 when it was dumped",
    );
    expect(await psql(source.details, name, "SELECT seven FROM precious")).toBe("7");
  });

  it("never changes a role that the server has already", async () => {
    const name = await awkwardDatabase(source);
    const into = testFolder();
    const proof = await dumped(await open(source.details, { database: name }), { folder: into });
    await psql(other.details, "postgres", `CREATE ROLE "${name} owner" LOGIN PASSWORD 'another' CONNECTION LIMIT 3`);
    const roles = `SELECT rolpassword, rolconnlimit FROM pg_authid WHERE rolname = '${name} owner'`;
    const before = await psql(other.details, "postgres", roles);
    await (await open(other.details, { database: name })).load(into, proof.counts, runContext());
    expect(await psql(other.details, "postgres", roles)).toBe(before);
  });

  it("never puts a password into an argument", async () => {
    const name = await awkwardDatabase(source);
    const executor = recordingExecutor();
    const into = testFolder();
    const database = await open(source.details, { database: name }, "shop", executor);
    const proof = await dumped(database, { folder: into });
    await database.load(into, proof.counts, runContext());
    expect(executor.commands.length).toBeGreaterThan(10);
    const words = executor.commands.flatMap(({ argv }) => argv).join(" ");
    for (const secret of [source.details.password, `app's "secret"`, "SCRAM-SHA-256"])
      expect(words).not.toContain(secret);
  });
});

describeNeeding("root")("a PostgreSQL database behind a socket", () => {
  it("is dumped and loaded as the operating system user that the server asks for", async () => {
    const name = await awkwardDatabase(source);
    const { socket, port } = source.details;
    const into = testFolder();
    const database = await openDatabase(
      { name: "peer", type: "postgres", spec: { host: socket, port, user: "postgres", database: name } },
      await databaseContext(testFolder(), "peer"),
    );
    const proof = await dumped(database, { folder: into });
    expect(proof.counts["public.events_1"]).toBe(2662);
    const report = await database.load(into, proof.counts, runContext());
    expect(report.counts).toEqual(proof.counts);
  });
});
