import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { RestoreReport } from "../../operations/restore/report.ts";
import { marks, paint, type Look } from "./look.ts";
import { outcomeLook, problemLines } from "./problems.ts";
import { fields, table, type Cell } from "./table.ts";
import { fit, oneLine, wrap } from "./text.ts";
import { counted, formatCount, formatDuration, formatTime } from "./units.ts";

/** What came back, whether it was verified, and where it lies. */
export function restoreLines(look: Look, report: RestoreReport): string[] {
  const { mark, tone } = outcomeLook[report.outcome];
  const place = report.inPlace ? "where it was" : oneLine(report.target ?? "–");
  const verified = report.verified ? "every file was compared with the repository" : "not verified";
  const files = `${counted(report.files.count, "file")}, ${formatBytes(report.files.bytes)}`;
  return [
    `${paint(look, "strong", report.app)}, snapshot ${report.snapshotId.slice(0, 8)} of ${formatTime(report.time)} ${paint(look, "dim", `(${report.verdict}, from ${report.destination})`)}`,
    ...fields(look, [
      ...(report.files.count > 0 ? [["files", files] as const, ["verified", verified] as const] : []),
      ["in", fit(place, look.columns - 12, "middle")],
    ]),
    ...databaseTable(look, report),
    ...(report.problems.length > 0
      ? [
          "",
          ...problemLines(
            look,
            report.problems.map((problem) => ({ problem })),
          ),
        ]
      : []),
    "",
    ...wrap(summary(report), look.columns - 2).map(
      (line, index) => `${index === 0 ? paint(look, tone, mark) : " "} ${paint(look, "strong", line)}`,
    ),
  ];
}

function databaseTable(look: Look, report: RestoreReport): string[] {
  if (report.databases.length === 0) return [];
  const rows = report.databases.map((one): (Cell | string)[] => [
    one.problem === undefined ? { text: marks.good, tone: "good" } : { text: marks.failed, tone: "failed" },
    one.name,
    one.type,
    formatCount(one.rows),
    { text: formatDuration(one.durationMs), tone: "dim" },
  ]);
  const right = { align: "right" } as const;
  return [
    "",
    ...table(
      look,
      [
        {},
        { title: "database", cut: "end" },
        { title: "type" },
        { title: "rows", ...right },
        { title: "time", ...right },
      ],
      rows,
      2,
    ),
  ];
}

function summary(report: RestoreReport): string {
  const time = formatDuration(report.durationMs);
  if (report.outcome === "cancelled")
    return `Cancelled after ${time}. What was in place before is untouched or has been put back.`;
  if (report.outcome === "failed") return `The restore of ${report.app} FAILED after ${time}.`;
  const warned = report.outcome === "warning" ? " See the warnings above." : "";
  return `${report.app} is restored, in ${time}.${warned}`;
}
