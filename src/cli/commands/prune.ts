import { command } from "../command.ts";
import { upkeepLines } from "../render/upkeep.ts";
import { destinationAnswer } from "../upkeep.ts";

export const pruneCommand = command({
  name: "prune",
  summary: "free the space of forgotten snapshots",
  description: [
    "This may take hours on a slow destination, and nothing can be stored there meanwhile. Once a week is plenty.",
  ],
  arguments: { destinations: { kind: "many", value: "DESTINATION", description: "only there; none means everywhere" } },
  options: {},
  examples: [
    { line: "holdfast prune", does: "every destination" },
    { line: "holdfast prune nas", does: "one destination" },
  ],
  async run({ arguments: { destinations }, open, watch }) {
    const { prune } = await import("../../operations/maintain/prune.ts");
    await using holdfast = await open(true);
    return destinationAnswer(await prune(holdfast, { destinations }, watch("Pruning", destinations)), upkeepLines);
  },
});
