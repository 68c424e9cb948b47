import { render, type Problem } from "../base/errors/error.ts";
import { formatBytes } from "./atoms/bytes.ts";
import { formatDuration } from "./atoms/duration.ts";
import type { Notification } from "./notification.ts";
import { outcomeOfProblem } from "./outcome.ts";
import type { Outcome, RunKind } from "./run-state.ts";
import type { SnapshotRecord } from "./snapshot.ts";

/** So many problems are told; `holdfast status` has the others. */
const mostProblems = 3;
/** Programs may say a lot; push services cut off at four thousand bytes. */
const longestProblem = 500;

/** What a text is made of: a run that has ended. */
export interface EndedRun {
  kind: RunKind;
  /** The app, or the destination of upkeep. */
  subject: string;
  device: string;
  outcome: Outcome;
  /** The one before it had failed. */
  again: boolean;
  durationMs: number;
  problems: readonly Problem[];
  /** What it left in each destination. */
  stored: readonly Pick<SnapshotRecord, "destination" | "status" | "verdict" | "summary">[];
}

type Text = Pick<Notification, "title" | "what" | "why" | "todo">;

const noun: Record<RunKind, string> = {
  backup: "backup",
  restore: "restore",
  retain: "retention",
  prune: "prune",
  check: "check",
};

/** What a run that has ended is told as. */
export function runText(run: EndedRun): Text {
  const title = `${run.subject}: ${noun[run.kind]} ${run.again ? "works again" : brief[run.outcome]}`;
  const time = formatDuration(run.durationMs);
  const began = `The ${noun[run.kind]} of ${run.subject} on ${run.device}`;
  const ended = {
    success: `${run.again ? "succeeded again" : "succeeded"}, in ${time}.`,
    warning: `finished with warnings, in ${time}.`,
    failed: `failed after ${time}.`,
    cancelled: `was cancelled after ${time}.`,
  }[run.outcome];
  const what = [`${began} ${ended}`, ...(run.kind === "backup" ? storedText(run) : [])].join(" ");
  return { title, what, ...problemsText(run.problems) };
}

const brief: Record<Outcome, string> = {
  success: "succeeded",
  warning: "has warnings",
  failed: "FAILED",
  cancelled: "cancelled",
};

/** What a run that begins is told as. */
export function startText(run: Pick<EndedRun, "kind" | "subject" | "device">): Text {
  return {
    title: `${run.subject}: ${noun[run.kind]} started`,
    what: `The ${noun[run.kind]} of ${run.subject} on ${run.device} has started.`,
  };
}

/** What an alarm is told as: the same of one app, in one destination or several. */
export function alarmText(subject: string, destinations: readonly string[], found: readonly Problem[]): Text {
  const hint = found.map((one) => render(one).hint).find((one) => one !== "");
  const where = destinations.length === 0 ? "" : ` in ${listed(destinations)}`;
  return {
    title: `${subject}: no fresh backup${where}`,
    what: messagesOf(found),
    ...(hint === undefined ? {} : { todo: hint }),
  };
}

/** What the end of an alarm is told as. */
export function alarmOverText(
  subject: string,
  destinations: readonly string[],
  found: readonly Problem[],
  lastedMs: number,
): Text {
  const where = destinations.length === 0 ? "" : ` in ${listed(destinations)}`;
  return {
    title: `${subject}: fresh again${where}`,
    what: `The alarm about ${subject} is over, after ${formatDuration(lastedMs)}.`,
    why: `It said: ${messagesOf(found)}`,
  };
}

/** All of a notification below its title, as plain text. */
export function fullText({ what, why, todo }: Pick<Notification, "what" | "why" | "todo">): string {
  return [what, why, todo].filter((part) => part !== undefined).join("\n\n");
}

function storedText({ stored, outcome }: EndedRun): string[] {
  const done = stored.filter(({ status }) => status === "success" || status === "unchanged");
  const failed = stored.filter(({ status }) => status === "failed");
  if (done.length === 0) return outcome === "success" ? [] : ["Nothing was stored."];
  if (failed.length === 0 && done.every(({ status }) => status === "unchanged")) return ["Nothing had changed."];
  const bytes = Math.max(0, ...done.map(({ summary }) => summary?.dataAddedPacked ?? summary?.dataAdded ?? 0));
  const size = bytes > 0 ? `, ${formatBytes(bytes)} added` : "";
  const names = done.map(({ destination, verdict }) => {
    const worth = verdict === undefined || verdict === "good" ? "" : ` (${verdict})`;
    return `${destination}${worth}`;
  });
  const missing = failed.length > 0 ? ` Not in ${listed(failed.map(({ destination }) => destination))}.` : "";
  return [`Stored in ${listed(names)}${size}.${missing}`];
}

/** The gravest first: the first hint is what to do. */
function problemsText(problems: readonly Problem[]): Pick<Text, "why" | "todo"> {
  const grave = (found: Problem): number => (outcomeOfProblem(found) === "warning" ? 1 : 0);
  const told = problems.filter(({ code }) => code !== "HF_CANCELLED").sort((one, other) => grave(one) - grave(other));
  const [first] = told;
  if (first === undefined) return {};
  const why = messagesOf(told);
  const { hint } = render(first);
  return { why, ...(hint === "" ? {} : { todo: hint }) };
}

/** A line for each, as far as that is still a message. */
function messagesOf(found: readonly Problem[]): string {
  const more = found.length - mostProblems;
  return [
    ...found.slice(0, mostProblems).map((one) => shortened(render(one).message)),
    ...(more > 0 ? [`And ${more} more: \`holdfast status\` shows them.`] : []),
  ].join("\n");
}

function shortened(text: string): string {
  return text.length <= longestProblem ? text : `${text.slice(0, longestProblem)}…`;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
