import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { Phase, StepRef } from "../../domain/events.ts";
import type { ActiveStep, Subject } from "../progress/board.ts";
import { fit, oneLine, widthOf } from "./text.ts";
import { counted, formatCount } from "./units.ts";

export const phaseWords: Record<Phase, string> = {
  before: "hook",
  pin: "pin",
  dump: "dump",
  scan: "look for changes",
  store: "store in",
  after: "hook",
  restore: "restore from",
  verify: "verify",
  load: "load",
  retain: "retention",
  prune: "prune",
  check: "check",
};

/** What a step does: `dump immich`, `store to nas`. */
export function stepText(step: StepRef, app: string): string {
  const upkeep = step.phase === "retain" || step.phase === "prune" || step.phase === "check" || step.phase === "scan";
  const subject = step.subject === app && upkeep ? "" : step.subject;
  return oneLine(`${phaseWords[step.phase]} ${subject}`);
}

/** What an app is at: several steps of one kind in one phrase, others as `+1`. */
export function workText(subject: Subject, leading: ActiveStep, width: number): string {
  const same = subject.active.filter(({ step }) => step.phase === leading.step.phase && step !== leading.step);
  const others = subject.active.length - 1 - same.length;
  const more = others > 0 ? ` +${others}` : "";
  const joined = [leading, ...same].map(({ step }) => step.subject).join(", ");
  const text = stepText({ ...leading.step, subject: joined }, subject.name);
  const short =
    same.length > 0 && widthOf(text) + more.length > width
      ? `${phaseWords[leading.step.phase]} ${same.length + 1} places`
      : text;
  return fit(short, width - more.length) + more;
}

/** Figures of a step: bytes and throughput of a dump, files and bytes of a store. */
export function figures({ step, progress, bytesPerSecond, waiting }: ActiveStep, withTotal = false): string {
  if (waiting !== undefined) return `waiting: ${oneLine(waiting)}`;
  const total = withTotal && progress.bytesTotal !== undefined ? ` of ${formatBytes(progress.bytesTotal)}` : "";
  const bytes = progress.bytesDone > 0 ? [`${formatBytes(progress.bytesDone)}${total}`] : [];
  const rate = bytesPerSecond !== undefined && bytesPerSecond >= 1 ? [formatRate(bytesPerSecond)] : [];
  const files = progress.filesDone === undefined ? [] : [counted(progress.filesDone, "file")];
  const dump = step.phase === "dump" || step.phase === "load";
  return (
    dump || withTotal ? [...files, ...bytes, ...rate] : files.length > 0 ? [...files, ...bytes] : [...bytes, ...rate]
  ).join(" · ");
}

/** Throughput, always in MiB/s, so that lines below each other compare. */
export function formatRate(bytesPerSecond: number): string {
  const mib = bytesPerSecond / 1024 / 1024;
  return `${mib < 9.95 ? mib.toFixed(1) : formatCount(mib)} MiB/s`;
}
