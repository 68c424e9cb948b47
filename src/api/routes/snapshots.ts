import { posix } from "node:path";
import { z } from "zod";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import { isSystemApp } from "../../domain/system.ts";
import { plainPath } from "../../operations/restore/files.ts";
import { listFolder } from "../../operations/snapshots/browse.ts";
import { download } from "../../operations/snapshots/download.ts";
import { nameOf } from "../../operations/snapshots/names.ts";
import { accept, currentOf, needRecord, needStored, pin } from "../../operations/snapshots/record.ts";
import { snapshotPage, storedRecords } from "../../state/queries/snapshot-pages.ts";
import type { Database } from "../../state/open.ts";
import { needScope } from "../access/need-scope.ts";
import { attachment } from "../attachment.ts";
import { route, type Route } from "../route.ts";
import { cursorAfter, given, nextCursor, pageCursor } from "../schemas/paging.ts";
import { entrySchema, snapshotSchema, snapshotView } from "../schemas/snapshots.ts";
import { flag, givenTime, idParams as byId, limitOf } from "../shapes.ts";

const tag = "Snapshots";
const path = z
  .string()
  .max(8192)
  .default("/")
  .meta({ description: "Absolute. Default `/`.", examples: ["/srv/app"] });

/** Each with what it points to, when it points to another one. */
async function views(state: Database, records: SnapshotRecord[]): Promise<z.input<typeof snapshotSchema>[]> {
  const stored = await storedRecords(
    state,
    records.filter(({ status }) => status === "unchanged"),
  );
  return records.map((record) => {
    const isCurrent = (one: SnapshotRecord): boolean =>
      one.resticId === record.resticId && one.destination === record.destination;
    return snapshotView(record, record.status === "unchanged" ? stored.find(isCurrent) : record);
  });
}

