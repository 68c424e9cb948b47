import type { Writable } from "node:stream";
import { failure, isFailure } from "../../../base/errors/error.ts";
import type { SnapshotId } from "../../../domain/names.ts";
import type { ArchiveFormat } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Restic } from "./invoke.ts";

/**
 * `restic dump`: one file's content, and an archive for a folder. `into` is ended.
 * Throws HF_RESTORE_NO_MATCH when the snapshot holds no such path, HF_SNAPSHOT_UNKNOWN, HF_REPOSITORY_*.
 */
export async function dump(
  restic: Restic,
  { id, path, archive }: { id: SnapshotId; path: string; archive: ArchiveFormat },
  into: Writable,
  run: RunContext,
): Promise<void> {
  try {
    await runRestic(restic, run, { args: ["dump", "--archive", archive, "--", id, path], json: false, stdout: into });
  } catch (error) {
    const text = isFailure(error, "HF_RESTIC_FAILED") ? (error.problem.params["detail"] ?? "") : "";
    if (/not found in snapshot|cannot dump/.test(text))
      throw failure("HF_RESTORE_NO_MATCH", { path }, { cause: error });
    throw error;
  }
}
