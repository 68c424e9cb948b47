import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

const ownership = z.object({ mode: z.int(), uid: z.int(), gid: z.int() });

/** What a copy does not hold itself: who may read and write the live file and its folder. Lies beside the copy. */
const sidecarSchema = z.object({
  path: z.string(),
  file: ownership,
  folder: ownership,
  journal_mode: z.string(),
  page_size: z.int(),
  sqlite_version: z.string(),
});

export type Ownership = z.infer<typeof ownership>;
export type Sidecar = z.infer<typeof sidecarSchema>;

/** The sidecar of the live file as it is now. */
export async function sidecarOf(
  path: string,
  facts: { journalMode: string; pageSize: number; version: string },
): Promise<Sidecar> {
  return {
    path,
    file: await ownershipOf(path),
    folder: await ownershipOf(dirname(path)),
    journal_mode: facts.journalMode,
    page_size: facts.pageSize,
    sqlite_version: facts.version,
  };
}

export async function readSidecar(file: string): Promise<Sidecar> {
  return sidecarSchema.parse(JSON.parse(await readFile(file, "utf8")));
}

async function ownershipOf(path: string): Promise<Ownership> {
  const { mode, uid, gid } = await stat(path);
  return { mode: mode & 0o7777, uid, gid };
}
