import type { Problem } from "../../base/errors/error.ts";
import type { RepositoryLock, RepositoryStats } from "../../domain/repository.ts";
import type { Outcome } from "../../domain/run-state.ts";

/** What a prune or a check of one destination came to. */
export interface UpkeepReport {
  destination: string;
  outcome: Outcome;
  /** Sentences for people. */
  detail: string[];
  problems: Problem[];
  durationMs: number;
}

export interface UnlockReport {
  destination: string;
  removed: RepositoryLock[];
  /** Locks whose owner lives, or may live on another machine: they are someone's (law 4). */
  remaining: RepositoryLock[];
  problems: Problem[];
}

/** The figures are absent when the repository could not be asked. */
export interface StatsReport extends Partial<RepositoryStats> {
  destination: string;
  problems: Problem[];
}
