import { failure } from "../../base/errors/error.ts";
import { keyOfSealed, newMasterKey } from "../../base/secrets/cipher.ts";
import { keyInRing, ringOf, type KeyRing } from "../../base/secrets/key-ring.ts";
import {
  findKeySource,
  liesOpen,
  passwordIn,
  readRing,
  writeRing,
  type KeyFile,
  type KeySource,
} from "../../base/secrets/key-source.ts";
import { destinationName } from "../../domain/names.ts";
import type { Database } from "../../state/open.ts";
import { allSealed, readKeyCheck } from "../../state/queries/secrets.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Caller } from "../run/listener.ts";
import { reseal } from "./open-vault.ts";

export interface KeyRotation {
  path: string;
  source: KeySource["kind"];
  /** Whether the key file is sealed under a master password now. */
  underPassword: boolean;
  /** Ids of the key that seals from now on, and of those that are gone. */
  key: string;
  removed: string[];
  secrets: number;
  /** Only what an interrupted rotation had left to do was done. */
  finished: boolean;
}

export interface KeyRotationRequest {
  /** A file with the master password that is to seal the key file from now on. */
  passwordFile?: string;
  /** The key is to lie in its file without a master password from now on. */
  withoutPassword?: boolean;
}

/** No destination has such a name. */
const turn = destinationName("(master key)");

/**
 * Changes the master key: a new one is added to the ring on disk, all secrets are sealed anew in one transaction, the old
 * one is removed. Whenever it is interrupted, everything opens, and running it again finishes it. Throws
 * HF_KEY_READ_ONLY, HF_MASTER_KEY, HF_MASTER_PASSWORD, HF_MASTER_KEY_WRONG.
 */
export async function rotateMasterKey(
  holdfast: Holdfast,
  request: KeyRotationRequest,
  caller: Caller,
): Promise<KeyRotation> {
  const source = await findKeySource(holdfast.environment, holdfast.home.masterKey);
  await using _turn = await takeTurn(holdfast.state, {
    destination: turn,
    mode: "exclusive",
    owner: holdfast.owner,
    what: "a rotation of the master key",
    signal: caller.signal,
  });
  if (source.kind === "credential") return await rotateCredential(holdfast, source);
  // Makes the key where there is none yet, and tells of a wrong one. A key in the open is about to be sealed.
  if (!(await liesOpen(source))) await holdfast.vault();
  const target = await targetOf(source, request);
  const found = await ringIn(source);
  const changed = target.password?.reveal() !== source.password?.reveal() || (await liesOpen(source));
  const finished = found.length > 1 && !changed;
  const ring = finished ? found : await addKey(target, found);
  const secrets = await resealState(holdfast.state, ring, source.path);
  const removed = await dropOldKeys(target, ring);
  return {
    path: source.path,
    source: "file",
    underPassword: target.password !== undefined,
    key: ring[0].id,
    removed,
    secrets,
    finished,
  };
}

async function targetOf(source: KeyFile, request: KeyRotationRequest): Promise<KeyFile> {
  const { kind, path } = source;
  if (request.withoutPassword === true) return { kind, path };
  if (request.passwordFile === undefined) return source;
  return { kind, path, password: await passwordIn(request.passwordFile) };
}

/** First step: a new key in front of the ring, on disk before anything is sealed with it. */
export async function addKey(target: KeyFile, ring: KeyRing): Promise<KeyRing> {
  const added = ringOf([newMasterKey(), ...ring]) ?? ring;
  await writeRing(target, added);
  return added;
}

/**
 * Second step: every secret is sealed with the current key, all in one transaction. Gives how many there are; when it
 * returns, no secret needs an older key. Throws HF_MASTER_KEY_WRONG.
 */
export async function resealState(state: Database, ring: KeyRing, path: string): Promise<number> {
  const [current] = ring;
  const before = await keyIn(state);
  if (before !== undefined && keyInRing(ring, before) !== undefined) await reseal(state, ring, before);
  const after = await keyIn(state);
  if (after !== undefined && after !== current.id) {
    throw failure("HF_MASTER_KEY_WRONG", { path, found: current.id, wanted: after });
  }
  return (await allSealed(state)).length;
}

/** The id of the key that everything here is sealed with. */
async function keyIn(state: Database): Promise<string | undefined> {
  const check = await readKeyCheck(state);
  return check === undefined ? undefined : keyOfSealed(check);
}

/** Third step: the older keys go. Gives their ids. */
export async function dropOldKeys(target: KeyFile, [current, ...older]: KeyRing): Promise<string[]> {
  await writeRing(target, [current]);
  return older.map(({ id }) => id);
}

/** What systemd holds is changed by a person; only the secrets are sealed anew here. */
async function rotateCredential(holdfast: Holdfast, source: KeySource): Promise<KeyRotation> {
  const ring = await ringIn(source);
  const [current, ...older] = ring;
  if (older.length === 0) throw failure("HF_KEY_READ_ONLY", { path: source.path });
  const secrets = await resealState(holdfast.state, ring, source.path);
  const removed = older.map(({ id }) => id);
  return {
    path: source.path,
    source: "credential",
    underPassword: false,
    key: current.id,
    removed,
    secrets,
    finished: true,
  };
}

async function ringIn(source: KeySource): Promise<KeyRing> {
  const ring = await readRing(source);
  if (ring !== undefined) return ring;
  throw failure("HF_MASTER_KEY", { path: source.path, detail: "it is missing" });
}
