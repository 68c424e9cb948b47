import { join } from "node:path";
import { failure, isFailure } from "../../../base/errors/error.ts";
import { query, quoteName, quoteText, type Connection } from "./connection.ts";
import { keepPrograms } from "./leftovers.ts";
import { dropPrograms, loadPrograms, savePrograms } from "./programs.ts";
import { tablesOf } from "./server.ts";

export interface Swap {
  /** The database that is replaced; it is created when it is missing. */
  target: string;
  /** The proven new content; it is empty afterwards. */
  fresh: string;
  /** A name for the old tables to wait under. */
  aside: string;
  charset: string;
  collation: string;
  /** Called once the new content is in place, before the old one is given up. */
  finish(): Promise<void>;
}

/**
 * Puts the tables of `fresh` in the place of those of `target`, by one RENAME TABLE, which succeeds or fails as a whole;
 * views, triggers, routines and events are made anew, because a rename cannot take them along. The target itself stays,
 * and with it the rights that users have on it. After a failure the old content is back. Throws HF_LOAD_ASIDE when that
 * failed too.
 */
export async function swapIn(connection: Connection, swap: Swap): Promise<void> {
  const { target, fresh, aside } = swap;
  const { scratch, name } = connection.context;
  const programs = {
    old: join(scratch, `${name}.old-programs.sql`),
    fresh: join(scratch, `${name}.fresh-programs.sql`),
  };
  const existed =
    (await query(connection, `SELECT 1 FROM information_schema.schemata WHERE schema_name = ${quoteText(target)}`))
      .length > 0;
  if (!existed) await query(connection, createDatabase(swap, target));
  const old = await renamable(connection, target);
  const incoming = await renamable(connection, fresh);
  await savePrograms(connection, target, programs.old, true);
  await savePrograms(connection, fresh, programs.fresh, false);
  await query(connection, createDatabase(swap, aside));
  if (existed) await keepPrograms(connection, aside, programs.old);
  let renamed = false;
  try {
    await dropPrograms(connection, fresh, "triggers");
    await dropPrograms(connection, target);
    await rename(connection, [...moves(old, target, aside), ...moves(incoming, fresh, target)]);
    renamed = true;
    await query(connection, `ALTER DATABASE ${quoteName(target)} ${charsetOf(swap)}`);
    await loadPrograms(connection, target, programs.fresh);
    await swap.finish();
  } catch (error) {
    await undo(connection, swap, {
      existed,
      moved: renamed ? [...moves(incoming, target, fresh), ...moves(old, aside, target)] : [],
      programs: programs.old,
    });
    throw error;
  }
  await query(connection, `SET foreign_key_checks = 0; DROP DATABASE ${quoteName(aside)}`);
}

export function createDatabase(settings: Pick<Swap, "charset" | "collation">, name: string): string {
  return `CREATE DATABASE ${quoteName(name)} ${charsetOf(settings)}`;
}

interface Move {
  from: string;
  to: string;
}

async function undo(
  connection: Connection,
  { target, aside }: Swap,
  { existed, moved, programs }: { existed: boolean; moved: Move[]; programs: string },
): Promise<void> {
  try {
    // New triggers would keep the tables from moving out again.
    await dropPrograms(connection, target);
    await rename(connection, moved);
    await loadPrograms(connection, target, programs);
    await query(connection, `DROP DATABASE ${quoteName(aside)}`);
    if (!existed) await query(connection, `DROP DATABASE ${quoteName(target)}`);
  } catch (error) {
    const detail = isFailure(error) ? error.message : String(error);
    throw failure("HF_LOAD_ASIDE", { database: connection.context.name, aside, detail }, { cause: error });
  }
}

async function renamable(connection: Connection, database: string): Promise<string[]> {
  const { tables, sequences } = await tablesOf(connection, database);
  return [...tables, ...sequences];
}

function moves(tables: readonly string[], from: string, to: string): Move[] {
  const within = (database: string, table: string): string => `${quoteName(database)}.${quoteName(table)}`;
  return tables.map((table) => ({ from: within(from, table), to: within(to, table) }));
}

async function rename(connection: Connection, list: readonly Move[]): Promise<void> {
  if (list.length === 0) return;
  await query(connection, `RENAME TABLE ${list.map(({ from, to }) => `${from} TO ${to}`).join(", ")}`);
}

function charsetOf({ charset, collation }: Pick<Swap, "charset" | "collation">): string {
  return `CHARACTER SET ${charset} COLLATE ${collation}`;
}
