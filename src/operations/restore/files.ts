import { posix } from "node:path";
import { failure } from "../../base/errors/error.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { eachEntry } from "../snapshots/browse.ts";
import type { Stored } from "../snapshots/record.ts";

/** More candidates are not told. */
const toldCandidates = 5;

interface Wanted {
  /** As it was asked for. */
  asked: string;
  /** Without doubled slashes and dots. */
  path: string;
  found: Set<string>;
}

/**
 * The snapshot's own paths of what was asked for: absolute ones as they are, relative ones by the end of exactly one path.
 * Throws HF_RESTORE_PATH_REFUSED, HF_RESTORE_FILE_UNKNOWN, HF_RESTORE_FILE_AMBIGUOUS.
 */
export async function resolveFiles(
  holdfast: Holdfast,
  snapshot: Stored,
  asked: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const wanted = asked.map((one): Wanted => ({ asked: one, path: plainPath(one), found: new Set() }));
  // The root is everything.
  if (wanted.length === 0 || wanted.some(({ path }) => path === "/")) return [];
  const byName = new Map<string, Wanted[]>();
  for (const one of wanted) {
    const name = posix.basename(one.path);
    byName.set(name, [...(byName.get(name) ?? []), one]);
  }
  await eachEntry(holdfast, snapshot, signal, (entry) => {
    for (const one of byName.get(posix.basename(entry.path)) ?? []) {
      const enough = one.found.size > toldCandidates && entry.path !== `/${one.path}`;
      if (isMeant(one.path, entry.path) && !enough) one.found.add(entry.path);
    }
  });
  return [...new Set(wanted.map(theOne))];
}

function isMeant(wanted: string, path: string): boolean {
  return wanted.startsWith("/") ? path === wanted : path.endsWith(`/${wanted}`);
}

function theOne({ asked, path, found }: Wanted): string {
  const [first] = found;
  if (first === undefined) throw failure("HF_RESTORE_FILE_UNKNOWN", { path: asked });
  // The path below the root itself is the plainest reading.
  if (found.has(`/${path}`)) return `/${path}`;
  if (found.size === 1) return first;
  const told = [...found].slice(0, toldCandidates).join(", ");
  const candidates = found.size > toldCandidates ? `${told}, …` : told;
  throw failure("HF_RESTORE_FILE_AMBIGUOUS", { path: asked, candidates });
}

/** A path of a snapshot in its plainest form. Throws HF_RESTORE_PATH_REFUSED. */
export function plainPath(text: string): string {
  const refused = (detail: string): Error => failure("HF_RESTORE_PATH_REFUSED", { path: text, detail });
  if (text.includes("\0")) throw refused("it has a NUL in it.");
  if (text.split("/").includes("..")) throw refused("it has `..` in it.");
  const plain = posix.normalize(text).replace(/(?<=.)\/+$/, "");
  if (text === "" || plain === ".") throw refused("it is empty.");
  return plain;
}
