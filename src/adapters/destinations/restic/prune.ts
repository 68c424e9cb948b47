import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Restic } from "./invoke.ts";

/** `restic prune`, which tells in text only. Throws HF_REPOSITORY_*. */
export async function prune(restic: Restic, run: RunContext): Promise<{ text: string }> {
  const { lines } = await runRestic(restic, run, { args: ["prune"], json: false });
  return { text: lines.join("\n") };
}
