import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { SnapshotRecord } from "../../domain/snapshot.ts";
import { marks, type Look, type Tone } from "./look.ts";
import { table, type Cell, type Column } from "./table.ts";
import { counted, formatAge, formatTime } from "./units.ts";

const columns: readonly Column[] = [
  {},
  { title: "snapshot" },
  { title: "app", cut: "end", least: 8 },
  { title: "time" },
  { title: "age", align: "right", optional: true },
  { title: "size", align: "right" },
  { title: "in", cut: "end", least: 6 },
  { title: "note", cut: "end", least: 7 },
];

/** Snapshots, of which the newest comes last, where the eye is; and how many there are. `records`: newest first. */
export function listLines(look: Look, records: readonly SnapshotRecord[], now: Date, app?: string): string[] {
  if (records.length === 0) {
    const what = app === undefined ? "There are no snapshots yet." : `There are no snapshots of ${app}.`;
    return [`${what} \`holdfast backup\` makes them.`];
  }
  const rows = records.toReversed().map((record): (Cell | string)[] => {
    const { mark, tone } = valueOf(record);
    const time = record.time ?? record.startedAt;
    return [
      { text: mark, tone },
      record.resticId?.slice(0, 8) ?? "–",
      record.app,
      formatTime(time),
      { text: formatAge(new Date(time), now).replace(" ago", ""), tone: "dim" },
      record.summary === undefined ? "" : formatBytes(record.summary.bytesProcessed),
      record.destination,
      { text: noteOf(record), tone: tone === "good" ? "dim" : tone },
    ];
  });
  return [
    ...table(look, columns, rows),
    "",
    `${counted(records.length, "snapshot")}. \`holdfast restore APP --snapshot ID\` brings one back.`,
  ];
}

/** Mark and tone of what a snapshot is worth. */
function valueOf(record: SnapshotRecord): { mark: string; tone: Tone } {
  if (record.status === "failed") return { mark: marks.failed, tone: "failed" };
  if (record.forgottenAt !== undefined || record.status === "in_progress") return { mark: marks.waiting, tone: "dim" };
  if (record.status === "unchanged") return { mark: marks.unchanged, tone: "dim" };
  if (record.verdict === "good") return { mark: marks.good, tone: "good" };
  return { mark: marks.warning, tone: "warning" };
}

function noteOf(record: SnapshotRecord): string {
  const notes = [
    ...(record.pinned ? ["pinned"] : []),
    ...(record.status === "failed" ? ["failed"] : record.status === "in_progress" ? ["running"] : []),
    ...(record.status === "unchanged" ? ["unchanged"] : []),
    ...(record.verdict === undefined || record.verdict === "good" ? [] : [record.verdict]),
    ...(record.forgottenAt === undefined ? [] : ["forgotten"]),
  ];
  return notes.join(", ");
}
