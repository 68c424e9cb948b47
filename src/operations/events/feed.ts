import type { RunId } from "../../domain/names.ts";
import { runId } from "../../domain/names.ts";
import type { Database } from "../../state/open.ts";
import { eventsSince, lastEventId, type KeptEvent } from "../../state/queries/events.ts";
import { runningProgress } from "../../state/queries/run-pages.ts";

/** The latest progress of a run: it replaces what was told before, and is no event of its own. */
export interface ToldProgress {
  runId: RunId;
  /** JSON of a RunEvent. */
  progress: string;
}

export interface FeedListener {
  /** What is new of all runs, in order: all that is in the state up to the id `to`. */
  events(events: readonly KeptEvent[], to: number): void;
  progress(progress: readonly ToldProgress[]): void;
  /** The state could not be read: whoever listens cannot be told what happens. */
  failed(error: unknown): void;
}

export interface Feed {
  /** The newest event that listeners were told of. Gives what ends the listening too. */
  listen(listener: FeedListener): Promise<{ position: number; end: () => void }>;
  /** Looks at once: there may be something new. */
  look(): void;
}

const pollMs = 500;
/** Progress is told every so many looks: once a second. */
const looksPerProgress = 2;
const pageSize = 500;

const feeds = new WeakMap<Database, Feed>();

/** The one feed of this process: looks into the state only while somebody listens, once for all who do. */
export function feedOf(state: Database): Feed {
  const feed = feeds.get(state) ?? makeFeed(state);
  feeds.set(state, feed);
  return feed;
}

function makeFeed(state: Database): Feed {
  const listeners = new Set<FeedListener>();
  let position = 0;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let again = false;
  let looks = 0;
  let told = new Map<string, string>();

  const readNew = async (): Promise<void> => {
    for (;;) {
      const events = await eventsSince(state, { after: position, limit: pageSize });
      position = events.at(-1)?.id ?? position;
      if (events.length > 0) for (const listener of listeners) listener.events(events, position);
      if (events.length < pageSize) return;
    }
  };
  const readProgress = async (): Promise<void> => {
    const now = await runningProgress(state);
    const changed = now.filter(({ id, progress }) => told.get(id) !== progress);
    told = new Map(now.map(({ id, progress }) => [id, progress]));
    if (changed.length === 0) return;
    const progress = changed.map((one) => ({ runId: runId(one.id), progress: one.progress }));
    for (const listener of listeners) listener.progress(progress);
  };
  const lookOnce = async (): Promise<void> => {
    do {
      again = false;
      await readNew();
    } while (again);
    looks += 1;
    if (looks % looksPerProgress === 0) await readProgress();
  };
  const look = (): void => {
    if (listeners.size === 0) return;
    if (looking !== undefined) {
      again = true;
      return;
    }
    looking = lookOnce()
      .catch((error: unknown) => {
        for (const listener of listeners) listener.failed(error);
      })
      .finally(() => {
        looking = undefined;
      });
  };
  return {
    look,
    async listen(listener) {
      // Who comes first begins at the newest event; who comes later, where the others are.
      if (listeners.size === 0) {
        const newest = await lastEventId(state);
        if (listeners.size === 0) position = Math.max(position, newest);
      }
      listeners.add(listener);
      timer ??= setInterval(look, pollMs);
      return {
        position,
        end() {
          listeners.delete(listener);
          if (listeners.size > 0) return;
          clearInterval(timer);
          timer = undefined;
          told = new Map();
        },
      };
    },
  };
}
