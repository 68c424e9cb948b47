import type { Database } from "../open.ts";

export interface AuditEntry {
  at: string;
  /** `user:NAME`, `token:NAME`, `setup` or `anonymous`. */
  actor: string;
  address: string;
  action: string;
  subject: string;
  status: number;
}

export async function addAudit(db: Database, entry: AuditEntry): Promise<void> {
  await db.insertInto("audit").values(entry).execute();
}

export interface AuditFilter {
  actor?: string | undefined;
  /** ISO 8601, UTC. */
  since?: string | undefined;
  until?: string | undefined;
  /** Only entries older than this one. */
  before?: number | undefined;
  limit: number;
}

/** Newest first. */
export async function listAudit(db: Database, filter: AuditFilter): Promise<(AuditEntry & { id: number })[]> {
  let query = db.selectFrom("audit").selectAll().orderBy("id", "desc").limit(filter.limit);
  if (filter.actor !== undefined) query = query.where("actor", "=", filter.actor);
  if (filter.since !== undefined) query = query.where("at", ">=", filter.since);
  if (filter.until !== undefined) query = query.where("at", "<", filter.until);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  return await query.execute();
}
