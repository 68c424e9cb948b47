import { toProblem } from "../../base/errors/error.ts";
import { runId } from "../../domain/names.ts";
import { knownDestination, noteDestination } from "../../state/queries/destinations.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { repositoriesOf } from "../context/repositories.ts";
import { selectDestinations } from "../context/select.ts";
import type { Caller } from "../run/listener.ts";
import type { StatsReport } from "./report.ts";

/** How much each destination holds, asked of the repository itself. */
export async function stats(
  holdfast: Holdfast,
  request: { destinations: string[] },
  caller: Caller,
): Promise<StatsReport[]> {
  const repositories = repositoriesOf(holdfast);
  const run = { runId: runId("stats"), signal: caller.signal, clock: holdfast.clock, emit: () => undefined };
  return await Promise.all(
    selectDestinations(holdfast, request.destinations).map(async ({ name }): Promise<StatsReport> => {
      try {
        const found = await (await repositories.open(name)).stats(run);
        if ((await knownDestination(holdfast.state, name)) !== undefined) {
          await noteDestination(holdfast.state, name, { size_bytes: found.sizeBytes });
        }
        return { destination: name, ...found, problems: [] };
      } catch (error) {
        return { destination: name, problems: [toProblem(error)] };
      }
    }),
  );
}
