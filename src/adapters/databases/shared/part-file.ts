import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { commitFile } from "../../../base/files/atomic.ts";
import type { DumpTarget } from "../../../domain/database.ts";

/** A file that appears under its name only when it is whole; until then it is NAME.part. */
export interface PartFile {
  write(chunk: Buffer): Promise<void>;
  /** Puts it on disk for good and gives it its name. */
  commit(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** Opens the file, mode 0600; for the target "nowhere" everything written is dropped. */
export async function openPart(target: DumpTarget, name: string): Promise<PartFile> {
  if (target === "nowhere") return { write: nothing, commit: nothing, discard: nothing };
  const path = join(target.folder, name);
  const part = `${path}.part`;
  const handle = await open(part, "w", 0o600);
  return {
    async write(chunk): Promise<void> {
      let offset = 0;
      while (offset < chunk.length) offset += (await handle.write(chunk, offset)).bytesWritten;
    },
    async commit(): Promise<void> {
      await handle.close();
      await commitFile(part, path);
    },
    async discard(): Promise<void> {
      await handle.close();
      await rm(part, { force: true });
    },
  };
}

async function nothing(): Promise<void> {}
