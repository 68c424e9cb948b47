import type { Obligation } from "../../base/journal/journal.ts";
import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { AppStatus, DestinationStatus, StatusReport } from "../../operations/status/status.ts";
import { marks, paint, type Look, type Tone } from "./look.ts";
import { problemLines } from "./problems.ts";
import { table, type Cell, type Column } from "./table.ts";
import { listing, oneLine, wrap } from "./text.ts";
import { formatAge, formatCount, formatRoughly, formatTime } from "./units.ts";

/** Answers "am I safe?" in its first line; then the apps, the destinations, what waits to be put right. */
export function statusLines(look: Look, report: StatusReport, now: Date): string[] {
  const verdict = safety(report, now);
  const [first = "", ...more] = wrap(verdict.text, look.columns - 2);
  const problems = [
    ...report.problems.map((problem) => ({ problem })),
    ...report.apps.flatMap(({ app, lastRun }) => (lastRun?.problems ?? []).map((problem) => ({ about: app, problem }))),
  ];
  return [
    `${paint(look, verdict.tone, verdict.mark)} ${paint(look, "strong", first)}`,
    ...more.map((line) => `  ${paint(look, "strong", line)}`),
    ...section(appTable(look, report.apps, now)),
    ...section(destinationTable(look, report.destinations, now)),
    ...section(obligationLines(look, report.obligations, now)),
    ...section(problemLines(look, problems)),
  ];
}

const section = (lines: string[]): string[] => (lines.length === 0 ? [] : ["", ...lines]);

/** `behind`: there is a fresh good backup, but not in every destination. */
type Standing = "good" | "behind" | "warned" | "late" | "never";

/** Destinations are written one after another: so much later is not yet behind. */
const behindMs = 6 * 3_600_000;

function standingOf(app: AppStatus, now: Date): Standing {
  const newest = lastGood(app);
  if (newest === undefined) return "never";
  const age = now.getTime() - Date.parse(newest);
  if (app.late) return app.ageMs === undefined || app.ageMs - age > behindMs ? "behind" : "late";
  return app.lastRun !== undefined && app.lastRun.outcome !== "success" ? "warned" : "good";
}

const looks: Record<Standing, { mark: string; tone: Tone }> = {
  good: { mark: marks.good, tone: "good" },
  behind: { mark: marks.warning, tone: "warning" },
  warned: { mark: marks.warning, tone: "warning" },
  late: { mark: marks.failed, tone: "failed" },
  never: { mark: marks.failed, tone: "failed" },
};

function lastGood(app: AppStatus): string | undefined {
  const times = app.destinations.flatMap(({ lastGoodAt }) => (lastGoodAt === undefined ? [] : [lastGoodAt]));
  return times.sort((one, other) => Date.parse(other) - Date.parse(one))[0];
}

function safety(report: StatusReport, now: Date): { text: string; tone: Tone; mark: string } {
  const apps = report.apps.filter(({ declared }) => declared);
  const names = (standing: Standing): string[] =>
    apps.filter((app) => standingOf(app, now) === standing).map(({ app }) => app);
  const [never, late] = [names("never"), names("late")];
  const look = [...names("behind"), ...names("warned")];
  if (apps.length === 0) {
    return { text: "Nothing is protected: no app is declared.", tone: "warning", mark: marks.warning };
  }
  if (never.length + late.length > 0) {
    const parts = [
      ...(never.length > 0 ? [`${listing(never)} ${never.length === 1 ? "has" : "have"} no good backup`] : []),
      ...(late.length > 0 ? [`${listing(late)} ${late.length === 1 ? "is" : "are"} late`] : []),
    ];
    const rest = apps.length - never.length - late.length;
    const others = rest > 0 ? ` The other ${rest === 1 ? "one is" : `${formatCount(rest)} are`} safe.` : "";
    return { text: `Not safe: ${parts.join(", ")}.${others}`, tone: "failed", mark: marks.failed };
  }
  const oldest = Math.max(0, ...apps.map((app) => now.getTime() - Date.parse(lastGood(app) ?? now.toISOString())));
  const who =
    apps.length === 1
      ? `${apps[0]?.app} has`
      : `${apps.length === 2 ? "both" : `all ${formatCount(apps.length)}`} apps have`;
  const age = apps.length === 1 ? `${formatRoughly(oldest)} old` : `the oldest is ${formatRoughly(oldest)} old`;
  if (look.length > 0) {
    const text = `Safe, but look at ${listing(look)}: ${who} a good backup, ${age}.`;
    return { text, tone: "warning", mark: marks.warning };
  }
  return { text: `You are safe: ${who} a good backup, ${age}.`, tone: "good", mark: marks.good };
}

const appColumns: readonly Column[] = [
  {},
  { title: "app", cut: "end", least: 10 },
  { title: "last good" },
  { title: "age", align: "right" },
  { title: "snapshots", align: "right", optional: true },
  { title: "next step", cut: "end", least: 12 },
];

function appTable(look: Look, apps: readonly AppStatus[], now: Date): string[] {
  const rows = apps.map((app): (Cell | string)[] => {
    const { mark, tone } = app.declared ? looks[standingOf(app, now)] : { mark: marks.waiting, tone: "dim" as const };
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
  return rows.length === 0 ? [] : table(look, appColumns, rows);
}

function nextStep(app: AppStatus, now: Date): string {
  if (app.running !== undefined) return `running, since ${formatAge(new Date(app.running.since), now)}`;
  if (!app.declared) return "no longer declared";
  const standing = standingOf(app, now);
  if (standing === "never" || standing === "late") return `holdfast backup ${app.app}`;
  if (app.lastRun?.outcome === "failed") return "last run failed, see below";
  if (app.lastRun?.outcome === "warning") return "last run warned, see below";
  if (app.lastRun?.outcome === "cancelled") return "last run was cancelled";
  return standing === "behind" ? behindText(app, now) : "";
}

function behindText(app: AppStatus, now: Date): string {
  const times = app.destinations.flatMap(({ destination, lastGoodAt }) =>
    lastGoodAt === undefined ? [] : [{ destination, at: Date.parse(lastGoodAt) }],
  );
  const without = app.destinations
    .filter(({ lastGoodAt }) => lastGoodAt === undefined)
    .map(({ destination }) => destination);
  if (without.length > 0) return `nothing good in ${without.join(", ")}`;
  const [oldest] = times.sort((one, other) => one.at - other.at);
  if (oldest === undefined || app.ageMs === undefined) return "a destination has no copy yet";
  return `${oldest.destination}: ${formatAge(new Date(oldest.at), now)}`;
}

function destinationTable(look: Look, destinations: readonly DestinationStatus[], now: Date): string[] {
  if (destinations.length === 0) return [];
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

/** What is still to be done, in words. */
export function dutyText(duty: Obligation["duty"]): string {
  if (duty.kind === "remove") return oneLine(`remove ${duty.path}`);
  if (duty.kind === "hooks") return oneLine(`run the after-hooks of ${duty.app}`);
  return oneLine(`put back ${listing(duty.moves.map(({ path }) => path))}`);
}
