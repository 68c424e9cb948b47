import type { FastifyRequest } from "fastify";
import { failure, HoldfastError, isFailure, problem, toProblem, type Problem } from "../base/errors/error.ts";
import { redact } from "../base/secrets/secret.ts";
import { InvalidRequest, type FieldError } from "./problems.ts";

export type Log = (line: string) => void;

export const writeToStderr: Log = (line) => void process.stderr.write(`${line}\n`);

export interface Told {
  problem: Problem;
  errors?: readonly FieldError[];
  /** False for what is a bug: the client learns nothing of it, the log does. */
  expected: boolean;
}

/** What a client is told of a thrown thing. */
export function failureOf(error: unknown, request: FastifyRequest): Told {
  if (error instanceof InvalidRequest) return { problem: error.problem, errors: error.errors, expected: true };
  if (error instanceof HoldfastError && error.code !== "HF_INTERNAL") return { problem: error.problem, expected: true };
  const known = fromFastify(error, request);
  if (known !== undefined) return { problem: known, expected: true };
  const found = toProblem(error);
  if (found.code !== "HF_INTERNAL") return { problem: found, expected: true };
  const detail = `the daemon's log has it under ${request.id}.`;
  return { problem: problem("HF_INTERNAL", { detail }), expected: false };
}

/** Fastify's own refusals (https://fastify.dev/docs/latest/Reference/Errors/). */
function fromFastify(error: unknown, request: FastifyRequest): Problem | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return problem("HF_BODY_TOO_LARGE", { limit: "1 MiB" });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
    case "FST_ERR_CTP_EMPTY_TYPE":
      return problem("HF_MEDIA_TYPE", { type: request.headers["content-type"] ?? "none" });
    case "FST_ERR_BAD_URL":
    case "FST_ERR_MAX_PARAM_LENGTH":
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return problem("HF_REQUEST_MALFORMED", { detail: `${error.message}.` });
    default:
      return undefined;
  }
}

export function logFailure(log: Log, error: unknown, request: FastifyRequest): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? `\ncaused by ${error.cause.message}` : "";
  const detail = isFailure(error, "HF_INTERNAL") ? `\n${error.problem.params["detail"] ?? ""}` : "";
  log(redact(`${request.method} ${request.url.split("?")[0]} (${request.id}): ${text}${detail}${cause}`));
}

/** For a body that is no JSON. */
export function malformed(cause: unknown): HoldfastError {
  const detail = cause instanceof Error ? `${cause.message}.` : "it is no JSON.";
  return failure("HF_REQUEST_MALFORMED", { detail }, { cause });
}
