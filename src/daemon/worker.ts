import type { RunId } from "../domain/names.ts";
import type { Holdfast } from "../operations/context/holdfast.ts";
import { repositoriesOf } from "../operations/context/repositories.ts";
import { withOwnScratch } from "../operations/context/scratch.ts";
import { carryOutQueued } from "../operations/queue/carry-out.ts";
import { claimNext, shareOf } from "../operations/queue/claim.ts";
import { endOfRun } from "../operations/queue/told.ts";
import { retryFailed } from "../operations/queue/retry.ts";
import type { Caller } from "../operations/run/listener.ts";
import type { Log } from "./log.ts";
import type { SharedRepositories } from "./shared-repositories.ts";

export interface Worker {
  /**
   * Begins whatever may begin now. When it is woken, because something has ended or is new, it leaves the other daemons
   * their share; what nobody wanted it takes at its next time.
   */
  look: (woken: boolean) => Promise<void>;
  running(): number;
  /** Resolves when nothing runs any more; nothing new is begun from now on. */
  drain(): Promise<void>;
}

export interface WorkerParts {
  holdfast: () => Holdfast;
  caller: Caller;
  shared: SharedRepositories;
  log: Log;
  /** Called when a run has ended: there may be room for another. */
  ended: () => void;
}

/** Carries out what is in the queue. */
export function worker({ holdfast, caller, shared, log, ended }: WorkerParts): Worker {
  const running = new Map<RunId, Promise<void>>();
  let draining = false;

  const carryOut = async (id: RunId, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      const end = await endOfRun(holdfast(), id);
      if (end !== undefined) log.info(end);
      await retryFailed(holdfast());
    } catch (error) {
      log.failed(`run ${id}`, error);
    } finally {
      running.delete(id);
      ended();
    }
  };

  return {
    async look(woken) {
      if (draining) return;
      const current = holdfast();
      const most = woken ? Math.max(0, (await shareOf(current)) - running.size) : Number.POSITIVE_INFINITY;
      for (const run of await claimNext(current, caller, most)) {
        running.set(
          run.id,
          carryOut(run.id, async () => {
            using _held = current.cancelling.hold(run);
            await using own = withOwnScratch(current);
            if (run.kind === "backup") {
              await shared.use(current, async (repositories) => {
                await carryOutQueued(own.holdfast, repositories, run, caller);
              });
              return;
            }
            // What forgets looks for itself, and what was listed before names what is gone.
            await carryOutQueued(own.holdfast, repositoriesOf(own.holdfast), run, caller);
            shared.renew();
          }),
        );
      }
    },
    running: () => running.size,
    async drain() {
      draining = true;
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
