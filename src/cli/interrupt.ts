import { exits } from "../base/errors/entry.ts";

/** SIGHUP too: a connection that breaks at night must not leave a run half done. */
const stopping = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Interrupt extends Disposable {
  signal: AbortSignal;
}

/** The part of `process` that is needed here. */
export type Interruptible = Pick<NodeJS.Process, "on" | "off" | "exit">;

/** Aborts at the first signal and tells so; a Ctrl-C after that ends the process at once with 130. */
export function onInterrupt(tell: (line: string) => void, of: Interruptible = process): Interrupt {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      if (name === "SIGINT") of.exit(exits.cancelled);
      return;
    }
    controller.abort();
    tell("Stopping cleanly … (Ctrl-C again to end at once)");
  };
  for (const name of stopping) of.on(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of stopping) of.off(name, stop);
    },
  };
}
