import { sql, type Transaction } from "kysely";
import type { Database } from "./open.ts";
import type { Schema } from "./schema.ts";

/**
 * A transaction that owns the right to write from its first moment. SQLite's plain BEGIN takes that right at the first
 * write, and fails at once, without waiting, when another process wrote since the first read.
 */
export async function writing<T>(db: Database, work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
  return await db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable("turns")
      .set({ granted: 1 })
      .where(sql<boolean>`1 = 0`)
      .execute();
    return await work(transaction);
  });
}
