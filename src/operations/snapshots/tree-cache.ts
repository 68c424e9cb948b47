import type { Entry } from "../../domain/repository.ts";

/** What is known of one snapshot's folders. */
export interface KnownTree {
  /** By path; `/` is the root. Entries in the order in which the repository has them. */
  folders: Map<string, Entry[]>;
  /** Whether that is all of them: a path that is not there is not in the snapshot then. */
  whole: boolean;
}

/** Folders of snapshots that were looked at lately: a snapshot never changes. */
export interface TreeCache {
  get(key: string): KnownTree | undefined;
  /** Keeps more of a snapshot, and lets go of what was not asked for the longest. */
  keep(key: string, tree: KnownTree): void;
}

/** About 250 bytes each. */
const keptEntries = 100_000;
const keptMs = 10 * 60_000;

export function treeCache(limit = keptEntries, idleMs = keptMs): TreeCache {
  const trees = new Map<string, { tree: KnownTree; size: number; timer: NodeJS.Timeout }>();
  let total = 0;
  const drop = (key: string): void => {
    const there = trees.get(key);
    if (there === undefined) return;
    clearTimeout(there.timer);
    trees.delete(key);
    total -= there.size;
  };
  return {
    get(key) {
      const there = trees.get(key);
      if (there === undefined) return undefined;
      // A Map keeps the order of insertion: the one asked for last goes to its end.
      trees.delete(key);
      trees.set(key, there);
      there.timer.refresh();
      return there.tree;
    },
    keep(key, tree) {
      drop(key);
      const size = [...tree.folders.values()].reduce((sum, entries) => sum + entries.length + 1, 1);
      if (size > limit) return;
      const timer = setTimeout(() => drop(key), idleMs);
      timer.unref();
      trees.set(key, { tree, size, timer });
      total += size;
      for (const oldest of trees.keys()) {
        if (total <= limit) break;
        drop(oldest);
      }
    },
  };
}
