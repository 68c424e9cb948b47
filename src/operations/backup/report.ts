import type { Problem } from "../../base/errors/error.ts";
import type { Outcome } from "../../domain/run-state.ts";
import type { StoreSummary } from "../../domain/repository.ts";
import type { SnapshotStatus, Verdict } from "../../domain/snapshot.ts";
import type { RetainReport } from "../retain/report.ts";

/** What became of one app in one backup. */
export interface AppReport {
  app: string;
  runId: string;
  outcome: Outcome;
  dryRun: boolean;
  /** Nothing had changed since the last good snapshot, and nothing was stored. */
  unchanged: boolean;
  /** The run belongs to another process; this report is of its end. */
  followed: boolean;
  durationMs: number;
  files: { count: number; bytes: number };
  dumps: DumpReport[];
  stores: StoreReport[];
  problems: Problem[];
}

export interface DumpReport {
  database: string;
  type: string;
  bytes: number;
  rows: number;
  durationMs: number;
  /** Where the dated copy went (BACKUP_DUMP_DIR), if anywhere. */
  exportedTo?: string;
  problem?: Problem;
}

export interface StoreReport {
  destination: string;
  status: SnapshotStatus;
  verdict?: Verdict;
  /** restic's snapshot id; for an unchanged app the one that is current. */
  snapshotId?: string;
  summary?: StoreSummary;
  durationMs: number;
  problem?: Problem;
}

/** What `holdfast backup` did. */
export interface BackupReport {
  outcome: Outcome;
  apps: AppReport[];
  /** Per destination, when retention followed. */
  retained: RetainReport[];
  /** Problems of the declarations and of the night as a whole. */
  problems: Problem[];
  durationMs: number;
}
