import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { Problem } from "../../base/errors/error.ts";
import type { RepositoryLock } from "../../domain/repository.ts";
import type { StatsReport, UnlockReport, UpkeepReport } from "../../operations/maintain/report.ts";
import { marks, paint, type Look } from "./look.ts";
import { outcomeLook, problemLines } from "./problems.ts";
import { table, type Cell } from "./table.ts";
import { oneLine, wrap } from "./text.ts";
import { counted, formatCount, formatDuration, formatTime } from "./units.ts";

/** One destination after another: mark, name, time; what was done; what went wrong. */
export function upkeepLines(look: Look, reports: readonly UpkeepReport[]): string[] {
  return reports.flatMap((report) => {
    const { mark, tone } = outcomeLook[report.outcome];
    return [
      `${paint(look, tone, mark)} ${paint(look, "strong", report.destination)}  ${paint(look, "dim", formatDuration(report.durationMs))}`,
      ...report.detail.flatMap((line) => wrap(oneLine(line), look.columns - 2).map((part) => `  ${part}`)),
      ...destinationProblems(look, report.destination, report.problems),
    ];
  });
}

export function unlockLines(look: Look, reports: readonly UnlockReport[]): string[] {
  return reports.flatMap(({ destination, removed, remaining, problems }) => {
    if (problems.length > 0) return destinationProblems(look, destination, problems);
    const free = remaining.length === 0;
    const done = removed.length === 0 ? "there was no stale lock" : `${counted(removed.length, "stale lock")} removed`;
    return [
      `${free ? paint(look, "good", marks.good) : paint(look, "warning", marks.warning)} ${paint(look, "strong", destination)}: ${done}`,
      ...removed.map((lock) => `  removed  ${lockText(lock)}`),
      ...remaining.map((lock) => `  stays    ${lockText(lock)}`),
      ...(remaining.length > 0
        ? [paint(look, "dim", "  Whoever holds it still lives, or cannot be asked from here.")]
        : []),
    ];
  });
}

function lockText({ host, pid, user, exclusive, createdAt }: RepositoryLock): string {
  return oneLine(`${user}@${host}, process ${pid}, since ${formatTime(createdAt)}${exclusive ? ", exclusive" : ""}`);
}

export function statsLines(look: Look, reports: readonly StatsReport[]): string[] {
  const measured = reports.filter(({ problems }) => problems.length === 0);
  const rows = measured.map(
    ({ destination, snapshots = 0, sizeBytes = 0, uncompressedBytes = 0 }): (Cell | string)[] => [
      { text: marks.good, tone: "good" },
      destination,
      formatCount(snapshots),
      formatBytes(sizeBytes),
      formatBytes(uncompressedBytes),
      sizeBytes > 0 ? `${(uncompressedBytes / sizeBytes).toFixed(1)} : 1` : "",
    ],
  );
  const right = { align: "right" } as const;
  return [
    ...table(
      look,
      [
        {},
        { title: "destination", cut: "end" },
        { title: "snapshots", ...right },
        { title: "stored", ...right },
        { title: "before", ...right },
        { title: "ratio", ...right },
      ],
      rows,
    ),
    ...reports.flatMap(({ destination, problems }) => destinationProblems(look, destination, problems)),
  ];
}

const destinationProblems = (look: Look, about: string, problems: readonly Problem[]): string[] =>
  problemLines(
    look,
    problems.map((problem) => ({ about, problem })),
  );
