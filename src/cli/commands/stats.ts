import { command } from "../command.ts";
import { statsLines } from "../render/upkeep.ts";
import { destinationAnswer } from "../upkeep.ts";

export const statsCommand = command({
  name: "stats",
  summary: "how much is stored in each destination",
  arguments: { destinations: { kind: "many", value: "DESTINATION", description: "only these; none means all" } },
  options: {},
  examples: [{ line: "holdfast stats", does: "snapshots, stored size, and how well it deduplicates" }],
  async run({ arguments: { destinations }, open, watch }) {
    const { stats } = await import("../../operations/maintain/stats.ts");
    await using holdfast = await open(true);
    return destinationAnswer(await stats(holdfast, { destinations }, watch("Measuring", destinations)), statsLines);
  },
});
