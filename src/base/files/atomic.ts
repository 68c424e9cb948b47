import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, link, lstat, mkdir, open, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { failure } from "../errors/error.ts";

/**
 * Replaces a file so that, whatever happens, either the old or the new content is there: a temporary file in the same
 * folder, synced, renamed over it, the folder synced. The mode holds from the first byte on. With `exclusive` a file that
 * is there already stays as it is. Throws the system's error, and leaves no temporary file behind.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  { mode, exclusive = false }: { mode: number; exclusive?: boolean },
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await using file = await open(temporary, "wx", mode);
    // The umask may have taken bits away.
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
    await (exclusive ? takeName(temporary, path) : rename(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Gives a file its name unless that is taken. */
async function takeName(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  await rm(temporary);
}

/** Gives a file that was written under another name its own, on disk for good. Throws the system's error. */
export async function commitFile(written: string, path: string): Promise<void> {
  {
    await using file = await open(written, constants.O_RDONLY);
    await file.sync();
  }
  await rename(written, path);
  await syncFolder(dirname(path));
}

/** Makes what was created, renamed or removed in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync();
}

/**
 * Creates a folder, with those above it, that only this user may enter. One that is there already is narrowed to 0700.
 * Throws HF_HOME_UNUSABLE when it is no folder of its own (a link, say), belongs to someone else, or cannot be made.
 */
export async function privateFolder(path: string): Promise<void> {
  const unusable = (detail: string, cause?: unknown): Error =>
    failure("HF_HOME_UNUSABLE", { path, detail }, cause === undefined ? {} : { cause });
  const found = await mkdir(path, { recursive: true, mode: 0o700 })
    .then(() => lstat(path))
    .catch((error: unknown) => {
      throw unusable(error instanceof Error ? error.message : String(error), error);
    });
  if (!found.isDirectory()) throw unusable("it is not a folder");
  const user = process.getuid?.();
  if (user !== undefined && found.uid !== user) throw unusable(`it belongs to user ${found.uid}, not to this one`);
  if ((found.mode & 0o777) !== 0o700) await chmod(path, 0o700);
}

/**
 * Bytes that this user may still write on the file system that holds `path`, or will hold it once it is made. Throws the
 * system's error.
 */
export async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!absent || path === dirname(path)) throw error;
    return await freeBytes(dirname(path));
  }
}
