import type { Writable } from "node:stream";
import type { Problem } from "../base/errors/error.ts";
import type { Secret } from "../base/secrets/secret.ts";
import type { Progress } from "./events.ts";
import type { SnapshotId } from "./names.ts";
import type { RunContext } from "./run.ts";

/** What `restic backup` is told. All paths are absolute. */
export interface StoreRequest {
  paths: string[];
  /** Exclude patterns, restic's own language. */
  exclude: string[];
  host: string;
  tags: string[];
  /** The app's last snapshot here, from the state; restic's own search loses it when a path is added. */
  parent?: SnapshotId;
  /** Reads and compares everything, writes nothing. */
  dryRun?: boolean;
  onProgress?: (progress: Progress) => void;
}

export interface StoredSnapshot {
  id: SnapshotId;
  /** ISO 8601 with the offset that restic stored: retention counts days by it. */
  time: string;
  host: string;
  paths: string[];
  tags: string[];
  parent?: SnapshotId;
  /** What `restic backup` counted; absent for snapshots of very old restic versions. */
  summary?: StoreSummary;
}

export interface StoreSummary {
  filesNew: number;
  filesChanged: number;
  filesUnmodified: number;
  filesProcessed: number;
  bytesProcessed: number;
  /** Bytes added to the repository before compression, and as stored. */
  dataAdded: number;
  dataAddedPacked: number;
}

export interface StoreResult {
  /** Absent for a dry run. */
  id?: SnapshotId;
  summary: StoreSummary;
  /** Files that could not be read (restic exit 3): the snapshot exists without them. */
  unreadable: { path: string; detail: string }[];
}

export interface Entry {
  path: string;
  type: "file" | "dir" | "symlink" | "other";
  sizeBytes: number;
  mode: number;
  mtime: string;
}

export type ArchiveFormat = "tar" | "zip";

export interface RestoreRequest {
  id: SnapshotId;
  /** Restores below this folder, which need not exist; the snapshot's absolute paths follow below it. */
  target: string;
  /** Only these absolute paths of the snapshot; empty means all. Literal, not patterns. */
  include: string[];
  onProgress?: (progress: Progress) => void;
}

export interface RepositoryFacts {
  /** restic's own id of the repository, from its config. */
  repositoryId: string;
  version: number;
}

/** How much of the data a check reads: none (structure only), all, or the n-th of t parts. */
export type CheckScope = "structure" | "all" | { part: number; of: number };

export interface CheckReport {
  problems: Problem[];
  durationMs: number;
}

export interface RepositoryStats {
  snapshots: number;
  /** Stored size, and the size before compression and deduplication of all snapshots' blobs. */
  sizeBytes: number;
  uncompressedBytes: number;
}

export interface RepositoryLock {
  host: string;
  pid: number;
  user: string;
  exclusive: boolean;
  createdAt: string;
}

/** One of the passwords that open a repository. */
export interface RepositoryKey {
  id: string;
  /** Whether it is the one with which the repository was opened here. */
  current: boolean;
  createdAt: string;
}

/** A place where snapshots are kept. What a kind lacks is an absent facet, never a method that throws. */
export interface Repository {
  /** For messages: where it lies, without secrets. */
  location: string;
  /** What a person needs besides the password to open it with restic alone (law 6). */
  byHand: { repository: string; options: readonly string[]; /** Names, not values. */ variables: string[] };
  /** Absent when there is no repository (restic exit 10). Throws HF_REPOSITORY_* for everything else. */
  probe(run: RunContext): Promise<RepositoryFacts | undefined>;
  /** Creates the repository. The caller decides when: only for a destination that is new, or when asked to. */
  init(run: RunContext): Promise<RepositoryFacts>;
  /** Throws HF_SNAPSHOT_UNKNOWN when the parent is not there: forgotten by hand, or this is another repository. */
  store(request: StoreRequest, run: RunContext): Promise<StoreResult>;
  snapshots(run: RunContext, filter?: { tags?: string[] }): AsyncIterable<StoredSnapshot>;
  /** Everything at and below `path`; with `only: "folder"` just the path itself and what lies directly in it. */
  entries(id: SnapshotId, path: string | undefined, run: RunContext, only?: "folder"): AsyncIterable<Entry>;
  /** Writes one file's content into `into`, or a folder as an archive; by default a tar. */
  read(id: SnapshotId, path: string, into: Writable, run: RunContext, archive?: ArchiveFormat): Promise<void>;
  /** Restores and verifies every file against the repository. Throws HF_RESTORE_MISMATCH, HF_REPOSITORY_*. */
  restore(request: RestoreRequest, run: RunContext): Promise<void>;
  /** Forgets exactly these, with one command. It does not say whether they existed: list again afterwards. */
  forget(ids: SnapshotId[], run: RunContext): Promise<void>;
  check(scope: CheckScope, run: RunContext): Promise<CheckReport>;
  stats(run: RunContext): Promise<RepositoryStats>;
  pruning?: { prune(run: RunContext): Promise<{ text: string }> };
  locking?: {
    locks(run: RunContext): Promise<RepositoryLock[]>;
    /** Plain `restic unlock`: removes stale locks only. */
    unlock(run: RunContext): Promise<void>;
  };
  passwords?: {
    keys(run: RunContext): Promise<RepositoryKey[]>;
    /** Adds a password that opens the repository as well. */
    add(password: Secret, run: RunContext): Promise<void>;
    /** Takes one away; never the one with which the repository was opened. It must be there. */
    remove(key: string, run: RunContext): Promise<void>;
  };
}
