import type { Stats } from "node:fs";
import { lstat, realpath, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemPath } from "./names.ts";

/** lstat, or undefined when there is nothing at that path. Paths are text as names.ts makes it. */
export async function lookAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(systemPath(path));
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Whether there is anything at that path, a dangling link included. */
export async function exists(path: string): Promise<boolean> {
  return (await lookAt(path)) !== undefined;
}

/** The path with every link on the way resolved, as far as it exists. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isAbsence(error) || path === dirname(path)) throw error;
    return join(await realPath(dirname(path)), basename(path));
  }
}

/** rename(2) for paths as names.ts makes them. */
export async function move(from: string, to: string): Promise<void> {
  await rename(systemPath(from), systemPath(to));
}

/** Whether a system call failed because there is nothing at a path. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
