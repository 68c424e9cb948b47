import type { Clock } from "../base/clock.ts";
import type { RunEvent } from "./events.ts";
import type { RunId } from "./names.ts";

/** What every step of a run is handed. */
export interface RunContext {
  runId: RunId;
  /** Aborts when the run is cancelled. */
  signal: AbortSignal;
  clock: Clock;
  emit(event: RunEvent): void;
}

export type RunKind = "backup" | "restore" | "retain" | "prune" | "check";

export type RunState = "queued" | "running" | "success" | "warning" | "failed" | "cancelled";

/** The states in which a run ends. */
export type Outcome = Exclude<RunState, "queued" | "running">;

/** Who asked: only a scheduled run may find that nothing has changed and store nothing. */
export type RequestedBy = "person" | "schedule";
