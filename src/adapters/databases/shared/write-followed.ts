import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { failure } from "../../../base/errors/error.ts";
import { mostTelling } from "./dump-failure.ts";
import { earlySync } from "./early-sync.ts";
import { followFile } from "./follow-file.ts";
import { commitFile } from "../../../base/files/atomic.ts";

export interface FollowedWriting {
  /** The database's name, for messages. */
  database: string;
  folder: string;
  fileName: string;
  signal: AbortSignal;
  /** Lets the dump program write straight into this open file. Throws HF_DUMP_FAILED when the program fails. */
  produce(fd: number): Promise<void>;
  /** Reads all of the dump while it is written. Throws HF_DUMP_INCOMPLETE when it is not whole. */
  reader: (source: Readable) => Promise<void>;
  /** A last look at the finished file: a program that may seek can have changed what was read before. */
  finished?: (path: string) => Promise<void>;
  onBytes?: (bytes: number) => void;
}

/**
 * Writes a dump whose program owns the file while its reader follows. Cheaper than `writeDump`, because nothing passes
 * through us on its way to the disk. The file gets its name only when all have succeeded; else nothing stays behind.
 */
export async function writeFollowed(writing: FollowedWriting): Promise<{ name: string; bytes: number }> {
  const path = join(writing.folder, writing.fileName);
  const part = `${path}.part`;
  const file = await open(part, "w+", 0o600);
  try {
    const produced = writing.produce(file.fd);
    const sync = earlySync(file);
    const source = followFile(file, produced, (bytes) => {
      sync.grown(bytes);
      writing.onBytes?.(bytes);
    });
    const results = await Promise.allSettled([produced, writing.reader(source)]);
    writing.signal.throwIfAborted();
    const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    if (reasons.length > 0) throw mostTelling(writing.database, reasons);
    await sync.end();
    const bytes = (await file.stat()).size;
    if (bytes === 0) throw failure("HF_DUMP_INCOMPLETE", { database: writing.database, detail: "it is empty" });
    await writing.finished?.(part);
    await commitFile(part, path);
    return { name: writing.fileName, bytes };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
