import { delimiter, isAbsolute, join } from "node:path";
import { access, constants } from "node:fs/promises";
import { z } from "zod";
import { failure, isFailure } from "../../../base/errors/error.ts";
import type { Executor } from "../../../base/process/command.ts";

/** A restic that is new enough. */
export interface ResticBinary {
  path: string;
  version: string;
}

/** The oldest restic that Holdfast works with: exit codes 10 and 11, `restore --overwrite`, `version --json`. */
export const oldestRestic = "0.17.0";

const versionLimitMs = 30_000;
const jsonVersion = z.object({ version: z.string().min(1) });

/**
 * The version that `path` tells of itself, such as `0.19.1`. Does not judge it.
 * Throws HF_RESTIC_MISSING when there is no such program, HF_PROGRAM_FAILED when it is no restic.
 */
export async function resticVersion(path: string, executor: Executor): Promise<string> {
  const exit = await executor
    .run({ argv: [path, "version", "--json"] }, { limitMs: versionLimitMs })
    .catch((error: unknown) => {
      throw isFailure(error, "HF_PROGRAM_MISSING") ? failure("HF_RESTIC_MISSING", {}, { cause: error }) : error;
    });
  const found = exit.code === 0 ? versionIn(exit.stdout) : undefined;
  if (found === undefined) {
    const detail = (exit.stderr || exit.stdout).trim().slice(0, 500) || "no output";
    throw failure("HF_PROGRAM_FAILED", { program: path, how: `exit ${exit.code ?? exit.signal}`, detail });
  }
  return found;
}

/** JSON since 0.17; before that `--json` was accepted and ignored: `restic 0.14.0 compiled with …`. */
function versionIn(output: string): string | undefined {
  const text = /^restic v?(\d+\.\d+\.\d+\S*)/m.exec(output)?.[1];
  if (text !== undefined) return text;
  for (const line of output.split("\n")) {
    if (!line.startsWith("{")) continue;
    try {
      return jsonVersion.parse(JSON.parse(line)).version;
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    }
  }
  return undefined;
}

/**
 * The first of `candidates` (absolute paths, or names looked up on the PATH) that is new enough.
 * Throws HF_RESTIC_TOO_OLD for the newest of those that are there, HF_RESTIC_MISSING when none is.
 */
export async function locateRestic(candidates: readonly string[], executor: Executor): Promise<ResticBinary> {
  let tooOld: { path: string; version: string } | undefined;
  for (const candidate of candidates) {
    const path = await programAt(candidate);
    if (path === undefined) continue;
    const version = await resticVersion(path, executor);
    if (atLeast(version, oldestRestic)) return { path, version };
    if (tooOld === undefined || atLeast(version, tooOld.version)) tooOld = { path, version };
  }
  if (tooOld !== undefined) throw failure("HF_RESTIC_TOO_OLD", { found: tooOld.version, path: tooOld.path });
  throw failure("HF_RESTIC_MISSING", {});
}

async function programAt(candidate: string): Promise<string | undefined> {
  const places = isAbsolute(candidate)
    ? [candidate]
    : (process.env["PATH"] ?? "")
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, candidate));
  for (const place of places) if (await isExecutable(place)) return place;
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "EACCES", "ENOTDIR"].includes(String(error.code)))
      return false;
    throw error;
  }
}

/** Compares by major, minor and patch; what follows them (`-dev`) is not looked at. */
export function atLeast(version: string, wanted: string): boolean {
  const left = numbers(version);
  const right = numbers(wanted);
  for (const [index, number] of right.entries()) {
    const difference = (left[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): number[] {
  return version
    .split(/[.-]/)
    .slice(0, 3)
    .map((part) => Number.parseInt(part, 10) || 0);
}
