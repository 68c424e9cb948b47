import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";
import { Secret } from "../../src/base/secrets/secret.ts";
import { openState, type Database, type StateTarget } from "../../src/state/open.ts";
import { testFolder } from "./folders.ts";
import { psql } from "./psql.ts";
import { servers } from "./servers.ts";

export type EngineName = "SQLite" | "PostgreSQL";
export const engineNames: readonly EngineName[] = ["SQLite", "PostgreSQL"];

/** The database of this test file, made when it is first needed. */
let database: Promise<string> | undefined;
let schemas = 0;
afterAll(async () => {
  if (database !== undefined)
    await psql(servers().postgres, "postgres", `DROP DATABASE ${await database} WITH (FORCE)`);
});

/** Where a new, empty state may be made; it is gone when the test has ended, or at the latest all tests of the file. */
export async function newTarget(engine: EngineName): Promise<StateTarget> {
  if (engine === "SQLite") return join(testFolder(), "state.db");
  const name = await (database ??= create());
  const schema = `state${++schemas}`;
  await psql(servers().postgres, name, `CREATE SCHEMA ${schema}`);
  return new Secret(`${addressOf(name)}?options=-csearch_path%3D${schema}`);
}

/** The address of a new database of the test server, made with these options; it is dropped when the test has ended. */
export async function newDatabase(options = ""): Promise<string> {
  const name = await create(options);
  onTestFinished(async () => {
    await psql(servers().postgres, "postgres", `DROP DATABASE ${name} WITH (FORCE)`);
  });
  return addressOf(name);
}

async function create(options = ""): Promise<string> {
  const name = `state_${randomBytes(6).toString("hex")}`;
  await psql(servers().postgres, "postgres", `CREATE DATABASE ${name} ${options}`);
  return name;
}

export function addressOf(database: string, port = servers().postgres.port): string {
  const { host, superuser, password } = servers().postgres;
  return `postgresql://${superuser}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}

/** Opens a state for the running test. */
export async function opened(target: StateTarget): Promise<Database> {
  const db = await openState(target);
  onTestFinished(async () => await db.destroy());
  return db;
}
