import { resolve } from "node:path";
import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { exitOf } from "../exit.ts";
import { usage } from "../usage.ts";
import { problemLines } from "../render/problems.ts";
import { kitLines, recoverLines } from "../render/recover.ts";

export const recoverCommand = command({
  name: "recover",
  summary: "after a disaster: start again from the repositories",
  description: [
    "Rebuilds what Holdfast knows. The recovery kit holds what the repositories cannot: where they are, their passwords and the master key. Write it with --kit and keep it away from this machine; anyone who has it can read your backups.",
    "On an empty machine --from-kit first brings back Holdfast's own configuration and state, if a daemon has backed them up: what is there already is never overwritten.",
  ],
  arguments: { destinations: { kind: "many", value: "DESTINATION", description: "only these; none means all" } },
  options: {
    kit: { kind: "value", value: "FILE", description: "write the recovery kit" },
    fromKit: { kind: "value", value: "FILE", description: "take destinations and passwords from this kit" },
  },
  examples: [
    { line: "holdfast recover --kit /media/usb/holdfast-kit.txt", does: "today: save the kit" },
    { line: "holdfast recover --from-kit /media/usb/holdfast-kit.txt", does: "on a new machine: take it from there" },
    { line: "holdfast recover", does: "the state is lost, the configuration is still here" },
  ],
  async run({ arguments: { destinations }, options, cwd, open, watch }) {
    if (options.kit !== undefined && options.fromKit !== undefined)
      throw usage("--kit and --from-kit exclude each other.", "recover");
    await using holdfast = await open(true);
    if (options.kit !== undefined) {
      const { writeKit } = await import("../../operations/recover/kit.ts");
      const written = await writeKit(holdfast, resolve(cwd, options.kit));
      return { document: { kit: written }, lines: (look) => kitLines(look, written), exit: exits.success };
    }
    const { recover } = await import("../../operations/recover/recover.ts");
    const kit = options.fromKit === undefined ? {} : { kit: resolve(cwd, options.fromKit) };
    const report = await recover(holdfast, { destinations, ...kit }, watch("Recovering", destinations));
    const problems = [
      ...report.destinations.flatMap(({ destination, problems }) =>
        problems.map((problem) => ({ about: destination, problem })),
      ),
      ...report.problems.map((problem) => ({ problem })),
    ];
    return {
      document: report,
      lines: (look) => recoverLines(look, report),
      problems: (look) => problemLines(look, problems),
      exit: exitOf(
        report.outcome,
        problems.map(({ problem }) => problem),
      ),
    };
  },
});
