import { lstat, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { filesOf } from "./spec.ts";

/**
 * Puts the fresh file at `path`: moves what is there aside together with its companions, the fresh one in, and removes
 * the old ones last. After a failure the old files are back at their names.
 */
export async function swapIn(fresh: string, path: string, aside: string): Promise<void> {
  const asides = filesOf(aside);
  const moved: { from: string; to: string }[] = [];
  try {
    for (const [index, from] of filesOf(path).entries()) {
      const to = asides[index] ?? aside;
      if (!(await exists(from))) continue;
      await rename(from, to);
      moved.push({ from, to });
    }
    await rename(fresh, path);
    await syncFolder(dirname(path));
  } catch (error) {
    for (const { from, to } of moved.reverse()) await rename(to, from);
    throw error;
  }
  for (const { to } of moved) await rm(to, { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
