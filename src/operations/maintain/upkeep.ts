import { failure } from "../../base/errors/error.ts";
import type { DestinationDeclaration } from "../../domain/destination.ts";
import type { StepRef } from "../../domain/events.ts";
import type { DestinationName } from "../../domain/names.ts";
import type { Repository } from "../../domain/repository.ts";
import type { RunRecord } from "../../state/queries/runs.ts";
import { takeTurn } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf, type Repositories } from "../context/repositories.ts";
import { needSame } from "../context/same-repository.ts";
import { selectMaintained } from "../context/select.ts";
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
  const destinations = selectMaintained(holdfast, names);
  await settle(holdfast, caller.signal);
  const repositories = repositoriesOf(holdfast);
  return await Promise.all(
    destinations.map(async ({ name: destination }): Promise<UpkeepReport> => {
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
      return await upkeepClaimed(holdfast, repositories, claimed.run, { kind, destination }, caller, work);
    }),
  );
}

/** Carries out upkeep on one destination, in a run that has been claimed. Never throws: the report tells. */
export async function upkeepClaimed(
  holdfast: Holdfast,
  repositories: Repositories,
  claimed: RunRecord,
  { kind, destination }: { kind: "prune" | "check"; destination: DestinationName },
  caller: Caller,
  work: UpkeepWork,
): Promise<UpkeepReport> {
  const step: StepRef = { phase: kind, subject: destination };
  const end = await carryOut(
    holdfast,
    claimed,
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
        const repository = await repositories.open(destination, "maintenance");
        const facts = await needSame(holdfast.state, destination, repository, run);
        if (facts === undefined) return [`${destination} is new: its first backup creates it.`];
        return await work(repository, repositories.declaration(destination), run, step);
      }),
  );
  return {
    destination,
    outcome: end.outcome,
    detail: end.result ?? [],
    problems: end.problems,
    durationMs: end.durationMs,
  };
}
