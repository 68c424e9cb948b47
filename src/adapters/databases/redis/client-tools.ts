import { join } from "node:path";
import { failure, isFailure } from "../../../base/errors/error.ts";
import type { Executor } from "../../../base/process/command.ts";
import { versionIn } from "../shared/versions.ts";

/** The tools of Redis, or of Valkey, which kept their interface. */
export interface RedisTools {
  family: "redis" | "valkey";
  version: string;
  path(tool: "cli" | "check-rdb" | "server"): string;
}

/** Finds the tools where the executor runs. Throws HF_PROGRAM_MISSING. */
export async function findTools(executor: Executor, client: string | undefined): Promise<RedisTools> {
  for (const family of ["redis", "valkey"] as const) {
    const path = (tool: string): string =>
      client === undefined ? `${family}-${tool}` : join(client, `${family}-${tool}`);
    try {
      const version = versionIn((await executor.run({ argv: [path("cli"), "--version"] })).stdout);
      if (version !== undefined) return { family, version, path };
    } catch (error) {
      if (!isFailure(error, "HF_PROGRAM_MISSING")) throw error;
    }
  }
  throw failure("HF_PROGRAM_MISSING", { program: "redis-cli", package: "redis-tools" });
}
