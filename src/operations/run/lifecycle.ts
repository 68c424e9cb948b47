import { problem, render, toProblem, type Problem } from "../../base/errors/error.ts";
import type { Phase, RunEvent, StepRef } from "../../domain/events.ts";
import type { RunId } from "../../domain/names.ts";
import { outcomeOf, type StepResult } from "../../domain/outcome.ts";
import type { RunContext } from "../../domain/run.ts";
import type { Outcome, RequestedBy, RunKind } from "../../domain/run-state.ts";
import { claimRun, type RunRecord } from "../../state/queries/runs.ts";
import { isDead } from "../../state/runs/turns.ts";
import type { Holdfast } from "../context/holdfast.ts";
import { runStarted } from "../notify/runs.ts";
import { settle } from "../settle/settle.ts";
import { endRun } from "./end.ts";
import { recordEvents } from "./event-log.ts";
import type { Caller } from "./listener.ts";

export interface RunRequest {
  kind: RunKind;
  /** The app, or the destination of upkeep. */
  subject: string;
  app?: string;
  destination?: string;
  /** All that it will use, where that is more than `destination`. */
  destinations?: readonly string[];
  requestedBy: RequestedBy;
  dryRun: boolean;
}

export interface RunEnd<T> {
  runId: RunId;
  outcome: Outcome;
  problems: Problem[];
  durationMs: number;
  /** Absent when the work threw. */
  result?: T;
}

/** What the work of a run is handed: its context, and the way to carry out a step. */
export interface RunWork extends RunContext {
  /**
   * Carries out one step and keeps its result: what it throws becomes a problem of the run and of nothing else.
   * Gives undefined then.
   */
  step<T>(step: StepRef, work: () => Promise<T>): Promise<T | undefined>;
  /** Tells of a step whose failure is its caller's to judge: what it throws is thrown on, and not kept. */
  stage<T>(step: StepRef, work: () => Promise<T>): Promise<T>;
  /** Adds a problem to the run that is not the failure of a step. */
  note(step: StepRef, found: Problem): void;
  /** The problems so far. */
  problems(): Problem[];
  /** What this step failed of, or the first problem noted for it. */
  problemOf(step: StepRef): Problem | undefined;
}

/** The phase that stands for a run as a whole, for what no step of it owns. */
const wholeOf = {
  backup: "store",
  restore: "restore",
  retain: "retain",
  prune: "prune",
  check: "check",
} as const satisfies Record<RunKind, Phase>;

export type Claim = { run: RunRecord } | { busy: RunRecord };

/** Claims a run for this process. A dead process's unfinished run of the same app is closed first. */
export async function claim(holdfast: Holdfast, request: RunRequest, signal: AbortSignal): Promise<Claim> {
  for (;;) {
    const { claimed, run } = await claimRun(holdfast.state, {
      kind: request.kind,
      ...(request.app === undefined ? {} : { app: request.app }),
      ...(request.destination === undefined ? {} : { destination: request.destination }),
      destinations: request.destinations ?? (request.destination === undefined ? [] : [request.destination]),
      requestedBy: request.requestedBy,
      dryRun: request.dryRun,
      owner: holdfast.owner,
      now: holdfast.clock.now().toISOString(),
    });
    if (claimed) return { run };
    if (!isDead(run.owner, run.heartbeatAt)) return { busy: run };
    // All that the dead one owes comes before anything new of the app begins.
    await settle(holdfast, signal);
  }
}

/**
 * Carries out a claimed run: its events are told and kept, its outcome is the fold over its steps. What
 * the work throws is a problem of the run. Throws only when the run's end cannot be written into the state.
 */
export async function carryOut<T>(
  holdfast: Holdfast,
  run: RunRecord,
  subject: string,
  caller: Caller,
  work: (work: RunWork) => Promise<T>,
): Promise<RunEnd<T>> {
  const started = performance.now();
  using cancelling = holdfast.cancelling.begin(run, caller.signal);
  const { signal } = cancelling;
  const results: StepResult[] = [];
  const log = recordEvents(holdfast.state, run.id, holdfast.clock);
  const emit = (event: RunEvent): void => {
    log.add(event);
    caller.listen(subject, event);
  };
  const keep = (step: StepRef, problems: Problem[]): void => {
    results.push({ step, problems });
    for (const found of problems) emit({ type: "problem", problem: found });
  };
  // What fails of a cancelled run fails because of that, but for the after-hooks: they are carried out all the same.
  const meaning = (error: unknown, phase: Phase): Problem =>
    signal.aborted && phase !== "after" ? problem("HF_CANCELLED", {}) : toProblem(error);
  const context: RunWork = {
    runId: run.id,
    signal,
    clock: holdfast.clock,
    emit,
    problems: () => results.flatMap((result) => result.problems),
    problemOf: ({ phase, subject }) =>
      results
        .filter((result) => result.step.phase === phase && result.step.subject === subject)
        .flatMap((result) => result.problems)[0],
    note: (step, found) => keep(step, [found]),
    async stage(step, body) {
      const begun = performance.now();
      emit({ type: "step-started", step });
      try {
        const value = await body();
        emit({ type: "step-finished", step, durationMs: performance.now() - begun });
        return value;
      } catch (error) {
        emit({
          type: "step-finished",
          step,
          durationMs: performance.now() - begun,
          problem: meaning(error, step.phase),
        });
        throw error;
      }
    },
    async step(step, body) {
      try {
        const value = await context.stage(step, body);
        keep(step, []);
        return value;
      } catch (error) {
        keep(step, [meaning(error, step.phase)]);
        return undefined;
      }
    },
  };
  let result: T | undefined;
  emit({ type: "started" });
  const whole: StepRef = { phase: wholeOf[run.kind], subject };
  const untold = (found: Problem | undefined): void => {
    if (found !== undefined) emit({ type: "log", step: whole, line: render(found).message });
  };
  untold(await runStarted(holdfast, run));
  try {
    result = await work(context);
  } catch (error) {
    keep(whole, [meaning(error, whole.phase)]);
  }
  const durationMs = performance.now() - started;
  emit({ type: "finished", outcome: outcomeOf(results), durationMs });
  const lost = await log.end();
  // Who follows this run must not take what is missing for what did not happen.
  if (lost !== undefined) results.push({ step: whole, problems: [toProblem(lost)] });
  const outcome = outcomeOf(results);
  const problems = unique(context.problems());
  untold(await endRun(holdfast, run, { outcome, problems, durationMs }));
  return { runId: run.id, outcome, problems, durationMs, ...(result === undefined ? {} : { result }) };
}

function unique(problems: Problem[]): Problem[] {
  return [...new Map(problems.map((found) => [JSON.stringify(found), found])).values()];
}
