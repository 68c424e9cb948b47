import type { RunId } from "../../domain/names.ts";

/** The runs of this process, and the way to end one of them. */
export interface Cancelling {
  /** A signal for one run, which aborts with `outer` or when that run is cancelled; valid until it is disposed of. */
  begin(run: RunId, outer: AbortSignal): Disposable & { signal: AbortSignal };
  /** Whether it runs here; it ends soon then. */
  cancel(run: RunId): boolean;
}

export function cancellingRuns(): Cancelling {
  const running = new Map<RunId, AbortController>();
  return {
    begin(run, outer) {
      const own = new AbortController();
      running.set(run, own);
      return { signal: AbortSignal.any([outer, own.signal]), [Symbol.dispose]: () => void running.delete(run) };
    },
    cancel(run) {
      const own = running.get(run);
      own?.abort();
      return own !== undefined;
    },
  };
}
