import { failure } from "../../../base/errors/error.ts";
import type { Database, DatabaseContext, Pin } from "../../../domain/database.ts";
import type { Kind } from "../../../domain/kind.ts";
import { countCluster, countDatabase, sizeOf } from "./count.ts";
import { dumpCluster, dumpDatabase, dumpWarnings } from "./dump.ts";
import { loadCluster } from "./load-cluster.ts";
import { loadDatabase } from "./load.ts";
import { pinNothing, pinSnapshot, type SnapshotPin } from "./pin.ts";
import { reachServer, type PostgresServer } from "./server.ts";

import { postgresSpec, type PostgresSpec } from "./spec.ts";

/** PostgreSQL 10 and newer, by its own client tools. */
export const postgres: Kind<"postgres", PostgresSpec, DatabaseContext, Database> = {
  type: "postgres",
  spec: postgresSpec,
  open: async (spec, context) => openPostgres(spec, context),
};

function openPostgres(spec: PostgresSpec, context: DatabaseContext): Database {
  const pins = new WeakMap<Pin, SnapshotPin>();
  const { database } = spec;
  let reached: PostgresServer | undefined;
  const server = async (): Promise<PostgresServer> => (reached ??= await reachServer(spec, context));
  return {
    async probe() {
      const there = await server();
      return {
        engine: "postgres",
        serverVersion: there.version,
        client: { program: "pg_dump", version: there.tools.version },
        sizeBytes: await sizeOf(there, database),
        warnings: dumpWarnings(there),
      };
    },
    footprint: () => ({ leaveOut: [] }),
    async pin(run) {
      if (database === undefined) return pinNothing(run);
      const pin = await pinSnapshot(await server(), database, run);
      pins.set(pin, pin);
      return pin;
    },
    async dump(pin, into, run) {
      if (database === undefined) return await dumpCluster(await server(), into, run);
      const snapshot = pins.get(pin);
      if (snapshot === undefined) throw failure("HF_INTERNAL", { detail: `a pin that ${context.name} did not make` });
      return await dumpDatabase(await server(), database, snapshot, into, run);
    },
    async load(from, expected, run) {
      if (database === undefined) return await loadCluster(await server(), from, expected, run);
      return await loadDatabase(await server(), database, from, expected, run);
    },
    async count() {
      return database === undefined
        ? await countCluster(await server())
        : await countDatabase(await server(), database);
    },
    close: async () => undefined,
  };
}
