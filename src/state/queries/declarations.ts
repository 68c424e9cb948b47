import { randomUUID } from "node:crypto";
import type { Selectable, Transaction } from "kysely";
import type { Database } from "../open.ts";
import type { DeclarationsTable, Schema } from "../schema.ts";

/** Something that the API declared. */
export type DeclarationRow = Selectable<DeclarationsTable>;

export async function declarationRows(db: Database): Promise<DeclarationRow[]> {
  return await db.selectFrom("declarations").selectAll().orderBy("kind").orderBy("name").execute();
}

export async function declarationRow(db: Database, kind: string, name: string): Promise<DeclarationRow | undefined> {
  return await db
    .selectFrom("declarations")
    .selectAll()
    .where("kind", "=", kind)
    .where("name", "=", name)
    .executeTakeFirst();
}

const stampNote = "declarations";

/** Changes whenever the API has declared, changed or deleted anything: for those who look whether to read anew. */
export async function declarationsStamp(db: Database): Promise<string> {
  const note = await db.selectFrom("notes").select("value").where("key", "=", stampNote).executeTakeFirst();
  return note?.value ?? "";
}

/** Makes `declarationsStamp` another one. */
export async function stampDeclarations(transaction: Transaction<Schema>): Promise<void> {
  const value = randomUUID();
  await transaction
    .insertInto("notes")
    .values({ key: stampNote, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

export async function insertDeclaration(db: Database, row: DeclarationRow): Promise<void> {
  await db.insertInto("declarations").values(row).execute();
}

export async function changeDeclaration(
  db: Database,
  { kind, name, body, updated_at }: Pick<DeclarationRow, "kind" | "name" | "body" | "updated_at">,
): Promise<void> {
  await db
    .updateTable("declarations")
    .set({ body, updated_at })
    .where("kind", "=", kind)
    .where("name", "=", name)
    .execute();
}

export async function removeDeclaration(db: Database, kind: string, name: string): Promise<void> {
  await db.deleteFrom("declarations").where("kind", "=", kind).where("name", "=", name).execute();
}

export interface DeclarationTimes {
  created_at: string;
  updated_at: string;
}

/** When the API declared the things of a kind; of all of them, or of these names only. */
export async function declarationTimes(
  db: Database,
  kind: string,
  names?: readonly string[],
): Promise<Map<string, DeclarationTimes>> {
  let query = db.selectFrom("declarations").select(["name", "created_at", "updated_at"]).where("kind", "=", kind);
  if (names !== undefined) query = query.where("name", "in", names);
  return new Map((await query.execute()).map(({ name, ...times }) => [name, times]));
}
