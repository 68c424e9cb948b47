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
