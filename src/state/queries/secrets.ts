import type { Database } from "../open.ts";

/** Sealed secrets; what opens them is the vault, not the state. */
export async function readSealed(db: Database, name: string): Promise<string | undefined> {
  const row = await db.selectFrom("secrets").select("sealed").where("name", "=", name).executeTakeFirst();
  return row?.sealed;
}

/** Keeps a sealed secret; the first one to arrive stays, and is what is given back. */
export async function keepSealed(db: Database, name: string, sealed: string, at: string): Promise<string> {
  await db
    .insertInto("secrets")
    .values({ name, sealed, created_at: at })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
  return (await readSealed(db, name)) ?? sealed;
}

export async function hasSealed(db: Database): Promise<boolean> {
  return (await db.selectFrom("secrets").select("name").limit(1).executeTakeFirst()) !== undefined;
}

/** Keeps a sealed secret in place of whatever was there. */
export async function replaceSealed(db: Database, name: string, sealed: string, at: string): Promise<void> {
  await db
    .insertInto("secrets")
    .values({ name, sealed, created_at: at })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ sealed, created_at: at }))
    .execute();
}
