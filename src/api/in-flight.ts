import type { FastifyReply } from "fastify";
import type { Method } from "./route.ts";

/** The requests that are being answered. */
export interface InFlight {
  /** Gives what aborts when the client has gone, and for a GET also when the server closes. */
  begin(method: Method, reply: FastifyReply): AbortSignal;
  /** Ends what only reads (streams never end by themselves), gives the others their time, and resolves when all are done. */
  drain(): Promise<void>;
}

export function inFlight(): InFlight {
  const open = new Map<AbortController, Method>();
  let closing = false;
  let drained: () => void = () => undefined;
  return {
    begin(method, { raw }) {
      const gone = new AbortController();
      open.set(gone, method);
      raw.once("close", () => {
        open.delete(gone);
        gone.abort();
        if (open.size === 0) drained();
      });
      if (closing && method === "GET") gone.abort();
      return gone.signal;
    },
    async drain() {
      closing = true;
      for (const [gone, method] of open) if (method === "GET") gone.abort();
      if (open.size > 0) await new Promise<void>((resolve) => (drained = resolve));
    },
  };
}
