import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { followFile } from "./follow-file.ts";

async function newFile(): Promise<{ reading: FileHandle; writing: FileHandle }> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-follow-"));
  const path = join(folder, "dump");
  const [writing, reading] = [await open(path, "w"), await open(path, "r")];
  onTestFinished(async () => {
    await Promise.all([writing.close(), reading.close()]);
    await rm(folder, { recursive: true });
  });
  return { reading, writing };
}

it("gives every byte once and in order, however small the pieces and however slow the reader", async () => {
  const { reading, writing } = await newFile();
  const wrote = createHash("sha256");
  const bytes = 24 * 1024 * 1024;
  const write = async (): Promise<void> => {
    for (let written = 0; written < bytes;) {
      const size = Math.min(bytes - written, written < bytes / 8 ? 700 + (written % 9000) : 900_000);
      const piece = randomBytes(size);
      wrote.update(piece);
      await writing.write(piece);
      written += size;
    }
  };
  let told = 0;
  const read = createHash("sha256");
  const slow = new Writable({
    highWaterMark: 64 * 1024,
    write(chunk: Buffer, _encoding, done) {
      // Looked at only after the file has grown further.
      void turn()
        .then(turn)
        .then(() => read.update(chunk))
        .then(() => done(), done);
    },
  });
  const source = followFile(reading, write(), (position) => {
    told = position;
  });

  await pipeline(source, slow);

  expect(told).toBe(bytes);
  expect(read.digest("hex")).toBe(wrote.digest("hex"));
});
