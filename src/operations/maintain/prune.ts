import { problem } from "../../base/errors/error.ts";
import { formatBytes } from "../../domain/atoms/bytes.ts";
import { noteDestination } from "../../state/queries/destinations.ts";
import { mayForget } from "../../domain/destination.ts";
import type { Holdfast } from "../context/holdfast.ts";
import type { Caller } from "../run/listener.ts";
import type { UpkeepReport } from "./report.ts";
import { pastStaleLocks } from "./stale-locks.ts";
import { upkeep, type UpkeepWork } from "./upkeep.ts";

/** Frees what no snapshot needs any more. Never a part of a backup; an append-only destination is left alone. */
export async function prune(
  holdfast: Holdfast,
  request: { destinations: string[] },
  caller: Caller,
): Promise<UpkeepReport[]> {
  return await upkeep(holdfast, "prune", request.destinations, caller, pruneWork(holdfast));
}

/** What a prune of one destination does. */
export function pruneWork(holdfast: Holdfast): UpkeepWork {
  return async (repository, declaration, run, step) => {
    const { name } = declaration;
    if (!mayForget(declaration) || repository.pruning === undefined) {
      run.note(step, problem("HF_APPEND_ONLY", { destination: name }));
      return [];
    }
    const { pruning } = repository;
    const { text } = await pastStaleLocks(repository, run, async () => await pruning.prune(run));
    const { sizeBytes } = await repository.stats(run);
    await noteDestination(holdfast.state, name, {
      last_pruned_at: run.clock.now().toISOString(),
      size_bytes: sizeBytes,
    });
    const told = text.split("\n").filter((line) => /^(to delete|total prune|remaining):/i.test(line.trim()));
    return [
      ...told.map((line) => line.trim().replaceAll(/ {2,}/g, " ")),
      `${name} now holds ${formatBytes(sizeBytes)}.`,
    ];
  };
}
