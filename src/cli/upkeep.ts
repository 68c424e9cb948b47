import type { Problem } from "../base/errors/error.ts";
import type { Outcome } from "../domain/run-state.ts";
import type { Answer } from "./command.ts";
import { exitOf, worstOutcome } from "./exit.ts";
import type { Look } from "./render/look.ts";
import { problemLines } from "./render/problems.ts";

interface OfDestination {
  destination: string;
  /** Where a report has none, its problems decide. */
  outcome?: Outcome;
  problems: readonly Problem[];
}

/** The answer of a command that worked on destinations, one report for each. */
export function destinationAnswer<Report extends OfDestination>(
  reports: readonly Report[],
  lines: (look: Look, reports: readonly Report[]) => string[],
): Answer {
  const problems = reports.flatMap(({ destination, problems }) =>
    problems.map((problem) => ({ about: destination, problem })),
  );
  const outcomes = reports.map(
    ({ outcome, problems }): Outcome => outcome ?? (problems.length > 0 ? "failed" : "success"),
  );
  return {
    document: { reports },
    lines: (look) => lines(look, reports),
    problems: (look) => problemLines(look, problems),
    exit: exitOf(
      worstOutcome(outcomes),
      problems.map(({ problem }) => problem),
    ),
  };
}
