import { catalogue } from "../../base/errors/catalogue.ts";
import { redact } from "../../base/secrets/secret.ts";
import { render, type Problem } from "../../base/errors/error.ts";

/** One JSON document. Problems in it carry their sentences too, so that a reader needs no catalogue. */
export function jsonDocument(value: unknown, indent: boolean): string {
  const text = JSON.stringify(value, (_, part: unknown) => shown(part), indent ? 2 : 0);
  return `${text}\n`;
}

/** Secrets are blanked out here already: once a quote in them is escaped, they would no longer be found. */
function shown(part: unknown): unknown {
  if (typeof part === "string") return redact(part);
  return isProblem(part) ? spelledOut(part) : part;
}

function spelledOut(problem: Problem): Record<string, unknown> {
  const { code, message, hint } = render(problem);
  return { code, message, hint, params: problem.params };
}

function isProblem(part: unknown): part is Problem {
  if (typeof part !== "object" || part === null || "message" in part) return false;
  return "code" in part && typeof part.code === "string" && part.code in catalogue && "params" in part;
}
