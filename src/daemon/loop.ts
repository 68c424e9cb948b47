import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "./log.ts";

/** A thing that is done again and again. */
export interface Loop {
  /** Does it soon, without waiting for its time. */
  wake(): void;
  /** Ends after what it is doing now. */
  stop(): Promise<void>;
}

/**
 * Does `work` after `afterMs`, else at once, and then every `everyMs`, one at a time; `woken` says that it is before its time. What it throws is logged, and tried again at its next time:
 * a state that cannot be reached for a moment ends no daemon.
 */
export function loop(
  name: string,
  { everyMs, afterMs = 0 }: { everyMs: number; afterMs?: number },
  work: (woken: boolean) => Promise<void>,
  log: Log,
): Loop {
  let waking = new AbortController();
  let stopping = false;
  let lastFailure = "";
  const once = async (woken: boolean): Promise<void> => {
    try {
      await work(woken);
      lastFailure = "";
    } catch (error) {
      // The same trouble every second is told once.
      const now = String(error);
      if (now !== lastFailure) log.failed(name, error);
      lastFailure = now;
    }
  };
  const running = (async () => {
    let woken = false;
    if (afterMs > 0) await pause(afterMs, waking.signal);
    while (!stopping) {
      waking = new AbortController();
      const { signal } = waking;
      await once(woken);
      await pause(everyMs, signal);
      woken = signal.aborted;
    }
  })();
  return {
    wake: () => waking.abort(),
    async stop() {
      stopping = true;
      waking.abort();
      await running;
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal, ref: true });
  } catch (error) {
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
  }
}
