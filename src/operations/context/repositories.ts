import { openDestination } from "../../adapters/destinations/registry.ts";
import { failure } from "../../base/errors/error.ts";
import { randomPassword } from "../../base/secrets/vault.ts";
import type { Secret } from "../../base/secrets/secret.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import type { DestinationName } from "../../domain/names.ts";
import type { Repository, StoredSnapshot } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";
import { knownDestination, noteDestination, rememberDestination } from "../../state/queries/destinations.ts";
import { keepSealed, readSealed } from "../../state/queries/secrets.ts";
import { forgetAllRecords } from "../../state/queries/snapshots.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import type { Holdfast } from "./holdfast.ts";
import { findRestic } from "./restic.ts";
import { secretResolver } from "./secrets.ts";

/** How long restic waits for another's lock before it gives up. */
const defaultLockWaitMs = 5 * 60_000;

/** With whose credentials a repository is reached. */
export type Access = "backup" | "maintenance";

export interface ReadyOptions {
  /** Create the repository where there is none, although it was used before. */
  initialise: boolean;
  /** Never create anything: an absent repository is given as undefined. */
  dryRun: boolean;
}

/** The repositories of one command: each is opened once, created once and listed once. */
export interface Repositories {
  declarations: DestinationDeclaration[];
  declaration(name: string): DestinationDeclaration;
  /**
   * The repository as it is declared, whether or not it exists. With `maintenance` it is reached with the maintenance
   * credentials where there are any: whatever forgets, prunes, checks or unlocks opens it so, and nothing else does.
   */
  open(name: DestinationName, access?: Access): Promise<Repository>;
  /** The repository, which exists: created when it is new. Throws HF_REPOSITORY_*. */
  ready(name: DestinationName, run: RunContext, options: ReadyOptions): Promise<Repository | undefined>;
  /** All snapshots there, read once per command and kept true with `stored`. */
  listing(name: DestinationName, run: RunContext): Promise<Map<string, StoredSnapshot>>;
  stored(name: DestinationName, snapshot: StoredSnapshot): void;
  /** Lists anew, for what must not rely on an earlier look. */
  relist(name: DestinationName, run: RunContext): Promise<Map<string, StoredSnapshot>>;
}

export function repositoriesOf(holdfast: Holdfast): Repositories {
  const opened = new Map<string, Promise<Repository>>();
  const readied = new Map<string, Promise<Repository | undefined>>();
  const listings = new Map<string, Promise<Map<string, StoredSnapshot>>>();
  const added = new Map<string, StoredSnapshot[]>();

  const declaration = (name: string): DestinationDeclaration => {
    const found = holdfast.declared.destinations.find((destination) => destination.name === name);
    if (found !== undefined) return found;
    const known = holdfast.declared.destinations.map((destination) => destination.name).join(", ");
    throw failure("HF_UNKNOWN_NAME", { kind: "destination", name, suggestion: `Declared are: ${known || "none"}.` });
  };

  const open = async (name: DestinationName, access: Access): Promise<Repository> => {
    const declared = declaration(name);
    const now = async (): Promise<Secret> => await passwordOf(holdfast, declared);
    const first = passwordSecret(declared) === undefined ? now() : undefined;
    // One that Holdfast keeps may be rotated meanwhile; one that is declared is fetched once.
    return await openDeclaration(holdfast, declared, access, () => first ?? now());
  };

  const list = async (name: DestinationName, run: RunContext): Promise<Map<string, StoredSnapshot>> => {
    const repository = await pool.open(name);
    const found = new Map<string, StoredSnapshot>();
    for await (const snapshot of repository.snapshots(run)) found.set(snapshot.id, snapshot);
    return found;
  };

  const pool: Repositories = {
    declarations: holdfast.declared.destinations,
    declaration,
    open: (name, access = "backup") => once(opened, `${access} ${name}`, () => open(name, access)),
    ready: (name, run, options) => once(readied, name, async () => await makeReady(holdfast, pool, name, run, options)),
    async listing(name, run) {
      const found = await once(listings, name, () => list(name, run));
      for (const snapshot of added.get(name) ?? []) found.set(snapshot.id, snapshot);
      return found;
    },
    stored(name, snapshot) {
      added.set(name, [...(added.get(name) ?? []), snapshot]);
    },
    relist: list,
  };
  return pool;
}

