import { z } from "zod";
import { snapshotId } from "../../../domain/names.ts";
import type { StoredSnapshot, StoreSummary } from "../../../domain/repository.ts";

/** What `backup` counted: in its own summary, and (since 0.17) in the snapshot. */
export const summaryJson = z
  .object({
    files_new: z.number(),
    files_changed: z.number(),
    files_unmodified: z.number(),
    total_files_processed: z.number(),
    total_bytes_processed: z.number(),
    data_added: z.number(),
    data_added_packed: z.number().optional(),
  })
  .transform((summary): StoreSummary => ({
    filesNew: summary.files_new,
    filesChanged: summary.files_changed,
    filesUnmodified: summary.files_unmodified,
    filesProcessed: summary.total_files_processed,
    bytesProcessed: summary.total_bytes_processed,
    dataAdded: summary.data_added,
    dataAddedPacked: summary.data_added_packed ?? summary.data_added,
  }));

/** One snapshot of `snapshots --json`. Go writes an empty list as null or leaves it out. */
export const snapshotJson = z
  .object({
    id: z.string().regex(/^[0-9a-f]{64}$/),
    time: z.string(),
    hostname: z.string().default(""),
    paths: z.array(z.string()).nullish(),
    tags: z.array(z.string()).nullish(),
    parent: z.string().optional(),
    summary: summaryJson.optional(),
  })
  .transform(({ id, time, hostname, paths, tags, parent, summary }): StoredSnapshot => ({
    id: snapshotId(id),
    time,
    host: hostname,
    paths: paths ?? [],
    tags: tags ?? [],
    ...(parent === undefined || parent === "" ? {} : { parent: snapshotId(parent) }),
    ...(summary === undefined ? {} : { summary }),
  }));
