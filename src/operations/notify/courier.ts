import { toProblem, type Problem } from "../../base/errors/error.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { deliver } from "./deliver.ts";

const lookEveryMs = 1000;
/** A command does not keep a person waiting longer; what was not sent then is sent by the next command or the daemon. */
const lastLimitMs = 10_000;

/**
 * The same Holdfast, whose notifications are sent while a command works and once more when it is closed, unless the person
 * wanted to stop. `untold` hears what could not be sent, each thing once; nothing of it is thrown. For commands: a daemon
 * calls `deliver` by itself.
 */
export function withCourier(holdfast: Holdfast, signal: AbortSignal, untold: (found: Problem) => void): Holdfast {
  const over = new AbortController();
  const said = new Set<string>();
  let busy: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    for (const found of await tried(holdfast, over.signal)) {
      const text = JSON.stringify(found);
      if (!said.has(text)) untold(found);
      said.add(text);
    }
  };
  const timer = setInterval(() => {
    busy ??= look().finally(() => {
      busy = undefined;
    });
  }, lookEveryMs);
  timer.unref();
  return {
    ...holdfast,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      const limit = setTimeout(() => over.abort(), lastLimitMs);
      if (signal.aborted) over.abort();
      await busy;
      await look();
      clearTimeout(limit);
      await holdfast[Symbol.asyncDispose]();
    },
  };
}

/** That a notification cannot be sent is no reason for a command to fail, not even when the state is the cause. */
async function tried(holdfast: Holdfast, signal: AbortSignal): Promise<Problem[]> {
  try {
    return await deliver(holdfast, { signal });
  } catch (error) {
    return [toProblem(error)];
  }
}
