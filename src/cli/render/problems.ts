import { render, type Problem } from "../../base/errors/error.ts";
import { outcomeOfProblem } from "../../domain/outcome.ts";
import type { Outcome } from "../../domain/run-state.ts";
import { asShown, marks, paint, type Look, type Tone } from "./look.ts";
import { listing, oneLine, wrap } from "./text.ts";

export interface About {
  /** What the problem is of: an app or a destination. */
  about?: string;
  problem: Problem;
}

/** Mark and tone of an outcome. A cancelled run is no failure, but nothing good either. */
export const outcomeLook: Record<Outcome, { mark: string; tone: Tone }> = {
  success: { mark: marks.good, tone: "good" },
  warning: { mark: marks.warning, tone: "warning" },
  failed: { mark: marks.failed, tone: "failed" },
  cancelled: { mark: marks.warning, tone: "warning" },
};

/** Each different problem once: mark, whose it is, what happened; below it, dim, what to do. */
export function problemLines(look: Look, found: readonly About[]): string[] {
  const groups = new Map<string, { problem: Problem; about: Set<string> }>();
  for (const { about, problem } of found) {
    const { message } = render(problem);
    const group = groups.get(message) ?? { problem, about: new Set<string>() };
    if (about !== undefined) group.about.add(about);
    groups.set(message, group);
  }
  return [...groups.values()].flatMap(({ problem, about }) => oneProblem(look, problem, [...about]));
}

function oneProblem(look: Look, problem: Problem, about: string[]): string[] {
  const { message, hint } = render(problem);
  const { mark, tone } = outcomeLook[outcomeOfProblem(problem)];
  const text = oneLine(message);
  // Names that the sentence holds already are not said twice.
  const unsaid = about.some((name) => !text.includes(name));
  const said = unsaid && about.length > 0 ? `${listing(about)}: ${text}` : text;
  const width = look.columns - 2;
  const [first = "", ...more] = wrap(said, width);
  return [
    `${paint(look, tone, mark)} ${first}`,
    ...more.map((line) => `  ${line}`),
    ...(hint === "" ? [] : wrap(oneLine(hint), width).map((line) => `  ${paint(look, "dim", line)}`)),
  ];
}

/** An error as the last thing that a command says. */
export function errorLines(look: Look, problem: Problem): string[] {
  return problemLines(look, [{ problem }]).map((line) => asShown(look, line));
}
