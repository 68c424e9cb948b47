import type { ErrorCode, ParamsOf } from "./catalogue.ts";
import { catalogue } from "./catalogue.ts";

/** A catalogue entry with its parameters: what is stored, sent and compared. Rendered late, by `render`. */
export interface Problem {
  code: ErrorCode;
  params: Record<string, string>;
}

/** Makes a problem; the parameters are those that the entry's message and hint name, and no others. */
export function problem<Code extends ErrorCode>(code: Code, params: ParamsOf<Code>): Problem {
  return { code, params: Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)])) };
}

/** The only error that Holdfast throws on purpose. Anything else that reaches the top is a bug. */
export class HoldfastError extends Error {
  override readonly name = "HoldfastError";
  readonly problem: Problem;

  constructor(found: Problem, options?: { cause?: unknown }) {
    super(render(found).message, options);
    this.problem = found;
  }

  get code(): ErrorCode {
    return this.problem.code;
  }
}

/** Shorthand for `new HoldfastError(problem(code, params))`. */
export function failure<Code extends ErrorCode>(
  code: Code,
  params: ParamsOf<Code>,
  options?: { cause?: unknown },
): HoldfastError {
  return new HoldfastError(problem(code, params), options);
}

/** Whether `error` is ours, optionally with this very code. */
export function isFailure(error: unknown, ...codes: ErrorCode[]): error is HoldfastError {
  return error instanceof HoldfastError && (codes.length === 0 || codes.includes(error.code));
}

/** What any thrown thing means to the user: ours as it is, an abort as cancelled, the rest as an internal error. */
export function toProblem(error: unknown): Problem {
  if (error instanceof HoldfastError) return error.problem;
  if (error instanceof Error && error.name === "AbortError") return problem("HF_CANCELLED", {});
  return problem("HF_INTERNAL", { detail: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

export interface RenderedProblem {
  code: ErrorCode;
  /** What happened, in one sentence. */
  message: string;
  /** What to do next; empty when there is nothing to do. */
  hint: string;
}

/** Turns a problem into sentences. Unknown placeholders stay visible, so that a mistake shows. */
export function render(found: Problem): RenderedProblem {
  const entry = catalogue[found.code];
  const fill = (template: string): string =>
    template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => found.params[name] ?? whole);
  return { code: found.code, message: fill(entry.message), hint: fill(entry.hint) };
}
