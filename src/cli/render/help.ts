import type { Command } from "../command.ts";
import { argumentUsage, commonOptions, usageOf } from "../options.ts";
import { registry } from "../registry.ts";
import { paint, type Look } from "./look.ts";
import { pad, widthOf, wrap } from "./text.ts";

const exitStatuses =
  "Exit status: 0 success, 1 failed, 2 usage or configuration, 3 finished with warnings, 4 busy or locked, 5 nothing matched, 130 cancelled.";

/** Help of one command: how it is written, what it does, examples, options. */
export function commandHelp(look: Look, command: Command): string[] {
  const described = Object.values(command.arguments);
  const own = Object.entries(command.options);
  const rows = (list: typeof own): [string, string][] =>
    list.map(([name, option]) => [usageOf(name, option), option.description]);
  const left = Math.max(...[...rows(own), ...rows(Object.entries(commonOptions))].map(([usage]) => widthOf(usage)));
  return [
    `${paint(look, "strong", `holdfast ${command.name}`)}: ${command.summary}`,
    ...(command.description ?? []).flatMap((paragraph) => ["", ...wrap(paragraph, look.columns)]),
    ...section(look, "Usage", [`  ${usageLine(command)}`]),
    ...section(
      look,
      "Examples",
      command.examples.flatMap(({ line, does }) => example(look, line, does)),
    ),
    ...section(
      look,
      "Arguments",
      pairs(
        look,
        described.map((one) => [argumentUsage(one), one.description]),
        left,
      ),
    ),
    ...section(look, "Options", pairs(look, rows(own), left)),
    ...section(
      look,
      "On every command",
      pairs(look, [...rows(Object.entries(commonOptions)), ["--help", "show this"]], left),
    ),
    "",
    ...wrap(exitStatuses, look.columns).map((line) => paint(look, "dim", line)),
  ];
}

/** `holdfast list [APP] [options]`. */
export function usageLine(command: Command): string {
  const words = Object.values(command.arguments).map(argumentUsage);
  return ["holdfast", command.name, ...words, "[options]"].join(" ");
}

/** The first help: all commands in their groups; of one group (`config`) only its own. */
export function overview(look: Look, version: string, commands: readonly Command[], group?: string): string[] {
  const shown = commands.filter(({ name }) => group === undefined || name.startsWith(`${group} `));
  const left = Math.max(...shown.map(({ name }) => widthOf(name)));
  const groups = [...new Set(registry.map((registered) => registered.group))];
  const sections = groups.flatMap((title) => {
    const names = registry.filter((registered) => registered.group === title).map(({ name }) => name);
    const rows = shown
      .filter(({ name }) => names.includes(name))
      .map(({ name, summary }): [string, string] => [name, summary]);
    return section(look, title, pairs(look, rows, left));
  });
  return [
    `${paint(look, "strong", `Holdfast ${version}`)}: backs up a homelab and proves that the backups restore`,
    ...sections,
    "",
    "`holdfast COMMAND --help` shows its options and examples.",
  ];
}

function section(look: Look, title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ["", paint(look, "strong", title), ...lines];
}

function pairs(look: Look, rows: readonly (readonly [string, string])[], left: number): string[] {
  const room = look.columns - left - 4;
  return rows.flatMap(([name, text]) => {
    const [first = "", ...more] = wrap(text, room);
    return [`  ${pad(name, left)}  ${first}`, ...more.map((line) => `${" ".repeat(left + 4)}${line}`)];
  });
}

function example(look: Look, line: string, does: string): string[] {
  return [`  ${line}`, ...wrap(does, look.columns - 6).map((text) => `      ${paint(look, "dim", text)}`)];
}
