import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import { logLine } from "../../operations/run/log-line.ts";
import { needRun } from "../../operations/run/read.ts";
import { nameOf } from "../../operations/snapshots/names.ts";
import { currentProgress, lastEvents } from "../../state/queries/events.ts";
import { runPage } from "../../state/queries/run-pages.ts";
import { route, type Route } from "../route.ts";
import { cursorAfter, given, nextCursor, pageCursor } from "../schemas/paging.ts";
import {
  eventSchema,
  eventView,
  progressSchema,
  progressView,
  runKinds,
  runSchema,
  runStates,
  runView,
} from "../schemas/runs.ts";
import { givenTime, idParams, limitOf } from "../shapes.ts";

const tag = "Runs";
/** A run's newest events; all of them are in its log. */
const shownEvents = 500;
/** No run has more: a step has a handful of events. */
const logEvents = 100_000;

export const runRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/backup/runs",
    access: "read",
    tag,
    summary: "List runs",
    description: "Backups, restores and upkeep, of every process; newest first.",
    query: z.strictObject({
      kind: z.enum(runKinds).optional(),
      app_id: z.uuid().optional(),
      destination_id: z.uuid().optional().meta({ description: "Of upkeep and restores." }),
      state: z.enum(runStates).optional(),
      from: givenTime.optional().meta({ description: "Queued at this time or later." }),
      to: givenTime.optional().meta({ description: "Queued before this time." }),
      cursor: pageCursor.optional(),
      limit: limitOf(100, 500),
    }),
    answers: { 200: z.object({ runs: z.array(runSchema), next_cursor: nextCursor }) },
    async run({ holdfast, query }) {
      const app = query.app_id === undefined ? undefined : await nameOf(holdfast, "app", query.app_id);
      const destination =
        query.destination_id === undefined ? undefined : await nameOf(holdfast, "destination", query.destination_id);
      const nobody =
        (query.app_id !== undefined && app === undefined) ||
        (query.destination_id !== undefined && destination === undefined);
      if (nobody) return { runs: [], next_cursor: null };
      const { kind, state, from, to, cursor: after, limit } = query;
      const filters = given({ kind, app, destination, state, from, to, after });
      const rows = await runPage(holdfast.state, { ...filters, limit: limit + 1 });
      return {
        runs: rows.slice(0, limit).map(runView),
        next_cursor: cursorAfter(rows, limit, (row) => ({ time: row.queuedAt, id: row.id })),
      };
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/backup/runs/:id",
    access: "read",
    tag,
    summary: "Read a run",
    description: `With its progress at this moment and its newest ${shownEvents} events.`,
    params: idParams,
    answers: {
      200: z.object({
        ...runSchema.shape,
        progress: progressSchema.nullable(),
        events: z.array(
          eventSchema.extend({ text: z.string().meta({ description: "The event as a line of the log." }) }),
        ),
      }),
    },
    async run({ holdfast, params }) {
      const run = await needRun(holdfast.state, params.id);
      const events = await lastEvents(holdfast.state, run.id, shownEvents);
      return {
        ...runView(run),
        progress: progressView(await currentProgress(holdfast.state, run.id)) ?? null,
        events: events.map((kept) => ({ ...eventView(kept), text: logLine(kept.event) ?? "" })),
      };
    },
  }),
  route({
    method: "GET",
    path: "/api/v1/backup/runs/:id/logs",
    access: "read",
    tag,
    summary: "Read a run's log",
    description: "Plain text, a line per event, each beginning with its time.",
    params: idParams,
    answers: { 200: { media: "text/plain" } },
    async run({ holdfast, params, reply }) {
      const run = await needRun(holdfast.state, params.id);
      const events = await lastEvents(holdfast.state, run.id, logEvents);
      const lines = events.flatMap(({ at, event }) => {
        const line = logLine(event);
        return line === undefined ? [] : [`${at} ${line}\n`];
      });
      return await reply.type("text/plain; charset=utf-8").send(lines.join(""));
    },
  }),
  route({
    method: "POST",
    path: "/api/v1/backup/runs/:id/cancel",
    access: "operate",
    tag,
    summary: "Cancel a run",
    description: "It ends soon after: what it had stopped is started again, what it had begun is put right.",
    params: idParams,
    answers: { 202: runSchema },
    async run({ live, holdfast, params, about }) {
      about(`run ${params.id}`);
      const run = await needRun(holdfast.state, params.id);
      const cancelled = await live.cancel(run.id);
      const now = await needRun(holdfast.state, params.id);
      if (!cancelled) throw failure("HF_RUN_ENDED", { run: run.id, state: now.state });
      return runView(now);
    },
  }),
];
