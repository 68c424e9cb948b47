import { failure } from "../../../base/errors/error.ts";
import type { Database, DatabaseContext, Pin } from "../../../domain/database.ts";
import type { Kind } from "../../../domain/kind.ts";
import { findTools } from "./client-tools.ts";
import type { RedisConnection } from "./connection.ts";
import { dumpRdb } from "./dump.ts";
import { loadRdb } from "./load.ts";
import { countKeys, serverFacts, type RedisFacts } from "./server-facts.ts";
import { redisSpec, type RedisSpec } from "./spec.ts";
import { beginTransfer, type RdbPin } from "./transfer.ts";

/** Redis and Valkey, by an RDB that the server sends as to a replica. */
export const redis: Kind<"redis", RedisSpec, DatabaseContext, Database> = {
  type: "redis",
  spec: redisSpec,
  open: async (spec, context) => openRedis(spec, context),
};

interface Reached {
  connection: RedisConnection;
  facts: RedisFacts;
}

function openRedis(spec: RedisSpec, context: DatabaseContext): Database {
  const pins = new WeakMap<Pin, RdbPin>();
  let reached: Reached | undefined;
  const reach = async (): Promise<Reached> => {
    if (reached !== undefined) return reached;
    const { name, executor } = context;
    const password = spec.password && (await context.resolveSecret(spec.password));
    const connection = { name, executor, spec, password, tools: await findTools(executor, spec.client) };
    reached = { connection, facts: await serverFacts(connection) };
    return reached;
  };
  return {
    async probe() {
      const { connection, facts } = await reach();
      return {
        engine: facts.engine,
        serverVersion: facts.version,
        client: { program: `${connection.tools.family}-cli`, version: connection.tools.version },
        sizeBytes: facts.memoryBytes,
        warnings: [],
      };
    },
    footprint: () => ({ leaveOut: [] }),
    choosesMoment: true,
    async pin(run) {
      const { connection } = await reach();
      const pin = await beginTransfer(connection, context.scratch, run);
      pins.set(pin, pin);
      return pin;
    },
    async dump(pin, into, run) {
      const { connection, facts } = await reach();
      const transfer = pins.get(pin);
      if (transfer === undefined) throw failure("HF_INTERNAL", { detail: `a pin that ${context.name} did not make` });
      return await dumpRdb(connection, facts, transfer, into, run);
    },
    load: async (from, expected, run) => loadRdb((await reach()).connection, from, expected, run),
    count: async () => countKeys((await reach()).connection),
    close: async () => undefined,
  };
}
