import { causeOf } from "./failures.ts";

/** restic asks a server that does not answer for 15 minutes; for the first answer this is enough. */
const firstAnswerMs = 20_000;
/** Credentials do not heal. The second refusal shows that the first was no hiccup. */
const refusals = 2;
const retryLine = /^\w+\(<(\w+)\/[^>]*>\)?.* retrying after /;

/**
 * Watches restic's retries and ends it when they are in vain: the credentials are refused, or the repository's config
 * cannot be read at all. Interruptions of a transfer that had begun are restic's to ride out, and so is trouble with
 * removing a lock, which comes when the work is done.
 */
export class Patience {
  readonly #stopping = new AbortController();
  #refused = 0;
  #timer: NodeJS.Timeout | undefined;
  line = "";

  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  get ended(): boolean {
    return this.#stopping.signal.aborted;
  }

  watch(line: string): void {
    const handle = retryLine.exec(line)?.[1];
    if (handle === undefined || handle === "lock") return;
    this.line = line;
    const cause = causeOf(line);
    if (cause === "refused") this.#refused += 1;
    if (this.#refused >= refusals) this.#stopping.abort();
    if (handle === "config" && cause !== "refused") {
      this.#timer ??= setTimeout(() => this.#stopping.abort(), firstAnswerMs);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
