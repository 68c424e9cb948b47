import { randomBytes } from "node:crypto";
import { failure } from "../errors/error.ts";
import { keyOfSealed, openText, sealText } from "./cipher.ts";
import { keyInRing, type KeyRing } from "./key-ring.ts";
import { Secret } from "./secret.ts";

/**
 * Seals secrets at rest: AES-256-GCM; the secret's name is authenticated with it, so that sealed texts cannot be swapped.
 * One is asked for anew whenever it is used: in between the master key may have been rotated.
 */
export interface Vault {
  seal(name: string, secret: Secret): string;
  /** Throws HF_SEAL_BROKEN. */
  open(name: string, sealed: string): Secret;
}

/** A vault that seals with the ring's current key and opens with whichever of them sealed. */
export function vaultOver(ring: KeyRing): Vault {
  return {
    seal: (name, secret) => sealText(ring[0], name, secret.reveal()),
    open(name, sealed) {
      const key = keyInRing(ring, keyOfSealed(sealed) ?? "");
      if (key === undefined) throw failure("HF_SEAL_BROKEN", { name });
      try {
        return new Secret(openText(key, name, sealed));
      } catch (error) {
        throw failure("HF_SEAL_BROKEN", { name }, { cause: error });
      }
    },
  };
}

/** A password for a new repository: 32 random bytes, in a form that is safe in every file and shell. */
export function randomPassword(): Secret {
  return new Secret(randomBytes(32).toString("base64url"));
}
