import type { Problem } from "../../base/errors/error.ts";
import { redact } from "../../base/secrets/secret.ts";

/** A problem as it may be told to people elsewhere: of a bug its first line, and not where in the program it lies. */
export function toldProblem({ code, params }: Problem): Problem {
  const told = Object.entries(params).map(([key, value]): [string, string] => {
    const [first = ""] = value.split("\n    at ");
    return [key, redact(code === "HF_INTERNAL" ? first : value)];
  });
  return { code, params: Object.fromEntries(told) };
}
