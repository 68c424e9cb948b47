import type { Clock } from "../../base/clock.ts";
import type { RunEvent } from "../../domain/events.ts";
import type { RunId } from "../../domain/names.ts";
import type { Database } from "../../state/open.ts";
import { appendEvent } from "../../state/queries/events.ts";

/** Progress is kept at most this often; transitions always. */
const progressMs = 1000;

export interface EventLog {
  add(event: RunEvent): void;
  /** Resolves when everything is kept; throws what kept one from being written. */
  end(): Promise<void>;
}

/** Keeps a run's events in the state, in order, so that other processes can follow it. */
export function recordEvents(state: Database, run: RunId, clock: Clock): EventLog {
  let chain: Promise<void> = Promise.resolve();
  let failed: unknown;
  let lastProgress = Number.NEGATIVE_INFINITY;
  return {
    add(event) {
      if (event.type === "log") return;
      if (event.type === "step-progress") {
        if (performance.now() - lastProgress < progressMs) return;
        lastProgress = performance.now();
      }
      const at = clock.now().toISOString();
      chain = chain
        .then(() => appendEvent(state, run, event, at))
        .catch((error: unknown) => {
          failed ??= error;
        });
    },
    async end() {
      await chain;
      if (failed !== undefined) throw failed;
    },
  };
}
