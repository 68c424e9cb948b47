import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { locateRestic } from "../../adapters/destinations/restic/binary.ts";
import { privateFolder, writeAtomically } from "../../base/files/atomic.ts";
import type { Holdfast } from "./holdfast.ts";

const remembered = z.object({ path: z.string(), identity: z.string(), version: z.string() });

export interface Restic {
  path: string;
  version: string;
}

/**
 * The restic to use: $HOLDFAST_RESTIC, else the one on the PATH when it is new enough, else the one in Holdfast's own
 * folder. Its version is remembered for as long as the file stays the same, so that a run starts no process for it.
 * Throws HF_RESTIC_MISSING, HF_RESTIC_TOO_OLD.
 */
export async function findRestic(
  holdfast: Pick<Holdfast, "acting" | "home" | "environment" | "device">,
): Promise<Restic> {
  const note = join(holdfast.home.cache, "restic.json");
  const named = holdfast.environment["HOLDFAST_RESTIC"];
  const known = await readNote(note);
  if (known !== undefined && named === undefined && (await identityOf(known.path)) === known.identity) return known;
  const candidates = named === undefined ? ["restic", join(holdfast.home.binaries, "restic")] : [named];
  const { path, version } = await locateRestic(candidates, holdfast.device);
  if (named === undefined && holdfast.acting) {
    await privateFolder(holdfast.home.cache);
    await writeAtomically(note, JSON.stringify({ path, version, identity: await identityOf(path) }), { mode: 0o600 });
  }
  return { path, version };
}

async function readNote(path: string): Promise<z.infer<typeof remembered> | undefined> {
  try {
    return remembered.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    // No note, or one that does not serve: restic itself is asked again.
    if (error instanceof SyntaxError || error instanceof z.ZodError || isMissing(error)) return undefined;
    throw error;
  }
}

async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
