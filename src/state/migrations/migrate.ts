import { sql, type Migration } from "kysely";
import { failure } from "../../base/errors/error.ts";
import type { Engine } from "../dialects/engine.ts";
import { writing } from "../transaction.ts";
import * as initial from "./0001-initial.ts";

/** All migrations, in order. A published one is never changed. */
const migrations: ReadonlyMap<string, Migration> = new Map([["0001-initial", initial]]);
const table = "migrations";

/**
 * Brings the schema up to date, or to the last of `names`. Two processes may be first at once: all of it is one writer's
 * transaction, and who comes second finds it done. Throws HF_STATE_NEWER, HF_STATE_OCCUPIED.
 */
export async function migrate(engine: Engine, names?: readonly string[]): Promise<void> {
  const wanted = [...migrations].filter(([name]) => names === undefined || names.includes(name));
  if ((await migrationsOf(engine)).length >= wanted.length) return;
  await writing(engine.db, async (transaction) => {
    await sql`CREATE TABLE IF NOT EXISTS ${sql.table(table)} (name text PRIMARY KEY)`.execute(transaction);
    const { rows } = await sql<{ name: string }>`SELECT name FROM ${sql.table(table)}`.execute(transaction);
    const done = new Set(rows.map(({ name }) => name));
    for (const [name, migration] of wanted.filter(([one]) => !done.has(one))) {
      await migration.up(transaction);
      await sql`INSERT INTO ${sql.table(table)} (name) VALUES (${name})`.execute(transaction);
    }
  });
}

/** The migrations that a state has; none where it is new. Throws HF_STATE_NEWER, HF_STATE_OCCUPIED. */
export async function migrationsOf(engine: Engine): Promise<string[]> {
  const tables = await engine.tables();
  if (!tables.includes(table)) {
    if (tables.length > 0) throw occupied(engine, tables);
    return [];
  }
  // Built, not raw: a raw statement counts as a change, and this look is every command's first.
  const rows = await engine.db
    .selectFrom(sql<{ name: string }>`migrations`.as("done"))
    .select("done.name")
    .execute();
  const done = rows.map(({ name }) => name).sort();
  const foreign = done.find((name) => !migrations.has(name));
  if (foreign !== undefined) {
    const known = [...migrations.keys()].at(-1) ?? "";
    throw failure("HF_STATE_NEWER", { path: engine.place, found: foreign, known });
  }
  return done;
}

function occupied({ kind, place }: Engine, tables: string[]): Error {
  const found = `${tables.slice(0, 3).join(", ")}${tables.length > 3 ? ", …" : ""}`;
  if (kind === "postgres") return failure("HF_STATE_OCCUPIED", { path: place, found });
  return failure("HF_STATE_UNUSABLE", { path: place, detail: `it holds tables that are not Holdfast's (${found})` });
}
