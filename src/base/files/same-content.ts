import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { systemPath } from "./names.ts";

/** Up to this size a synchronous read costs less than a turn through the thread pool, and holds the thread briefly. */
const smallBytes = 128 * 1024;
const pieceBytes = 1024 * 1024;

/** Whether two regular files hold the same bytes. Throws the system's error when one cannot be read. */
export async function sameContent(
  left: string,
  right: string,
  sizeBytes: number,
  signal?: AbortSignal,
): Promise<boolean> {
  return sizeBytes <= smallBytes ? readSmall(left).equals(readSmall(right)) : compareLarge(left, right, signal);
}

function readSmall(path: string): Buffer {
  const descriptor = openSync(systemPath(path), "r");
  try {
    const buffer = Buffer.allocUnsafe(fstatSync(descriptor).size);
    let filled = 0;
    while (filled < buffer.length) {
      const read = readSync(descriptor, buffer, filled, buffer.length - filled, filled);
      if (read === 0) break;
      filled += read;
    }
    return buffer.subarray(0, filled);
  } finally {
    closeSync(descriptor);
  }
}

async function compareLarge(left: string, right: string, signal: AbortSignal | undefined): Promise<boolean> {
  await using one = await open(systemPath(left), "r");
  await using other = await open(systemPath(right), "r");
  const ours = Buffer.allocUnsafe(pieceBytes);
  const theirs = Buffer.allocUnsafe(pieceBytes);
  for (let at = 0; ;) {
    signal?.throwIfAborted();
    const [a, b] = await Promise.all([fill(one, ours, at), fill(other, theirs, at)]);
    if (a !== b || !ours.subarray(0, a).equals(theirs.subarray(0, b))) return false;
    if (a < pieceBytes) return true;
    at += a;
  }
}

/** A read may give less than was asked for; only the end of the file gives nothing. */
async function fill(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
