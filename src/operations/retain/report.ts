import type { Problem } from "../../base/errors/error.ts";
import type { Outcome } from "../../domain/run-state.ts";
import type { Verdict } from "../../domain/snapshot.ts";

/** Why one snapshot stays or goes. */
export interface RetainedSnapshot {
  app: string;
  id: string;
  time: string;
  verdict: Verdict;
  keep: boolean;
  reasons: string[];
}

/** What retention decided, and did, in one destination. */
export interface RetainReport {
  destination: string;
  outcome: Outcome;
  dryRun: boolean;
  snapshots: RetainedSnapshot[];
  forgotten: number;
  problems: Problem[];
}
