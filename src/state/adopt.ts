import { sql, type Transaction } from "kysely";
import type { Problem } from "../base/errors/error.ts";
import type { Database } from "./open.ts";
import type { Schema } from "./schema.ts";
import { writing } from "./transaction.ts";

type Row = Record<string, unknown>;

/**
 * What another state tells of, by table, and in which order it is read. Left out is what belongs to its processes (turns,
 * daemons, sessions), what was on its way (outbox), and the progress of runs that are over (events).
 */
const adopted = {
  secrets: ["name"],
  destinations: ["name"],
  declarations: ["kind", "name"],
  users: ["id"],
  tokens: ["id"],
  schedules: ["key"],
  alerts: ["id"],
  checks: ["id"],
  notes: ["key"],
  runs: ["id"],
  snapshots: ["id"],
  dumps: ["run_id", "database"],
  audit: ["id"],
} as const satisfies Partial<Record<keyof Schema, readonly string[]>>;
type Adopted = keyof typeof adopted;

/** Ids that the database itself hands out: they are handed out anew. */
const ownIds: readonly Adopted[] = ["audit"];
/** Facts that hold only where they were noted. */
const localNote = /^(master key$|setup-token:)/;
const rowsAtOnce = 500;

export interface Adoption {
  /** A secret sealed for this state; undefined for one that cannot be opened. */
  reseal: (name: string, sealed: string) => string | undefined;
  /** Why runs that the other state shows as unfinished have ended. */
  interrupted: Problem;
  at: string;
}

/**
 * Takes everything from another state into one in which nothing has happened yet: no run, no user, nothing declared. Gives
 * the names of the secrets that could not be opened; undefined when this state is not fresh, and then nothing is changed.
 */
export async function adoptState(to: Database, from: Database, adoption: Adoption): Promise<string[] | undefined> {
  return await writing(to, async (transaction) => {
    if (!(await isFresh(transaction))) return undefined;
    const lost: string[] = [];
    for (const table of tables()) {
      if (table !== "notes") await sql`delete from ${sql.table(table)}`.execute(transaction);
      for await (const rows of pages(from, table)) {
        await insert(
          transaction,
          table,
          rows.flatMap((row) => meaningHere(table, row, adoption, lost)),
        );
      }
    }
    return lost;
  });
}

async function isFresh(db: Database): Promise<boolean> {
  for (const table of ["runs", "users", "declarations"] as const) {
    if ((await sql`select 1 from ${sql.table(table)} limit 1`.execute(db)).rows.length > 0) return false;
  }
  return true;
}

function tables(): Adopted[] {
  return Object.keys(adopted) as Adopted[];
}

async function* pages(from: Database, table: Adopted): AsyncGenerator<Row[]> {
  const order = sql.join(adopted[table].map((column) => sql.ref(column)));
  for (let offset = 0; ; offset += rowsAtOnce) {
    const page = sql<Row>`select * from ${sql.table(table)} order by ${order} limit ${rowsAtOnce} offset ${offset}`;
    const { rows } = await page.execute(from);
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) return;
  }
}

async function insert(transaction: Transaction<Schema>, table: Adopted, rows: Row[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first);
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column] ?? null))})`);
  const into = sql.join(columns.map((column) => sql.ref(column)));
  await sql`insert into ${sql.table(table)} (${into}) values ${sql.join(values)} on conflict do nothing`.execute(
    transaction,
  );
}

/** The row as it is true here; none for what is not. */
function meaningHere(table: Adopted, row: Row, adoption: Adoption, lost: string[]): Row[] {
  const { at, interrupted, reseal } = adoption;
  if (table === "notes" && localNote.test(String(row["key"]))) return [];
  if (table === "runs" && row["finished_at"] === null) {
    const problems = JSON.stringify([interrupted]);
    return [{ ...row, state: "failed", finished_at: at, problems, progress: null, work: null }];
  }
  if (table === "snapshots" && row["status"] === "in_progress") {
    return [{ ...row, status: "failed", completed_at: at, problem: JSON.stringify(interrupted) }];
  }
  if (table === "secrets") {
    const sealed = reseal(String(row["name"]), String(row["sealed"]));
    if (sealed !== undefined) return [{ ...row, sealed }];
    lost.push(String(row["name"]));
    return [];
  }
  if (!ownIds.includes(table)) return [row];
  const { id: _handedOutAnew, ...rest } = row;
  return [rest];
}
