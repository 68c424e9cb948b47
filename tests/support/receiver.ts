import { createServer, type IncomingHttpHeaders } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { Certificate } from "./certificate.ts";

export interface ReceivedRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface Receiver {
  url: string;
  received: ReceivedRequest[];
  /** Settles when so many requests have come. */
  came(count: number): Promise<void>;
}

/** What a receiver does with a request; `never` leaves it without an answer, and `endless` answers 500 without end. */
export type Answering = (request: ReceivedRequest, index: number) => Answer | "never" | "endless";

function* noEnd(): Generator<string> {
  for (;;) yield "no ".repeat(1000);
}

/** A small real HTTP server for the running test. It answers 200 unless told otherwise. */
export async function receiver(
  answering: Answering = () => ({ status: 200, body: "OK" }),
  certificate?: Certificate,
): Promise<Receiver> {
  const received: ReceivedRequest[] = [];
  const waiting = new Set<() => void>();
  const listener: Parameters<typeof createServer>[1] = (request, response) => {
    text(request).then(
      (body) => {
        const { method = "", url = "", headers } = request;
        const one = { method, path: url, headers, body };
        received.push(one);
        for (const look of waiting) look();
        const answer = answering(one, received.length - 1);
        if (answer === "never") return;
        if (answer === "endless") {
          response.writeHead(500);
          Readable.from(noEnd()).pipe(response);
          return;
        }
        response.writeHead(answer.status, answer.headers).end(answer.body ?? "");
      },
      () => response.destroy(),
    );
  };
  const server =
    certificate === undefined
      ? createServer(listener)
      : createSecureServer({ key: certificate.key, cert: certificate.cert }, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return {
    url: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${address.port}`,
    received,
    came: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (received.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
