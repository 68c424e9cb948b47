import type { ExitStatus } from "../base/errors/entry.ts";
import type { Holdfast } from "../operations/context/holdfast.ts";
import type { Caller } from "../operations/run/listener.ts";
import type { Look } from "./render/look.ts";

export type Option =
  | { kind: "flag"; description: string }
  | { kind: "value"; value: string; description: string; choices?: readonly string[] }
  /** `--files` or `--files SNAPSHOT`. */
  | { kind: "optional-value"; value: string; description: string }
  /** May be given more than once. */
  | { kind: "values"; value: string; description: string };

export interface Argument {
  kind: "required" | "optional" | "many";
  value: string;
  description: string;
}

type OptionValue<O extends Option> = O["kind"] extends "flag"
  ? boolean
  : O["kind"] extends "values"
    ? string[]
    : string | undefined;

type ArgumentValue<A extends Argument> = A["kind"] extends "many"
  ? string[]
  : A["kind"] extends "required"
    ? string
    : string | undefined;

export type OptionValues<Os extends Options> = { [Name in keyof Os]: OptionValue<Os[Name]> };
export type ArgumentValues<As extends Arguments> = { [Name in keyof As]: ArgumentValue<As[Name]> };
/** Keys are in camel case: `dryRun` is `--dry-run`. An optional value that was left out is the empty string. */
export type Options = Readonly<Record<string, Option>>;
export type Arguments = Readonly<Record<string, Argument>>;

/** What a handler may use besides its own options. */
export interface Tools {
  json: boolean;
  cwd: string;
  now: Date;
  /** Opens Holdfast; `acting` makes home and state where they are missing. Close it with `await using`. */
  open: (acting: boolean | "unless-dry-run", options?: { daemon?: boolean }) => Promise<Holdfast>;
  /** Aborts when the person wants to stop. */
  signal: AbortSignal;
  /** Shows the events of runs while they run; `title` says what is going on, `expected` who will take part. */
  watch: (title: string, expected?: readonly string[]) => Caller;
  /** A line on standard output at once, unchanged but for secrets: for answers too long to keep. False when nobody reads on. */
  say: (line: string) => boolean;
  /** How standard output can show things now. */
  look: () => Look;
  /** Asks on the terminal. Undefined when there is none. */
  confirm: (question: string) => Promise<boolean | undefined>;
}

export interface Call<As extends Arguments, Os extends Options> extends Tools {
  arguments: ArgumentValues<As>;
  options: OptionValues<Os>;
}

/** What the parser read: a value for each declared argument and option. */
export interface Parsed {
  arguments: Record<string, string | string[] | undefined>;
  options: Record<string, string | string[] | boolean | undefined>;
}

/** What a command has to say at its end. */
export interface Answer {
  /** With --json: the one document. */
  document?: unknown;
  /** Without: the report. */
  lines?(look: Look): string[];
  /** With --quiet only these are shown, on standard error: what went wrong. */
  problems?(look: Look): string[];
  exit: ExitStatus;
}

export interface Example {
  line: string;
  does: string;
}

interface Description {
  name: string;
  summary: string;
  /** Paragraphs below the summary. */
  description?: readonly string[];
  examples: readonly [Example, ...Example[]];
}

/** A command as data: help, parser and docs are made from it. */
export interface Command extends Description {
  arguments: Arguments;
  options: Options;
  run(call: Tools & Parsed): Promise<Answer>;
}

/** Ties the handler's types to the declared arguments and options. */
export function command<const As extends Arguments, const Os extends Options>(
  described: Description & { arguments: As; options: Os; run(call: Call<As, Os>): Promise<Answer> },
): Command {
  // The parser fills in exactly what is declared, so the wider call is in fact this narrower one.
  return { ...described, run: (call) => described.run(call as unknown as Call<As, Os>) };
}
