import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

export const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;
const version = "v1";

/** A key and the id by which sealed texts name it. */
export interface MasterKey {
  /** Told by the key itself, so that the same key has the same id wherever it lies. */
  id: string;
  bytes: Buffer;
}

export function masterKey(bytes: Buffer): MasterKey {
  const id = createHash("sha256").update("holdfast master key\0").update(bytes).digest("hex").slice(0, 16);
  return { id, bytes };
}

export function newMasterKey(): MasterKey {
  return masterKey(randomBytes(keyBytes));
}

/**
 * Seals a text with AES-256-GCM: `v1:KEY ID:BASE64`. The name is authenticated with it, so that sealed texts cannot be
 * swapped.
 */
export function sealText(key: MasterKey, name: string, text: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", key.bytes, iv).setAAD(Buffer.from(name));
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return `${version}:${key.id}:${Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64")}`;
}

/** Throws the system's error for a text that was changed, was sealed under another name, or by another key. */
export function openText(key: MasterKey, name: string, sealed: string): string {
  const bytes = Buffer.from(sealed.slice(sealed.lastIndexOf(":") + 1), "base64");
  const decipher = createDecipheriv("aes-256-gcm", key.bytes, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(name))
    .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString("utf8");
}

/** The id of the key that sealed it; undefined for what is no sealed text. */
export function keyOfSealed(sealed: string): string | undefined {
  return /^v1:([0-9a-f]{16}):[A-Za-z0-9+/=]+$/.exec(sealed)?.[1];
}
