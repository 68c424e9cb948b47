import type { Selectable } from "kysely";
import type { DestinationName } from "../../domain/names.ts";
import type { CheckScope } from "../../domain/repository.ts";
import type { Problem } from "../../base/errors/error.ts";
import { randomUUID } from "node:crypto";
import type { Database } from "../open.ts";
import type { DestinationsTable } from "../schema.ts";

export type KnownDestination = Selectable<DestinationsTable>;

export async function knownDestination(db: Database, name: DestinationName): Promise<KnownDestination | undefined> {
  return await db.selectFrom("destinations").selectAll().where("name", "=", name).executeTakeFirst();
}

export async function knownDestinations(db: Database): Promise<KnownDestination[]> {
  return await db.selectFrom("destinations").selectAll().orderBy("name").execute();
}

/** Remembers which repository a destination is; a later run refuses another one under the same name. */
export async function rememberDestination(
  db: Database,
  name: DestinationName,
  found: { repositoryId: string; location: string; at: string },
): Promise<void> {
  await db
    .insertInto("destinations")
    .values({ name, repository_id: found.repositoryId, location: found.location, first_used_at: found.at })
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet({ repository_id: found.repositoryId, location: found.location }),
    )
    .execute();
}

export async function noteDestination(
  db: Database,
  name: DestinationName,
  noted: { last_retained_at?: string; last_pruned_at?: string; size_bytes?: number },
): Promise<void> {
  await db.updateTable("destinations").set(noted).where("name", "=", name).execute();
}

/** A backup added so many bytes, as restic counts them; a size that was never measured stays unknown. */
export async function growDestination(db: Database, name: DestinationName, bytes: number): Promise<void> {
  if (bytes === 0) return;
  await db
    .updateTable("destinations")
    .set((set) => ({ size_bytes: set("size_bytes", "+", Math.round(bytes)) }))
    .where("name", "=", name)
    .where("size_bytes", "is not", null)
    .execute();
}

export interface CheckRecord {
  destination: DestinationName;
  at: string;
  scope: CheckScope;
  outcome: "success" | "failed";
  problems: Problem[];
  durationMs: number;
}

export async function recordCheck(db: Database, check: CheckRecord): Promise<void> {
  await db
    .insertInto("checks")
    .values({
      id: randomUUID(),
      destination: check.destination,
      at: check.at,
      scope: JSON.stringify(check.scope),
      outcome: check.outcome,
      problems: JSON.stringify(check.problems),
      duration_ms: Math.round(check.durationMs),
    })
    .execute();
}

/** The newest check of a destination, or the newest that read a part of the data when `data` is asked. */
export async function lastCheck(db: Database, name: DestinationName, data = false): Promise<CheckRecord | undefined> {
  let query = db.selectFrom("checks").selectAll().where("destination", "=", name).orderBy("at", "desc").limit(1);
  if (data) query = query.where("scope", "like", "{%");
  const row = await query.executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    destination: name,
    at: row.at,
    scope: JSON.parse(row.scope) as CheckScope,
    outcome: row.outcome as CheckRecord["outcome"],
    problems: JSON.parse(row.problems) as Problem[],
    durationMs: row.duration_ms,
  };
}
