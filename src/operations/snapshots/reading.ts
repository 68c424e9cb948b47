import { failure } from "../../base/errors/error.ts";
import { runId } from "../../domain/names.ts";
import type { Repository } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf } from "../context/repositories.ts";
import { withOwnScratch } from "../context/scratch.ts";
import type { Stored } from "./record.ts";

/** Somebody waits at a screen: longer than this a prune or a check is not waited for. */
const patienceMs = 10_000;

/**
 * Lets `work` read from a snapshot's repository, which nobody prunes meanwhile. Throws HF_REPOSITORY_LOCKED when it is in
 * use for longer than a person waits, HF_REPOSITORY_*, HF_UNKNOWN_NAME for a destination that is no longer declared.
 */
export async function reading<T>(
  holdfast: Holdfast,
  { destination }: Pick<Stored, "destination">,
  signal: AbortSignal,
  work: (repository: Repository, run: RunContext) => Promise<T>,
): Promise<T> {
  await using own = withOwnScratch(holdfast);
  const repository = await repositoriesOf(own.holdfast).open(destination);
  await using _turn = await turnAt(holdfast, destination, signal);
  return await work(repository, { runId: runId("browse"), signal, clock: holdfast.clock, emit: () => undefined });
}

async function turnAt(holdfast: Holdfast, destination: Stored["destination"], signal: AbortSignal) {
  let holder = "another run";
  const enough = AbortSignal.timeout(patienceMs);
  try {
    return await takeTurn(holdfast.state, {
      destination,
      mode: "shared",
      owner: holdfast.owner,
      what: "the browsing of a snapshot",
      signal: AbortSignal.any([signal, enough]),
      onWait: (who) => {
        holder = who;
      },
    });
  } catch (error) {
    if (!enough.aborted || signal.aborted) throw error;
    throw failure("HF_REPOSITORY_LOCKED", { destination, holder }, { cause: error });
  }
}
