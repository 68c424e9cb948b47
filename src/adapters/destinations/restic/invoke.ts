import { readFile } from "node:fs/promises";
import type { Writable } from "node:stream";
import { lookAt } from "../../../base/files/exists.ts";
import type { Command } from "../../../base/process/command.ts";
import type { RunContext } from "../../../domain/run.ts";
import type { DestinationContext } from "../../../domain/destination.ts";
import type { Connection } from "./connection.ts";
import type { HoldfastError } from "../../../base/errors/error.ts";
import { failureOf } from "./failures.ts";
import { errorMessage, exitErrorMessage, messageIn, type Message } from "./messages.ts";
import { Patience } from "./patience.ts";

/** One repository and what is needed to run restic on it. */
export interface Restic {
  connection: Connection;
  context: DestinationContext;
}

export interface Call {
  /** The command, its options and arguments. */
  args: readonly [string, ...string[]];
  /** Asks for JSON; default true. prune, list, cat and dump know text only. */
  json?: boolean;
  /** Exit statuses besides 0 that are no failure. */
  accept?: readonly number[];
  /** Takes each JSON message but errors of single files, which are gathered in the result. */
  onMessage?: (message: Message) => void;
  /** Takes the plain standard output. */
  stdout?: Writable;
}

export interface Result {
  code: number;
  /** Lines that are not JSON, newest last. */
  lines: string[];
  /** Trouble with single files, as `error` messages tell of it. */
  errors: ItemError[];
  /** The error that stands for this ending, where an accepted exit status turns out to be a failure. */
  failure(reason?: string): HoldfastError;
}

async function sizeOf(log: string | undefined): Promise<number> {
  if (log === undefined) return 0;
  const stats = await lookAt(log);
  return stats?.size ?? 0;
}

/** What was written into the log after its first `size` bytes. */
async function wordsSince(log: string | undefined, size: number): Promise<string[]> {
  if (log === undefined || (await sizeOf(log)) === 0) return [];
  const text = (await readFile(log)).subarray(size).toString("utf8");
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `subprocess ssh: ${line}`);
}

export interface ItemError {
  path: string;
  detail: string;
}

/**
 * restic removes its lock as soon as SIGINT comes, which takes a few round trips. With an upload limit it then goes on
 * writing the pack it has begun; that is not waited for.
 */
const graceMs = 15_000;
const keptLines = 200;

/**
 * Runs restic once. Standard output and standard error are read line by line, and no line can break it.
 * Throws HF_REPOSITORY_*, HF_SNAPSHOT_UNKNOWN, HF_RESTIC_FAILED; the signal's reason after a cancel.
 */
export async function runRestic(restic: Restic, run: Pick<RunContext, "signal">, call: Call): Promise<Result> {
  const lines: string[] = [];
  const errors: ItemError[] = [];
  let fatal: string | undefined;
  const patience = new Patience();
  const logged = await sizeOf(restic.connection.log);
  const take = (line: string, onMessage?: (message: Message) => void): void => {
    const message = messageIn(line);
    if (message === undefined) {
      if (line.trim() === "") return;
      if (lines.length === keptLines) lines.shift();
      lines.push(line);
      patience.watch(line);
      return;
    }
    const last = exitErrorMessage.safeParse(message);
    if (last.success) fatal = last.data.message;
    const trouble = errorMessage.safeParse(message);
    if (trouble.success) errors.push(trouble.data);
    else onMessage?.(message);
  };
  const ending = (code: number | null) => ({
    destination: restic.context.name,
    location: restic.connection.location,
    command: call.args[0],
    code,
    fatal: fatal ?? lines.findLast((line) => line.startsWith("Fatal: ")),
    lines,
  });
  try {
    const exit = await restic.context.executor.run(await resticCommand(restic, call), {
      signal: AbortSignal.any([run.signal, patience.signal]),
      stopSignal: "SIGINT",
      graceMs,
      onErrorLine: (line) => take(line),
      ...(call.stdout === undefined ? { onLine: (line) => take(line, call.onMessage) } : { stdout: call.stdout }),
    });
    const code = exit.code;
    if (code !== 0) lines.push(...(await wordsSince(restic.connection.log, logged)));
    if (code === null || (code !== 0 && !call.accept?.includes(code))) throw failureOf(ending(code));
    return {
      code,
      lines,
      errors,
      failure: (reason = fatal) => failureOf({ ...ending(code), ...(reason === undefined ? {} : { fatal: reason }) }),
    };
  } catch (error) {
    // We ended it because it would have gone on asking in vain: what it said in between is the reason.
    if (patience.ended && !run.signal.aborted) throw failureOf({ ...ending(1), fatal: patience.line });
    throw error;
  } finally {
    patience.stop();
  }
}

/** The command line and the environment. No secret is in argv: they all go through the environment. */
async function resticCommand({ connection, context }: Restic, call: Pick<Call, "args" | "json">): Promise<Command> {
  const { password } = context;
  const limits = [
    ...(context.uploadKibPerSecond === undefined ? [] : ["--limit-upload", String(context.uploadKibPerSecond)]),
    ...(context.downloadKibPerSecond === undefined ? [] : ["--limit-download", String(context.downloadKibPerSecond)]),
  ];
  return {
    argv: [
      context.restic.path,
      ...((call.json ?? true) ? ["--json"] : []),
      "--cache-dir",
      context.cacheFolder,
      // Without it the caches of repositories that are long gone stay for ever.
      "--cleanup-cache",
      "--retry-lock",
      `${Math.ceil(context.lockWaitMs)}ms`,
      ...limits,
      ...connection.options.flatMap((option) => ["-o", csvField(option)]),
      ...call.args,
    ],
    env: {
      ...connection.env,
      RESTIC_REPOSITORY: connection.repository,
      RESTIC_PASSWORD: typeof password === "function" ? await password() : password,
      RESTIC_PROGRESS_FPS: "1",
    },
  };
}

/** restic reads the value of each `-o` as a line of comma-separated values (RFC 4180). */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
