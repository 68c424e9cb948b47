import type { Command, Option } from "../command.ts";
import { argumentUsage, commonOptions, usageOf } from "../options.ts";
import { usageLine } from "./help.ts";

/** The page docs/commands.md, made from the same data as the help. */
export function commandsPage(commands: readonly Command[]): string {
  const contents = commands.map(
    ({ name, summary }) => `- [\`${name}\`](#holdfast-${name.replaceAll(" ", "-")}): ${summary}`,
  );
  return [
    "# Commands",
    "",
    "<!-- Made from the commands themselves. A test fails when this page differs; `npx vitest run --project unit src/cli -u` writes it anew. -->",
    "",
    ...contents,
    "",
    "## On every command",
    "",
    ...optionTable({ ...commonOptions }),
    "",
    "| exit status | means |",
    "| --- | --- |",
    "| 0 | success |",
    "| 1 | failed |",
    "| 2 | the command line or the configuration is wrong |",
    "| 3 | finished, with warnings |",
    "| 4 | busy or locked: try again later |",
    "| 5 | nothing matched |",
    "| 130 | cancelled |",
    "",
    'With `--json` an error is one document too: `{"error": {"code", "message", "hint", "params"}}`.',
    "",
    ...commands.flatMap(section),
  ].join("\n");
}

function section(command: Command): string[] {
  const described = Object.values(command.arguments);
  return [
    `## holdfast ${command.name}`,
    "",
    `${command.summary.slice(0, 1).toUpperCase()}${command.summary.slice(1)}.`,
    "",
    ...(command.description ?? []).flatMap((paragraph) => [paragraph, ""]),
    "```sh",
    usageLine(command),
    "```",
    "",
    ...command.examples.map(({ line, does }) => `- \`${line}\`: ${does}`),
    "",
    ...(described.length === 0
      ? []
      : [
          "| argument | |",
          "| --- | --- |",
          ...described.map((one) => `| \`${argumentUsage(one)}\` | ${one.description} |`),
          "",
        ]),
    ...(Object.keys(command.options).length === 0 ? [] : [...optionTable(command.options), ""]),
  ];
}

function optionTable(options: Readonly<Record<string, Option>>): string[] {
  const rows = Object.entries(options).map(
    ([name, option]) => `| \`${usageOf(name, option)}\` | ${option.description} |`,
  );
  return ["| option | |", "| --- | --- |", ...rows];
}
