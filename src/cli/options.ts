import type { Argument, Option, Options } from "./command.ts";

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
