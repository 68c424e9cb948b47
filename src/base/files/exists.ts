import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";

/** lstat, or undefined when there is nothing at that path. */
export async function lookAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw error;
  }
}

/** Whether there is anything at that path, a dangling link included. */
export async function exists(path: string): Promise<boolean> {
  return (await lookAt(path)) !== undefined;
}
