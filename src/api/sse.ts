import { Readable } from "node:stream";

/** A stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface EventStream {
  stream: Readable;
  send: (event: { id?: number; event: string; data: unknown }) => void;
  /** A comment keeps the connection, and proxies, awake. */
  comment: (text: string) => void;
  /** Whether little waits for the client. */
  ready: () => boolean;
  /** Waits until little does. Throws when the client takes nothing for too long: it comes back and takes up where it was. */
  taken: () => Promise<void>;
  end: () => void;
}

const littleWaiting = 65_536;
const patienceMs = 30_000;
const retryMs = 2000;

export function eventStream(limitMs = patienceMs): EventStream {
  let freed: (() => void) | undefined;
  const free = (): void => {
    freed?.();
    freed = undefined;
  };
  const stream = new Readable({ highWaterMark: littleWaiting, read: free });
  stream.once("close", free);
  const push = (text: string): void => {
    if (!stream.destroyed && !stream.readableEnded) stream.push(text);
  };
  const ready = (): boolean => stream.destroyed || stream.readableLength < littleWaiting;
  push(`retry: ${retryMs}\n\n`);
  return {
    stream,
    ready,
    send({ id, event, data }) {
      const line = id === undefined ? "" : `id: ${id}\n`;
      push(`${line}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    comment: (text) => push(`: ${text}\n\n`),
    async taken() {
      if (ready()) return;
      await new Promise<void>((resolve, reject) => {
        const tooLong = setTimeout(() => reject(new Error("the client takes no events")), limitMs);
        freed = () => {
          clearTimeout(tooLong);
          resolve();
        };
      });
    },
    end() {
      if (!stream.destroyed) stream.push(null);
    },
  };
}
