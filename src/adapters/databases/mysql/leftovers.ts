import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { problem, type Problem } from "../../../base/errors/error.ts";
import { query, quoteName, type Connection } from "./connection.ts";

const longestName = 64;
const idLength = 8;
const hexadecimal = /^[0-9a-f]+$/;
/** Holds the text of the views, triggers, routines and events that belong to tables which were moved aside. */
const programsTable = "holdfast_programs";

/** The names of the databases that a load of `target` makes and removes again. */
export function passingNames(
  target: string,
  id = randomBytes(idLength / 2).toString("hex"),
): { fresh: string; aside: string } {
  const named = (what: string): string => `${target.slice(0, longestName - what.length - id.length - 2)}_${what}_${id}`;
  return { fresh: named("holdfast"), aside: named("holdfast_before") };
}

/**
 * Puts the text of the old programs beside the place where the old tables will be: when we are killed in the middle of
 * a swap, all of what was there before is still on the server.
 */
export async function keepPrograms(connection: Connection, aside: string, file: string): Promise<void> {
  const text = await readFile(file);
  const table = `${quoteName(aside)}.${quoteName(programsTable)}`;
  const value = text.length === 0 ? "''" : `0x${text.toString("hex")}`;
  await query(connection, `CREATE TABLE ${table} (text LONGBLOB); INSERT INTO ${table} VALUES (${value})`);
}

/** What loads of these databases that were broken off have left on the server. */
export async function leftoversOf(connection: Connection, targets: readonly string[]): Promise<Problem[]> {
  const id = "0".repeat(idLength);
  const begins = targets.flatMap((target) =>
    Object.values(passingNames(target, id)).map((name) => name.slice(0, -idLength)),
  );
  const rows = await query(connection, "SELECT schema_name FROM information_schema.schemata ORDER BY schema_name");
  const found = rows
    .flat()
    .filter((name) => begins.includes(name.slice(0, -idLength)) && hexadecimal.test(name.slice(-idLength)));
  if (found.length === 0) return [];
  const { name: database } = connection.context;
  return [problem("HF_LOAD_LEFT_BEHIND", { database, leftovers: found.join(", "), table: programsTable })];
}
