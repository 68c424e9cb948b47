import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "../../../base/errors/error.ts";
import { redact } from "../../../base/secrets/secret.ts";
import type { RestoreRequest } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import { causeOf } from "./failures.ts";
import { runRestic, type Restic, type Result } from "./invoke.ts";
import { statusMessage } from "./messages.ts";
import { literalPattern } from "../../../domain/excludes/literal.ts";

const failed = 1;

/**
 * `restic restore --verify`: every restored file is read back and compared with the repository. Owners are restored by
 * root only; for others restic leaves them, as `cp -p` does, and that is no failure.
 * Throws HF_RESTORE_MISMATCH, HF_RESTORE_FAILED (with restic's first reason), HF_RESTORE_NO_MATCH for an included path
 * that the snapshot does not hold, HF_SNAPSHOT_UNKNOWN, HF_REPOSITORY_*.
 */
export async function restore(restic: Restic, request: RestoreRequest, run: RunContext): Promise<void> {
  const { onProgress } = request;
  const result = await runRestic(restic, run, {
    args: restoreArguments(request),
    accept: [failed],
    onMessage: (message) => {
      const status = onProgress === undefined ? undefined : statusMessage.safeParse(message);
      if (status?.success === true) onProgress?.(status.data);
    },
  });
  throwTroubles(result, request);
  for (const path of request.include) await mustBeThere(join(request.target, path), path);
}

function restoreArguments({ id, target, include }: RestoreRequest): ["restore", ...string[]] {
  return [
    "restore",
    "--verify",
    // A disk image of 20 GB that holds 2 must not need 20.
    "--sparse",
    "--target",
    target,
    ...include.flatMap((path) => ["--include", literalPattern(path)]),
    "--",
    id,
  ];
}

/** restic's words when a file that was read back is not what it wrote. */
const mismatch = /unexpected content|invalid file size/i;

function throwTroubles(result: Result, request: RestoreRequest): void {
  if (result.code === 0) return;
  const [first] = result.errors;
  if (first === undefined) throw result.failure();
  const differing = result.errors.filter(({ detail }) => mismatch.test(detail));
  const [worst] = differing;
  if (worst !== undefined) {
    const paths = [...new Set(differing.map(({ path, detail }) => path || detail))];
    throw failure(
      "HF_RESTORE_MISMATCH",
      { count: paths.length, path: paths.slice(0, 3).join(", ") },
      { cause: result.failure() },
    );
  }
  const telling = result.errors.find(({ detail }) => isOfRepository(detail));
  if (telling !== undefined) throw result.failure(telling.detail);
  const detail = redact(`${first.path}: ${first.detail}`);
  throw failure("HF_RESTORE_FAILED", { what: request.id.slice(0, 8), detail }, { cause: result.failure() });
}

/** A full disk or a refused write is the target's trouble here, and not the repository's. */
function isOfRepository(detail: string): boolean {
  const cause = causeOf(detail);
  return cause === "damaged" || cause === "unreachable";
}

/** restic exits 0 when an include matches nothing. */
async function mustBeThere(restored: string, path: string): Promise<void> {
  try {
    await lstat(restored);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")))
      throw error;
    throw failure("HF_RESTORE_NO_MATCH", { path }, { cause: error });
  }
}
