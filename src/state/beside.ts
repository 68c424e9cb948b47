import { Secret } from "../base/secrets/secret.ts";

/** The address of another database on the same server. */
export function addressOf(address: Secret, database: string): Secret {
  const url = new URL(address.reveal().replace(/@(?=[/?#]|$)/, "@localhost"));
  url.pathname = `/${encodeURIComponent(database)}`;
  url.searchParams.delete("dbname");
  return new Secret(url.toString());
}

/** Removes a database on the server of this address, if it is there. */
export async function dropDatabase(address: Secret, database: string): Promise<void> {
  const [{ readAddress }, { openPostgres }] = await Promise.all([
    import("./dialects/address.ts"),
    import("./dialects/postgres.ts"),
  ]);
  const engine = openPostgres(readAddress(address.reveal()));
  try {
    // Past Kysely, which works in transactions: this may not be a part of one.
    await engine.server.pool.query(`drop database if exists "${database.replaceAll('"', '""')}" with (force)`);
  } finally {
    await engine.db.destroy();
  }
}
