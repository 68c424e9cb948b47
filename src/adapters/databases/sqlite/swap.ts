import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "../../../base/files/atomic.ts";
import { exists, move } from "../../../base/files/exists.ts";
import type { DatabaseContext, FileExchange } from "../../../domain/database.ts";
import { filesOf } from "./spec.ts";

/**
 * Puts the fresh file at `path`: moves what is there aside together with its companions, the fresh one in, and removes
 * the old ones last. After a failure the old files are back at their names; after a kill whoever settles puts them back.
 */
export async function swapIn(fresh: string, path: string, aside: string, owe: DatabaseContext["owe"]): Promise<void> {
  const moves = await movesOf(fresh, path, aside);
  const settled = await owe(moves);
  const done: FileExchange[] = [];
  try {
    for (const one of moves) {
      if (one.replaces) await move(one.path, one.aside);
      done.push(one);
    }
    await move(fresh, path);
    await syncFolder(dirname(path));
  } catch (error) {
    for (const one of done.reverse()) if (one.replaces) await move(one.aside, one.path);
    await settled();
    throw error;
  }
  await settled();
  for (const one of moves) await rm(one.aside, { recursive: true, force: true });
}

async function movesOf(fresh: string, path: string, aside: string): Promise<FileExchange[]> {
  const asides = filesOf(aside);
  const moves: FileExchange[] = [];
  for (const [index, live] of filesOf(path).entries()) {
    const main = live === path;
    const replaces = await exists(live);
    if (!replaces && !main) continue;
    const next = main ? fresh : `${fresh}.none-${index}`;
    moves.push({ path: live, aside: asides[index] ?? aside, fresh: next, replaces, brings: main });
  }
  return moves;
}
