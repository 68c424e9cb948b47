import { failure } from "../../base/errors/error.ts";
import { keyOfSealed, newMasterKey, sealText } from "../../base/secrets/cipher.ts";
import { keyInRing, type KeyRing } from "../../base/secrets/key-ring.ts";
import {
  findKeySource,
  liesOpen,
  readRing,
  stampOf,
  writeRing,
  type KeySource,
} from "../../base/secrets/key-source.ts";
import { vaultOver, type Vault } from "../../base/secrets/vault.ts";
import type { Database } from "../../state/open.ts";
import { hasSealed, noteFirstKey, readKeyCheck, resealAll } from "../../state/queries/secrets.ts";

/** What the vault of a Holdfast is made of. */
export interface VaultPlaces {
  environment: NodeJS.ProcessEnv;
  /** Where the key file lies unless another place is named. */
  masterKey: string;
  state: Database;
  /** Whether a key may be made, and a rotation that was begun be finished. */
  acting: boolean;
}

/**
 * The vault, opened when it is first asked for and again whenever the key has changed on disk: a daemon need not be started
 * again after a rotation. Throws HF_MASTER_KEY, HF_MASTER_PASSWORD, HF_MASTER_KEY_WRONG.
 */
export function vaultAt(places: VaultPlaces): () => Promise<Vault> {
  let opened: { stamp: string; vault: Promise<Vault> } | undefined;
  let source: KeySource | undefined;
  return async () => {
    const found = (source ??= await findKeySource(places.environment, places.masterKey));
    const stamp = stampOf(found);
    if (opened?.stamp === stamp) return await opened.vault;
    const attempt = { stamp, vault: openVault(places, found) };
    opened = attempt;
    try {
      const vault = await attempt.vault;
      // A key that was made just now has a stamp only now.
      attempt.stamp = stamp === "" ? stampOf(found) : stamp;
      return vault;
    } catch (error) {
      if (opened === attempt) opened = undefined;
      throw error;
    }
  };
}

async function openVault(places: VaultPlaces, source: KeySource): Promise<Vault> {
  if (await liesOpen(source)) {
    const detail = "a master password is given, but the key lies there in the open; `holdfast keys rotate` seals it";
    throw failure("HF_MASTER_KEY", { path: source.path, detail });
  }
  const ring = (await readRing(source)) ?? (await firstRing(places, source));
  await agreeOn(places, ring, source.path);
  return vaultOver(ring);
}

/** A new key, only where nothing is sealed yet: another one would open none of it. */
async function firstRing({ state, acting }: VaultPlaces, source: KeySource): Promise<KeyRing> {
  if (await hasSealed(state)) {
    const detail = "it is missing, and the state holds secrets sealed with it";
    throw failure("HF_MASTER_KEY", { path: source.path, detail });
  }
  const ring: KeyRing = [newMasterKey()];
  // Who must not write seals nothing that stays.
  if (!acting || source.kind === "credential") return ring;
  await writeRing(source, ring, { exclusive: true });
  // Another process may have been first; what lies there now is the key.
  return (await readRing(source)) ?? ring;
}

/** Looks whether this ring is the one that sealed the state's secrets, and finishes a rotation that was begun. */
async function agreeOn({ state, acting }: VaultPlaces, ring: KeyRing, path: string): Promise<void> {
  const [current] = ring;
  const check = await readKeyCheck(state);
  const known = check === undefined ? undefined : keyInRing(ring, keyOfSealed(check) ?? "");
  if (known === undefined && !(await hasSealed(state))) {
    if (acting) await noteFirstKey(state, checkOf(ring));
    return;
  }
  if (known === undefined) {
    const wanted = keyOfSealed(check ?? "") ?? "another one";
    throw failure("HF_MASTER_KEY_WRONG", { path, found: current.id, wanted });
  }
  if (acting && known.id !== current.id) await reseal(state, ring, known.id);
}

/** Seals all secrets with the ring's current key. Gives how many; undefined when they are not sealed with `from` any more. */
export async function reseal(state: Database, ring: KeyRing, from: string): Promise<number | undefined> {
  const vault = vaultOver(ring);
  return await resealAll(state, {
    from,
    check: checkOf(ring),
    reseal: (name, sealed) => vault.seal(name, vault.open(name, sealed)),
  });
}

/** A text by which the key is known again. */
function checkOf([current]: KeyRing): string {
  return sealText(current, "check", "holdfast");
}
