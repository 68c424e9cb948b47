import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

const chunkBytes = 1024 * 1024;
const waitMs = 10;

/** Reads a file while another process writes it, up to its end once `written` has settled. */
export function followFile(file: FileHandle, written: Promise<unknown>, onBytes: (bytes: number) => void): Readable {
  let finished = false;
  const settle = (): void => {
    finished = true;
  };
  written.then(settle, settle);
  return Readable.from(chunks(), { objectMode: false, highWaterMark: chunkBytes });

  async function* chunks(): AsyncGenerator<Buffer> {
    let position = 0;
    for (;;) {
      // Asked before reading: what was written before the end must be read before we stop.
      const last = finished;
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position);
      position += bytesRead;
      onBytes(position);
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (last) return;
      else await pause(waitMs);
    }
  }
}
