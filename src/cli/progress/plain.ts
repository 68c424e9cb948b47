import { render } from "../../base/errors/error.ts";
import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { RunEvent, StepRef } from "../../domain/events.ts";
import { asShown, type Look } from "../render/look.ts";
import { finishedLine } from "../render/progress.ts";
import { figures, formatRate, stepText } from "../render/steps.ts";
import { oneLine } from "../render/text.ts";
import { formatDuration, formatRoughly } from "../render/units.ts";
import type { Channel } from "../terminal/channel.ts";
import { fractionOf, hear, sameStep, secondsLeft, type Board, type Subject } from "./board.ts";
import type { View } from "./view.ts";

/** Between two lines of the same step. */
const intervalMs = 10_000;

/** Lines for a log: one per step that ends, and while it lasts one every ten seconds at most. */
export function plainView(channel: Channel, nowMs: () => number = () => performance.now()): View {
  const board: Board = new Map();
  const told = new Map<string, number>();
  const key = (name: string, step: StepRef): string => `${name}/${step.phase}/${step.subject}`;
  const say = (line: string): void => channel.write(`${asShown(channel.look(), line)}\n`);
  return {
    listen(name, event) {
      const now = nowMs();
      const done = event.type === "step-finished" ? doneText(board.get(name), event) : "";
      const subject = hear(board, name, event, now);
      const line = lineOf(channel.look(), subject, event, done);
      if (event.type === "step-started") told.set(key(name, event.step), now);
      if (line === undefined) return;
      if (event.type === "step-progress") {
        const last = told.get(key(name, event.step)) ?? Number.NEGATIVE_INFINITY;
        if (now - last < intervalMs) return;
        told.set(key(name, event.step), now);
      }
      say(line);
    },
    note: say,
    stop: () => undefined,
  };
}

type StepFinished = Extract<RunEvent, { type: "step-finished" }>;

function doneText(subject: Subject | undefined, { step, durationMs, ...event }: StepFinished): string {
  const active = subject?.active.find((one) => sameStep(one.step, step));
  const bytes = event.bytes ?? active?.progress.bytesDone ?? 0;
  if (bytes === 0) return formatDuration(durationMs);
  const rate = durationMs >= 100 ? `, ${formatRate((bytes / durationMs) * 1000)}` : "";
  return `${formatBytes(bytes)} in ${formatDuration(durationMs)}${rate}`;
}

function lineOf(look: Look, subject: Subject, event: RunEvent, done: string): string | undefined {
  const { name } = subject;
  if (event.type === "queued" || event.type === "started") return undefined;
  if (event.type === "log") return `${name}: ${oneLine(event.line)}`;
  if (event.type === "problem") {
    const message = oneLine(render(event.problem).message);
    return message.includes(name) ? message : `${name}: ${message}`;
  }
  if (event.type === "finished") {
    // Upkeep is one step with the destination's own name: its end has been told.
    const upkeep = subject.storedTo.length + subject.dumps === 0 && event.outcome === "success";
    return upkeep ? undefined : finishedLine(look, subject);
  }
  const step = `${name}: ${stepText(event.step, name)}`;
  // Pins and scans pass in milliseconds.
  const passing = event.step.phase === "pin" || event.step.phase === "scan";
  if (event.type === "waiting") return `${step}: waiting: ${oneLine(event.reason)}`;
  if (event.type === "step-started") return passing ? undefined : step;
  if (event.type === "step-progress") return progressLine(subject, event.step, step);
  // The problem itself is told by an event of its own.
  if (event.problem !== undefined) return `${step}: failed`;
  return passing ? undefined : `${step}: done, ${done}`;
}

function progressLine(subject: Subject, step: StepRef, told: string): string | undefined {
  const active = subject.active.find((one) => sameStep(one.step, step));
  if (active === undefined) return undefined;
  const share = fractionOf(active.progress);
  const left = secondsLeft(active);
  const parts = [
    figures(active, true),
    ...(share === undefined ? [] : [`${Math.floor(share * 100)} %`]),
    ...(left === undefined ? [] : [`${formatRoughly(left * 1000)} left`]),
  ];
  return `${told}: ${parts.filter((part) => part !== "").join(" · ")}`;
}
