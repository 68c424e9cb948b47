import type { Clock } from "../../base/clock.ts";
import type { RunEvent } from "../../domain/events.ts";
import type { RunId } from "../../domain/names.ts";
import type { Database } from "../../state/open.ts";
import { appendEvents, type HappenedEvent } from "../../state/queries/events.ts";

/** Progress is kept at most this often; transitions always. */
const progressMs = 1000;
/** Events wait this long for others, because every write waits for the disk. Followers look twice a second. */
const togetherMs = 250;

export interface EventLog {
  add(event: RunEvent): void;
  /** Resolves when everything is kept; gives what kept an event from being written, if anything did. */
  end(): Promise<unknown>;
}

/** Keeps a run's events in the state, in order, so that other processes can follow it. */
export function recordEvents(state: Database, run: RunId, clock: Clock): EventLog {
  let waiting: HappenedEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let written: Promise<void> = Promise.resolve();
  let failed: unknown;
  let lastProgress = Number.NEGATIVE_INFINITY;
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const together = waiting;
    waiting = [];
    written = written
      .then(() => appendEvents(state, run, together))
      .catch((error: unknown) => {
        failed ??= error;
      });
  };
  return {
    add(event) {
      // The end of a run is told by whoever closes it, in the same transaction.
      if (event.type === "log" || event.type === "finished") return;
      if (event.type === "step-progress") {
        if (performance.now() - lastProgress < progressMs) return;
        lastProgress = performance.now();
      }
      waiting.push({ event, at: clock.now().toISOString() });
      timer ??= setTimeout(write, togetherMs);
    },
    async end() {
      write();
      await written;
      return failed;
    },
  };
}
