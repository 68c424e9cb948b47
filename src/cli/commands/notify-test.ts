import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { notifyTestLines } from "../render/notify.ts";
import { problemLines } from "../render/problems.ts";

export const notifyTestCommand = command({
  name: "notify test",
  summary: "send a test notification",
  description: [
    "Sends one test at once to each notifier, whatever it is usually told, and says what became of it. Exit 1 when one failed.",
  ],
  arguments: { notifiers: { kind: "many", value: "NAME", description: "only these; none means all that are enabled" } },
  options: {},
  examples: [
    { line: "holdfast notify test", does: "try every notifier" },
    { line: "holdfast notify test phone", does: "only this one" },
  ],
  async run({ arguments: { notifiers }, open, signal }) {
    const { testNotifiers } = await import("../../operations/notify/test.ts");
    await using holdfast = await open(false);
    const tested = await testNotifiers(holdfast, notifiers, signal);
    const problems = tested.flatMap(({ notifier, problem }) =>
      problem === undefined ? [] : [{ about: notifier, problem }],
    );
    return {
      document: { notifiers: tested },
      lines: (look) => notifyTestLines(look, tested),
      problems: (look) => problemLines(look, problems),
      exit: problems.length > 0 ? exits.failed : exits.success,
    };
  },
});
