import { failure } from "../../base/errors/error.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import type { StepRef } from "../../domain/events.ts";
import type { Repository } from "../../domain/repository.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf } from "../context/repositories.ts";
import { needSame } from "../context/same-repository.ts";
import { selectDestinations } from "../context/select.ts";
import { carryOut, claim, type RunWork } from "../run/lifecycle.ts";
import type { Caller } from "../run/listener.ts";
import { settle } from "../settle/settle.ts";
import type { UpkeepReport } from "./report.ts";

export type UpkeepWork = (
  repository: Repository,
  declaration: DestinationDeclaration,
  run: RunWork,
  step: StepRef,
) => Promise<string[]>;

/** Carries out upkeep on destinations, each as a run of its own that owns the repository meanwhile. */
export async function upkeep(
  holdfast: Holdfast,
  kind: "prune" | "check",
  names: string[],
  caller: Caller,
  work: UpkeepWork,
): Promise<UpkeepReport[]> {
  const destinations = selectDestinations(holdfast, names);
  await settle(holdfast, caller.signal);
  const repositories = repositoriesOf(holdfast);
  return await Promise.all(
    destinations.map(async (declaration): Promise<UpkeepReport> => {
      const destination = declaration.name;
      const claimed = await claim(
        holdfast,
        {
          kind,
          subject: destination,
          destination,
          requestedBy: "person",
          dryRun: false,
        },
        caller.signal,
      );
      if (!("run" in claimed)) throw failure("HF_INTERNAL", { detail: "a run without an app cannot be busy" });
      const step: StepRef = { phase: kind, subject: destination };
      const end = await carryOut(
        holdfast,
        claimed.run,
        destination,
        caller,
        async (run) =>
          await run.step(step, async () => {
            await using _turn = await takeTurn(holdfast.state, {
              destination,
              mode: "exclusive",
              owner: holdfast.owner,
              what: kind === "prune" ? "a prune" : "a check",
              signal: run.signal,
              onWait: (holder) => run.emit({ type: "waiting", step, reason: `${holder} has the repository` }),
            });
            const repository = await repositories.open(destination);
            const facts = await needSame(holdfast.state, destination, repository, run);
            if (facts === undefined) return [`${destination} is new: its first backup creates it.`];
            return await work(repository, declaration, run, step);
          }),
      );
      return {
        destination,
        outcome: end.outcome,
        detail: end.result ?? [],
        problems: end.problems,
        durationMs: end.durationMs,
      };
    }),
  );
}
