import type { Obligation } from "../../base/journal/journal.ts";
import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { AppStatus, DestinationStatus, StatusReport } from "../../operations/status/status.ts";
import { marks, paint, type Look } from "./look.ts";
import { dutyText } from "./duty.ts";
import { problemLines } from "./problems.ts";
import { byUrgency, lastGood, nextStep, safety, standingLook, standingOf } from "./standing.ts";
import { table, type Cell, type Column } from "./table.ts";
import { oneLine, wrap } from "./text.ts";
import { formatAge, formatCount, formatTime } from "./units.ts";

/** Answers "am I safe?" in its first line; then the apps, the destinations, what waits to be put right. */
export function statusLines(look: Look, report: StatusReport, now: Date, all = false): string[] {
  const verdict = safety(report, now);
  const [first = "", ...more] = wrap(verdict.text, look.columns - 2);
  const problems = [
    ...report.problems.map((problem) => ({ problem })),
    ...report.apps.flatMap(({ app, lastRun }) => (lastRun?.problems ?? []).map((problem) => ({ about: app, problem }))),
  ];
  return [
    `${paint(look, verdict.tone, verdict.mark)} ${paint(look, "strong", first)}`,
    ...more.map((line) => `  ${paint(look, "strong", line)}`),
    ...section(appTable(look, report.apps, now, all)),
    ...section(destinationTable(look, report.destinations, now)),
    ...section(daemonLines(look, report)),
    ...section(obligationLines(look, report.obligations, now)),
    ...section(problemLines(look, problems)),
  ];
}

function daemonLines(look: Look, { daemons }: StatusReport): string[] {
  return daemons.map(({ node, address, startedAt }) =>
    paint(look, "dim", `   The daemon on ${node} listens at ${address}, since ${formatTime(startedAt)}.`),
  );
}

const section = (lines: string[]): string[] => (lines.length === 0 ? [] : ["", ...lines]);

const appColumns: readonly Column[] = [
  {},
  { title: "app", cut: "end", least: 10 },
  { title: "last good" },
  { title: "age", align: "right" },
  { title: "snapshots", align: "right", optional: true },
  { title: "next step", cut: "end", least: 12 },
];

/** So many apps leave room for the rest on a small terminal, so that the first line stays in sight. */
const appsShown = 12;

function appTable(look: Look, all: readonly AppStatus[], now: Date, everyOne: boolean): string[] {
  const needy = all.filter((app) => app.declared && standingOf(app, now) !== "good").length;
  const most = everyOne ? all.length : Math.max(appsShown, needy);
  const apps = all.length <= most ? all : byUrgency(all, now).slice(0, most);
  const hidden = all.length - apps.length;
  const rest =
    hidden === 0
      ? []
      : [
          paint(
            look,
            "dim",
            `   and ${formatCount(hidden)} more, of which nothing is wanted: \`holdfast status --all\``,
          ),
        ];
  const rows = apps.map((app): (Cell | string)[] => {
    const { mark, tone } = app.declared
      ? standingLook[standingOf(app, now)]
      : { mark: marks.waiting, tone: "dim" as const };
    const good = lastGood(app);
    const running = app.running !== undefined;
    return [
      running ? { text: "→", tone: "good" } : { text: mark, tone },
      app.app,
      good === undefined ? { text: "never", tone: "failed" } : formatTime(good),
      {
        text: good === undefined ? "–" : formatAge(new Date(good), now).replace(" ago", ""),
        tone: app.late ? "failed" : "plain",
      },
      { text: formatCount(app.destinations.reduce((sum, one) => sum + one.snapshots, 0)), tone: "dim" },
      { text: nextStep(app, now), tone: tone === "good" || running ? "dim" : tone },
    ];
  });
  return [...table(look, appColumns, rows), ...rest];
}

function destinationTable(look: Look, destinations: readonly DestinationStatus[], now: Date): string[] {
  const ago = (at: string | undefined): string => (at === undefined ? "never" : formatAge(new Date(at), now));
  const rows = destinations.map((one): (Cell | string)[] => [
    one.lastCheckOutcome === "failed" ? { text: marks.failed, tone: "failed" } : { text: marks.waiting, tone: "dim" },
    one.name,
    formatCount(one.snapshots),
    one.sizeBytes === undefined ? "" : formatBytes(one.sizeBytes),
    {
      text: one.lastCheckOutcome === "failed" ? `failed ${ago(one.lastCheckAt)}` : ago(one.lastCheckAt),
      tone: one.lastCheckOutcome === "failed" ? "failed" : "plain",
    },
    one.appendOnly ? { text: "append-only", tone: "dim" } : ago(one.lastPrunedAt),
    { text: oneLine(one.location ?? ""), tone: "dim" },
  ]);
  const columns: Column[] = [
    {},
    { title: "destination", cut: "end", least: 11 },
    { title: "snapshots", align: "right" },
    { title: "size", align: "right" },
    { title: "checked" },
    { title: "pruned" },
    { title: "where", cut: "middle", least: 14, optional: true },
  ];
  return table(look, columns, rows);
}

function obligationLines(look: Look, obligations: readonly Obligation[], now: Date): string[] {
  if (obligations.length === 0) return [];
  const told = obligations.map(
    ({ duty, incurredAt }) => `${dutyText(duty)} (since ${formatAge(new Date(incurredAt), now)})`,
  );
  const [one, wait] = obligations.length === 1 ? ["thing", "waits"] : ["things", "wait"];
  const head = `${obligations.length} ${one} of earlier runs ${wait} to be put right; \`holdfast settle\` does it:`;
  const [first = "", ...more] = wrap(head, look.columns - 2);
  return [
    `${paint(look, "warning", marks.warning)} ${first}`,
    ...[...more, ...told.flatMap((line) => wrap(line, look.columns - 4).map((part) => `  ${part}`))].map(
      (line) => `  ${line}`,
    ),
  ];
}
