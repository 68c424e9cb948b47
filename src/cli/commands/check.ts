import { command } from "../command.ts";
import { usage } from "../usage.ts";
import { upkeepLines } from "../render/upkeep.ts";
import { destinationAnswer } from "../upkeep.ts";

export const checkCommand = command({
  name: "check",
  summary: "look for damage in the repositories",
  description: [
    "Without --data only the structure is checked. With it a part of the stored data is read too, another one each time, so that all of it is read in turn.",
  ],
  arguments: { destinations: { kind: "many", value: "DESTINATION", description: "only there; none means everywhere" } },
  options: {
    data: { kind: "flag", description: "also read the part of the data whose turn it is" },
    allData: { kind: "flag", description: "read all data (downloads everything that is stored)" },
  },
  examples: [
    { line: "holdfast check", does: "the structure of every repository" },
    { line: "holdfast check b2 --data", does: "and the next part of the data in one of them" },
  ],
  async run({ arguments: { destinations }, options, open, watch }) {
    if (options.data && options.allData) throw usage("--data and --all-data exclude each other.", "check");
    const { check } = await import("../../operations/maintain/check.ts");
    await using holdfast = await open(true);
    const data = options.allData ? "all" : options.data ? "part" : "none";
    return destinationAnswer(
      await check(holdfast, { destinations, data }, watch("Checking", destinations)),
      upkeepLines,
    );
  },
});
