import { encodeCommand, type Reply, type RespClient } from "./resp.ts";

const batchKeys = "500";

/** How many keys were copied, and how many of them never expire. */
export interface Copied {
  keys: number;
  lasting: number;
}

/**
 * The wire form of commands that restore every key with its time to live, each database into the one that `targets`
 * names for it. What was copied is added up in `copied`, by target.
 */
export async function* restoreCommands(
  client: RespClient,
  targets: ReadonlyMap<string, string>,
  copied: Map<string, Copied>,
): AsyncGenerator<Buffer> {
  for (const [database, target] of targets) {
    await client.send([["SELECT", database.slice("db".length)]]);
    yield encodeCommand(["SELECT", target.slice("db".length)]);
    let cursor = "0";
    do {
      const [scanned] = await client.send([["SCAN", cursor, "COUNT", batchKeys]]);
      const [next, keys] = Array.isArray(scanned) ? scanned : [];
      cursor = textOf(next);
      const so = copied.get(target) ?? { keys: 0, lasting: 0 };
      copied.set(target, so);
      const batch = await restoreBatch(client, bytesIn(keys), so);
      if (batch.length > 0) yield batch;
    } while (cursor !== "0");
  }
}

async function restoreBatch(client: RespClient, keys: Buffer[], copied: Copied): Promise<Buffer> {
  const replies = await client.send(
    keys.flatMap((key) => [
      ["DUMP", key],
      ["PTTL", key],
    ]),
  );
  const out: Buffer[] = [];
  for (const [index, key] of keys.entries()) {
    const value = replies[2 * index];
    const ttl = Number(replies[2 * index + 1]);
    // A key may expire between SCAN and DUMP.
    if (!Buffer.isBuffer(value) || ttl === -2) continue;
    const expiry = ttl === -1 ? "0" : String(Date.now() + ttl);
    out.push(encodeCommand(["RESTORE", key, expiry, value, "REPLACE", ...(ttl === -1 ? [] : ["ABSTTL"])]));
    copied.keys += 1;
    if (ttl === -1) copied.lasting += 1;
  }
  return Buffer.concat(out);
}

export const textOf = (reply: Reply | undefined): string => (Buffer.isBuffer(reply) ? reply.toString() : String(reply));

const bytesIn = (reply: Reply | undefined): Buffer[] =>
  Array.isArray(reply) ? reply.filter((item) => Buffer.isBuffer(item)) : [];
