import { toProblem } from "../../base/errors/error.ts";
import { runId } from "../../domain/names.ts";
import type { RepositoryLock } from "../../domain/repository.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf } from "../context/repositories.ts";
import { selectDestinations } from "../context/select.ts";
import type { Caller } from "../run/listener.ts";
import { settle } from "../settle/settle.ts";
import type { UnlockReport } from "./report.ts";

/** Removes stale locks with plain `restic unlock`, and tells whose locks remain. */
export async function unlock(
  holdfast: Holdfast,
  request: { destinations: string[] },
  caller: Caller,
): Promise<UnlockReport[]> {
  const destinations = selectDestinations(holdfast, request.destinations);
  await settle(holdfast, caller.signal);
  const repositories = repositoriesOf(holdfast);
  const run = { runId: runId("unlock"), signal: caller.signal, clock: holdfast.clock, emit: () => undefined };
  return await Promise.all(
    destinations.map(async ({ name }): Promise<UnlockReport> => {
      try {
        const { locking } = await repositories.open(name, "maintenance");
        if (locking === undefined) return { destination: name, removed: [], remaining: [], problems: [] };
        const before = await locking.locks(run);
        if (before.length > 0) await locking.unlock(run);
        const remaining = before.length > 0 ? await locking.locks(run) : [];
        const removed = before.filter((lock) => !remaining.some((other) => isSame(lock, other)));
        return { destination: name, removed, remaining, problems: [] };
      } catch (error) {
        return { destination: name, removed: [], remaining: [], problems: [toProblem(error)] };
      }
    }),
  );
}

function isSame(left: RepositoryLock, right: RepositoryLock): boolean {
  return left.host === right.host && left.pid === right.pid && left.createdAt === right.createdAt;
}
