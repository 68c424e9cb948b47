import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Restic } from "./invoke.ts";

/** Plain `restic unlock`: removes stale locks, and never those of others (law 4). Throws HF_REPOSITORY_*. */
export async function unlock(restic: Restic, run: RunContext): Promise<void> {
  await runRestic(restic, run, { args: ["unlock"] });
}
