import { command } from "../command.ts";
import { retainLines } from "../render/retain.ts";
import { destinationAnswer } from "../upkeep.ts";

export const retainCommand = command({
  name: "retain",
  summary: "forget old snapshots, by each app's policy",
  description: [
    "Pinned snapshots and the newest good one of each app are never forgotten, and nothing of an app after a bad run. `holdfast prune` frees the space.",
  ],
  arguments: { destinations: { kind: "many", value: "DESTINATION", description: "only there; none means everywhere" } },
  options: {
    dryRun: { kind: "flag", description: "show every snapshot, whether it stays, and why" },
    app: { kind: "values", value: "APP", description: "only this app; may be repeated" },
  },
  examples: [
    { line: "holdfast retain --dry-run", does: "the table of reasons, nothing forgotten" },
    { line: "holdfast retain nas --app immich", does: "one app in one destination" },
  ],
  async run({ arguments: { destinations }, options, open, watch }) {
    const { retain } = await import("../../operations/retain/retain.ts");
    await using holdfast = await open(!options.dryRun);
    const request = { destinations, apps: options.app, dryRun: options.dryRun };
    const reports = await retain(holdfast, request, watch("Thinning", destinations));
    return destinationAnswer(reports, retainLines);
  },
});
