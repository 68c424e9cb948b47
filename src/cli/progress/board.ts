import type { Problem } from "../../base/errors/error.ts";
import type { Phase, Progress, RunEvent, StepRef } from "../../domain/events.ts";
import type { Outcome } from "../../domain/run-state.ts";

/** A step that is going on. */
export interface ActiveStep {
  step: StepRef;
  startedMs: number;
  progress: Progress;
  /** Smoothed. Undefined until two reports have come. */
  bytesPerSecond?: number;
  sampledMs: number;
  waiting?: string;
}

/** What is known of one app (or destination) while a command runs. */
export interface Subject {
  name: string;
  startedMs: number;
  active: ActiveStep[];
  dumps: number;
  dumpBytes: number;
  storedTo: string[];
  files: number;
  bytes: number;
  /** The last kind of step: all that there is to tell of upkeep. */
  phase?: Phase;
  problems: Problem[];
  finished?: { outcome: Outcome; durationMs: number };
}

/** How much a new rate counts against the ones before: calm figures, that still follow within seconds. */
const smoothing = 0.3;

/** All subjects in the order in which they began. */
export type Board = Map<string, Subject>;

/** Takes an event in. `nowMs` is any steady clock. */
export function hear(board: Board, name: string, event: RunEvent, nowMs: number): Subject {
  const subject = board.get(name) ?? fresh(name, nowMs);
  board.set(name, subject);
  switch (event.type) {
    case "step-started":
      subject.phase = event.step.phase;
      stepOf(subject, event.step, nowMs);
      break;
    case "step-progress":
      progressed(subject, stepOf(subject, event.step, nowMs), event.progress, nowMs);
      break;
    case "waiting":
      stepOf(subject, event.step, nowMs).waiting = event.reason;
      break;
    case "step-finished":
      stepFinished(subject, event);
      break;
    case "problem":
      subject.problems.push(event.problem);
      break;
    case "finished":
      subject.active = [];
      subject.finished = { outcome: event.outcome, durationMs: event.durationMs };
      break;
    case "queued":
    case "started":
    case "log":
      break;
  }
  return subject;
}

function fresh(name: string, nowMs: number): Subject {
  return { name, startedMs: nowMs, active: [], dumps: 0, dumpBytes: 0, storedTo: [], files: 0, bytes: 0, problems: [] };
}

export const sameStep = (one: StepRef, other: StepRef): boolean =>
  one.phase === other.phase && one.subject === other.subject;

function stepOf(subject: Subject, step: StepRef, nowMs: number): ActiveStep {
  const known = subject.active.find((active) => sameStep(active.step, step));
  if (known !== undefined) return known;
  const started: ActiveStep = { step, startedMs: nowMs, progress: { bytesDone: 0 }, sampledMs: nowMs };
  subject.active.push(started);
  return started;
}

function progressed(subject: Subject, active: ActiveStep, progress: Progress, nowMs: number): void {
  const seconds = (nowMs - active.sampledMs) / 1000;
  if (seconds > 0) {
    const rate = Math.max(0, progress.bytesDone - active.progress.bytesDone) / seconds;
    active.bytesPerSecond =
      active.bytesPerSecond === undefined ? rate : active.bytesPerSecond * (1 - smoothing) + rate * smoothing;
    active.sampledMs = nowMs;
  }
  active.progress = progress;
  delete active.waiting;
  if (active.step.phase !== "store" && active.step.phase !== "restore") return;
  subject.files = Math.max(subject.files, progress.filesDone ?? 0);
  subject.bytes = Math.max(subject.bytes, progress.bytesDone);
}

function stepFinished(subject: Subject, event: Extract<RunEvent, { type: "step-finished" }>): void {
  const active = subject.active.find(({ step }) => sameStep(step, event.step));
  subject.active = subject.active.filter((one) => one !== active);
  // The problem itself is told by an event of its own.
  if (event.problem !== undefined) return;
  const bytes = event.bytes ?? active?.progress.bytesDone ?? 0;
  if (event.step.phase === "dump") {
    subject.dumps += 1;
    subject.dumpBytes += bytes;
  }
  if (event.step.phase === "store") {
    subject.storedTo.push(event.step.subject);
    subject.bytes = Math.max(subject.bytes, bytes);
  }
}

/** The step that will take longest: it decides when the app is done. */
export function leadingStep(subject: Subject): ActiveStep | undefined {
  const share = ({ progress }: ActiveStep): number => fractionOf(progress) ?? 0;
  return [...subject.active].sort(
    (one, other) =>
      Number(one.waiting !== undefined) - Number(other.waiting !== undefined) || share(one) - share(other),
  )[0];
}

/** From 0 to 1; undefined where no total is known. */
export function fractionOf(progress: Progress): number | undefined {
  const { bytesDone, bytesTotal } = progress;
  return bytesTotal === undefined || bytesTotal <= 0 ? undefined : Math.min(1, bytesDone / bytesTotal);
}

/** What restic says, else what bytes and rate say; undefined while neither is known. */
export function secondsLeft({ progress, bytesPerSecond }: ActiveStep): number | undefined {
  if (progress.secondsLeft !== undefined && progress.secondsLeft > 0) return progress.secondsLeft;
  if (progress.bytesTotal === undefined || bytesPerSecond === undefined || bytesPerSecond < 1) return undefined;
  return Math.max(0, progress.bytesTotal - progress.bytesDone) / bytesPerSecond;
}
