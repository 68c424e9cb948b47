import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { Board, ActiveStep, Subject } from "../progress/board.ts";
import { fractionOf, leadingStep, secondsLeft } from "../progress/board.ts";
import { asShown, paint, type Look } from "./look.ts";
import { outcomeLook } from "./problems.ts";
import { figures, phaseWords, workText } from "./steps.ts";
import { fit, pad, widthOf } from "./text.ts";
import { counted, formatDuration, formatRoughly } from "./units.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const plainSpinner = ["|", "/", "-", "\\"];

/** At 80 columns: 1 mark, 12 name, 17 step, 23 figures, 8 bar, 4 percent, 6 left, and the spaces between. */
const barWidth = 8;
const leftWidth = 6;
/** Below this there is no room for a bar. */
const narrow = 64;
const fixed = 2 + 2 + 2 + 1 + barWidth + 1 + 4 + 1 + leftWidth;

/** One active app in one line. `frame` turns the spinner. */
export function activeLine(look: Look, subject: Subject, frame: number, nowMs: number): string {
  const signs = look.unicode ? spinner : plainSpinner;
  const mark = paint(look, "good", signs[frame % signs.length] ?? "");
  const leading = leadingStep(subject);
  if (look.columns < narrow) {
    const at = leading === undefined ? "…" : `${phaseWords[leading.step.phase].split(" ")[0]} ${figures(leading)}`;
    return `${mark} ${fit(`${subject.name}  ${at}`, look.columns - 3)}`;
  }
  // The last column stays empty: some terminals wrap as soon as it is written.
  const room = look.columns - 1 - fixed;
  const name = Math.floor(room * 0.24);
  const step = Math.floor(room * 0.33);
  const text = leading === undefined ? "…" : workText(subject, leading, step);
  const told = leading === undefined ? "" : figures(leading);
  const cells = [
    pad(fit(subject.name, name), name),
    pad(text, step),
    pad(fit(told, room - name - step), room - name - step),
  ];
  return `${mark} ${cells.join("  ")} ${leading === undefined ? "" : meter(look, leading, nowMs)}`.trimEnd();
}

function meter(look: Look, active: ActiveStep, nowMs: number): string {
  const share = fractionOf(active.progress);
  if (share === undefined) {
    const since = formatRoughly(nowMs - active.startedMs);
    return paint(look, "dim", pad(since, barWidth + 1 + 4 + 1 + leftWidth, "right"));
  }
  const full = Math.round(share * barWidth);
  const left = secondsLeft(active);
  return [
    paint(look, "good", "█".repeat(full)) + paint(look, "dim", "░".repeat(barWidth - full)),
    pad(`${Math.floor(share * 100)}%`, 4, "right"),
    paint(look, "dim", pad(left === undefined ? "" : formatRoughly(left * 1000), leftWidth, "right")),
  ].join(" ");
}

/** An app that is done, from its events alone. */
export function finishedLine(look: Look, subject: Subject): string {
  const { outcome, durationMs } = subject.finished ?? { outcome: "success", durationMs: 0 };
  const { mark, tone } = outcomeLook[outcome];
  const facts = [
    ...(subject.dumps > 0 ? [counted(subject.dumps, "dump")] : []),
    ...(subject.files > 0 ? [counted(subject.files, "file")] : []),
    ...(subject.bytes > 0 ? [formatBytes(subject.bytes)] : []),
  ].join(" · ");
  const stored = subject.storedTo.length > 0 ? `${facts === "" ? "" : " "}→ ${subject.storedTo.join(", ")}` : "";
  const upkeep = subject.phase === undefined || subject.phase === "store" ? "" : phaseWords[subject.phase];
  const told = facts + stored || (outcome === "success" ? upkeep : "");
  const time = formatDuration(durationMs);
  const room = Math.max(0, look.columns - 1 - 2 - 2 - 2 - widthOf(time));
  const name = Math.min(Math.max(look.columns < narrow ? 6 : 12, Math.floor(room * 0.24)), 24);
  const rest = room - name;
  return `${paint(look, tone, mark)} ${pad(fit(subject.name, name), name)}  ${pad(fit(told, rest), rest)}  ${paint(look, "dim", time)}`;
}

export interface BlockFacts {
  title: string;
  /** Who will take part, as far as that is known beforehand. */
  expected: readonly string[];
  startedMs: number;
  nowMs: number;
  frame: number;
  rows: number;
  /** Finished lines that have scrolled away already. */
  scrolled: number;
}

/** The block that is redrawn: finished apps, active ones, how many wait. Never higher than the window. */
export function block(look: Look, board: Board, facts: BlockFacts): string[] {
  const subjects = [...board.values()];
  const finished = subjects.filter((subject) => subject.finished !== undefined);
  const active = subjects.filter((subject) => subject.finished === undefined);
  const waiting = facts.expected.filter((name) => !board.has(name)).length;
  // Heading, "waiting" and the cursor's own line.
  const room = Math.max(1, facts.rows - 4);
  const shownActive = active.slice(0, room);
  const hidden = active.length - shownActive.length;
  const recent = finished.slice(facts.scrolled).slice(-Math.max(0, room - shownActive.length) || finished.length);
  const notes = [...(hidden > 0 ? [`${hidden} more at work`] : []), ...(waiting > 0 ? [`${waiting} waiting`] : [])];
  return [
    ...(room > shownActive.length ? recent.map((subject) => finishedLine(look, subject)) : []),
    heading(look, facts, finished.filter(({ name }) => facts.expected.includes(name)).length),
    ...shownActive.map((subject) => activeLine(look, subject, facts.frame, facts.nowMs)),
    ...(notes.length > 0 ? [paint(look, "dim", `  … ${notes.join(", ")}`)] : []),
  ].map((line) => asShown(look, line));
}

function heading(look: Look, facts: BlockFacts, done: number): string {
  const count = facts.expected.length > 1 ? ` · ${done} of ${facts.expected.length} done` : "";
  const text = `${facts.title}${count} · ${formatDuration(facts.nowMs - facts.startedMs).replace(/\.\d s$/, " s")}`;
  return paint(look, "strong", fit(text, look.columns - 1));
}
