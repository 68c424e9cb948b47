import { readdir } from "node:fs/promises";
import { exists, lookAt, move } from "../../base/files/exists.ts";
import { nameFromLatin1, systemPath } from "../../base/files/names.ts";
import type { Exchange, Move } from "./put-back.ts";

/** What restic restored has old times; the exchange itself takes no longer than this. */
const exchangeMs = 10_000;

/** The restored things that are in place and that somebody has written to since the exchange: the app ran on them. */
export async function writtenSince({ moves }: Exchange, exchangedAt: string): Promise<Move[]> {
  const since = Date.parse(exchangedAt) + exchangeMs;
  const found: Move[] = [];
  for (const one of moves) {
    const inPlace = one.brings && !(await exists(one.fresh)) && (await exists(one.path));
    if (inPlace && (await hasNewer(one.path, since))) found.push(one);
  }
  return found;
}

/** Takes such a thing out of the restore's folder, which is about to go. Gives where it lies then. */
export async function keepBeside({ path, fresh }: Move, exchangedAt: string): Promise<string> {
  const kept = `${path}.holdfast-kept-${exchangedAt.slice(0, 10)}-${Date.parse(exchangedAt).toString(36)}`;
  await move(fresh, kept);
  return kept;
}

async function hasNewer(path: string, sinceMs: number): Promise<boolean> {
  const stats = await lookAt(path);
  if (stats === undefined) return false;
  if (stats.mtimeMs > sinceMs) return true;
  if (!stats.isDirectory()) return false;
  for (const name of await readdir(systemPath(path), { encoding: "latin1" })) {
    if (await hasNewer(`${path}/${nameFromLatin1(name)}`, sinceMs)) return true;
  }
  return false;
}
