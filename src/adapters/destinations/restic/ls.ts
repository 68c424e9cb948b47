import { z } from "zod";
import type { SnapshotId } from "../../../domain/names.ts";
import type { Entry } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import type { Restic } from "./invoke.ts";
import { messageIn } from "./messages.ts";
import { linesOf } from "./output.ts";

/** Permission bits: the rest of restic's mode is Go's own code for the type. */
const permissions = 0o777;

/** `struct_type` marks an entry since 0.9; `message_type` since 0.17. */
const node = z.object({
  struct_type: z.literal("node"),
  path: z.string(),
  type: z.string(),
  size: z.number().default(0),
  mode: z.number().default(0),
  mtime: z.string().default(""),
});

/**
 * `restic ls`: everything in the snapshot, or `path` (a file or a folder) and all that lies below it; with `only:
 * "folder"` just what lies directly in it. A path that is not there yields nothing. Bytes of a name that are no UTF-8 arrive as U+FFFD: restic's JSON cannot say them.
 * Throws HF_SNAPSHOT_UNKNOWN, HF_REPOSITORY_*.
 */
export async function* ls(
  restic: Restic,
  id: SnapshotId,
  path: string | undefined,
  run: RunContext,
  only?: "folder",
): AsyncGenerator<Entry> {
  const recursive = only === "folder" ? [] : ["--recursive"];
  const which = path === undefined ? [id] : [...recursive, "--", id, path];
  for await (const line of linesOf(restic, run, { args: ["ls", ...which] })) {
    const entry = node.safeParse(messageIn(line));
    if (entry.success && isWithin(entry.data.path, path)) yield entryOf(entry.data);
  }
}

/** restic also lists the folders on the way to the one that was asked for. */
function isWithin(found: string, path: string | undefined): boolean {
  if (path === undefined || path === "/") return true;
  const asked = path.replace(/\/+$/, "");
  return found === asked || found.startsWith(`${asked}/`);
}

function entryOf({ path, type, size, mode, mtime }: z.infer<typeof node>): Entry {
  return {
    path,
    type: type === "file" || type === "dir" || type === "symlink" ? type : "other",
    sizeBytes: size,
    mode: mode & permissions,
    mtime,
  };
}
