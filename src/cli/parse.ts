import { CommanderError, Option as ParserOption, type Command as Parser } from "commander";
import type { Argument, Arguments, Command, Option, Parsed } from "./command.ts";
import { commonOptions, flagOf } from "./options.ts";
import { quietParser } from "./quiet-parser.ts";
import { usage } from "./usage.ts";

/** Reads arguments and options of one command. Throws HF_USAGE. */
export function parse(command: Command, argv: readonly string[]): Parsed {
  const parser = quietParser(command.name);
  const all: [string, Option][] = Object.entries({ ...command.options, ...commonOptions });
  for (const [name, option] of all) parser.addOption(toParserOption(name, option));
  for (const argument of Object.values(command.arguments))
    parser.argument(toParserArgument(argument), argument.description);
  parser.action(() => undefined);
  run(parser, argv, command.name);
  const values = parser.opts<Record<string, unknown>>();
  return {
    arguments: readArguments(command.arguments, parser.processedArgs),
    options: Object.fromEntries(all.map(([name, option]) => [name, readOption(name, option, values)])),
  };
}

function toParserOption(name: string, option: Option): ParserOption {
  if (option.kind === "flag") return new ParserOption(flagOf(name), option.description);
  const value = option.kind === "optional-value" ? `[${option.value}]` : `<${option.value}>`;
  const made = new ParserOption(`${flagOf(name)} ${value}`, option.description);
  if (option.kind === "values") made.argParser<string[]>((given, before) => [...(before ?? []), given]);
  if (option.kind === "value" && option.choices !== undefined) made.choices(option.choices);
  return made;
}

const toParserArgument = ({ kind, value }: Argument): string =>
  kind === "required" ? `<${value}>` : kind === "many" ? `[${value}...]` : `[${value}]`;

function readOption(name: string, option: Option, values: Record<string, unknown>): Parsed["options"][string] {
  // commander takes `--no-color` as the negation of an option `color`.
  if (name.startsWith("no") && /^no[A-Z]/.test(name))
    return values[`${name[2]?.toLowerCase()}${name.slice(3)}`] === false;
  const value = values[name];
  if (option.kind === "flag") return value === true;
  if (option.kind === "values") return Array.isArray(value) ? value.map(String) : [];
  if (option.kind === "optional-value" && value === true) return "";
  return typeof value === "string" ? value : undefined;
}

function readArguments(declared: Arguments, found: readonly unknown[]): Parsed["arguments"] {
  return Object.fromEntries(
    Object.entries(declared).map(([name, { kind }], index) => {
      const value = found[index];
      if (kind === "many") return [name, Array.isArray(value) ? value.map(String) : []];
      return [name, typeof value === "string" ? value : undefined];
    }),
  );
}

function run(parser: Parser, argv: readonly string[], name: string): void {
  try {
    parser.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw usage(sentence(error.message), name);
  }
}

/** `error: unknown option '--foo'\n(Did you mean --bar?)` → `Unknown option --foo. Did you mean --bar?` */
function sentence(message: string): string {
  const [what = "", ...more] = message.replace(/^error: /, "").split("\n");
  const plain = what
    .replaceAll("'", "")
    .replace(/^option (.*) argument missing$/, "$1 needs a value")
    .trim();
  const closed = /[.?!]$/.test(plain) ? plain : `${plain}.`;
  const asked = more.map((line) => line.trim().replace(/^\((.*)\)$/, "$1")).join(" ");
  const told = closed.startsWith("-") ? closed : `${closed.slice(0, 1).toUpperCase()}${closed.slice(1)}`;
  return `${told} ${asked}`.trim();
}
