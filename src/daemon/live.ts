import type { Live } from "../api/live.ts";
import { failure } from "../base/errors/error.ts";
import type { Holdfast } from "../operations/context/holdfast.ts";
import { declaring } from "../operations/context/redeclare.ts";
import { cancelRun } from "../operations/queue/cancel.ts";
import type { Caller, Listener } from "../operations/run/listener.ts";

/** The daemon's view of itself: what is declared now, who listens, what goes on besides the queue. */
export interface DaemonLive extends Live {
  caller: Caller;
  /** Resolves when everything begun by `during` has ended. */
  drain(): Promise<void>;
}

/** Events are written together a quarter of a second after the first (run/event-log.ts); then they can be read. */
const writtenMs = 300;

export function live(opened: Holdfast, cancelled: AbortSignal, wake: () => void): DaemonLive {
  const declared = declaring(opened);
  const listeners = new Set<() => void>();
  const going = new Set<Promise<unknown>>();
  let timer: NodeJS.Timeout | undefined;
  const listen: Listener = () => {
    if (listeners.size === 0) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      for (const changed of listeners) changed();
    }, writtenMs).unref();
  };
  const caller: Caller = { signal: cancelled, listen };
  return {
    caller,
    holdfast: declared.current,
    async redeclare() {
      await declared.redeclare();
      wake();
    },
    wake,
    cancel: async (run) => await cancelRun(declared.current(), run, wake),
    async during(work) {
      if (cancelled.aborted) throw failure("HF_CANCELLED", {});
      const doing = work(caller);
      going.add(doing);
      try {
        return await doing;
      } finally {
        going.delete(doing);
      }
    },
    onEvents(changed) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    async drain() {
      while (going.size > 0) await Promise.allSettled(going);
    },
  };
}
