import { createHash, randomBytes } from "node:crypto";

/** A random value of 256 bits that says nothing but who has it: for cookies and tokens. */
export function newOpaque(prefix: string): string {
  return `${prefix}${randomBytes(32).toString("base64url")}`;
}

/**
 * What the state keeps of it. A plain hash is enough, and its look-up gives nothing away by its time: nobody can guess 256
 * random bits, nor choose what a hash begins with.
 */
export function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}
