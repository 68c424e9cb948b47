import type { Problem } from "../base/errors/error.ts";
import type { AppName, DestinationName, RunId, SnapshotId, SnapshotRecordId } from "./names.ts";
import type { StoreSummary } from "./repository.ts";

/**
 * What a snapshot is worth. `good`: stored whole from a complete capture. `partial`: something is missing.
 * `suspect`: the source had collapsed, until a person accepts it. `unproven`: found in a repository by `recover`.
 */
export type Verdict = "good" | "partial" | "suspect" | "unproven";

/** `unchanged`: a scheduled run found that `current` still is what the app looks like, and stored nothing. */
export type SnapshotStatus = "in_progress" | "success" | "unchanged" | "failed";

/** Our record of what one run left in one destination. */
export interface SnapshotRecord {
  id: SnapshotRecordId;
  runId: RunId;
  app: AppName;
  destination: DestinationName;
  status: SnapshotStatus;
  verdict?: Verdict;
  resticId?: SnapshotId;
  /** ISO 8601 with the offset that restic stored. */
  time?: string;
  host: string;
  paths: string[];
  tags: string[];
  summary?: StoreSummary;
  /** Digest of everything whose change makes a new snapshot necessary. */
  fingerprint?: string;
  parts: SourcePart[];
  pinned: boolean;
  startedAt: string;
  completedAt?: string;
  forgottenAt?: string;
  durationMs?: number;
  problem?: Problem;
}

/** A part of an app as it was captured, to compare the next capture with. */
export interface SourcePart {
  /** An absolute path, or `database:NAME`. */
  name: string;
  files: number;
  bytes: number;
}
