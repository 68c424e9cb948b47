import { z } from "zod";
import { idOf } from "../../domain/ids.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import { troubleOf, troubleSchema } from "./problems.ts";

const count = (description: string) => z.int().nullable().meta({ description });

export const snapshotSchema = z
  .object({
    id: z.uuid(),
    configuration_id: z.uuid(),
    app_id: z.uuid(),
    app: z.string(),
    destination_id: z.uuid(),
    destination: z.string(),
    run_id: z.string(),
    restic_snapshot_id: z.string().nullable().meta({ description: "restic's own id; null until it is stored." }),
    hostname: z.string(),
    paths: z.array(z.string()),
    tags: z.array(z.string()),
    status: z.enum(["success", "failed", "in_progress"]),
    verdict: z
      .enum(["good", "partial", "suspect", "unproven"])
      .nullable()
      .meta({
        description:
          "What it is worth. `good`: whole. `partial`: something is missing. `suspect`: its source had collapsed, until a " +
          "person accepts it. `unproven`: found in the repository by a recovery.",
      }),
    pinned: z.boolean().meta({ description: "Retention never forgets it." }),
    unchanged: z.boolean().meta({
      description: "The run found that nothing had changed and stored nothing: restic_snapshot_id is an earlier one's.",
    }),
    files_new: count("Files that its predecessor did not have. Null while it is not known."),
    files_changed: count("Files that differ from its predecessor's."),
    files_unmodified: count("Files as in its predecessor."),
    data_added: count("Bytes that were new to the repository, after deduplication and before compression."),
    data_added_packed: count("Bytes by which the repository grew: data_added as it is stored, compressed."),
    total_size: count("Bytes of all files that it holds, which a full restore brings back."),
    total_files: count("Files that it holds."),
    duration: count("Seconds that storing took."),
    parts: z
      .array(z.object({ name: z.string(), files: z.int(), bytes: z.int() }))
      .meta({ description: "What it holds by path and by database: the next run is compared with this." }),
    error_message: z.string().optional(),
    problem: troubleSchema.optional(),
    started_at: z.iso.datetime(),
    completed_at: z.iso.datetime().optional(),
    created_at: z.iso.datetime().meta({ description: "When its run was queued." }),
    forgotten_at: z.iso.datetime().optional().meta({ description: "Since when it is no longer in the repository." }),
  })
  .meta({ id: "BackupSnapshot", description: "What one run left in one destination." });

/** A record as the API tells of it; `current` is what a record of an unchanged run points to. */
export function snapshotView(record: SnapshotRecord, current: SnapshotRecord = record): z.input<typeof snapshotSchema> {
  const { app, destination, status, completedAt, durationMs, problem } = record;
  const { summary } = current;
  const unchanged = status === "unchanged";
  return {
    id: record.id,
    configuration_id: idOf("configuration", app),
    app_id: idOf("app", app),
    app,
    destination_id: idOf("destination", destination),
    destination,
    run_id: record.runId,
    restic_snapshot_id: record.resticId ?? null,
    hostname: record.host,
    paths: current.paths,
    tags: current.tags,
    status: unchanged ? "success" : status,
    verdict: current.verdict ?? null,
    pinned: current.pinned,
    unchanged,
    files_new: unchanged ? 0 : (summary?.filesNew ?? null),
    files_changed: unchanged ? 0 : (summary?.filesChanged ?? null),
    files_unmodified: unchanged ? (summary?.filesProcessed ?? null) : (summary?.filesUnmodified ?? null),
    data_added: unchanged ? 0 : (summary?.dataAdded ?? null),
    data_added_packed: unchanged ? 0 : (summary?.dataAddedPacked ?? null),
    total_size: summary?.bytesProcessed ?? null,
    total_files: summary?.filesProcessed ?? null,
    duration: durationMs === undefined ? null : Math.round(durationMs / 1000),
    parts: current.parts,
    ...(problem === undefined ? {} : { error_message: troubleOf(problem).message, problem: troubleOf(problem) }),
    started_at: startOf(record),
    ...(completedAt === undefined ? {} : { completed_at: completedAt }),
    created_at: record.startedAt,
    ...(current.forgottenAt === undefined ? {} : { forgotten_at: current.forgottenAt }),
  };
}

/** A record is made when its run is queued; the work on it begins later. */
function startOf({ startedAt, completedAt, durationMs }: SnapshotRecord): string {
  if (completedAt === undefined || durationMs === undefined) return startedAt;
  const began = new Date(Date.parse(completedAt) - durationMs).toISOString();
  return began < startedAt ? startedAt : began;
}

export const entrySchema = z
  .object({
    name: z.string(),
    path: z.string(),
    type: z.enum(["file", "dir", "symlink", "other"]),
    size: z.int().meta({ description: "Bytes." }),
    mode: z.string().meta({ description: "Permissions, octal.", examples: ["0644"] }),
    mtime: z.string(),
  })
  .meta({ id: "SnapshotEntry", description: "A file or folder in a snapshot." });
