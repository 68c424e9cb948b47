import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

const chunkBytes = 256 * 1024;
/** Many times what a stream and the program behind it hold back at once. */
const memoryBytes = 32 * chunkBytes;
const waitMs = 10;

/**
 * Reads a file while another process writes it, up to its end once `written` has settled. A chunk holds only until
 * several MB more have been read: whoever keeps one has to copy it.
 */
export function followFile(file: FileHandle, written: Promise<unknown>, onBytes: (bytes: number) => void): Readable {
  let finished = false;
  const settle = (): void => {
    finished = true;
  };
  written.then(settle, settle);
  return Readable.from(chunks(), { objectMode: false, highWaterMark: chunkBytes });

  async function* chunks(): AsyncGenerator<Buffer> {
    // One piece of memory, used in turns: to collect a fresh one for each chunk costs more than to read it.
    const memory = Buffer.allocUnsafeSlow(memoryBytes);
    let at = 0;
    let position = 0;
    for (;;) {
      // Asked before reading: what was written before the end must be read before we stop.
      const last = finished;
      if (at + chunkBytes > memoryBytes) at = 0;
      const { bytesRead } = await file.read(memory, at, chunkBytes, position);
      const chunk = memory.subarray(at, at + bytesRead);
      at += bytesRead;
      position += bytesRead;
      onBytes(position);
      if (bytesRead > 0) yield chunk;
      else if (last) return;
      else await pause(waitMs);
    }
  }
}
