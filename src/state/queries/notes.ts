import type { Database } from "../open.ts";

/** Single facts that fit no table of their own. */
export async function readNote(db: Database, key: string): Promise<string | undefined> {
  const row = await db.selectFrom("notes").select("value").where("key", "=", key).executeTakeFirst();
  return row?.value;
}

export async function writeNote(db: Database, key: string, value: string): Promise<void> {
  await db
    .insertInto("notes")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}

/** Whether it was there: of several who drop it at once, one is told so. */
export async function dropNote(db: Database, key: string): Promise<boolean> {
  const dropped = await db.deleteFrom("notes").where("key", "=", key).executeTakeFirst();
  return dropped.numDeletedRows === 1n;
}

/** Drops all whose key begins with `prefix`, which holds no % and no _. */
export async function dropNotes(db: Database, prefix: string): Promise<void> {
  await db.deleteFrom("notes").where("key", "like", `${prefix}%`).execute();
}
