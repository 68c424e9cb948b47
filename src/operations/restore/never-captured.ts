import type { Stats } from "node:fs";
import { chmod, lchown, mkdir, readdir, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { exists, lookAt } from "../../base/files/exists.ts";
import { nameFromLatin1, systemPath } from "../../base/files/names.ts";
import { compile } from "../../domain/excludes/compile.ts";
import type { Exchange, Move } from "../settle/put-back.ts";

/**
 * The topmost things at a live path that the patterns leave out and that the snapshot lacks: no snapshot may ever have
 * held them, so they are carried over into the restored tree. Folders above them that the restored tree lacks are made
 * there, like the live ones.
 */
export async function neverCaptured(move: Move, exclude: string[]): Promise<Exchange["carried"]> {
  if (exclude.length === 0 || !move.replaces || !move.brings) return [];
  const excluded = compile(exclude);
  const found: Exchange["carried"] = [];
  const visit = async (below: string, above: Stats[]): Promise<void> => {
    const live = `${move.path}${below}`;
    const stats = await lookAt(live);
    if (stats === undefined) return;
    if (below !== "" && excluded(live)) {
      if (await exists(`${move.fresh}${below}`)) return;
      await makeFolders(move, dirname(below), above);
      found.push({ from: `${move.aside}${below}`, to: live });
      return;
    }
    if (!stats.isDirectory()) return;
    const names = await readdir(systemPath(live), { encoding: "latin1" });
    for (const name of names) await visit(`${below}/${nameFromLatin1(name)}`, [...above, stats]);
  };
  await visit("", []);
  return found;
}

/** `above` are the live folders from the move's own path down to `below`. */
async function makeFolders(move: Move, below: string, above: Stats[]): Promise<void> {
  const names = below.split("/").filter(Boolean);
  for (const [depth, stats] of above.slice(1).entries()) {
    const path = `${move.fresh}/${names.slice(0, depth + 1).join("/")}`;
    if (await exists(path)) continue;
    await mkdir(systemPath(path));
    if (process.getuid?.() === 0) await lchown(systemPath(path), stats.uid, stats.gid);
    await chmod(systemPath(path), stats.mode & 0o7777);
    await utimes(systemPath(path), stats.atime, stats.mtime);
  }
}
