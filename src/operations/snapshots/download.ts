import { once } from "node:events";
import { posix } from "node:path";
import { PassThrough, Writable, type Readable } from "node:stream";
import PQueue from "p-queue";
import { failure } from "../../base/errors/error.ts";
import type { ArchiveFormat, Entry } from "../../domain/repository.ts";
import type { Database } from "../../state/open.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { findEntry } from "./browse.ts";
import { pace, stretchMs } from "./pace.ts";
import { reading } from "./reading.ts";
import type { Stored } from "./record.ts";

export interface DownloadRequest {
  /** Absolute, without a slash at its end. */
  path: string;
  /** For a folder. */
  archive: ArchiveFormat;
}

export interface Download {
  /** A name for the file that it becomes; any character may be in it. */
  name: string;
  /** Bytes; absent for an archive, whose size is not known before. */
  sizeBytes?: number;
  /** Has its first bytes already. It fails, and does not just end, when something goes wrong on the way. */
  content: Readable;
}

/** More than these wait their turn: each is a restic with the repository's index in memory. */
const downloadsAtOnce = 6;
const queues = new WeakMap<Database, PQueue>();

function queueOf(state: Database): PQueue {
  const there = queues.get(state) ?? new PQueue({ concurrency: downloadsAtOnce });
  queues.set(state, there);
  return there;
}

/**
 * Opens a file of a snapshot, or a folder as an archive, for reading. What fails before the first byte is thrown:
 * HF_RESTORE_NO_MATCH, HF_DOWNLOAD_NOT_POSSIBLE, HF_REPOSITORY_*. Destroying the content ends restic.
 */
export async function download(
  holdfast: Holdfast,
  snapshot: Stored,
  request: DownloadRequest,
  signal: AbortSignal,
): Promise<Download> {
  const entry = await findEntry(holdfast, snapshot, request.path, signal);
  if (entry === undefined) throw failure("HF_RESTORE_NO_MATCH", { path: request.path });
  if (entry.type !== "file" && entry.type !== "dir") {
    throw failure("HF_DOWNLOAD_NOT_POSSIBLE", { path: request.path, type: entry.type });
  }
  const content = new PassThrough();
  const gone = new AbortController();
  content.once("close", () => gone.abort());
  const stalled = new AbortController();
  const pacing = pace(() => stalled.abort());
  const ends = AbortSignal.any([signal, gone.signal, stalled.signal]);
  const read = async (): Promise<void> =>
    await reading(holdfast, snapshot, ends, async (repository, run) => {
      const into = passingOn(content, pacing.moved);
      await repository.read(snapshot.resticId, request.path, into, run, request.archive);
    });
  const finished = queueOf(holdfast.state).add(read, { signal: ends }).finally(pacing.end);
  // Whoever sends it on hears of its errors too; this keeps one that comes before that from being nobody's.
  content.on("error", () => undefined);
  finished.then(
    () => content.end(),
    (error: unknown) => content.destroy(stalled.signal.aborted ? stall(request) : asError(error)),
  );
  // An empty file has no first byte: it is complete when restic has ended well.
  await Promise.race([once(content, "readable"), finished]);
  return {
    name: nameOf(snapshot, entry, request),
    content,
    ...(entry.type === "file" ? { sizeBytes: entry.sizeBytes } : {}),
  };
}

/** restic's output goes on to `content`, whose end is left open: restic may still say that it failed. */
function passingOn(content: PassThrough, moved: (bytes: number) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      moved(chunk.length);
      if (content.destroyed) return done(new Error("the reader is gone"));
      if (content.write(chunk)) return done();
      const settle = (): void => {
        content.off("drain", settle).off("close", settle);
        done(content.destroyed ? new Error("the reader is gone") : null);
      };
      content.once("drain", settle).once("close", settle);
    },
  });
}

function nameOf(snapshot: Stored, entry: Entry, { path, archive }: DownloadRequest): string {
  const name = posix.basename(path) || `${snapshot.app}-${snapshot.resticId.slice(0, 8)}`;
  return entry.type === "file" ? name : `${name}.${archive}`;
}

function stall({ path }: DownloadRequest): Error {
  return failure("HF_DOWNLOAD_STALLED", { path, limit: `${stretchMs / 60_000} minutes` });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
