import { posix } from "node:path";
import { Writable } from "node:stream";
import { failure, isFailure } from "../../base/errors/error.ts";
import { captureFileName, captureFolder, captureSchema, type Capture } from "../../domain/capture.ts";
import type { SnapshotId } from "../../domain/names.ts";
import type { Repository } from "../../domain/repository.ts";
import type { RunContext } from "../../domain/run.ts";

export interface FoundCapture {
  capture: Capture;
  /** The staging folder as the snapshot names it: another machine's home may lie elsewhere. */
  staging: string;
}

/** The staging folder is the last path of every snapshot that Holdfast makes. */
export function stagingIn(snapshot: { paths: string[] }, app: string): string | undefined {
  return snapshot.paths.findLast((path) => path.endsWith(`/staging/${app}`));
}

/** Reads a snapshot's capture.json. Undefined when the snapshot has none. */
export async function readCapture(
  repository: Repository,
  snapshot: { id: SnapshotId; paths: string[] },
  app: string,
  run: RunContext,
): Promise<FoundCapture | undefined> {
  const staging = stagingIn(snapshot, app);
  if (staging === undefined) return undefined;
  const path = posix.join(staging, captureFolder, captureFileName);
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  try {
    await repository.read(snapshot.id, path, sink, run);
  } catch (error) {
    if (isFailure(error, "HF_RESTORE_NO_MATCH")) return undefined;
    throw error;
  }
  return { capture: parseCapture(Buffer.concat(chunks).toString("utf8"), path), staging };
}

/** Throws HF_RESTORE_FAILED for a text that is no capture.json of ours. */
export function parseCapture(text: string, path: string): Capture {
  try {
    return captureSchema.parse(JSON.parse(text));
  } catch (error) {
    const detail = `it is no capture that this Holdfast understands (${error instanceof Error ? error.message : String(error)})`;
    throw failure("HF_RESTORE_FAILED", { what: path, detail }, { cause: error });
  }
}
