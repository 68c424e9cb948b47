import type { RunId } from "../domain/names.ts";
import type { Holdfast } from "../operations/context/holdfast.ts";
import type { Caller } from "../operations/run/listener.ts";

/** The running daemon, as the API sees it. */
export interface Live {
  /** What is declared changes while the daemon runs: each request takes it anew. */
  holdfast: () => Holdfast;
  /** Reads all declarations anew, after the API changed one. */
  redeclare(): Promise<void>;
  /** There is something new in the queue. */
  wake: () => void;
  /** Asks that a run ends, wherever it runs. False when it has ended already. Throws HF_UNKNOWN_NAME. */
  cancel(run: RunId): Promise<boolean>;
  /**
   * For work that a request begins in this process: its signal aborts when the daemon stops, which waits for `work`.
   */
  during<T>(work: (caller: Caller) => Promise<T>): Promise<T>;
  /** Calls back soon after an event was written into the state, by this process; gives what ends that. */
  onEvents(changed: () => void): () => void;
}
