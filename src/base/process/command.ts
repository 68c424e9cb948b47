import type { Readable, Writable } from "node:stream";
import type { Secret } from "../secrets/secret.ts";

/** What to run: an argument list, never a shell string. */
export interface Command {
  argv: readonly [string, ...string[]];
  /** Added to the allow-listed environment; a child sees nothing else of ours. */
  env?: Readonly<Record<string, string | Secret>>;
  /** Run as this user of the place where it runs. */
  user?: string;
  cwd?: string;
  /** What it starts may live on: it is not ended with the children of a dead Holdfast. */
  outlives?: boolean;
}

/** A command made ready for a local spawn: what rsync, sftp and --stdin-from-command need. */
export interface Invocation {
  argv: readonly [string, ...string[]];
  env: Readonly<Record<string, string>>;
  cwd?: string;
}

/** How the ends of a command's pipes are connected. Whatever is not connected is drained, and its tail is kept. */
export interface Io {
  stdin?: Readable | string;
  /** Receives standard output; it is ended when the output ends. */
  stdout?: Writable;
  /** An open file that takes standard output straight from the program, which may seek in it. Instead of `stdout`. */
  stdoutFile?: number;
  /** Called for each line of standard output, without its end. */
  onLine?: (line: string) => void;
  onErrorLine?: (line: string) => void;
  signal?: AbortSignal;
  /** Time between SIGTERM and SIGKILL when it is cancelled. Default 10,000. */
  graceMs?: number;
  /** The signal that asks it to end. Default SIGTERM; restic removes its locks at SIGINT. */
  stopSignal?: "SIGTERM" | "SIGINT";
  /** Ends it like a cancel, with HF_TIMED_OUT. Default: none. */
  limitMs?: number;
}

export interface Exit {
  /** Exit status; null when a signal ended it. */
  code: number | null;
  signal: string | null;
  /** The last 64 KiB of standard output, when neither `stdout` nor `onLine` took it. */
  stdout: string;
  /** The last 64 KiB of standard error. */
  stderr: string;
  durationMs: number;
}

/** A place where commands run: a device, or the inside of a workload. */
export interface Executor {
  /** The local spawn that stands for the command there. */
  wrap(command: Command): Invocation;
  /**
   * Settles when nothing that the command started still lives there. Gives every exit status; throws
   * HF_PROGRAM_MISSING, HF_TIMED_OUT, or the signal's reason after a cancel.
   */
  run(command: Command, io?: Io): Promise<Exit>;
}
