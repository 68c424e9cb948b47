import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { failure } from "../../base/errors/error.ts";
import { commitFile } from "../../base/files/atomic.ts";
import type { DumpExport } from "../../domain/app.ts";
import type { DatabaseDeclaration, DumpProof } from "../../domain/database.ts";

const dayMs = 24 * 3600 * 1000;

/**
 * Writes a dated, compressed copy of a complete dump to FOLDER/TYPE/NAME/ and removes copies past their days, never the
 * newest. Gives the copy's path. Nothing that is half written ever carries the final name.
 */
export async function exportDump(
  target: DumpExport,
  declaration: DatabaseDeclaration,
  staged: string,
  proof: DumpProof,
  now: Date,
  signal: AbortSignal,
): Promise<string> {
  const folder = join(target.folder, declaration.type, declaration.name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [main] = proof.files;
  if (main === undefined) throw failure("HF_DUMP_INCOMPLETE", { database: declaration.name, detail: "it has no file" });
  const name = `${declaration.name}_${stamp(now)}${extname(main.name)}.gz`;
  const path = join(folder, name);
  const part = `${path}.part`;
  try {
    await pipeline(
      createReadStream(join(staged, main.name)),
      createGzip({ level: 6 }),
      createWriteStream(part, { mode: 0o600 }),
      { signal },
    );
    await commitFile(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  if (target.retentionDays !== undefined) await removeOld(folder, declaration.name, target.retentionDays, now);
  return path;
}

/** Local time, as the people who read file names expect: 2026-11-20_030000. */
function stamp(now: Date): string {
  const pad = (value: number): string => String(value).padStart(2, "0");
  const day = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
  return `${day}_${pad(now.getHours())}${pad(now.getMinutes())}${pad(now.getSeconds())}`;
}

async function removeOld(folder: string, name: string, days: number, now: Date): Promise<void> {
  const ours = (await readdir(folder)).filter((file) => file.startsWith(`${name}_`) && file.endsWith(".gz")).sort();
  for (const file of ours.slice(0, -1)) {
    const { mtimeMs } = await stat(join(folder, file));
    if (now.getTime() - mtimeMs > days * dayMs) await rm(join(folder, file), { force: true });
  }
}
