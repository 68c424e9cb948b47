import { z } from "zod";
import { failure } from "../../base/errors/error.ts";
import type { RunEvent } from "../../domain/events.ts";
import { runId } from "../../domain/names.ts";
import { feedOf } from "../../operations/events/feed.ts";
import { followEvents, type EventSink } from "../../operations/events/follow.ts";
import { needRun } from "../../operations/run/read.ts";
import type { Database } from "../../state/open.ts";
import { mayStill } from "../access/callers.ts";
import { InvalidRequest } from "../problems.ts";
import { route, type Route } from "../route.ts";
import { given } from "../schemas/paging.ts";
import { eventView, progressView } from "../schemas/runs.ts";
import { eventStream } from "../sse.ts";

const heartbeatMs = 15_000;
/** Of one user or token; each has a timer and a look at the state of its own. */
const streamsEach = 32;
const streams = new WeakMap<Database, Map<string, number>>();

/** Counts one more stream of theirs, until what it gives is called. Throws HF_TOO_MANY_STREAMS. */
function enter(state: Database, who: string): () => void {
  const open = streams.get(state) ?? new Map<string, number>();
  streams.set(state, open);
  const count = open.get(who) ?? 0;
  if (count >= streamsEach) throw failure("HF_TOO_MANY_STREAMS", { who, limit: streamsEach });
  open.set(who, count + 1);
  return () => {
    const left = (open.get(who) ?? 1) - 1;
    if (left === 0) open.delete(who);
    else open.set(who, left);
  };
}

const idSchema = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const eventRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/api/v1/backup/events",
    access: "read",
    tag: "Runs",
    summary: "Follow runs as they go",
    description:
      "Server-sent events. `event: run` is something that happened in a run, of whichever process: its data are a RunEvent, " +
      "its id that event's. With the header Last-Event-ID, or `after`, everything since then follows first: nothing is left " +
      "out, nothing comes twice. `event: progress` comes once a second for each run that goes on, has no id, and its data " +
      "are a RunProgress and run_id. Without either, the stream begins now; with run_id, at the beginning of that run.",
    query: z.strictObject({
      run_id: z.uuid().optional().meta({ description: "Only of this run." }),
      after: idSchema.optional().meta({ description: "Begin after this event's id; Last-Event-ID ranks above it." }),
    }),
    answers: { 200: { media: "text/event-stream" } },
    async run({ live, holdfast, query, request, reply, signal, actor }) {
      const run = query.run_id === undefined ? undefined : runId(query.run_id);
      if (run !== undefined) await needRun(holdfast.state, run);
      const after = lastEventId(request.headers["last-event-id"]) ?? query.after ?? (run === undefined ? undefined : 0);
      const leave = enter(holdfast.state, `${actor?.kind} ${actor?.name}`);
      const out = eventStream();
      const sink: EventSink = {
        event: (event) => out.send({ id: event.id, event: "run", data: eventView(event) }),
        progress({ runId: id, progress }) {
          const view = progressView(JSON.parse(progress) as RunEvent);
          if (view !== undefined) out.send({ event: "progress", data: { run_id: id, ...view } });
        },
        ready: out.ready,
        taken: out.taken,
      };
      const gone = new AbortController();
      out.stream.once("close", () => {
        leave();
        gone.abort();
      });
      // Whoever sends it on hears of its errors too; this keeps one that comes before that from being nobody's.
      out.stream.on("error", () => undefined);
      const heartbeat = setInterval(() => {
        out.comment("alive");
        // Who is signed out, disabled or withdrawn hears nothing more; so does everybody whom the state cannot vouch for.
        mayStill(live.holdfast(), request).then(
          (may) => (may ? undefined : gone.abort()),
          () => gone.abort(),
        );
      }, heartbeatMs);
      const endListening = live.onEvents(() => feedOf(holdfast.state).look());
      const following = followEvents(
        holdfast.state,
        given({ run, after }),
        sink,
        AbortSignal.any([signal, gone.signal]),
      ).finally(() => {
        clearInterval(heartbeat);
        endListening();
      });
      following.then(
        () => out.end(),
        (error: unknown) => out.stream.destroy(error instanceof Error ? error : new Error(String(error))),
      );
      void reply.type("text/event-stream; charset=utf-8").header("x-accel-buffering", "no");
      return await reply.send(out.stream);
    },
  }),
];

function lastEventId(header: string | string[] | undefined): number | undefined {
  // A browser that has seen no id sends none, and some send an empty one.
  if (header === undefined || header === "") return undefined;
  const parsed = idSchema.safeParse(header);
  if (parsed.success) return parsed.data;
  throw new InvalidRequest([{ path: "headers.last-event-id", message: "expected the id of an earlier event" }]);
}
