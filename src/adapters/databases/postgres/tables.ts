import { z } from "zod";
import type { Counts } from "../../../domain/database.ts";
import { quoteIdentifier } from "./identifiers.ts";
import type { Session } from "./session.ts";

/** A table whose rows a dump holds; one that an extension made is filled by it, and a dump holds a part at most. */
const tableSchema = z.object({ schema: z.string(), name: z.string(), extension: z.boolean() });

/** Plain tables and partitions; not their empty parents, not foreign tables, not temporary ones. */
const tablesQuery = `SELECT json_build_object('schema', n.nspname, 'name', c.relname, 'extension', EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'))
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  ORDER BY 1::text`;

/** Exact row counts of every table in the session's database, named `schema.table`, in the session's transaction. */
export async function countRows(session: Session): Promise<Counts> {
  const counts: Counts = {};
  // Without this a table under row-level security would be counted in part.
  await session.query("SET row_security = off");
  for (const table of (await session.query(tablesQuery)).map((line) => tableSchema.parse(JSON.parse(line)))) {
    if (table.extension) continue;
    const [found] = await session.query(
      `SELECT pg_catalog.count(*) FROM ONLY ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`,
    );
    counts[`${table.schema}.${table.name}`] = Number(found);
  }
  return counts;
}

/** The tables whose counts differ. A table of the server that nobody expected is no difference. */
export function mismatchesOf(expected: Counts, found: Counts): { table: string; expected: number; found: number }[] {
  return Object.entries(expected)
    .filter(([table, rows]) => (found[table] ?? 0) !== rows)
    .map(([table, rows]) => ({ table, expected: rows, found: found[table] ?? 0 }));
}
