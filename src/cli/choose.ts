import { CommanderError } from "commander";
import { commonOptions, flagOf } from "./options.ts";
import { quietParser } from "./quiet-parser.ts";
import { registry } from "./registry.ts";
import { usage } from "./usage.ts";

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