/** Opens a destination that may not be declared yet. Throws HF_RESTIC_*, HF_SECRET_UNAVAILABLE. */
export async function openDeclaration(
  holdfast: Holdfast,
  declared: DestinationDeclaration,
  access: Access,
  passwordFor: () => Promise<Secret>,
): Promise<Repository> {
  // Asked for now as well, so that one that is not to be had is told before anything is tried.
  const [restic, scratch] = await Promise.all([findRestic(holdfast), holdfast.scratch(), passwordFor()]);
  const spec = access === "maintenance" ? (declared.maintenance ?? declared.spec) : declared.spec;
  return await openDestination(
    { type: declared.type, spec },
    {
      name: declared.name,
      executor: holdfast.device,
      restic,
      cacheFolder: holdfast.home.cache,
      scratch,
      password: passwordFor,
      lockWaitMs: declared.lockWaitMs ?? defaultLockWaitMs,
      ...(declared.uploadKibPerSecond === undefined ? {} : { uploadKibPerSecond: declared.uploadKibPerSecond }),
      ...(declared.downloadKibPerSecond === undefined ? {} : { downloadKibPerSecond: declared.downloadKibPerSecond }),
      resolveSecret: secretResolver(holdfast),
    },
  );
}

/** One attempt is shared by all who ask; a failed one is not remembered. */
async function once<T>(memo: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const there = memo.get(key);
  if (there !== undefined) return await there;
  const made = make();
  memo.set(key, made);
  try {
    return await made;
  } catch (error) {
    memo.delete(key);
    throw error;
  }
}

/**
 * A repository is created only when this destination has never been used, or when it is asked for: never because
 * something else failed. A known one is not even probed: restic's exit 10 tells.
 */
async function makeReady(
  holdfast: Holdfast,
  pool: Repositories,
  name: DestinationName,
  run: RunContext,
  options: ReadyOptions,
): Promise<Repository | undefined> {
  const repository = await pool.open(name);
  const known = await knownDestination(holdfast.state, name);
  if (known !== undefined && !options.initialise) return repository;
  await using _turn = await takeTurn(holdfast.state, {
    destination: name,
    mode: "exclusive",
    owner: holdfast.owner,
    what: "its first use",
    signal: run.signal,
  });
  let facts = await repository.probe(run);
  const absent = facts === undefined;
  if (facts === undefined && options.dryRun) return undefined;
  if (facts === undefined) {
    facts = await repository.init(run);
    await forgetAllRecords(holdfast.state, name, holdfast.clock.now().toISOString());
  } else if (known !== undefined && known.repository_id !== facts.repositoryId) {
    throw failure("HF_REPOSITORY_EXCHANGED", { destination: name, location: repository.location });
  }
  if (!options.dryRun) {
    const at = holdfast.clock.now().toISOString();
    await rememberDestination(holdfast.state, name, {
      repositoryId: facts.repositoryId,
      location: repository.location,
      at,
    });
    // From here on each backup adds what it stored; a repository that was there already is measured once.
    const size_bytes = absent ? 0 : (known?.size_bytes ?? (await repository.stats(run)).sizeBytes);
    await noteDestination(holdfast.state, name, { size_bytes });
  }
  return repository;
}

/** The declared password, else the one that Holdfast keeps, else a new one, kept before it is ever used. */
export async function passwordOf(holdfast: Holdfast, declared: DestinationDeclaration): Promise<Secret> {
  if (declared.password !== undefined) return await secretResolver(holdfast)(declared.password);
  const name = passwordName(declared.name);
  const kept = await readSealed(holdfast.state, name);
  // A rehearsal makes no key: whatever it asks of a repository that is not there needs no password either.
  if (kept === undefined && !holdfast.acting) return randomPassword();
  const vault = await holdfast.vault();
  const sealed =
    kept ??
    (await keepSealed(holdfast.state, name, vault.seal(name, randomPassword()), holdfast.clock.now().toISOString()));
  return vault.open(name, sealed);
}

/** The name of the sealed secret that is the password; undefined when it is declared, and so not Holdfast's to change. */
export function passwordSecret(declared: DestinationDeclaration): string | undefined {
  if (declared.password === undefined) return passwordName(declared.name);
  return declared.password.from === "sealed" ? declared.password.name : undefined;
}

export function passwordName(destination: string): string {
  return `repository:${destination}`;
}
