import { createHash } from "node:crypto";

/** Things that have a name of their own and, for the API, an id. */
export type IdentifiedKind = "app" | "device" | "destination" | "policy" | "configuration";

/** Holdfast's own namespace for name-based UUIDs: random, and the same for ever. */
const namespace = Buffer.from("6f1f3b0e0c5d4b7e9a3e2f4f8d1c7a55", "hex");

/**
 * The id of a named thing: a name-based UUID (RFC 9562, version 5). So it is the same in every process, on every node and
 * after a recovery, and needs no memory.
 */
export function idOf(kind: IdentifiedKind, name: string): string {
  const bytes = createHash("sha1").update(namespace).update(`${kind}:${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
