import { request as plainRequest, type IncomingMessage } from "node:http";
import { request as secureRequest } from "node:https";
import { failure, type HoldfastError } from "../../base/errors/error.ts";
import { redact } from "../../base/secrets/secret.ts";
import { trustedCertificates } from "./trust.ts";

/** So much of an answer is read; the rest is nobody's concern. */
const longestAnswer = 16 * 1024;
const longestQuote = 200;
const shortestHidden = 8;

export interface HttpMessage {
  method: "GET" | "POST";
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** A file with the certificate authority, besides those known everywhere. */
  caCert?: string | undefined;
}

/**
 * Asks once and gives the answer's text. Redirects are not followed: what is sent, and with which credentials, is for the
 * declared address alone. Throws HF_NOTIFY_FAILED for what is no success, and the signal's reason.
 */
export async function ask(notifier: string, message: HttpMessage, signal: AbortSignal): Promise<string> {
  const failed = (detail: string, cause?: unknown): HoldfastError =>
    failure("HF_NOTIFY_FAILED", { notifier, detail: redact(detail) }, { cause });
  const ca = await trustedCertificates(message.caCert, notifier);
  const { origin, protocol } = message.url;
  const headers = {
    ...message.headers,
    "user-agent": "Holdfast",
    connection: "close",
    "content-length": String(Buffer.byteLength(message.body ?? "")),
  };
  let answer: { status: number; location: string | undefined; text: string };
  try {
    answer = await new Promise((resolve, reject) => {
      // One connection for each: a kept one would outlive its certificate file and its limits.
      const options = { method: message.method, headers, signal, agent: false as const };
      const onAnswer = (incoming: IncomingMessage): void => {
        readSome(incoming).then((text) => {
          resolve({ status: incoming.statusCode ?? 0, location: incoming.headers.location, text });
        }, reject);
      };
      const made =
        protocol === "https:"
          ? secureRequest(message.url, { ...options, ...(ca === undefined ? {} : { ca }) }, onAnswer)
          : plainRequest(message.url, options, onAnswer);
      made.once("error", reject);
      made.end(message.body);
    });
  } catch (error) {
    signal.throwIfAborted();
    throw failed(`${origin} did not answer: ${reasonOf(error)}`, error);
  }
  const { status, location, text } = answer;
  if (status >= 200 && status < 300) return text;
  if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location, message.url.href)) {
    const target = new URL(location, message.url).origin;
    throw failed(
      `${origin} redirects to ${target}, and redirects are not followed. Declare the address that it means.`,
    );
  }
  const said = withoutPath(text, message.url).replaceAll(/\s+/g, " ").trim().slice(0, longestQuote);
  throw failed(`${origin} answered ${status}${said === "" ? "." : `: ${said}`}`);
}

/** Often the path is what lets one in, and servers like to repeat it. */
function withoutPath(text: string, { pathname, search }: URL): string {
  const parts = [search, pathname, ...pathname.split("/")].filter(({ length }) => length >= shortestHidden);
  return parts.reduce((rest, part) => rest.replaceAll(part, "[secret]"), text);
}

async function readSome(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop closes the connection.
    if (length >= longestAnswer) break;
  }
  return Buffer.concat(chunks).subarray(0, longestAnswer).toString("utf8");
}

/** Node tries several addresses, and then the reasons are in a list of their own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
