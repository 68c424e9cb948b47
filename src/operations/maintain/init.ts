import { runId, type DestinationName } from "../../domain/names.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf } from "../context/repositories.ts";
import { withOwnScratch } from "../context/scratch.ts";
import { selectMaintained } from "../context/select.ts";
import type { Caller } from "../run/listener.ts";

/**
 * Creates the repository of a destination where there is none, also when it was used before: that is what is asked for. One
 * that is there stays as it is. Throws HF_REPOSITORY_*, HF_DESTINATION_DISABLED.
 */
export async function initialise(holdfast: Holdfast, destination: DestinationName, caller: Caller): Promise<void> {
  selectMaintained(holdfast, [destination]);
  await using own = withOwnScratch(holdfast);
  const run = { runId: runId("init"), signal: caller.signal, clock: holdfast.clock, emit: () => undefined };
  await repositoriesOf(own.holdfast).ready(destination, run, { initialise: true, dryRun: false });
}
