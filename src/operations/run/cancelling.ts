import type { RunId } from "../../domain/names.ts";

interface Known {
  id: RunId;
  app?: string;
}

/** The runs that this process works on, and the way to end one of them. */
export interface Cancelling {
  /** Keeps in mind that this process works on a run that is about to begin; until it is disposed of. */
  hold(run: Known): Disposable;
  /** The same, and a signal for that run, which aborts with `outer` or when the run is cancelled. */
  begin(run: Known, outer: AbortSignal): Disposable & { signal: AbortSignal };
  /** Whether this process works on it; it ends soon then. */
  cancel(run: RunId): boolean;
  /** What this process works on, whatever the state says of it. */
  runs(): RunId[];
  /** The apps of these. */
  apps(): Set<string>;
}

export function cancellingRuns(): Cancelling {
  const held = new Set<Known & { own: AbortController }>();
  const hold = ({ id, app }: Known) => {
    const own = new AbortController();
    const one = { id, ...(app === undefined ? {} : { app }), own };
    // What was cancelled before it began begins as such.
    if ([...held].some((other) => other.id === id && other.own.signal.aborted)) own.abort();
    held.add(one);
    return { own, [Symbol.dispose]: () => void held.delete(one) };
  };
  return {
    hold,
    begin(run, outer) {
      const one = hold(run);
      return { signal: AbortSignal.any([outer, one.own.signal]), [Symbol.dispose]: one[Symbol.dispose] };
    },
    cancel(run) {
      const those = [...held].filter(({ id }) => id === run);
      for (const { own } of those) own.abort();
      return those.length > 0;
    },
    runs: () => [...new Set([...held].map(({ id }) => id))],
    apps: () => new Set([...held].flatMap(({ app }) => (app === undefined ? [] : [app]))),
  };
}
