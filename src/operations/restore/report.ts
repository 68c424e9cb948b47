import type { Problem } from "../../base/errors/error.ts";
import type { Outcome } from "../../domain/run-state.ts";
import type { Verdict } from "../../domain/snapshot.ts";

/** What a restore brought back. */
export interface RestoreReport {
  app: string;
  snapshotId: string;
  /** When the snapshot was taken. */
  time: string;
  destination: string;
  verdict: Verdict;
  outcome: Outcome;
  /** Where the files lie; absent when they were put back in place. */
  target?: string;
  inPlace: boolean;
  files: { count: number; bytes: number };
  /** Every restored file was compared with what the repository holds. */
  verified: boolean;
  databases: RestoredDatabase[];
  problems: Problem[];
  durationMs: number;
}

export interface RestoredDatabase {
  name: string;
  type: string;
  rows: number;
  durationMs: number;
  problem?: Problem;
}
