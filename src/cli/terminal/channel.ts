import { redact } from "../../base/secrets/secret.ts";
import type { Look } from "../render/look.ts";

/** One of the two streams that we write to. */
export interface Channel {
  readonly tty: boolean;
  /** What it can show now; the width follows the window. */
  look(): Look;
  rows(): number;
  /** Writes without secrets. Nothing happens once nobody reads on. */
  write(text: string): void;
  readonly closed: boolean;
  /** Tells of a new window size until the returned function is called. */
  onResize(changed: () => void): () => void;
}

export interface Terminal {
  out: Channel;
  err: Channel;
  /** Whether a person can answer questions. */
  interactive: boolean;
}

export interface LookWishes {
  environment: NodeJS.ProcessEnv;
  noColor: boolean;
}

/** Logs and pipes have no width of their own: what fits a small terminal fits them. */
const usualColumns = 80;
const usualRows = 24;
/** Wider lines are hard to read, and tables fall apart. */
const mostColumns = 120;
const leastColumns = 20;

export function channelTo(stream: NodeJS.WriteStream, wishes: LookWishes): Channel {
  const { environment } = wishes;
  const tty = stream.isTTY;
  const forced = (environment["FORCE_COLOR"] ?? "0") !== "0" && environment["FORCE_COLOR"] !== "";
  const barred = wishes.noColor || (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  const locale = environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "";
  // The font of the Linux console lacks our marks.
  const unicode = /utf-?8/i.test(locale) && environment["TERM"] !== "linux";
  let closed = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // `| head` and a terminal that was closed are no errors of ours: what was begun goes on without them.
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
    closed = true;
  });
  return {
    tty,
    look: () => ({
      color: !barred && (tty || forced),
      unicode,
      columns: Math.min(mostColumns, Math.max(leastColumns, tty ? stream.columns || usualColumns : usualColumns)),
    }),
    rows: () => (tty ? stream.rows || usualRows : usualRows),
    write(text) {
      if (!closed) stream.write(redact(text));
    },
    get closed() {
      return closed;
    },
    onResize(changed) {
      stream.on("resize", changed);
      return () => stream.off("resize", changed);
    },
  };
}
