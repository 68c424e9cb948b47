import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isFailure } from "../../base/errors/error.ts";
import { isAlive, isZombie } from "../../base/process/owner.ts";
import type { Repository } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";

const reapingMs = 10_000;

/**
 * Carries out what needs a repository for itself. Where that meets a lock whose owner was a process of this machine and
 * is dead, the lock is removed with plain `restic unlock`, and it is tried once more (law 4). Anyone else's lock stays.
 */
export async function pastStaleLocks<T>(repository: Repository, run: RunContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFailure(error, "HF_REPOSITORY_LOCKED") || !(await removeStaleLocks(repository, run))) throw error;
    return await work();
  }
}

/** Whether there were locks of this machine's dead processes, and of nobody else; they are gone then. */
export async function removeStaleLocks(repository: Repository, run: RunContext): Promise<boolean> {
  const locks = (await repository.locking?.locks(run)) ?? [];
  const stale = locks.filter((lock) => lock.host === hostname() && !isAlive(lock.pid));
  if (repository.locking === undefined || stale.length === 0) return false;
  // To restic a zombie lives. Whoever reaps orphans, such as the first process of a container, may take seconds.
  const deadline = performance.now() + reapingMs;
  while (stale.some((lock) => isZombie(lock.pid)) && performance.now() < deadline) {
    await sleep(50, undefined, { signal: run.signal });
  }
  await repository.locking.unlock(run);
  return stale.length === locks.length;
}
