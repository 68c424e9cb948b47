import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { problem } from "../base/errors/error.ts";
import { problemDocument, problemType } from "./problems.ts";

/** Answers what is no request at all: Node has read no headers then, and there is only the bare connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const document = problemDocument(problemOf(error.code), randomUUID());
  const body = JSON.stringify(document);
  socket.end(
    `HTTP/1.1 ${document.status} ${document.title}\r\nContent-Type: ${problemType}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function problemOf(code: string | undefined) {
  if (code === "HPE_HEADER_OVERFLOW") return problem("HF_HEADERS_TOO_LARGE", {});
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return problem("HF_REQUEST_TOO_SLOW", {});
  return problem("HF_REQUEST_MALFORMED", { detail: "it is not HTTP." });
}
