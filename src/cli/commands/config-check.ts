import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { configLines } from "../render/config.ts";
import { problemLines } from "../render/problems.ts";

export const configCheckCommand = command({
  name: "config check",
  summary: "find mistakes in what is declared",
  description: [
    "Reads holdfast.yaml and the environment, and names file, line and column of what is wrong. Nothing is reached and nothing is changed.",
  ],
  arguments: {},
  options: {},
  examples: [
    { line: "holdfast config check", does: "the configuration that would be used" },
    { line: "holdfast config check --config ./new.yaml", does: "a file that is not in use yet" },
  ],
  async run({ open }) {
    await using holdfast = await open(false);
    const { apps, policies, destinations, problems } = holdfast.declared;
    const named = (list: readonly { name: string; origin: string }[]) =>
      list.map(({ name, origin }) => ({ name, origin }));
    return {
      document: { apps: named(apps), policies: named(policies), destinations: named(destinations), problems },
      lines: (look) => configLines(look, holdfast.declared),
      problems: (look) =>
        problemLines(
          look,
          problems.map((problem) => ({ problem })),
        ),
      exit: problems.length > 0 ? exits.usage : exits.success,
    };
  },
});
