import { z } from "zod";
import { failure, isFailure } from "../../../base/errors/error.ts";
import type { RepositoryLock } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Restic } from "./invoke.ts";

const lockJson = z
  .object({
    time: z.string(),
    exclusive: z.boolean().default(false),
    hostname: z.string().default(""),
    username: z.string().default(""),
    pid: z.number().default(0),
  })
  .transform(({ time, exclusive, hostname, username, pid }): RepositoryLock => ({
    host: hostname,
    pid,
    user: username,
    exclusive,
    createdAt: time,
  }));

/** Who holds locks there, by `restic list locks` and `restic cat lock`, without taking one. Throws HF_REPOSITORY_*. */
export async function locks(restic: Restic, run: RunContext): Promise<RepositoryLock[]> {
  const found: RepositoryLock[] = [];
  for (const id of await lockIds(restic, run)) {
    const lock = await lockOf(id, restic, run);
    if (lock !== undefined) found.push(lock);
  }
  return found;
}

async function lockIds(restic: Restic, run: RunContext): Promise<string[]> {
  const { lines } = await runRestic(restic, run, { args: ["list", "locks", "--no-lock"], json: false });
  return lines.filter((line) => /^[0-9a-f]{64}$/.test(line));
}

/** Undefined for a lock that was removed since it was listed. */
async function lockOf(id: string, restic: Restic, run: RunContext): Promise<RepositoryLock | undefined> {
  try {
    const { lines } = await runRestic(restic, run, { args: ["cat", "lock", id, "--no-lock"], json: false });
    const text = lines.join("\n");
    return lockJson.parse(JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)));
  } catch (error) {
    if (isFailure(error) && !(await lockIds(restic, run)).includes(id)) return undefined;
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    const detail = "a lock of an unknown shape";
    throw failure(
      "HF_RESTIC_OUTPUT",
      { command: "cat lock", destination: restic.context.name, detail },
      { cause: error },
    );
  }
}
