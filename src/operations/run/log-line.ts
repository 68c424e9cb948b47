import { render } from "../../base/errors/error.ts";
import type { RunEvent, StepRef } from "../../domain/events.ts";
import { toldProblem } from "./told-problem.ts";

/** One line of a run's log; undefined for what is no line of it. */
export function logLine(event: RunEvent): string | undefined {
  switch (event.type) {
    case "queued":
      return "queued";
    case "started":
      return "started";
    case "step-started":
      return `${nameOf(event.step)}: begun`;
    case "step-finished": {
      const took = seconds(event.durationMs);
      if (event.problem === undefined) return `${nameOf(event.step)}: done in ${took}`;
      return `${nameOf(event.step)}: failed after ${took}: ${messageOf(event.problem)}`;
    }
    case "waiting":
      return `${nameOf(event.step)}: waiting: ${oneLine(event.reason)}`;
    case "problem":
      return `${event.problem.code}: ${messageOf(event.problem)}`;
    case "log":
      return `${nameOf(event.step)}: ${oneLine(event.line)}`;
    case "step-progress":
      return undefined;
    case "finished":
      break;
  }
  return `finished: ${event.outcome} after ${seconds(event.durationMs)}`;
}

function nameOf({ phase, subject }: StepRef): string {
  return `${phase} ${oneLine(subject)}`;
}

function messageOf(problem: Parameters<typeof render>[0]): string {
  return oneLine(render(toldProblem(problem)).message);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A name or a program's word may hold anything: a line of the log stays one line. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
