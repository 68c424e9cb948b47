import type { Kysely } from "kysely";
import { failure, isFailure } from "../base/errors/error.ts";
import { redact, type Secret } from "../base/secrets/secret.ts";
import { learnTime } from "./clock.ts";
import { copyOfServer } from "./copy.ts";
import { readAddress } from "./dialects/address.ts";
import { reasonOf } from "./dialects/lost.ts";
import { bePatient, openPostgres, type PostgresEngine } from "./dialects/postgres.ts";
import { migrate } from "./migrations/migrate.ts";
import type { Schema } from "./schema.ts";

/** Opens the state in a PostgreSQL database. What is wrong with the database shows at once; later it may be away for a while. */
export async function openServer(address: Secret): Promise<Kysely<Schema>> {
  const engine = openPostgres(readAddress(address.reveal()));
  try {
    await meaningful(engine, async () => {
      await learnTime(engine.db);
      await migrate(engine);
    });
  } catch (error) {
    await engine.db.destroy();
    throw error;
  }
  bePatient(engine.server);
  return engine.db;
}

/** A copy in memory of the state in a PostgreSQL database. */
export async function copyServer(address: Secret): Promise<Kysely<Schema>> {
  const engine = openPostgres(readAddress(address.reveal()));
  try {
    return await meaningful(engine, async () => await copyOfServer(engine));
  } finally {
    await engine.db.destroy();
  }
}

/** A refused password and a database that does not exist are matters of the address, too. */
async function meaningful<T>({ place }: PostgresEngine, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isFailure(error)) throw error;
    throw failure("HF_STATE_UNREACHABLE", { path: place, detail: redact(reasonOf(error)) }, { cause: error });
  }
}
