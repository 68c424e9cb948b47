import { z } from "zod";
import { failure } from "../../../base/errors/error.ts";
import type { RepositoryStats } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Restic } from "./invoke.ts";

const statsJson = z
  .object({ total_size: z.number(), total_uncompressed_size: z.number().optional(), snapshots_count: z.number() })
  .transform(({ total_size, total_uncompressed_size, snapshots_count }): RepositoryStats => ({
    snapshots: snapshots_count,
    sizeBytes: total_size,
    uncompressedBytes: total_uncompressed_size ?? total_size,
  }));

/** `restic stats --mode raw-data`. Throws HF_REPOSITORY_*, HF_RESTIC_OUTPUT. */
export async function stats(restic: Restic, run: RunContext): Promise<RepositoryStats> {
  let found: RepositoryStats | undefined;
  await runRestic(restic, run, {
    args: ["stats", "--mode", "raw-data"],
    onMessage: (message) => {
      found = statsJson.safeParse(message).data ?? found;
    },
  });
  if (found === undefined) {
    throw failure("HF_RESTIC_OUTPUT", {
      command: "stats",
      destination: restic.context.name,
      detail: "no figures in it",
    });
  }
  return found;
}
