import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { StartReport } from "../../operations/start/start.ts";
import { marks, paint, type Look } from "./look.ts";
import { outcomeLook, problemLines } from "./problems.ts";
import { fit, oneLine, pad, wrap } from "./text.ts";
import { counted, formatAge, formatCount, formatDuration, formatTime } from "./units.ts";

const labelWidth = 10;

export interface StartFacts {
  now: Date;
  /** How the person calls Holdfast: `holdfast`, or `bin/holdfast` in a checkout. */
  program: string;
  /** Whether it ends after the report; otherwise it stays as the daemon. */
  once: boolean;
}

/** What was backed up, where, how long it took, the proof of the restore, what to do next. */
export function startLines(look: Look, report: StartReport, facts: StartFacts): string[] {
  const { report: app, proof } = report;
  const store = app.stores[0];
  const stored = store?.status === "success" || store?.status === "unchanged";
  const proven = proof !== undefined && proof.identical && proof.differences.length === 0;
  return [
    `${paint(look, "strong", `Holdfast ${report.version}`)}${paint(look, "dim", ` with restic ${report.resticVersion}${report.resticFetched ? ", fetched just now" : ""}`)}`,
    "",
    ...row(look, outcomeLook[app.outcome], "Backed up", [
      report.paths.map(oneLine).join(", "),
      `${counted(app.files.count, "file")}, ${formatBytes(app.files.bytes)}, in ${formatDuration(app.durationMs)}`,
      ...(report.unreadable > 0 ? [`(without ${counted(report.unreadable, "file")} that this user may not read)`] : []),
      ...(report.defaulted ? [`(a folder that every machine has: name your own, as in ${startExample(facts)})`] : []),
    ]),
    ...row(look, stored ? outcomeLook.success : outcomeLook.failed, "Stored in", [
      oneLine(report.repository),
      ...(store === undefined ? [] : [storedText(report)]),
    ]),
    ...(proof === undefined
      ? row(look, outcomeLook.failed, "Restored", ["not tried: see below"])
      : row(look, proven ? outcomeLook.success : outcomeLook.failed, "Restored", [
          `${counted(proof.files, "file")}, ${formatBytes(proof.bytes)}, to scratch space, in ${formatDuration(proof.durationMs)}`,
          proven
            ? "compared byte for byte: every file is identical"
            : `${counted(proof.differences.length, "file")} differ:`,
          ...proof.differences.slice(0, 5).map((path) => fit(oneLine(path), look.columns - labelWidth - 4, "middle")),
          ...(proof.changedSince > 0
            ? [`(${counted(proof.changedSince, "file")} changed on disk meanwhile and were left out of the comparison)`]
            : []),
        ])),
    ...(report.previous === undefined
      ? []
      : row(look, { mark: marks.waiting, tone: "dim" }, "Changed", [
          changedText(report, report.previous.time, facts.now),
        ])),
    "",
    ...problemSection(look, report),
    ...summary(look, report, proven),
    ...next(look, report, facts),
  ];
}

const startExample = ({ program }: StartFacts): string =>
  program === "holdfast" ? "`holdfast start /srv/photos`" : "`npm start -- /srv/photos`";

function row(
  look: Look,
  { mark, tone }: { mark: string; tone: "good" | "warning" | "failed" | "dim" | "plain" | "strong" },
  label: string,
  texts: readonly string[],
): string[] {
  const lines = texts.flatMap((text) => wrap(text, look.columns - labelWidth - 6));
  return lines.map((line, index) =>
    index === 0
      ? `  ${paint(look, tone, mark)} ${paint(look, "strong", pad(label, labelWidth))}  ${line}`
      : `${" ".repeat(labelWidth + 6)}${line.startsWith("(") ? paint(look, "dim", line) : line}`,
  );
}

function storedText(report: StartReport): string {
  const [store] = report.report.stores;
  const added = store?.summary?.dataAddedPacked ?? store?.summary?.dataAdded;
  return [
    ...(store?.snapshotId === undefined ? [] : [`snapshot ${store.snapshotId.slice(0, 8)}`]),
    ...(added === undefined ? [] : [`${formatBytes(added)} added`]),
    `${counted(report.snapshots, "snapshot")} there now`,
  ].join(", ");
}

function changedText(report: StartReport, previous: string, now: Date): string {
  const summary = report.report.stores[0]?.summary;
  const since = `since ${formatTime(previous)} (${formatAge(new Date(previous), now)})`;
  if (summary === undefined) return `unknown, ${since}`;
  if (summary.filesNew + summary.filesChanged === 0) return `nothing, ${since}`;
  return `${formatCount(summary.filesNew)} new and ${formatCount(summary.filesChanged)} changed ${summary.filesChanged === 1 ? "file" : "files"}, ${since}`;
}

function problemSection(look: Look, report: StartReport): string[] {
  const lines = problemLines(
    look,
    report.report.problems.map((problem) => ({ problem })),
  );
  return lines.length === 0 ? [] : [...lines, ""];
}

function summary(look: Look, report: StartReport, proven: boolean): string[] {
  const { mark, tone } = outcomeLook[report.outcome];
  const time = formatDuration(report.durationMs);
  const text =
    report.outcome === "cancelled"
      ? `Cancelled after ${time}.`
      : report.outcome === "failed"
        ? `This did NOT work; it took ${time}. See above.`
        : proven
          ? `Backed up, and proven to restore, in ${time}.`
          : `Backed up in ${time}; the restore is not proven.`;
  return [`${paint(look, tone, mark)} ${paint(look, "strong", text)}`];
}

function next(look: Look, report: StartReport, { program, once }: StartFacts): string[] {
  if (report.outcome === "failed" || report.outcome === "cancelled") return [];
  const steps: [what: string, how: string][] = [
    ["Save the recovery kit away from here", `${program} recover --kit FILE`],
    ["Say what to back up: write holdfast.yaml", "docs/configuration.md"],
    ["Add a destination on another machine", "docs/destinations.md"],
    once
      ? ["Let it do that every night", `${program} serve`]
      : ["It stays now, and backs up every night", "docs/daemon.md"],
  ];
  const left = Math.max(...steps.map(([what]) => what.length));
  return [
    "",
    paint(look, "strong", "Next"),
    ...steps.map(([what, how], index) => `  ${index + 1}. ${pad(what, left)}  ${paint(look, "dim", how)}`),
  ];
}
