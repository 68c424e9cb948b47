import { createHash, type Hash } from "node:crypto";
import { lstatSync, type BigIntStats } from "node:fs";
import { readdir } from "node:fs/promises";
import { bytesOfName, nameFromLatin1, systemPath } from "./names.ts";
import { slices, sortInSlices, type Slices } from "./slices.ts";

/** Whether to leave a path out; a folder left out is not entered. */
export type Leave = (path: string, isFolder: boolean) => boolean;

export interface WalkSummary {
  /** Regular files, each hard link by itself: what restic counts. */
  files: number;
  /** Their sizes. */
  bytes: number;
  folders: number;
  /** What could not be read, or is not there. Paths as text, see names.ts. */
  unreadable: { path: string; detail: string }[];
  /** SHA-256 over name, type, size, mode, owner, inode, mtime and ctime of everything found, in a fixed order. */
  fingerprint: string;
  /** The latest ctime found, in milliseconds since 1970; absent when nothing was found. */
  newestChangeMs?: number;
}

export interface WalkOptions {
  signal?: AbortSignal;
}

interface Walk {
  excluded: Leave;
  slice: Slices;
  digest: Digest;
  files: number;
  bytes: bigint;
  folders: number;
  newestNs: bigint;
  unreadable: WalkSummary["unreadable"];
}

/**
 * Looks at everything below `roots` that `excluded` does not name, as `restic backup` would: links are not followed,
 * sockets are passed over, roots themselves are never excluded, a root below another one is visited once. Does not throw
 * for what is missing or unreadable, but names it. Holds the thread for about 10 ms at a time; throws the signal's reason.
 */
export async function walk(
  roots: readonly string[],
  excluded: Leave,
  { signal }: WalkOptions = {},
): Promise<WalkSummary> {
  signal?.throwIfAborted();
  const state: Walk = {
    excluded,
    slice: slices(signal),
    digest: new Digest(),
    files: 0,
    bytes: 0n,
    folders: 0,
    newestNs: 0n,
    unreadable: [],
  };
  for (const root of withoutCovered(roots, excluded)) {
    // Below a root, paths travel as one byte per character, so that sorting and hashing need no decoding.
    await visit(state, bytesOfName(root).toString("latin1"), root, root);
  }
  return {
    files: state.files,
    bytes: Number(state.bytes),
    folders: state.folders,
    unreadable: state.unreadable,
    fingerprint: state.digest.end(),
    ...(state.newestNs === 0n ? {} : { newestChangeMs: Number(state.newestNs / 1_000_000n) }),
  };
}

/** The fingerprint of a scheduled run: what would be stored (`walk`), from where, without what, and under which tags. */
export function fingerprintOf(of: {
  roots: readonly string[];
  excludes: readonly string[];
  tags: readonly string[];
  walked: Pick<WalkSummary, "fingerprint">;
}): string {
  // The order of excludes matters ("!" takes back what came before); that of roots and tags does not.
  const parts = [of.roots.toSorted(), of.excludes, of.tags.toSorted(), of.walked.fingerprint];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** A root below another one is left out, unless an exclude would keep the walk from reaching it from there. */
function withoutCovered(roots: readonly string[], excluded: Leave): string[] {
  const unique = [...new Set(roots.map((root) => (root === "/" ? root : root.replace(/\/+$/, ""))))].sort();
  return unique.filter((root) => {
    const above = unique.find((other) => other !== root && root.startsWith(other === "/" ? "/" : `${other}/`));
    if (above === undefined) return true;
    const steps = root.slice(above.length).split("/").filter(Boolean);
    const between = steps.map((_, count) => `${above === "/" ? "" : above}/${steps.slice(0, count + 1).join("/")}`);
    return between.some((path) => excluded(path, true));
  });
}

async function visit(state: Walk, entry: string, path: string, root: string): Promise<void> {
  const stats = look(state, path);
  if (stats === undefined) {
    state.digest.missing(entry);
    return;
  }
  if (stats.isSocket()) return;
  if (path !== root && state.excluded(path, stats.isDirectory())) return;
  record(state, entry, stats);
  if (!stats.isDirectory()) return;
  state.folders += 1;
  for (const name of await list(state, path)) {
    const child = nameFromLatin1(name);
    if (state.slice.over()) await state.slice.next();
    const childPath = path === "/" ? `/${child}` : `${path}/${child}`;
    await visit(state, name, childPath, root);
  }
  state.digest.leave();
}

function record(state: Walk, entry: string, stats: BigIntStats): void {
  if (stats.isFile()) {
    state.files += 1;
    state.bytes += stats.size;
  }
  if (stats.ctimeNs > state.newestNs) state.newestNs = stats.ctimeNs;
  state.digest.add(entry, stats);
}

/** lstat by a synchronous call: five times as fast as a turn through the thread pool, and the slices bound the wait. */
function look(state: Walk, path: string): BigIntStats | undefined {
  try {
    return lstatSync(systemPath(path), { bigint: true });
  } catch (error) {
    state.unreadable.push({ path, detail: reasonOf(error) });
    return undefined;
  }
}

async function list(state: Walk, path: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(systemPath(path), { encoding: "latin1" });
  } catch (error) {
    state.unreadable.push({ path, detail: reasonOf(error) });
    return [];
  }
  return sortInSlices(names, state.slice);
}

/** A system call's own words; anything else is a bug and is thrown on. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && "code" in error && "syscall" in error) return error.message;
  throw error;
}

/** Collects lines for the hash, which is much faster in large pieces. Names hold no NUL, so lines cannot be confused. */
class Digest {
  readonly #hash: Hash = createHash("sha256");
  #text = "";

  add(name: string, stats: BigIntStats): void {
    // The upper bits of the mode are the type.
    this.#line(
      `${name}\0${stats.mode} ${stats.size} ${stats.uid} ${stats.gid} ${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs}\0`,
    );
  }

  missing(name: string): void {
    this.#line(`${name}\0missing\0`);
  }

  /** The end of a folder: without it, a file in the folder and one beside it could give the same lines. */
  leave(): void {
    this.#line("\0");
  }

  end(): string {
    return this.#hash.update(this.#text, "latin1").digest("hex");
  }

  #line(text: string): void {
    this.#text += text;
    if (this.#text.length < 65_536) return;
    this.#hash.update(this.#text, "latin1");
    this.#text = "";
  }
}
