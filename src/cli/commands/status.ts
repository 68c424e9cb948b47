import { command } from "../command.ts";
import { exits } from "../../base/errors/entry.ts";
import { statusLines } from "../render/status.ts";

export const statusCommand = command({
  name: "status",
  summary: "am I safe? the last good backup of every app",
  description: [
    "Reads only what Holdfast remembers: it starts nothing and reaches no destination, so it answers at once.",
  ],
  arguments: {},
  options: { all: { kind: "flag", description: "every app, also where there are many and all is well" } },
  examples: [
    { line: "holdfast status", does: "apps, destinations, and what to do next" },
    {
      line: "holdfast status --json | jq '.apps[] | select(.late) | .app'",
      does: "the apps that are late, for a monitor",
    },
  ],
  async run({ options, open, now }) {
    const { status } = await import("../../operations/status/status.ts");
    await using holdfast = await open(false);
    const report = await status(holdfast);
    return { document: report, lines: (look) => statusLines(look, report, now, options.all), exit: exits.success };
  },
});
