import type { RunEvent } from "../../domain/events.ts";

/** Hears every event of every run that an operation starts; `subject` is the app, or the destination of upkeep. */
export type Listener = (subject: string, event: RunEvent) => void;

/** What every operation that acts is handed besides its request. */
export interface Caller {
  signal: AbortSignal;
  listen: Listener;
}
