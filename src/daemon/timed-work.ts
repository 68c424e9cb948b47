import { enqueueDue } from "../operations/schedule/due.ts";
import { enqueueMaintenance } from "../operations/schedule/maintenance.ts";
import { watchFreshness } from "../operations/freshness/watch.ts";
import { thinOldHistory } from "../operations/daemons/history.ts";
import type { DeclarationWatch } from "../operations/context/declaration-watch.ts";
import { deliver } from "../operations/notify/deliver.ts";
import type { DaemonLive } from "./live.ts";
import type { Log } from "./log.ts";

/** A thing that a daemon does again and again. */
export interface Timed {
  everyMs: number;
  /** The first time so long after the start; else at once. */
  afterMs?: number;
  work: () => Promise<void>;
}

/** Everything that a daemon does by the clock, apart from the queue itself. */
export function timedWork(
  daemon: DaemonLive,
  watch: DeclarationWatch,
  wake: () => void,
  stop: AbortSignal,
  log: Log,
): Record<string, Timed> {
  const now = (): Date => daemon.holdfast().clock.now();
  return {
    "the schedule": {
      everyMs: 15_000,
      async work() {
        const due = await enqueueDue(daemon.holdfast(), now());
        const upkeep = await enqueueMaintenance(daemon.holdfast(), now());
        if (due + upkeep > 0) wake();
      },
    },
    freshness: {
      everyMs: 60_000,
      async work() {
        await watchFreshness(daemon.holdfast(), now());
      },
    },
    notifications: {
      everyMs: 2000,
      async work() {
        for (const found of await deliver(daemon.holdfast(), { signal: stop })) {
          log.problem("notifications", found);
        }
      },
    },
    declarations: {
      everyMs: 10_000,
      async work() {
        await watch.ifChanged(daemon.holdfast(), async () => {
          await daemon.redeclare();
          for (const found of daemon.holdfast().declared.problems) log.problem("declarations", found);
          log.info("what is declared has changed, and was read anew");
        });
      },
    },
    history: {
      everyMs: 6 * 3_600_000,
      afterMs: 10 * 60_000,
      work: async () => await thinOldHistory(daemon.holdfast(), now()),
    },
  };
}
