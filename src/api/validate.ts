import type { z, ZodType } from "zod";
import { failure } from "../base/errors/error.ts";
import { InvalidRequest, type FieldError } from "./problems.ts";
import type { AnswerBody, Route } from "./route.ts";

export interface Given {
  params: unknown;
  query: unknown;
  body: unknown;
}

/** What a request gives, checked against the route's schemas; all that is wrong is told at once. Throws InvalidRequest. */
export async function readInput(described: Route, given: Given): Promise<Given> {
  const errors: FieldError[] = Object.entries(given).flatMap(([place, value]) => nulBytes(place, value));
  const read = async (place: keyof Given): Promise<unknown> => {
    const schema = described[place];
    if (schema === undefined) {
      if (place !== "params" && isSomething(given[place])) errors.push({ path: place, message: "nothing is expected" });
      return undefined;
    }
    const parsed = await schema.safeParseAsync(given[place]);
    if (!parsed.success) errors.push(...parsed.error.issues.map((issue) => fieldError(place, issue)));
    return parsed.data;
  };
  const input: Given = { params: await read("params"), query: await read("query"), body: await read("body") };
  const [first, ...others] = errors;
  if (first !== undefined) throw new InvalidRequest([first, ...others]);
  return input;
}

/** No text of ours holds one, and neither programs nor PostgreSQL take it. */
function nulBytes(path: string, value: unknown): FieldError[] {
  if (typeof value === "string")
    return value.includes("\0") ? [{ path, message: "a text without NUL characters" }] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    name.includes("\0") ? [{ path, message: "names without NUL characters" }] : nulBytes(`${path}.${name}`, one),
  );
}

function isSomething(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** An issue of zod as a client reads it; a union's own message says nothing, so its first alternative speaks. */
export function fieldError(place: string, issue: z.core.$ZodIssue): FieldError {
  if (issue.code === "invalid_union") {
    const [deepest] = issue.errors.flat().sort((one, other) => other.path.length - one.path.length);
    if (deepest !== undefined && deepest.path.length > 0) {
      return fieldError(place, { ...deepest, path: [...issue.path, ...deepest.path] });
    }
  }
  const path = [place, ...issue.path.map(String)].join(".");
  return { path, message: issue.message.replace(/^Invalid input: /, "") };
}

/** The answer with the fields that its schema names and no others. Throws HF_INTERNAL when a handler broke its promise. */
export async function answerText(schema: ZodType, value: unknown): Promise<string> {
  const parsed = await schema.safeParseAsync(value);
  if (parsed.success) return JSON.stringify(parsed.data);
  const where = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw failure("HF_INTERNAL", { detail: `an answer does not fit its schema: ${where}` }, { cause: parsed.error });
}

/** What a returned value is sent as: the first 2xx answer; where there is none, the first. */
export function mainAnswer(described: Route): { status: number; body: AnswerBody } {
  const answers = Object.entries(described.answers);
  const found = answers.find(([status]) => status.startsWith("2")) ?? answers[0];
  if (found === undefined) throw new Error(`${described.method} ${described.path} names no answer`);
  return { status: Number(found[0]), body: found[1] };
}
