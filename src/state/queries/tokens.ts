import type { Selectable } from "kysely";
import type { AccessScope } from "../../domain/access.ts";
import type { Database } from "../open.ts";
import type { TokensTable } from "../schema.ts";

export interface Token {
  id: string;
  name: string;
  scope: AccessScope;
  createdBy: string;
  createdAt: string;
  expiresAt?: string;
  lastUsedAt?: string;
  revokedAt?: string;
}

export async function addToken(db: Database, token: Token, hash: string): Promise<void> {
  await db
    .insertInto("tokens")
    .values({
      id: token.id,
      name: token.name,
      hash,
      scope: token.scope,
      created_by: token.createdBy,
      created_at: token.createdAt,
      expires_at: token.expiresAt ?? null,
    })
    .execute();
}

export async function findToken(db: Database, by: { hash: string } | { id: string }): Promise<Token | undefined> {
  const query = db.selectFrom("tokens").selectAll();
  const row = await ("id" in by ? query.where("id", "=", by.id) : query.where("hash", "=", by.hash)).executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** Newest first, withdrawn ones too. */
export async function listTokens(db: Database): Promise<Token[]> {
  const rows = await db.selectFrom("tokens").selectAll().orderBy("created_at", "desc").orderBy("id").execute();
  return rows.map(fromRow);
}

export async function touchToken(db: Database, id: string, at: string): Promise<void> {
  await db.updateTable("tokens").set({ last_used_at: at }).where("id", "=", id).execute();
}

export async function revokeToken(db: Database, id: string, at: string): Promise<void> {
  await db.updateTable("tokens").set({ revoked_at: at }).where("id", "=", id).where("revoked_at", "is", null).execute();
}

function fromRow(row: Selectable<TokensTable>): Token {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope as AccessScope,
    createdBy: row.created_by,
    createdAt: row.created_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
  };
}
