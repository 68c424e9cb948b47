import type { RunId } from "../../domain/names.ts";
import type { Database } from "../../state/open.ts";
import { eventsSince, lastEventId, type KeptEvent } from "../../state/queries/events.ts";
import { feedOf, type ToldProgress } from "./feed.ts";

/** Where events go. */
export interface EventSink {
  event(event: KeptEvent): void;
  progress(progress: ToldProgress): void;
  /** Whether more may be handed over at once. */
  ready(): boolean;
  /** Waits until it may. */
  taken(): Promise<void>;
}

export interface EventWish {
  /** Only of this run. */
  run?: RunId;
  /** After the event of this id; from now on when absent. */
  after?: number;
}

const pageSize = 500;

/**
 * Hands over every event from a moment on, in order, none left out and none twice, of whichever process; until the signal
 * aborts. Throws what the sink throws, and what keeps the state from being read.
 */
export async function followEvents(
  state: Database,
  { run, after }: EventWish,
  sink: EventSink,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const { promise: over, resolve: leave, reject: fail } = withResolvers();
  signal.addEventListener("abort", leave, { once: true });
  let cursor = 0;
  // All events up to here are in the state.
  let known = 0;
  let busy = true;
  const isMeant = (id: RunId): boolean => run === undefined || run === id;

  const catchUp = async (): Promise<void> => {
    busy = true;
    while (cursor < known && !signal.aborted) {
      const upTo = known;
      const wish = { after: cursor, limit: pageSize, ...(run === undefined ? {} : { run }) };
      const events = await eventsSince(state, wish);
      for (const event of events) {
        if (!sink.ready()) await sink.taken();
        sink.event(event);
        cursor = event.id;
      }
      if (events.length < pageSize) cursor = Math.max(cursor, upTo);
    }
    busy = false;
  };
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      fail(error);
    }
  };

  const { position, end } = await feedOf(state).listen({
    failed: fail,
    events: (events, to) =>
      guarded(() => {
        known = to;
        // Who is busy catching up comes to these by itself; who is not has all that was before them.
        if (busy) return;
        for (const event of events.filter(({ id, runId }) => id > cursor && isMeant(runId))) {
          // What a slow client has not taken waits in the state, and not in memory.
          if (!sink.ready()) {
            catchUp().catch(fail);
            return;
          }
          sink.event(event);
          cursor = event.id;
        }
        cursor = Math.max(cursor, to);
      }),
    progress: (progress) =>
      guarded(() => {
        if (!busy && sink.ready()) for (const one of progress) if (isMeant(one.runId)) sink.progress(one);
      }),
  });
  try {
    known = Math.max(known, position);
    // A state that was made anew counts from the beginning: nobody waits for ids that are far off.
    cursor = after === undefined ? known : Math.min(after, Math.max(known, await lastEventId(state)));
    catchUp().catch(fail);
    await over;
  } finally {
    signal.removeEventListener("abort", leave);
    end();
  }
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
