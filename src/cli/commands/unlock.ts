import { command } from "../command.ts";
import { unlockLines } from "../render/upkeep.ts";
import { destinationAnswer } from "../upkeep.ts";

export const unlockCommand = command({
  name: "unlock",
  summary: "remove locks that a dead process left in a repository",
  description: ["Only stale locks are removed. One whose owner lives stays, and is shown with its owner."],
  arguments: { destinations: { kind: "many", value: "DESTINATION", description: "only there; none means everywhere" } },
  options: {},
  examples: [{ line: "holdfast unlock nas", does: "after a power cut: remove what the dead run left" }],
  async run({ arguments: { destinations }, open, watch }) {
    const { unlock } = await import("../../operations/maintain/unlock.ts");
    await using holdfast = await open(true);
    return destinationAnswer(await unlock(holdfast, { destinations }, watch("Unlocking", destinations)), unlockLines);
  },
});
