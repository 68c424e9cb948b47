import { readFile } from "node:fs/promises";
import { failure, isFailure, render } from "../../base/errors/error.ts";
import type { Executor } from "../../base/process/command.ts";
import { Secret } from "../../base/secrets/secret.ts";
import type { SecretRef } from "../../domain/atoms/secret-ref.ts";
import type { Variables } from "./dotenv.ts";

export interface SecretPlaces {
  /** The process's environment and the `.env` file, as `readVariables` gives them. */
  environment: Variables;
  /** Where commands that print a secret run. */
  executor: Executor;
  /** Opens what Holdfast keeps sealed in its state. */
  openSealed(name: string): Promise<Secret>;
  signal?: AbortSignal;
}

const commandLimitMs = 60_000;
/** What an executor keeps of the output; a secret of that size may have been cut off. */
const longestBytes = 64 * 1024;

/**
 * Fetches a secret. From files and commands exactly one line end at the end is taken off. Throws HF_SECRET_UNAVAILABLE,
 * which names the variable, file or program and never a value.
 */
export async function resolveSecret(ref: SecretRef, places: SecretPlaces): Promise<Secret> {
  const { environment, executor, signal } = places;
  switch (ref.from) {
    case "plain":
      return ref.value;
    case "env":
      return fromVariable(ref.variable, environment);
    case "file":
      return await fromFile(ref.path);
    case "sealed":
      return await places.openSealed(ref.name);
    default:
      return await fromCommand(ref.argv, executor, signal);
  }
}

function fromVariable(name: string, environment: Variables): Secret {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value !== undefined && value !== "") return new Secret(value);
  const detail = `the environment variable is ${value === undefined ? "not set" : "empty"}.`;
  throw failure("HF_SECRET_UNAVAILABLE", { name, detail, where: "in the environment or the .env file" });
}

async function fromFile(path: string): Promise<Secret> {
  const where = "in that file";
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "syscall" in error)) throw error;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: "there is no such file.",
      EACCES: "this user may not read the file.",
      EISDIR: "it is a folder.",
    };
    const detail = reasons[String(error.code)] ?? `it cannot be read (${String(error.code)}).`;
    throw failure("HF_SECRET_UNAVAILABLE", { name: path, detail, where }, { cause: error });
  }
  const value = withoutLineEnd(text);
  if (value === "") throw failure("HF_SECRET_UNAVAILABLE", { name: path, detail: "the file is empty.", where });
  return new Secret(value);
}

async function fromCommand(
  argv: readonly [string, ...string[]],
  executor: Executor,
  signal: AbortSignal | undefined,
): Promise<Secret> {
  // Only the program's name: its arguments may be secrets too.
  const unavailable = (detail: string, cause?: unknown): Error =>
    failure(
      "HF_SECRET_UNAVAILABLE",
      { name: `of the command ${argv[0]}`, detail, where: "by that command" },
      { cause },
    );
  try {
    const exit = await executor.run({ argv }, { limitMs: commandLimitMs, ...(signal === undefined ? {} : { signal }) });
    if (exit.code !== 0) {
      const last = exit.stderr.trim().split("\n").at(-1) ?? "";
      throw unavailable(
        `it ended with ${exit.code === null ? exit.signal : `status ${exit.code}`}${last === "" ? "." : `: ${last}`}`,
      );
    }
    if (Buffer.byteLength(exit.stdout) >= longestBytes) throw unavailable("it printed more than 64 KiB.");
    const value = withoutLineEnd(exit.stdout);
    if (value === "") throw unavailable("it printed nothing.");
    return new Secret(value);
  } catch (error) {
    if (!isFailure(error, "HF_PROGRAM_MISSING", "HF_PROGRAM_FAILED", "HF_TIMED_OUT")) throw error;
    throw unavailable(render(error.problem).message, error);
  }
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}
