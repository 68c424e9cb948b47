import type { Counts } from "../../../domain/database.ts";

/** Into which numbered database each one of a dump is loaded, and what happens when all are loaded. */
export interface Placement {
  /** Database of the dump → database of the server that is empty now. */
  targets: Map<string, string>;
  /** Pairs that change places at the end. */
  swaps: [string, string][];
  /** Databases that hold what was there before, once the pairs have changed places. */
  replaced: string[];
}

/**
 * Loads into a database of the same number where that is empty, else into a spare empty one that takes its place at
 * the end. Undefined when the server has too few empty ones.
 */
export function placementFor(dumped: Counts, present: Counts, databases: number): Placement | undefined {
  const spares = Array.from({ length: databases }, (_, number) => `db${number}`).filter(
    (database) => dumped[database] === undefined && present[database] === undefined,
  );
  const placement: Placement = { targets: new Map(), swaps: [], replaced: [] };
  for (const database of Object.keys(dumped)) {
    if (present[database] === undefined) {
      placement.targets.set(database, database);
      continue;
    }
    const spare = spares.pop();
    if (spare === undefined) return undefined;
    placement.targets.set(database, spare);
    placement.swaps.push([database, spare]);
    placement.replaced.push(spare);
  }
  // A dump is of the whole server: what it did not hold is not there afterwards either.
  placement.replaced.push(...Object.keys(present).filter((database) => dumped[database] === undefined));
  return placement;
}
