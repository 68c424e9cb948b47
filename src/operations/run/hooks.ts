import { failure, isFailure } from "../../base/errors/error.ts";
import type { Executor } from "../../base/process/command.ts";
import { redact } from "../../base/secrets/secret.ts";
import type { Hook } from "../../domain/app.ts";

export interface HookOptions {
  signal: AbortSignal;
  /** What it starts may go on after Holdfast: an after-hook starts the app again. */
  outlives: boolean;
}

/** Runs one hook to its end. Throws HF_HOOK_FAILED. A line is run by `sh -c`, because its author wrote a shell line. */
export async function runHook(
  device: Executor,
  app: string,
  hook: Hook,
  { signal, outlives }: HookOptions,
): Promise<void> {
  const argv: readonly [string, ...string[]] =
    typeof hook.command === "string" ? ["sh", "-c", hook.command] : hook.command;
  const shown = nameOfHook(hook);
  try {
    const exit = await device.run({ argv, outlives }, { signal, limitMs: hook.limitMs });
    if (exit.code === 0) return;
    const detail = lastLine(exit.stderr) || lastLine(redact(exit.stdout)) || "it said nothing";
    throw failure("HF_HOOK_FAILED", { hook: shown, app, how: exit.signal ?? `exit ${exit.code}`, detail });
  } catch (error) {
    if (!isFailure(error, "HF_TIMED_OUT")) throw error;
    const detail = `it was ended after ${hook.limitMs / 1000} s`;
    throw failure("HF_HOOK_FAILED", { hook: shown, app, how: "timed out", detail }, { cause: error });
  }
}

/**
 * How a hook is called in messages, events and answers: by its program alone, for its arguments may be secrets. A line may
 * begin with `PASSWORD=… program`: only a plain word is a program's name, else it is `sh`, which runs the line.
 */
export function nameOfHook({ command }: Pick<Hook, "command">): string {
  if (typeof command !== "string") return command[0];
  return /^[\w./-]+(?=\s|$)/.exec(command.trim())?.[0] ?? "sh";
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
