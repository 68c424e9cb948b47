import type { Counts, LoadReport } from "../../../domain/database.ts";

/** Where the rows found differ from the dump's. Without expectations (the dump's counts are not known) nothing does. */
export function mismatchesOf(expected: Counts, found: Counts): LoadReport["mismatches"] {
  const expectedTables = Object.keys(expected);
  if (expectedTables.length === 0) return [];
  return [...new Set([...expectedTables, ...Object.keys(found)])]
    .map((table) => ({ table, expected: expected[table] ?? 0, found: found[table] ?? 0 }))
    .filter((each) => each.expected !== each.found);
}

/** For messages: the first few of them. */
export function describeMismatches(mismatches: LoadReport["mismatches"]): string {
  const first = mismatches
    .slice(0, 3)
    .map((each) => `${each.table} has ${each.found} rows instead of ${each.expected}`);
  return [...first, ...(mismatches.length > 3 ? [`and ${mismatches.length - 3} more tables differ`] : [])].join(", ");
}
