import type { Counts } from "../../../domain/database.ts";
import { ask, type RedisConnection } from "./connection.ts";

export interface RedisFacts {
  engine: string;
  version: string;
  memoryBytes: number;
}

/** Lines `name:value` of INFO. */
export function infoFields(info: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of info.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

export async function serverFacts(connection: RedisConnection): Promise<RedisFacts> {
  const fields = infoFields(await ask(connection, "INFO", "everything"));
  const valkey = fields.get("valkey_version");
  return {
    engine: valkey === undefined ? "redis" : "valkey",
    version: valkey ?? fields.get("redis_version") ?? "unknown",
    memoryBytes: Number(fields.get("used_memory") ?? 0),
  };
}

/** Keys of each numbered database that holds any: `db0`, `db3`. */
export async function countKeys(connection: RedisConnection): Promise<Counts> {
  return keyspaceIn(await ask(connection, "INFO", "keyspace"));
}

/** The counts in `INFO keyspace`: lines such as `db0:keys=3,expires=1,avg_ttl=0`. */
export function keyspaceIn(info: string): Counts {
  const counts: Counts = {};
  for (const [name, value] of infoFields(info)) {
    const keys = /^keys=(\d+)/.exec(value)?.[1];
    if (/^db\d+$/.test(name) && keys !== undefined) counts[name] = Number(keys);
  }
  return counts;
}
