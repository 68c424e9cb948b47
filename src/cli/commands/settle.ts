import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { problemLines } from "../render/problems.ts";
import { settleLines } from "../render/settle.ts";

export const settleCommand = command({
  name: "settle",
  summary: "put right what an interrupted run left behind",
  description: ["Every command that acts does this first; this one does nothing else."],
  arguments: {},
  options: {
    allNodes: {
      kind: "flag",
      description: "also what was begun under another host name, such as a container's that is gone",
    },
  },
  examples: [{ line: "holdfast settle", does: "after a power cut: finish what was begun, without a new backup" }],
  async run({ options, open, watch }) {
    const { settle } = await import("../../operations/settle/settle.ts");
    await using holdfast = await open(true);
    const report = await settle(holdfast, watch("Settling").signal, { allNodes: options.allNodes });
    return {
      document: report,
      lines: (look) => settleLines(look, report),
      problems: (look) =>
        problemLines(
          look,
          report.problems.map((problem) => ({ problem })),
        ),
      exit: report.problems.length > 0 ? exits.failed : exits.success,
    };
  },
});
