import type { FileHandle } from "node:fs/promises";

const everyBytes = 64 * 1024 * 1024;

/** Puts a growing file on disk piece by piece, so that little is left to wait for at its end. */
export interface EarlySync {
  /** To be told how long the file is by now. */
  grown(bytes: number): void;
  /** Waits for what was begun. Throws the system's error: asked a second time, it would not tell it again. */
  end(): Promise<void>;
}

export function earlySync(file: FileHandle): EarlySync {
  let begun: Promise<void> | undefined;
  let bytesBegun = 0;
  let failed: unknown;
  return {
    grown(bytes) {
      if (begun !== undefined || bytes - bytesBegun < everyBytes) return;
      bytesBegun = bytes;
      begun = file
        .datasync()
        .catch((error: unknown) => {
          failed ??= error;
        })
        .finally(() => {
          begun = undefined;
        });
    },
    async end() {
      await begun;
      if (failed !== undefined) throw failed;
    },
  };
}
