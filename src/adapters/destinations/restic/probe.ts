import { z } from "zod";
import { failure, isFailure } from "../../../base/errors/error.ts";
import type { RepositoryFacts } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Restic } from "./invoke.ts";

const config = z.object({ id: z.string().min(1), version: z.number() });

/**
 * `restic cat config`. Undefined when there is no repository; without a lock, because a config never changes.
 * Throws HF_REPOSITORY_* for everything else, HF_RESTIC_OUTPUT.
 */
export async function probe(restic: Restic, run: RunContext): Promise<RepositoryFacts | undefined> {
  try {
    const { lines } = await runRestic(restic, run, { args: ["cat", "config", "--no-lock"], json: false });
    return factsIn(lines, restic.context.name);
  } catch (error) {
    if (isFailure(error, "HF_REPOSITORY_MISSING")) return undefined;
    throw error;
  }
}

/** The config is JSON over several lines; notices may stand in front of it. */
function factsIn(lines: readonly string[], destination: string): RepositoryFacts {
  const text = lines.join("\n");
  const from = text.indexOf("{");
  try {
    const { id, version } = config.parse(JSON.parse(text.slice(from, text.lastIndexOf("}") + 1)));
    return { repositoryId: id, version };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw failure(
      "HF_RESTIC_OUTPUT",
      { command: "cat config", destination, detail: "no config in it" },
      { cause: error },
    );
  }
}
