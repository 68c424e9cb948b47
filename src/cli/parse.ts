import { Command as Parser, CommanderError, Option as ParserOption } from "commander";
import { failure } from "../base/errors/error.ts";
import type { Argument, Arguments, Command, Option, Options, Parsed } from "./command.ts";
import { registry } from "./registry.ts";

/** Options that every command has. */
export const commonOptions = {
  config: { kind: "value", value: "FILE", description: "read this configuration file" },
  json: { kind: "flag", description: "print one JSON document, errors included" },
  quiet: { kind: "flag", description: "print only what went wrong" },
  noColor: { kind: "flag", description: "print without colours (also: NO_COLOR=1)" },
} as const satisfies Options;

/** `dryRun` → `--dry-run`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** How an option is written in the help: `--path PATH`. */
export function usageOf(name: string, option: Option): string {
  if (option.kind === "flag") return flagOf(name);
  return option.kind === "optional-value" ? `${flagOf(name)} [${option.value}]` : `${flagOf(name)} ${option.value}`;
}

/** How an argument is written in the help: `APP`, `[APP]`, `[APP…]`. */
export function argumentUsage(argument: Argument): string {
  if (argument.kind === "required") return argument.value;
  return argument.kind === "many" ? `[${argument.value}…]` : `[${argument.value}]`;
}

export type Chosen =
  | { asks: "version" }
  /** Of all commands, of one group of them (`config`), or of one command. */
  | { asks: "overview"; group?: string }
  | { asks: "help"; name: string }
  | { asks: "run"; name: string; rest: string[] };

/** Finds the command in the words. Throws HF_USAGE, with the nearest command, when there is no such command. */
export function choose(argv: readonly string[]): Chosen {
  const words = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  const wantsHelp = words.includes("--help") || words.includes("-h");
  const [at, ...behind] = positionsOf(words);
  const first = at === undefined ? undefined : words[at];
  if (at === undefined || first === undefined) {
    if (words.includes("--version") || words.includes("-V")) return { asks: "version" };
    const unknown = words.find((word) => word.startsWith("-") && !isCommon(word) && word !== "-h" && word !== "--help");
    if (unknown !== undefined) throw usage(`There is no option ${unknown} without a command.`);
    return { asks: "overview" };
  }
  if (first === "help") {
    const [name, second] = behind.map((position) => words[position] ?? "");
    return name === undefined
      ? { asks: "overview" }
      : choose([name, ...(second === undefined ? [] : [second]), "--help"]);
  }
  const [next] = behind;
  const pair = next === undefined ? first : `${first} ${words[next] ?? ""}`;
  const isGroup = registry.some(({ name }) => name.startsWith(`${first} `));
  const name = isGroup ? pair : first;
  if (isGroup && (next === undefined || (wantsHelp && !isKnown(name)))) return { asks: "overview", group: first };
  if (!isKnown(name)) throw unknownCommand(name);
  const taken = isGroup ? [at, next] : [at];
  const rest = argv.filter((_, index) => !taken.includes(index));
  return wantsHelp ? { asks: "help", name } : { asks: "run", name, rest };
}

const isKnown = (name: string): boolean => registry.some((registered) => registered.name === name);

function isCommon(word: string): boolean {
  const [flag] = word.split("=");
  return Object.keys(commonOptions).some((name) => flagOf(name) === flag);
}

/** Where words stand that are neither options nor the value of a common option. */
function positionsOf(words: readonly string[]): number[] {
  return [...words.keys()].filter(
    (index) => words[index]?.startsWith("-") === false && words[index - 1] !== "--config",
  );
}

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

/** commander finds the nearest name by itself, once it knows them all. */
function unknownCommand(name: string): Error {
  const parser = quietParser("holdfast");
  const [group = "", word] = name.split(" ");
  const known = registry.map((registered) => registered.name);
  const names =
    word === undefined
      ? known.map((one) => one.split(" ")[0] ?? "")
      : known.filter((one) => one.startsWith(`${group} `)).map((one) => one.slice(group.length + 1));
  for (const one of new Set([...names, "help"])) parser.command(one);
  try {
    parser.parse([word ?? name], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      const [, nearest] = /Did you mean (?:one of )?([^?]*)\?/.exec(error.message) ?? [];
      const suggestion = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
      return usage(`There is no command ${name}.${suggestion}`);
    }
    throw error;
  }
  return usage(`There is no command ${name}.`);
}

function quietParser(name: string): Parser {
  return new Parser(name)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
    .helpOption(false)
    .helpCommand(false)
    .allowExcessArguments(false);
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

/** A mistake on the command line; the hint names the help of `command`. */
export function usage(detail: string, command?: string): Error {
  return failure("HF_USAGE", {
    detail,
    help: command === undefined ? "holdfast --help" : `holdfast ${command} --help`,
  });
}
