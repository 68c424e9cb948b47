import { posix } from "node:path";
import PQueue from "p-queue";
import { failure } from "../../base/errors/error.ts";
import type { Entry, Repository } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";
import type { Database } from "../../state/open.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { reading } from "./reading.ts";
import type { Stored } from "./record.ts";
import { treeCache, type TreeCache } from "./tree-cache.ts";

export interface FolderPage {
  entries: Entry[];
  /** How many the folder has. */
  total: number;
}

export interface FolderRequest {
  /** Absolute, without a slash at its end; `/` is the root. */
  path: string;
  offset: number;
  limit: number;
}

/** Up to so many entries a snapshot's tree is read at once, with the first look at it. */
const wholeUpTo = 20_000;
/** So many restic processes list at once: each reads the repository's index into memory. */
const listingsAtOnce = 3;

interface Browsing {
  trees: TreeCache;
  queue: PQueue;
}

/** Lives as long as the process has its state open. */
const browsings = new WeakMap<Database, Browsing>();

function browsingOf(state: Database): Browsing {
  const there = browsings.get(state) ?? { trees: treeCache(), queue: new PQueue({ concurrency: listingsAtOnce }) };
  browsings.set(state, there);
  return there;
}

/**
 * A part of what lies in one folder of a snapshot. Throws HF_RESTORE_NO_MATCH for a path that is not there,
 * HF_SNAPSHOT_NOT_FOLDER, HF_REPOSITORY_*.
 */
export async function listFolder(
  holdfast: Holdfast,
  snapshot: Stored,
  request: FolderRequest,
  signal: AbortSignal,
): Promise<FolderPage> {
  const known = fromCache(holdfast.state, snapshot, request);
  if (known !== undefined) return known;
  return await browsingOf(holdfast.state).queue.add(
    async () =>
      // Another may have looked while this one waited.
      fromCache(holdfast.state, snapshot, request) ??
      (await reading(
        holdfast,
        snapshot,
        signal,
        async (repository, run) =>
          (await readWhole(holdfast.state, repository, snapshot, request, run)) ??
          (await readFolder(holdfast.state, repository, snapshot, request, run)),
      )),
    { signal },
  );
}

/** One entry; undefined when the snapshot has none there. The root has none of its own. */
export async function findEntry(
  holdfast: Holdfast,
  snapshot: Stored,
  path: string,
  signal: AbortSignal,
): Promise<Entry | undefined> {
  if (path === "/") return rootEntry(snapshot);
  const trees = browsingOf(holdfast.state).trees.get(keyOf(snapshot));
  const folder = trees?.folders.get(posix.dirname(path));
  if (folder !== undefined) return folder.find((entry) => entry.path === path);
  if (trees?.whole === true) return undefined;
  return await browsingOf(holdfast.state).queue.add(
    async () =>
      await reading(holdfast, snapshot, signal, async (repository, run) => {
        for await (const entry of repository.entries(snapshot.resticId, path, run, "folder")) {
          if (entry.path === path) return entry;
        }
        return undefined;
      }),
    { signal },
  );
}

/** Every entry of a snapshot, as it comes from the repository. */
export async function eachEntry(
  holdfast: Holdfast,
  snapshot: Stored,
  signal: AbortSignal,
  each: (entry: Entry) => void,
): Promise<void> {
  const known = browsingOf(holdfast.state).trees.get(keyOf(snapshot));
  if (known?.whole === true) {
    for (const entry of [...known.folders.values()].flat()) each(entry);
    return;
  }
  await browsingOf(holdfast.state).queue.add(
    async () =>
      await reading(holdfast, snapshot, signal, async (repository, run) => {
        for await (const entry of repository.entries(snapshot.resticId, undefined, run)) each(entry);
      }),
    { signal },
  );
}

function keyOf(snapshot: Stored): string {
  return `${snapshot.destination} ${snapshot.resticId}`;
}

function rootEntry(snapshot: Stored): Entry {
  return { path: "/", type: "dir", sizeBytes: 0, mode: 0o755, mtime: snapshot.time ?? snapshot.startedAt };
}

function fromCache(state: Database, snapshot: Stored, request: FolderRequest): FolderPage | undefined {
  const known = browsingOf(state).trees.get(keyOf(snapshot));
  const entries = known?.folders.get(request.path);
  if (entries !== undefined) return pageOf(entries, request);
  if (known?.whole !== true) return undefined;
  const parent = known.folders.get(posix.dirname(request.path)) ?? [];
  throw notFolder(
    request.path,
    parent.find((entry) => entry.path === request.path),
  );
}

function pageOf(entries: Entry[], { offset, limit }: FolderRequest): FolderPage {
  return { entries: entries.slice(offset, offset + limit), total: entries.length };
}

function notFolder(path: string, entry: Entry | undefined): Error {
  if (entry === undefined) return failure("HF_RESTORE_NO_MATCH", { path });
  return failure("HF_SNAPSHOT_NOT_FOLDER", { path, type: entry.type });
}

/** Reads and keeps the whole tree; undefined when it is too large for that. */
async function readWhole(
  state: Database,
  repository: Repository,
  snapshot: Stored,
  request: FolderRequest,
  run: RunContext,
): Promise<FolderPage | undefined> {
  const { trees } = browsingOf(state);
  // A tree of which only parts are kept was too large.
  if (trees.get(keyOf(snapshot)) !== undefined) return undefined;
  const folders = new Map<string, Entry[]>([["/", []]]);
  let count = 0;
  for await (const entry of repository.entries(snapshot.resticId, undefined, run)) {
    count += 1;
    if (count > wholeUpTo) {
      trees.keep(keyOf(snapshot), { folders: new Map(), whole: false });
      return undefined;
    }
    folders.get(posix.dirname(entry.path))?.push(entry);
    if (entry.type === "dir") folders.set(entry.path, []);
  }
  trees.keep(keyOf(snapshot), { folders, whole: true });
  return fromCache(state, snapshot, request);
}

/** Reads one folder, and keeps it unless it is very large; of one that is, no more than the page is held in memory. */
async function readFolder(
  state: Database,
  repository: Repository,
  snapshot: Stored,
  request: FolderRequest,
  run: RunContext,
): Promise<FolderPage> {
  const { path, offset, limit } = request;
  const all: Entry[] = [];
  const page: Entry[] = [];
  let total = 0;
  let itself: Entry | undefined = path === "/" ? rootEntry(snapshot) : undefined;
  for await (const entry of repository.entries(snapshot.resticId, path, run, "folder")) {
    if (entry.path === path) itself = entry;
    if (entry.path === path || posix.dirname(entry.path) !== path) continue;
    if (total >= offset && page.length < limit) page.push(entry);
    if (total < wholeUpTo) all.push(entry);
    total += 1;
  }
  if (itself?.type !== "dir") throw notFolder(path, itself);
  if (total <= wholeUpTo) {
    const { trees } = browsingOf(state);
    const folders = new Map(trees.get(keyOf(snapshot))?.folders).set(path, all);
    trees.keep(keyOf(snapshot), { folders, whole: false });
  }
  return { entries: page, total };
}
