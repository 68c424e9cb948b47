import { Writable, type PassThrough } from "node:stream";
import type { PartFile } from "./part-file.ts";

/**
 * Passes every chunk to the file and to all branches, as slowly as the slowest of them. A branch that goes away is an
 * error: it was reading to prove something. Destroying the tee destroys the branches.
 */
export function teeInto(part: PartFile, branches: PassThrough[], onBytes: (added: number) => void): Writable {
  const pass = async (chunk: Buffer): Promise<void> => {
    await Promise.all([part.write(chunk), ...branches.map((branch) => feed(branch, chunk))]);
    onBytes(chunk.length);
  };
  const settle = (work: Promise<void>, done: (error?: Error | null) => void): void => {
    work.then(
      () => done(),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  };
  return new Writable({
    highWaterMark: 4 * 1024 * 1024,
    write: (chunk: Buffer, _encoding, done) => settle(pass(chunk), done),
    writev: (chunks: { chunk: Buffer }[], done) => settle(pass(Buffer.concat(chunks.map(({ chunk }) => chunk))), done),
    final: (done) => {
      for (const branch of branches) branch.end();
      done();
    },
    destroy: (error, done) => {
      // After a proper end the branches still hold what their readers have not taken yet.
      for (const branch of branches) if (!branch.writableEnded) branch.destroy();
      done(error);
    },
  });
}

/** Resolves when the branch can take more; rejects when its reader has gone. */
function feed(branch: PassThrough, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error("what proves the dump ended before the dump did"));
    if (branch.destroyed) {
      gone();
    } else if (branch.write(chunk)) {
      resolve();
    } else {
      const settle = (): void => {
        branch.off("drain", settle);
        branch.off("close", settle);
        if (branch.destroyed) gone();
        else resolve();
      };
      branch.on("drain", settle);
      branch.on("close", settle);
    }
  });
}
