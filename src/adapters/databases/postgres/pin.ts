import { failure } from "../../../base/errors/error.ts";
import type { Pin } from "../../../domain/database.ts";
import type { RunContext } from "../../../domain/run.ts";
import type { PostgresServer } from "./server.ts";
import { openSession, type Session } from "./session.ts";

/** An exported snapshot and the session that keeps it alive. */
export interface SnapshotPin extends Pin {
  session: Session;
  snapshotId: string;
}

/** Fixes the moment of one database by an exported snapshot. Throws HF_DATABASE_*. */
export async function pinSnapshot(server: PostgresServer, database: string, run: RunContext): Promise<SnapshotPin> {
  const session = openSession(server.connection, server.tools, database, run.signal);
  try {
    // A server that ends idle transactions would take the moment away from under the dump.
    await session.query("SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0; SET lock_timeout = 0");
    await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const [snapshotId] = await session.query("SELECT pg_catalog.pg_export_snapshot()");
    if (snapshotId === undefined) {
      const detail = "the server exported no snapshot";
      throw failure("HF_DUMP_FAILED", { database: server.connection.name, detail });
    }
    return { pinnedAt: run.clock.now(), snapshotId, session, release: () => session.close() };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A cluster has no common moment: each of its databases is dumped at one of its own, after this time. */
export function pinNothing(run: RunContext): Pin {
  return { pinnedAt: run.clock.now(), release: async () => undefined };
}
