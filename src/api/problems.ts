import { STATUS_CODES } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { catalogue, type ErrorCode } from "../base/errors/catalogue.ts";
import { HoldfastError, problem, render, type Problem } from "../base/errors/error.ts";
import { redact } from "../base/secrets/secret.ts";

/** Where in a request something is wrong. */
export interface FieldError {
  /** Such as `body.keep_daily` or `query.limit`. */
  path: string;
  message: string;
}

/** A client that has more wrong than this is told of the first ones; the answer stays small, whatever was sent. */
const mostErrors = 20;
const longestText = 300;

/** A request that does not fit its route's schemas, or what a handler checks beyond them. */
export class InvalidRequest extends HoldfastError {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly [FieldError, ...FieldError[]]) {
    const [{ path, message }] = errors;
    super(problem("HF_REQUEST_INVALID", { detail: `${short(path)}: ${short(message)}` }));
    this.errors = errors.slice(0, mostErrors).map((one) => ({ path: short(one.path), message: short(one.message) }));
  }
}

function short(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}

/** RFC 9457, with what Holdfast adds: code, hint and parameters of the catalogue, and the fields that are wrong. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: "Where the code is explained.", examples: ["/errors#HF_UNKNOWN_NAME"] }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "What happened, in one sentence." }),
    instance: z.string().meta({ description: "The request's id; the daemon's log names it too." }),
    code: z.string().meta({ examples: ["HF_UNKNOWN_NAME"] }),
    hint: z.string().meta({ description: "What to do next; may be empty." }),
    params: z.record(z.string(), z.string()),
    run_id: z.uuid().optional().meta({ description: "The run that failed." }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem", description: "What went wrong (RFC 9457)." });

export type ProblemDocument = z.output<typeof problemSchema>;

export const problemType = "application/problem+json";

export function problemDocument(
  { code, params }: Problem,
  requestId: string,
  errors?: readonly FieldError[],
): ProblemDocument {
  const { message, hint } = render({ code, params });
  const { status } = catalogue[code];
  return {
    type: `/errors#${code}`,
    title: titleOf(code, status),
    status,
    detail: redact(message),
    instance: `urn:uuid:${requestId}`,
    code,
    hint: redact(hint),
    params: Object.fromEntries(Object.entries(params).map(([key, value]) => [key, redact(value)])),
    ...(errors === undefined ? {} : { errors: [...errors] }),
  };
}

/** `HF_UNKNOWN_NAME` is "Unknown name"; the same for every problem of that code, as RFC 9457 wants it. */
function titleOf(code: ErrorCode, status: number): string {
  if (code === "HF_INTERNAL") return STATUS_CODES[status] ?? "Error";
  const words = code.slice("HF_".length).toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export async function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  found: Problem,
  errors?: readonly FieldError[],
): Promise<FastifyReply> {
  const document = problemDocument(found, request.id, errors);
  if (document.status === 401) void reply.header("www-authenticate", 'Bearer realm="holdfast"');
  const { seconds } = found.params;
  if (document.status === 429 && seconds !== undefined) void reply.header("retry-after", seconds);
  return await reply.code(document.status).type(problemType).send(JSON.stringify(document));
}
