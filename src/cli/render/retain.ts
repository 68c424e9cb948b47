import type { RetainedSnapshot, RetainReport } from "../../operations/retain/report.ts";
import { paint, type Look } from "./look.ts";
import { outcomeLook, problemLines } from "./problems.ts";
import { wrap } from "./text.ts";
import { counted, formatCount, formatTime } from "./units.ts";

/** Per destination the table of snapshots, whether they stay, and why. */
export function retainLines(look: Look, reports: readonly RetainReport[]): string[] {
  return reports.flatMap((report, index) => [...(index > 0 ? [""] : []), ...oneReport(look, report)]);
}

function oneReport(look: Look, report: RetainReport): string[] {
  const { mark, tone } = outcomeLook[report.outcome];
  const stay = report.snapshots.filter(({ keep }) => keep).length;
  const go = report.dryRun ? report.snapshots.length - stay : report.forgotten;
  const done = report.dryRun ? "would be forgotten (dry run: nothing was changed)" : "forgotten";
  const apps = [...new Set(report.snapshots.map(({ app }) => app))];
  return [
    ...apps.flatMap((app) => [
      `${paint(look, "strong", app)} ${paint(look, "dim", `in ${report.destination}`)}`,
      ...report.snapshots.filter((snapshot) => snapshot.app === app).flatMap((snapshot) => row(look, snapshot)),
      "",
    ]),
    ...problemLines(
      look,
      report.problems.map((problem) => ({ about: report.destination, problem })),
    ),
    `${paint(look, tone, mark)} ${report.destination}: ${counted(go, "snapshot")} ${done}, ${formatCount(stay)} ${stay === 1 ? "stays" : "stay"}.`,
  ];
}

/** All reasons, on as many lines as they need: they are what the table is for. */
function row(look: Look, snapshot: RetainedSnapshot): string[] {
  const { keep, id, time, verdict, reasons } = snapshot;
  const head = `  ${keep ? "keep  " : "forget"}  ${id.slice(0, 8)}  ${formatTime(time)}  `;
  const why = [...(verdict === "good" ? [] : [verdict]), ...reasons].join(", ");
  const tone = keep ? "plain" : "dim";
  return wrap(why, look.columns - head.length).map((line, index) =>
    paint(look, tone, `${index === 0 ? head : " ".repeat(head.length)}${line}`),
  );
}
