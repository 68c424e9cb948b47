import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { planLines } from "../render/plan.ts";

export const planCommand = command({
  name: "plan",
  summary: "what a backup would do, step by step",
  description: ["Reads only. It is the very plan that `holdfast backup` would carry out."],
  arguments: { apps: { kind: "many", value: "APP", description: "only these apps; none means all that are due" } },
  options: {},
  examples: [
    { line: "holdfast plan", does: "the plan of tonight's run" },
    { line: "holdfast plan immich --json", does: "one app's plan, as JSON" },
  ],
  async run({ arguments: { apps }, open }) {
    const { planAll } = await import("../../operations/plan/plan.ts");
    await using holdfast = await open(false);
    const plans = await planAll(holdfast, { apps });
    return { document: { plans }, lines: (look) => planLines(look, plans), exit: exits.success };
  },
});
