import type { KitSummary } from "../../operations/recover/kit.ts";
import type { RecoverReport } from "../../operations/recover/recover.ts";
import { marks, paint, type Look } from "./look.ts";
import { outcomeLook, problemLines } from "./problems.ts";
import { listing, oneLine, wrap } from "./text.ts";
import { counted, formatTime } from "./units.ts";

/** Where the kit is, and how to treat it. */
export function kitLines(look: Look, { path, destinations }: KitSummary): string[] {
  const none = "It holds no password yet, because nothing was ever stored: write it again after the first backup.";
  const what = `It opens ${listing(destinations, 6)}. Keep it away from this machine, and secret: whoever has it can read your backups.`;
  const bare = destinations.length === 0;
  return [
    `${bare ? paint(look, "warning", marks.warning) : paint(look, "good", marks.good)} The recovery kit is in ${oneLine(path)}`,
    ...wrap(bare ? none : what, look.columns - 2).map((line) => `  ${line}`),
  ];
}

/** What was found in each destination, and what that means. */
export function recoverLines(look: Look, report: RecoverReport): string[] {
  const { mark, tone } = outcomeLook[report.outcome];
  const snapshots = report.destinations.reduce((sum, one) => sum + one.snapshots, 0);
  const text =
    report.outcome === "failed" || report.outcome === "cancelled"
      ? "The state could not be rebuilt from every destination."
      : `The state knows ${counted(snapshots, "snapshot")} again. Runs of which nothing is known are "unproven": the next backup of each app is good again.`;
  return [
    ...systemLines(look, report),
    ...report.destinations.flatMap(({ destination, snapshots, apps, problems }) => [
      `${problems.length > 0 ? paint(look, "failed", marks.failed) : paint(look, "good", marks.good)} ${paint(look, "strong", destination)}: ${counted(snapshots, "snapshot")} of ${counted(apps.length, "app")}`,
      ...(apps.length > 0
        ? wrap(listing(apps, 12), look.columns - 2).map((line) => paint(look, "dim", `  ${line}`))
        : []),
      ...problemLines(
        look,
        problems.map((problem) => ({ about: destination, problem })),
      ),
    ]),
    ...problemLines(
      look,
      report.problems.map((problem) => ({ problem })),
    ),
    "",
    ...wrap(text, look.columns - 2).map((line, index) => `${index === 0 ? paint(look, tone, mark) : " "} ${line}`),
  ];
}

/** What came back of Holdfast itself. */
function systemLines(look: Look, { system }: RecoverReport): string[] {
  if (system === undefined) return [];
  const good = paint(look, "good", marks.good);
  const { files, state, stateKept } = system;
  const kept =
    "Holdfast's own state is left as it is, because it has runs, users or declarations already. To have the one of the backup, stop the daemon, move this one aside and recover again.";
  return [
    ...(files.length > 0 ? [`${good} The configuration is back: ${listing(files.map(oneLine), 6)}`] : []),
    ...(state === undefined
      ? []
      : [
          `${good} Holdfast's own state of ${formatTime(state.time)} is back, from ${paint(look, "strong", state.destination)}`,
        ]),
    ...(stateKept
      ? wrap(kept, look.columns - 2).map((line, index) => `${index === 0 ? marks.waiting : " "} ${line}`)
      : []),
  ];
}
