import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { failure } from "../errors/error.ts";
import { privateFolder, writeAtomically } from "../files/atomic.ts";
import { Secret } from "./secret.ts";

const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;

/** Seals secrets at rest: AES-256-GCM; the secret's name is authenticated with it, so that sealed texts cannot be swapped. */
export interface Vault {
  seal(name: string, secret: Secret): string;
  /** Throws HF_SEAL_BROKEN. */
  open(name: string, sealed: string): Secret;
}

/** Opens the vault whose master key lies at `path` (0600), making the key when there is none yet. Throws HF_MASTER_KEY. */
export async function openVault(path: string): Promise<Vault> {
  return vaultWith((await readKey(path)) ?? (await makeKey(path)));
}

function vaultWith(key: Buffer): Vault {
  return {
    seal(name, secret) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(name));
      const text = Buffer.concat([cipher.update(secret.reveal(), "utf8"), cipher.final()]);
      return `v1:${Buffer.concat([iv, cipher.getAuthTag(), text]).toString("base64")}`;
    },
    open(name, sealed) {
      const bytes = Buffer.from(sealed.replace(/^v1:/, ""), "base64");
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, ivBytes))
          .setAAD(Buffer.from(name))
          .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        const text = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
        return new Secret(text.toString("utf8"));
      } catch (error) {
        throw failure("HF_SEAL_BROKEN", { name }, { cause: error });
      }
    },
  };
}

async function readKey(path: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw failure(
      "HF_MASTER_KEY",
      { path, detail: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
  const key = Buffer.from(text.trim(), "base64");
  if (key.length !== keyBytes) throw failure("HF_MASTER_KEY", { path, detail: "it does not hold 32 bytes in base64" });
  return key;
}

async function makeKey(path: string): Promise<Buffer> {
  await privateFolder(dirname(path));
  const key = randomBytes(keyBytes);
  await writeAtomically(path, `${key.toString("base64")}\n`, { mode: 0o600, exclusive: true });
  // Another process may have been first; what lies there now is the key.
  return (await readKey(path)) ?? key;
}

/** A password for a new repository: 32 random bytes, in a form that is safe in every file and shell. */
export function randomPassword(): Secret {
  return new Secret(randomBytes(32).toString("base64url"));
}
