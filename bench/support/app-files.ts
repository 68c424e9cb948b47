import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Size {
  files: number;
  fileBytes: number;
}

const perFolder = 50;

/** Fills a folder with files of random bytes, of which nothing can be compressed or deduplicated. */
export async function makeAppFiles(folder: string, { files, fileBytes }: Size): Promise<void> {
  for (let index = 0; index < files; index += 1) {
    const below = join(folder, String(Math.floor(index / perFolder)));
    if (index % perFolder === 0) await mkdir(below, { recursive: true });
    await writeFile(join(below, `${index}.bin`), randomBytes(fileBytes));
  }
}

/** Rewrites always the same one file, so that every repository sees one change however long it has not looked. */
export async function changeOneFile(folder: string, { fileBytes }: Size): Promise<void> {
  await writeFile(join(folder, "0", "0.bin"), randomBytes(fileBytes));
}
