import type { Transaction } from "kysely";
import { failure } from "../../base/errors/error.ts";
import { keyOfSealed } from "../../base/secrets/cipher.ts";
import type { Database } from "../open.ts";
import type { Schema } from "../schema.ts";
import { writing } from "../transaction.ts";

/** The note that holds a text sealed with the key that all secrets here are sealed with. */
const checkNote = "master key";

/** Sealed secrets; what opens them is the vault, not the state. */
export async function readSealed(db: Database, name: string): Promise<string | undefined> {
  const row = await db.selectFrom("secrets").select("sealed").where("name", "=", name).executeTakeFirst();
  return row?.sealed;
}

/**
 * Keeps a sealed secret; the first one to arrive stays, and is what is given back. Throws HF_KEY_ROTATED for one that was
 * sealed with a key that has been rotated away since: nobody could open it.
 */
export async function keepSealed(db: Database, name: string, sealed: string, at: string): Promise<string> {
  return await writing(db, async (transaction) => {
    await needCurrentKey(transaction, sealed);
    await transaction
      .insertInto("secrets")
      .values({ name, sealed, created_at: at })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .execute();
    return (await readSealed(transaction, name)) ?? sealed;
  });
}

export async function hasSealed(db: Database): Promise<boolean> {
  return (await db.selectFrom("secrets").select("name").limit(1).executeTakeFirst()) !== undefined;
}

/** Keeps a sealed secret in place of whatever was there. Throws HF_KEY_ROTATED. */
export async function replaceSealed(db: Database, name: string, sealed: string, at: string): Promise<void> {
  await writing(db, async (transaction) => await putSealed(transaction, name, sealed, at));
}

/** The same within a transaction of the caller's. */
export async function putSealed(
  transaction: Transaction<Schema>,
  name: string,
  sealed: string,
  at: string,
): Promise<void> {
  await needCurrentKey(transaction, sealed);
  await transaction
    .insertInto("secrets")
    .values({ name, sealed, created_at: at })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ sealed, created_at: at }))
    .execute();
}

export async function dropSealed(db: Database, name: string): Promise<void> {
  await db.deleteFrom("secrets").where("name", "=", name).execute();
}

/** All of them, by name. */
export async function allSealed(db: Database): Promise<{ name: string; sealed: string; created_at: string }[]> {
  return await db.selectFrom("secrets").selectAll().orderBy("name").execute();
}

/** The text that tells whether a key is the right one; undefined as long as none was ever used here. */
export async function readKeyCheck(db: Database): Promise<string | undefined> {
  const note = await db.selectFrom("notes").select("value").where("key", "=", checkNote).executeTakeFirst();
  if (note !== undefined) return note.value;
  return (await db.selectFrom("secrets").select("sealed").limit(1).executeTakeFirst())?.sealed;
}

/** Notes with which key is sealed here from now on, unless somebody has sealed with another meanwhile. */
export async function noteFirstKey(db: Database, check: string): Promise<void> {
  await writing(db, async (transaction) => {
    if (await hasSealed(transaction)) return;
    await putCheck(transaction, check);
  });
}

/**
 * Seals every secret anew, all in one transaction; only when they are sealed with the key `from`, so that one who comes too
 * late does no harm. Gives how many there are, undefined when it was too late.
 */
export async function resealAll(
  db: Database,
  rotation: { from: string; check: string; reseal: (name: string, sealed: string) => string },
): Promise<number | undefined> {
  return await writing(db, async (transaction) => {
    const current = await readKeyCheck(transaction);
    if (current === undefined || keyOfSealed(current) !== rotation.from) return undefined;
    const secrets = await allSealed(transaction);
    for (const { name, sealed } of secrets) {
      await transaction
        .updateTable("secrets")
        .set({ sealed: rotation.reseal(name, sealed) })
        .where("name", "=", name)
        .execute();
    }
    await putCheck(transaction, rotation.check);
    return secrets.length;
  });
}

async function needCurrentKey(transaction: Transaction<Schema>, sealed: string): Promise<void> {
  const check = await readKeyCheck(transaction);
  if (check !== undefined && keyOfSealed(check) !== keyOfSealed(sealed)) throw failure("HF_KEY_ROTATED", {});
}

async function putCheck(transaction: Transaction<Schema>, value: string): Promise<void> {
  await transaction
    .insertInto("notes")
    .values({ key: checkNote, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}
