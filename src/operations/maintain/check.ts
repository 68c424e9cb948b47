import { destinationName } from "../../domain/names.ts";
import type { CheckScope } from "../../domain/repository.ts";
import { lastCheck, recordCheck } from "../../state/queries/destinations.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Caller } from "../run/listener.ts";
import type { UpkeepReport } from "./report.ts";
import { pastStaleLocks } from "./stale-locks.ts";
import { upkeep, type UpkeepWork } from "./upkeep.ts";

/** All data is read once in so many checks of a part: once a month when they run daily. */
export const rotatingParts = 30;

export interface CheckRequest {
  destinations: string[];
  /** Structure only, the next part of the data, or all of it. */
  data: "none" | "part" | "all";
}

/** Checks repositories: their structure, and as much of their data as is asked. Damage makes the run fail, by name. */
export async function check(holdfast: Holdfast, request: CheckRequest, caller: Caller): Promise<UpkeepReport[]> {
  return await upkeep(holdfast, "check", request.destinations, caller, checkWork(holdfast, request.data));
}

/** What a check of one destination does. */
export function checkWork(holdfast: Holdfast, data: CheckRequest["data"]): UpkeepWork {
  return async (repository, declaration, run, step) => {
    const { name } = declaration;
    const scope = await scopeOf(holdfast, name, data);
    const report = await pastStaleLocks(repository, run, async () => await repository.check(scope, run));
    for (const found of report.problems) run.note(step, found);
    await recordCheck(holdfast.state, {
      destination: name,
      at: run.clock.now().toISOString(),
      scope,
      outcome: report.problems.length === 0 ? "success" : "failed",
      problems: report.problems,
      durationMs: report.durationMs,
    });
    return [describe(scope)];
  };
}

async function scopeOf(holdfast: Holdfast, name: string, data: CheckRequest["data"]): Promise<CheckScope> {
  if (data === "none") return "structure";
  if (data === "all") return "all";
  const last = (await lastCheck(holdfast.state, destinationName(name), true))?.scope;
  const part = typeof last === "object" && last.of === rotatingParts ? (last.part % rotatingParts) + 1 : 1;
  return { part, of: rotatingParts };
}

function describe(scope: CheckScope): string {
  if (scope === "structure") return "The structure was checked; no data was read.";
  if (scope === "all") return "The structure was checked and all data was read.";
  return `The structure was checked and part ${scope.part} of ${scope.of} of the data was read.`;
}
