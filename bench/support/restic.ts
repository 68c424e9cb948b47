import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { systemEnvironment, timed } from "./measure.ts";

/** A repository of plain restic, with a cache of its own. */
export interface PlainRestic {
  /** Runs restic and gives the wall time in milliseconds. */
  run(...args: string[]): Promise<number>;
}

/** Creates a repository in a folder. */
export async function plainRestic(folder: string, restic: string): Promise<PlainRestic> {
  await mkdir(folder, { recursive: true });
  const env = {
    ...systemEnvironment(),
    HOME: folder,
    RESTIC_REPOSITORY: join(folder, "repository"),
    RESTIC_CACHE_DIR: join(folder, "cache"),
    RESTIC_PASSWORD: "bench",
  };
  const run = async (...args: string[]): Promise<number> => await timed({ argv: [restic, ...args], env });
  await run("init");
  return { run };
}
