import { Transaction, type Kysely } from "kysely";
import { isFailure } from "../base/errors/error.ts";
import type { Schema } from "./schema.ts";

const attempts = 5;

/**
 * Reads and changes what no other process may change meanwhile: writers take turns, on SQLite by its file, on PostgreSQL by
 * a lock of the database. The work may be carried out again when nothing of it was kept, because a connection was lost: it
 * does nothing outside the state. Within a transaction it is a part of that one.
 */
export async function writing<T>(
  db: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  if (db instanceof Transaction) return await work(db);
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === attempts || !isFailure(error, "HF_STATE_INTERRUPTED")) throw error;
    }
  }
}
