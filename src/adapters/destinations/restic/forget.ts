import type { SnapshotId } from "../../../domain/names.ts";
import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Restic } from "./invoke.ts";

/** So many ids fit into one argument list (2 MiB on Linux) with room to spare. */
const idsPerCommand = 20_000;

/**
 * `restic forget ID…`, without pruning. It exits 0 on ids that do not exist: list again afterwards.
 * Throws HF_REPOSITORY_*; some may be forgotten by then.
 */
export async function forget(restic: Restic, ids: readonly SnapshotId[], run: RunContext): Promise<void> {
  for (let from = 0; from < ids.length; from += idsPerCommand) {
    await runRestic(restic, run, { args: ["forget", ...ids.slice(from, from + idsPerCommand)] });
  }
}
