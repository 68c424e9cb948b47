import { lstat, mkdir } from "node:fs/promises";
import { join, posix } from "node:path";
import { failure } from "../../base/errors/error.ts";
import { isAbsence, realPath } from "../../base/files/exists.ts";
import { isBelow } from "../../domain/plan/backup.ts";
import type { Database } from "../../state/open.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { needEmpty } from "./fresh.ts";

const usualRoots = ["/tmp", "/var/tmp", "/srv", "/mnt", "/media"];

/** Below these folders the API may restore. */
export function restoreRoots(holdfast: Pick<Holdfast, "declared" | "home">): string[] {
  return holdfast.declared.settings.daemon?.restoreRoots ?? [...usualRoots, join(holdfast.home.root, "restores")];
}

/**
 * Where a restore to `target` really writes: links resolved, below one of the roots, outside Holdfast's own home, and with
 * no folder on the way that somebody else could exchange for a link meanwhile. Throws HF_RESTORE_TARGET_REFUSED.
 */
export async function checkTarget(holdfast: Pick<Holdfast, "declared" | "home">, target: string): Promise<string> {
  const roots = restoreRoots(holdfast);
  const refused = (detail: string, cause?: unknown): Error =>
    failure("HF_RESTORE_TARGET_REFUSED", { path: target, detail, roots: roots.join(", ") }, { cause });
  if (!target.startsWith("/") || target.includes("\0")) throw refused("it is no absolute path.");
  if (target.split("/").includes("..")) throw refused("it has `..` in it.");
  try {
    const real = await realPath(posix.resolve(target));
    const root = await rootOf(real, roots);
    if (root === undefined) throw refused("it lies below none of the folders that are allowed.");
    const home = await realPath(holdfast.home.root);
    if (isBelow(home, real) && !isBelow(join(home, "restores"), real)) throw refused("it lies in Holdfast's own home.");
    for (const folder of between(root, real)) {
      const wrong = await wrongWith(folder);
      if (wrong !== undefined) throw refused(wrong);
    }
    return real;
  } catch (error) {
    const told = error instanceof Error && "syscall" in error && "code" in error;
    throw told ? refused(`${String(error.code)}.`, error) : error;
  }
}

/** The innermost root that this lies below; a root itself is no target. */
async function rootOf(real: string, roots: string[]): Promise<string | undefined> {
  const found = await Promise.all(roots.map(realPath));
  return found
    .filter((root) => root !== real && isBelow(root, real))
    .sort((one, other) => other.length - one.length)[0];
}

/** The folders below `root` down to `path`, itself included. */
function between(root: string, path: string): string[] {
  const names = posix.relative(root, path).split("/");
  return names.map((_, index) => posix.join(root, ...names.slice(0, index + 1)));
}

/** What forbids writing below this folder. One that is absent will be ours. */
async function wrongWith(folder: string): Promise<string | undefined> {
  try {
    const stats = await lstat(folder);
    if (stats.isSymbolicLink()) return `${folder} is a link that leads nowhere.`;
    if (!stats.isDirectory()) return `${folder} is no folder.`;
    const ours = new Set([0, process.getuid?.()]);
    // Whoever may rename something in it may lead the restore elsewhere; the sticky bit keeps others' hands off (chmod(1)).
    const sticky = (stats.mode & 0o1000) !== 0;
    const ourGroups = new Set([0, process.getgid?.()]);
    const others = (stats.mode & 0o002) !== 0 || ((stats.mode & 0o020) !== 0 && !ourGroups.has(stats.gid));
    if (!ours.has(stats.uid)) return `${folder} belongs to another user, who could lead it elsewhere.`;
    if (others && !sticky) return `others may write to ${folder}, and could lead it elsewhere.`;
    return undefined;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/**
 * Makes the folder that `checkTarget` gave, ours alone, so that nobody can put another in its place while the restore waits
 * for its turn. What was there first is looked at again. Throws HF_RESTORE_TARGET_REFUSED, HF_RESTORE_TARGET_NOT_EMPTY.
 */
export async function makeTarget(holdfast: Pick<Holdfast, "declared" | "home">, real: string): Promise<void> {
  try {
    await mkdir(real, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const roots = restoreRoots(holdfast).join(", ");
    throw failure(
      "HF_RESTORE_TARGET_REFUSED",
      { path: real, detail: `${String(error.code)}.`, roots },
      { cause: error },
    );
  }
  await checkTarget(holdfast, real);
  await needEmpty(real);
}

const targets = new WeakMap<Database, Set<string>>();

/** Keeps a target for one restore of this process. Throws HF_RESTORE_TARGET_BUSY. */
export function reserveTarget(state: Database, real: string): Disposable {
  const taken = targets.get(state) ?? new Set();
  targets.set(state, taken);
  for (const other of taken) {
    if (isBelow(other, real) || isBelow(real, other)) throw failure("HF_RESTORE_TARGET_BUSY", { path: other });
  }
  taken.add(real);
  return { [Symbol.dispose]: () => void taken.delete(real) };
}
