import { keyBytes, masterKey, type MasterKey } from "./cipher.ts";
import { Secret } from "./secret.ts";

/** The master keys, the current one first. The others are there only while a rotation is under way. */
export type KeyRing = readonly [current: MasterKey, ...older: MasterKey[]];

/** A key ring as text: one key per line, 32 bytes in base64. Throws a sentence for a person. */
export function parseRing(text: string): KeyRing {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const [current, ...older] = lines.map(parseKey);
  if (current === undefined) throw new Error("it is empty");
  return [current, ...older];
}

function parseKey(line: string): MasterKey {
  const bytes = Buffer.from(line, "base64");
  const exact = bytes.length === keyBytes && bytes.toString("base64").replace(/=+$/, "") === line.replace(/=+$/, "");
  if (!exact) throw new Error("it does not hold 32 bytes in base64");
  return masterKey(bytes);
}

/** The text of a key ring; a `Secret`, because it opens everything. */
export function ringText(ring: KeyRing): Secret {
  return new Secret(`${ring.map((key) => key.bytes.toString("base64")).join("\n")}\n`);
}

export function keyInRing(ring: KeyRing, id: string): MasterKey | undefined {
  return ring.find((key) => key.id === id);
}

/** A ring of these keys, the first the current one, each once; undefined without any. */
export function ringOf(keys: readonly MasterKey[]): KeyRing | undefined {
  const [current, ...older] = keys.filter((key, index) => keys.findIndex((other) => other.id === key.id) === index);
  return current === undefined ? undefined : [current, ...older];
}
