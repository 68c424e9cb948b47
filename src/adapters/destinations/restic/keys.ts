import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { failure } from "../../../base/errors/error.ts";
import type { Secret } from "../../../base/secrets/secret.ts";
import type { RepositoryKey } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Restic } from "./invoke.ts";

const listed = z.array(
  z
    .object({ id: z.string().regex(/^[0-9a-f]{64}$/), current: z.boolean(), created: z.string() })
    .transform(({ id, current, created }): RepositoryKey => ({ id, current, createdAt: created })),
);

/** `restic key list`: every password that opens the repository. Throws HF_REPOSITORY_*, HF_RESTIC_OUTPUT. */
export async function keys(restic: Restic, run: RunContext): Promise<RepositoryKey[]> {
  // It prints one array, which is no message and so comes as a line.
  const { lines } = await runRestic(restic, run, { args: ["key", "list"] });
  try {
    return listed.parse(JSON.parse(lines.find((line) => line.startsWith("[")) ?? ""));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    const detail = "no list of keys in it";
    throw failure(
      "HF_RESTIC_OUTPUT",
      { command: "key list", destination: restic.context.name, detail },
      { cause: error },
    );
  }
}

/** `restic key add`. The new password goes by a file of our own, which is gone afterwards. Throws HF_REPOSITORY_*. */
export async function addKey(restic: Restic, password: Secret, run: RunContext): Promise<void> {
  const file = join(restic.context.scratch, `new-password-${randomUUID()}`);
  try {
    await writeFile(file, password.reveal(), { mode: 0o600, flag: "wx" });
    await runRestic(restic, run, { args: ["key", "add", "--new-password-file", file], json: false });
  } finally {
    await rm(file, { force: true });
  }
}

/** `restic key remove`. restic refuses the key that opened the repository. Throws HF_REPOSITORY_*, HF_RESTIC_FAILED. */
export async function removeKey(restic: Restic, key: string, run: RunContext): Promise<void> {
  await runRestic(restic, run, { args: ["key", "remove", key], json: false });
}
