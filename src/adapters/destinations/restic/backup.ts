import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { failure } from "../../../base/errors/error.ts";
import { snapshotId } from "../../../domain/names.ts";
import type { StoreRequest, StoreResult } from "../../../domain/repository.ts";
import type { RunContext } from "../../../domain/run.ts";
import { runRestic, type Restic } from "./invoke.ts";
import { statusMessage } from "./messages.ts";
import { summaryJson } from "./snapshot-json.ts";

/** Some sources could not be read; the snapshot exists without them. */
const incomplete = 3;
/** A longer list of paths goes through a file: argv is limited, also to 128 KiB for one argument. */
const longestPathList = 64 * 1024;

const summaryMessage = z
  .object({ message_type: z.literal("summary"), snapshot_id: z.string().optional() })
  .and(summaryJson);

/**
 * `restic backup`. A path that is missing is passed over by restic before 0.19, with exit 0: callers look first.
 * Throws HF_SNAPSHOT_UNKNOWN when the parent is gone, HF_REPOSITORY_*, HF_RESTIC_FAILED, HF_RESTIC_OUTPUT.
 */
export async function backup(restic: Restic, request: StoreRequest, run: RunContext): Promise<StoreResult> {
  const listFile = join(restic.context.scratch, `paths-${randomUUID()}`);
  const listed = request.paths.reduce((bytes, path) => bytes + Buffer.byteLength(path) + 1, 0) > longestPathList;
  // NUL between them: the other two forms of --files-from trim, expand or split at line ends.
  if (listed) await writeFile(listFile, request.paths.map((path) => `${path}\0`).join(""), { mode: 0o600, flag: "wx" });
  const paths = listed ? ["--files-from-raw", listFile] : ["--", ...request.paths];
  try {
    return await store(restic, request, paths, run);
  } finally {
    if (listed) await rm(listFile, { force: true });
  }
}

async function store(restic: Restic, request: StoreRequest, paths: string[], run: RunContext): Promise<StoreResult> {
  const { onProgress } = request;
  let summary: z.infer<typeof summaryMessage> | undefined;
  const { code, errors, lines } = await runRestic(restic, run, {
    args: ["backup", ...backupOptions(request), ...paths],
    accept: [incomplete],
    onMessage: (message) => {
      if (message["message_type"] === "summary") summary = summaryMessage.safeParse(message).data ?? summary;
      if (message["message_type"] !== "status" || onProgress === undefined) return;
      const status = statusMessage.safeParse(message);
      if (status.success) onProgress(status.data);
    },
  });
  const dry = request.dryRun ?? false;
  if (summary === undefined || (!dry && summary.snapshot_id === undefined)) {
    throw failure("HF_RESTIC_OUTPUT", {
      command: "backup",
      destination: restic.context.name,
      detail: "no summary in it",
    });
  }
  const { snapshot_id: id, message_type: _type, ...counted } = summary;
  // Whatever restic said, exit 3 means that the snapshot is not whole.
  const untold = code === incomplete && errors.length === 0;
  const unreadable = untold ? [{ path: "a file", detail: lines.at(-1) ?? "restic named none" }] : errors;
  return { ...(dry || id === undefined ? {} : { id: snapshotId(id) }), summary: counted, unreadable };
}

/**
 * Excludes go through argv, one option each: in an `--exclude-file` restic expands `$NAME`, drops lines that begin with
 * `#`, trims blanks and cannot hold a line end. They are no secrets, and lists of patterns are short.
 */
function backupOptions(request: StoreRequest): string[] {
  return [
    "--host",
    request.host,
    ...request.tags.flatMap((tag) => ["--tag", tag]),
    ...request.exclude.flatMap((pattern) => ["--exclude", pattern]),
    ...(request.parent === undefined ? [] : ["--parent", request.parent]),
    ...((request.dryRun ?? false) ? ["--dry-run"] : []),
  ];
}
