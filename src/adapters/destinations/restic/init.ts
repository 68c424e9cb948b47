import { z } from "zod";
import { failure } from "../../../base/errors/error.ts";
import type { RepositoryFacts } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Restic } from "./invoke.ts";

/** The format with compression; restic's own default since 0.14, said so that it stays so. */
const repositoryVersion = 2;
const initialized = z.object({ message_type: z.literal("initialized"), id: z.string().min(1) });

/** `restic init`. restic refuses where there is a repository: HF_REPOSITORY_EXISTS. Throws HF_REPOSITORY_* otherwise. */
export async function init(restic: Restic, run: RunContext): Promise<RepositoryFacts> {
  let id: string | undefined;
  await runRestic(restic, run, {
    args: ["init", "--repository-version", String(repositoryVersion)],
    onMessage: (message) => {
      const parsed = initialized.safeParse(message);
      if (parsed.success) id = parsed.data.id;
    },
  });
  if (id === undefined) {
    throw failure("HF_RESTIC_OUTPUT", { command: "init", destination: restic.context.name, detail: "no id in it" });
  }
  return { repositoryId: id, version: repositoryVersion };
}
