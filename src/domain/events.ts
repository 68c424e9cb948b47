import type { Problem } from "../base/errors/error.ts";
import type { Outcome } from "./run-state.ts";

/** The parts of a run, in the order in which they pass. */
export type Phase =
  | "before"
  | "pin"
  | "dump"
  | "scan"
  | "store"
  | "after"
  | "restore"
  | "verify"
  | "load"
  | "retain"
  | "prune"
  | "check";

/** A step is one thing that a phase does: one dump, one destination's store, one hook. */
export interface StepRef {
  phase: Phase;
  /** What it works on: a database, a destination, a hook. */
  subject: string;
}

export interface Progress {
  bytesDone: number;
  bytesTotal?: number;
  filesDone?: number;
  filesTotal?: number;
  secondsLeft?: number;
}

/** Everything that a run tells while it runs. Progress, logs, notifications and metrics are made from these. */
export type RunEvent =
  | { type: "queued" }
  | { type: "started" }
  | { type: "step-started"; step: StepRef }
  | { type: "step-progress"; step: StepRef; progress: Progress }
  | { type: "step-finished"; step: StepRef; durationMs: number; bytes?: number; problem?: Problem }
  | { type: "waiting"; step: StepRef; reason: string }
  | { type: "problem"; problem: Problem }
  | { type: "log"; step: StepRef; line: string }
  | { type: "finished"; outcome: Outcome; durationMs: number };