export const snapshotRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/backup/snapshots",
    access: "read",
    tag,
    summary: "List snapshots",
    description: "Newest first. What was forgotten, and runs that found nothing changed, only when asked for.",
    query: z.strictObject({
      app_id: z.uuid().optional(),
      configuration_id: z.uuid().optional(),
      destination_id: z.uuid().optional(),
      run_id: z.uuid().optional(),
      status: z.enum(["success", "failed", "in_progress"]).optional(),
      verdict: z.enum(["good", "partial", "suspect", "unproven"]).optional(),
      pinned: flag.optional(),
      from: givenTime.optional().meta({ description: "Made at this time or later." }),
      to: givenTime.optional().meta({ description: "Made before this time." }),
      forgotten: flag.default(false).meta({ description: "Also those that are no longer in the repository." }),
      unchanged: flag.default(false).meta({ description: "Also runs that found nothing changed." }),
      cursor: pageCursor.optional(),
      limit: limitOf(100, 500),
    }),
    answers: { 200: z.object({ snapshots: z.array(snapshotSchema), next_cursor: nextCursor }) },
    async run({ holdfast, query }) {
      const names = [
        query.app_id === undefined ? undefined : await nameOf(holdfast, "app", query.app_id),
        query.configuration_id === undefined
          ? undefined
          : await nameOf(holdfast, "configuration", query.configuration_id),
        query.destination_id === undefined ? undefined : await nameOf(holdfast, "destination", query.destination_id),
      ] as const;
      const [app, configured, destination] = names;
      const asked = [query.app_id, query.configuration_id, query.destination_id];
      // What nobody is called has no snapshots.
      const nobody = asked.some((id, index) => id !== undefined && names[index] === undefined);
      const atOdds = app !== undefined && configured !== undefined && app !== configured;
      if (nobody || atOdds) return { snapshots: [], next_cursor: null };
      const { status, verdict, pinned, from, to, run_id: run, cursor: after, forgotten, unchanged, limit } = query;
      const filters = given({ app: app ?? configured, destination, run, status, verdict, pinned, from, to, after });
      const rows = await snapshotPage(holdfast.state, { ...filters, forgotten, unchanged, limit: limit + 1 });
      return {
        snapshots: await views(holdfast.state, rows.slice(0, limit)),
        next_cursor: cursorAfter(rows, limit, (row) => ({ time: row.startedAt, id: row.id })),
      };
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/backup/snapshots/:id",
    access: "read",
    tag,
    summary: "Read a snapshot",
    params: byId,
    answers: { 200: snapshotSchema },
    async run({ holdfast, params }) {
      const record = await needRecord(holdfast.state, params.id);
      return snapshotView(record, await currentOf(holdfast.state, record));
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/backup/snapshots/:id/files",
    access: "read",
    tag,
    summary: "List a folder of a snapshot",
    description: "Of Holdfast's own backup (`is_system_backup`) only to admins.",
    params: byId,
    query: z.strictObject({
      path,
      cursor: z.coerce.number().int().min(0).default(0).meta({ description: "`next_cursor` of the page before." }),
      limit: limitOf(1000, 5000),
    }),
    answers: {
      200: z.object({
        path: z.string(),
        entries: z.array(entrySchema),
        total: z.int().meta({ description: "How many entries the folder has." }),
        next_cursor: nextCursor,
      }),
    },
    async run({ holdfast, params, query, actor, signal }) {
      const snapshot = await needStored(holdfast.state, params.id);
      if (isSystemApp(snapshot.app)) needScope(actor, "admin");
      const folder = absolute(query.path);
      const { cursor: offset, limit } = query;
      const { entries, total } = await listFolder(holdfast, snapshot, { path: folder, offset, limit }, signal);
      const next = offset + entries.length;
      return {
        path: folder,
        entries: entries.map((entry) => ({
          name: posix.basename(entry.path),
          path: entry.path,
          type: entry.type,
          size: entry.sizeBytes,
          mode: entry.mode.toString(8).padStart(4, "0"),
          mtime: entry.mtime,
        })),
        total,
        next_cursor: next < total && entries.length > 0 ? String(next) : null,
      };
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/backup/snapshots/:id/download",
    access: "operate",
    tag,
    summary: "Download a file or folder of a snapshot",
    description:
      "A file as it is, a folder as an archive. When something goes wrong on the way the connection is cut: an answer " +
      "that ends well is whole. Files may hold secrets, so reading alone does not suffice; those of Holdfast's own backup are for admins.",
    params: byId,
    query: z.strictObject({
      path,
      archive: z.enum(["tar", "zip"]).default("tar").meta({ description: "For a folder. A zip keeps no owners." }),
    }),
    answers: { 200: { media: "application/octet-stream" } },
    async run({ holdfast, params, query, actor, signal, reply, about }) {
      const snapshot = await needStored(holdfast.state, params.id);
      if (isSystemApp(snapshot.app)) needScope(actor, "admin");
      const request = { path: absolute(query.path), archive: query.archive };
      about(`download of ${JSON.stringify(request.path)} from snapshot ${params.id}`);
      const { name, sizeBytes, content } = await download(holdfast, snapshot, request, signal);
      void reply
        .type("application/octet-stream")
        .header("content-disposition", attachment(name))
        .header("x-content-type-options", "nosniff");
      if (sizeBytes !== undefined) void reply.header("content-length", sizeBytes);
      return await reply.send(content);
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/backup/snapshots/:id/pin",
    access: "operate",
    tag,
    summary: "Pin a snapshot, or let it go",
    description: "Retention never forgets a pinned snapshot.",
    params: byId,
    body: z.strictObject({ pinned: z.boolean() }),
    answers: { 200: snapshotSchema },
    async run({ holdfast, params, body, about }) {
      about(`snapshot ${params.id}`);
      return snapshotView(await pin(holdfast.state, params.id, body.pinned));
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/backup/snapshots/:id/accept",
    access: "operate",
    tag,
    summary: "Say that a suspect snapshot is right",
    description: "It counts as good from then on. Of any other snapshot nothing changes.",
    params: byId,
    answers: { 200: snapshotSchema },
    async run({ holdfast, params, about }) {
      about(`snapshot ${params.id}`);
      return snapshotView(await accept(holdfast.state, params.id));
    },
  }),
];

/** Throws HF_RESTORE_PATH_REFUSED. A path that begins without a slash is meant from the root. */
function absolute(text: string): string {
  return plainPath(text.startsWith("/") ? text : `/${text}`);
}
