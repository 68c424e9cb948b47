import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runContext } from "../support/database-context.ts";
import { suiteFolder, testFolder } from "../support/folders.ts";
import {
  awkwardDatabase,
  dumped,
  offerExtension,
  open,
  portrait,
  unloadableDatabase,
} from "../support/postgres-fixtures.ts";
import { startPostgres, type PostgresDetails } from "../support/postgres.ts";
import { psql } from "../support/psql.ts";
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

describe("a whole PostgreSQL cluster", () => {
  it("comes back on another server, in place of what was there", async () => {
    const name = await awkwardDatabase(source);
    const before = await portrait(source.details, name);
    const into = testFolder();
    const proof = await dumped(await open(source.details, { cluster: true }), { folder: into });
    expect(proof.counts[`${name}/public.events_1`]).toBe(2662);
    await psql(other.details, "postgres", `CREATE DATABASE "${name}"`);
    await psql(other.details, name, "CREATE TABLE public.later (id int)");
    const cluster = await open(other.details, { cluster: true });
    const report = await cluster.load(into, proof.counts, runContext());
    expect(report.mismatches).toEqual([]);
    expect(report.counts).toMatchObject(proof.counts);
    expect(await portrait(other.details, name)).toBe(before);
  });

  it("brings back what an extension's own tables were given, whose other rows come with the extension", async () => {
    for (const server of [source, other]) await offerExtension(server, join(folder(), "extensions"));
    await psql(source.details, "postgres", "CREATE DATABASE mapped");
    await psql(source.details, "mapped", "CREATE EXTENSION places; INSERT INTO public.places VALUES (7, 'mine')");
    await psql(source.details, "mapped", "CREATE TABLE public.t AS SELECT generate_series(1, 5) AS id");
    const into = testFolder();
    const proof = await dumped(await open(source.details, { cluster: true }), { folder: into });
    expect(proof.counts).toMatchObject({ "mapped/public.t": 5 });
    expect(Object.keys(proof.counts)).not.toContain("mapped/public.places");
    const report = await (await open(other.details, { cluster: true })).load(into, proof.counts, runContext());
    expect(report.mismatches).toEqual([]);
    expect(await psql(other.details, "mapped", "SELECT id, name FROM public.places ORDER BY id")).toBe(
      "1|given\n2|given\n7|mine",
    );
  });

  it("keeps what was there when one of the databases does not load", async () => {
    const name = await unloadableDatabase(source, other);
    const into = testFolder();
    const proof = await dumped(await open(source.details, { cluster: true }), { folder: into });
    await psql(other.details, "postgres", `CREATE DATABASE "${name}"`);
    await psql(other.details, name, "CREATE TABLE precious AS SELECT 7 AS seven");
    const cluster = await open(other.details, { cluster: true });
    await expect(cluster.load(into, proof.counts, runContext())).rejects.toThrow(/division by zero/);
    expect(await psql(other.details, name, "SELECT seven FROM precious")).toBe("7");
    expect(
      await psql(other.details, "postgres", "SELECT datname FROM pg_database WHERE datname LIKE '%holdfast%'"),
    ).toBe("");
  });
});
