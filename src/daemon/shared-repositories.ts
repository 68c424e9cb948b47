import type { Holdfast } from "../operations/context/holdfast.ts";
import { repositoriesOf, type Repositories } from "../operations/context/repositories.ts";
import { withOwnScratch } from "../operations/context/scratch.ts";
import type { Log } from "./log.ts";

/** Whoever lists a repository once a night must list it anew some time. */
const longestMs = 10 * 60_000;

interface Generation {
  holdfast: Holdfast;
  repositories: Repositories;
  users: number;
  /** Ends it when it is old. */
  aged: NodeJS.Timeout;
  end: () => Promise<void>;
}

/**
 * The opened and listed repositories that runs share: a night of a thousand apps opens and lists each destination once
 * and not a thousand times. They are made anew after ten minutes, after declarations changed, and after upkeep.
 */
export interface SharedRepositories {
  use<T>(holdfast: Holdfast, work: (repositories: Repositories) => Promise<T>): Promise<T>;
  /** What was listed holds no longer: the next run looks anew. */
  renew(): void;
  end(): Promise<void>;
}

export function sharedRepositories(log: Log): SharedRepositories {
  let current: Generation | undefined;
  const leave = async (generation: Generation): Promise<void> => {
    generation.users -= 1;
    if (generation.users > 0 || generation === current) return;
    try {
      await generation.end();
    } catch (error) {
      log.failed("removing passing files", error);
    }
  };
  const retire = async (): Promise<void> => {
    const old = current;
    current = undefined;
    if (old === undefined) return;
    clearTimeout(old.aged);
    // So that `leave` sees it as the last to go.
    old.users += 1;
    await leave(old);
  };
  return {
    async use(holdfast, work) {
      if (current !== undefined && current.holdfast !== holdfast) await retire();
      if (current === undefined) {
        const own = withOwnScratch(holdfast);
        // By the clock and not at the next use: with nothing to do for weeks, its passing files would lie there so long.
        const aged = setTimeout(() => void retire(), longestMs).unref();
        current = {
          holdfast,
          repositories: repositoriesOf(own.holdfast),
          users: 0,
          aged,
          end: async () => await own[Symbol.asyncDispose](),
        };
      }
      const generation = current;
      generation.users += 1;
      try {
        return await work(generation.repositories);
      } finally {
        await leave(generation);
      }
    },
    renew() {
      void retire();
    },
    end: retire,
  };
}
