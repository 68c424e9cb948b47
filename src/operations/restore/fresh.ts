import { mkdir, readdir, rename, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { failure } from "../../base/errors/error.ts";
import { walk } from "../../base/files/walk.ts";
import { captureFolder } from "../../domain/capture.ts";
import type { Repository, RestoreRequest } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";

/** Throws HF_RESTORE_TARGET_NOT_EMPTY unless the folder is absent or empty. */
export async function needEmpty(target: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(target);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  if (names.length > 0) throw failure("HF_RESTORE_TARGET_NOT_EMPTY", { path: target });
}

/**
 * Restores into a fresh folder. What Holdfast had added to the snapshot is moved to TARGET/.holdfast. Gives the files
 * that are there now, that folder aside: restic counts folders too.
 */
export async function restoreFresh(
  repository: Repository,
  request: RestoreRequest,
  staging: string | undefined,
  run: RunContext,
): Promise<FileCount> {
  const { target } = request;
  await mkdir(target, { recursive: true, mode: 0o700 });
  await repository.restore(request, run);
  if (staging !== undefined) await liftCapture(target, staging);
  const { files, bytes } = await walk([target], (path) => path === join(target, captureFolder), { signal: run.signal });
  return { files, bytes };
}

/** Regular files, and their bytes. */
export interface FileCount {
  files: number;
  bytes: number;
}

async function liftCapture(target: string, staging: string): Promise<void> {
  const lies = join(target, staging, captureFolder);
  try {
    await rename(lies, join(target, captureFolder));
  } catch (error) {
    // Only some paths were asked for, and it was not among them.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  for (let folder = dirname(lies); folder !== target && folder.startsWith(target); folder = dirname(folder)) {
    if ((await readdir(folder)).length > 0) return;
    await rmdir(folder);
  }
}
