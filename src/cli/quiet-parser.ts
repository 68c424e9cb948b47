import { Command as Parser } from "commander";

/** A parser that throws instead of printing and exiting. */
export function quietParser(name: string): Parser {
  return new Parser(name)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
    .helpOption(false)
    .helpCommand(false)
    .allowExcessArguments(false);
}
