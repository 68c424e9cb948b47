import type { SettleReport } from "../../operations/settle/settle.ts";
import { marks, paint, type Look } from "./look.ts";
import { problemLines } from "./problems.ts";
import { dutyText } from "./duty.ts";
import { counted } from "./units.ts";

/** What dead runs had left behind, and what was done about it. */
export function settleLines(look: Look, report: SettleReport): string[] {
  const done = [
    ...(report.orphans > 0
      ? [`${counted(report.orphans, "process", "processes")} ended that a dead run had left`]
      : []),
    ...(report.runs.length > 0 ? [`${counted(report.runs.length, "interrupted run")} closed`] : []),
    ...report.settled.map((duty) => `done: ${dutyText(duty)}`),
  ];
  const good = paint(look, "good", marks.good);
  const lines =
    done.length > 0
      ? done.map((line) => `${good} ${line}`)
      : report.problems.length > 0
        ? []
        : [`${good} There was nothing to put right.`];
  return [
    ...lines,
    ...problemLines(
      look,
      report.problems.map((problem) => ({ problem })),
    ),
  ];
}
