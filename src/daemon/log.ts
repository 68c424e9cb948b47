import { render, toProblem, type Problem } from "../base/errors/error.ts";
import { redact } from "../base/secrets/secret.ts";

/** What a daemon tells whoever keeps its output: one line each. */
export interface Log {
  info: (line: string) => void;
  /** What went wrong and did not end the daemon. */
  failed(what: string, error: unknown): void;
  problem(what: string, found: Problem): void;
}

export function logTo(write: (line: string) => void, now: () => Date): Log {
  const line = (text: string): void => write(`${now().toISOString()} ${redact(text).replaceAll(/\s*\n\s*/g, " | ")}`);
  const tell = (what: string, found: Problem): void => line(`${what}: ${render(found).message}`);
  return { info: line, failed: (what, error) => tell(what, toProblem(error)), problem: tell };
}
