import { PassThrough, type Readable, type Writable } from "node:stream";
import { failure } from "../../../base/errors/error.ts";
import type { DumpTarget } from "../../../domain/database.ts";
import { mostTelling } from "./dump-failure.ts";
import { openPart } from "./part-file.ts";
import { teeInto } from "./tee.ts";

export interface DumpWriting {
  /** The database's name, for messages. */
  database: string;
  target: DumpTarget;
  fileName: string;
  /** Cancels; the programs behind `produce` and `readers` must listen to it themselves. */
  signal: AbortSignal;
  /** Writes the whole dump into `into` and ends it. Throws HF_DUMP_FAILED when the dump program fails. */
  produce(into: Writable): Promise<void>;
  /** Each reads all of the dump while it is written. Throws HF_DUMP_INCOMPLETE when it is not whole. */
  readers: ((source: Readable) => Promise<void>)[];
  onBytes?: (bytes: number) => void;
}

const branchBuffer = 1024 * 1024;

/**
 * Writes a dump while its readers prove it. The file gets its name only when the producer and every reader have
 * succeeded; otherwise nothing stays behind. Throws the producer's failure, else the first reader's, as HF_DUMP_*.
 */
export async function writeDump(writing: DumpWriting): Promise<{ name: string; bytes: number }> {
  const part = await openPart(writing.target, writing.fileName);
  const branches = writing.readers.map((reader) => {
    const source = new PassThrough({ highWaterMark: branchBuffer });
    // A reader without interest in the broken stream of a failed dump must not crash the process.
    source.on("error", () => undefined);
    return { source, reader };
  });
  let bytes = 0;
  const tee = teeInto(
    part,
    branches.map(({ source }) => source),
    (added) => {
      bytes += added;
      writing.onBytes?.(bytes);
    },
  );
  try {
    const reading = branches.map(({ source, reader }) => reader(source));
    const producing = writing.produce(tee).catch((error: unknown) => {
      // Readers of a dump that will not come must see its end.
      tee.destroy();
      throw error;
    });
    const results = await Promise.allSettled([producing, ...reading]);
    writing.signal.throwIfAborted();
    const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    if (reasons.length > 0) throw mostTelling(writing.database, reasons);
    if (bytes === 0) throw failure("HF_DUMP_INCOMPLETE", { database: writing.database, detail: "it is empty" });
  } catch (error) {
    await part.discard();
    throw error;
  }
  await part.commit();
  return { name: writing.fileName, bytes };
}
