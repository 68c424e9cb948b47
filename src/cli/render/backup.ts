import type { AppReport, BackupReport, StoreReport } from "../../operations/backup/report.ts";
import type { RetainReport } from "../../operations/retain/report.ts";
import { formatBytes } from "../../domain/atoms/bytes.ts";
import { added, backupSummary } from "./backup-summary.ts";
import { paint, marks, type Look } from "./look.ts";
import { outcomeLook, problemLines, type About } from "./problems.ts";
import { table, type Cell, type Column } from "./table.ts";
import { wrap } from "./text.ts";
import { counted, formatCount, formatDuration } from "./units.ts";

const columns: readonly Column[] = [
  {},
  { title: "app", cut: "end", least: 10 },
  { title: "files", align: "right" },
  { title: "size", align: "right" },
  { title: "dumps", align: "right" },
  { title: "added", align: "right" },
  { title: "to", cut: "end", least: 8 },
  { title: "time", align: "right" },
];

/** The report at the end: one line per app, what went wrong, and last a summary in words. */
export function backupLines(look: Look, report: BackupReport): string[] {
  // That it was cancelled is what the last line says.
  const problems = backupProblems(report).filter(({ problem }) => problem.code !== "HF_CANCELLED");
  return [
    ...(report.apps.length > 0 ? [...table(look, columns, report.apps.map(appRow)), ""] : []),
    ...(problems.length > 0 ? [...problemLines(look, problems), ""] : []),
    ...report.retained.flatMap((one) => retainedLine(look, one)),
    ...wrap(backupSummary(report), look.columns - 2).map((line, index) => {
      const { mark, tone } = outcomeLook[report.outcome];
      return `${index === 0 ? paint(look, tone, mark) : " "} ${paint(look, "strong", line)}`;
    }),
  ];
}

/** Everything that went wrong, with whose it is. */
export function backupProblems(report: BackupReport): About[] {
  return [
    ...report.problems.map((problem) => ({ problem })),
    ...report.apps.flatMap((app) => app.problems.map((problem) => ({ about: app.app, problem }))),
    ...report.retained.flatMap((one) => one.problems.map((problem) => ({ about: one.destination, problem }))),
  ];
}

function appRow(app: AppReport): (Cell | string)[] {
  const { mark, tone } = outcomeLook[app.outcome];
  const time: Cell = { text: formatDuration(app.durationMs), tone: "dim" };
  const name: Cell = { text: app.app, tone: app.outcome === "failed" ? "failed" : "plain" };
  if (app.unchanged && app.outcome === "success") {
    return [
      { text: marks.unchanged, tone: "dim" },
      name,
      { text: "unchanged", tone: "dim" },
      "",
      "",
      "",
      where(app.stores),
      time,
    ];
  }
  const good = app.dumps.filter((dump) => dump.problem === undefined).length;
  const dumps = good === app.dumps.length ? String(good) : `${good} of ${app.dumps.length}`;
  return [
    { text: mark, tone },
    name,
    app.files.count === 0 ? "" : formatCount(app.files.count),
    app.files.bytes === 0 ? "" : formatBytes(app.files.bytes),
    app.dumps.length === 0 ? "" : { text: dumps, tone: good === app.dumps.length ? "plain" : "failed" },
    addedText(app),
    where(app.stores),
    time,
  ];
}

function addedText(app: AppReport): string {
  return app.stores.some(({ summary }) => summary !== undefined) ? `+${formatBytes(added(app))}` : "";
}

function where(stores: readonly StoreReport[]): Cell {
  if (stores.some(({ problem }) => problem?.code === "HF_CANCELLED")) return { text: "cancelled", tone: "warning" };
  const failed = stores
    .filter(({ status }) => status === "failed")
    .map(({ destination }) => `${marks.failed}${destination}`);
  const good = stores
    .filter(({ status }) => status !== "failed")
    .map(({ destination, verdict }) =>
      verdict === undefined || verdict === "good" ? destination : `${destination} (${verdict})`,
    );
  return { text: [...failed, ...good].join(", "), tone: failed.length > 0 ? "failed" : "plain" };
}

function retainedLine(look: Look, report: RetainReport): string[] {
  const stay = report.snapshots.filter(({ keep }) => keep).length;
  const go = report.dryRun ? report.snapshots.length - stay : report.forgotten;
  if (go === 0) return [];
  const verb = report.dryRun ? "would be forgotten" : "forgotten";
  return [
    paint(look, "dim", `  ${report.destination}: ${counted(go, "old snapshot")} ${verb}, ${formatCount(stay)} stay`),
  ];
}
