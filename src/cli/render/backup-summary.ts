import { formatBytes } from "../../domain/atoms/bytes.ts";
import type { AppReport, BackupReport } from "../../operations/backup/report.ts";
import { listing } from "./text.ts";
import { counted, formatCount, formatDuration } from "./units.ts";

/** What the largest store added: the same files go to every destination. */
export function added(app: AppReport): number {
  return Math.max(0, ...app.stores.map(({ summary }) => summary?.dataAddedPacked ?? summary?.dataAdded ?? 0));
}

/** What a backup came to, in words. */
export function backupSummary(report: BackupReport): string {
  const { apps } = report;
  if (apps.some(({ dryRun }) => dryRun)) return drySummary(report);
  const time = formatDuration(report.durationMs);
  const bytes = apps.reduce((sum, app) => sum + added(app), 0);
  const of = (outcome: AppReport["outcome"]): AppReport[] => apps.filter((app) => app.outcome === outcome);
  const [failed, cancelled, warned] = [of("failed"), of("cancelled"), of("warning")];
  const done = apps.length - failed.length - cancelled.length;
  if (apps.length === 0) return `Nothing was due, in ${time}.`;
  if (report.outcome === "cancelled")
    return `Cancelled after ${time}: ${doneOf(done, apps.length)} before that. What was begun has been put right.`;
  if (failed.length > 0) {
    const some = failed.some((app) => app.stores.some((store) => store.status === "success"));
    const none = some ? " What could be stored is stored, see above." : " Nothing is backed up.";
    const rest = done > 0 ? ` ${counted(done, "app is", "apps are")} backed up.` : none;
    return `${listing(failed.map(({ app }) => app))} FAILED.${rest} It took ${time}.`;
  }
  const unchanged = apps.filter((app) => app.unchanged).length;
  const facts = [
    ...(unchanged > 0
      ? [unchanged === apps.length ? "nothing had changed" : `${formatCount(unchanged)} unchanged`]
      : []),
    ...(bytes > 0 ? [`${formatBytes(bytes)} added`] : []),
    ...(warned.length > 0 ? [`with warnings about ${listing(warned.map(({ app }) => app))}`] : []),
  ];
  const all = apps.length === 2 ? "both" : `all ${formatCount(apps.length)}`;
  const who = apps.length === 1 ? `${apps[0]?.app} is` : `${all} apps are`;
  const told = `${who} backed up, in ${time}${facts.map((fact) => `, ${fact}`).join("")}.`;
  const also =
    report.outcome === "failed"
      ? " Something else failed: see above."
      : report.outcome === "warning" && warned.length === 0
        ? " See the warnings above."
        : "";
  return `${capital(told)}${also}`;
}

/** In a dry run nothing is backed up, so it must not read like it. */
function drySummary({ apps, outcome, durationMs }: BackupReport): string {
  const time = formatDuration(durationMs);
  const failed = apps.filter((app) => app.outcome === "failed").map(({ app }) => app);
  if (outcome === "cancelled") return `Dry run, nothing was written; cancelled after ${time}.`;
  const bytes = apps.reduce((sum, app) => sum + added(app), 0);
  const add = bytes > 0 ? `, adding about ${formatBytes(bytes)}` : "";
  if (failed.length > 0) return `Dry run, nothing was written. ${listing(failed)} would FAIL. It took ${time}.`;
  const who = apps.length === 1 ? `${apps[0]?.app}` : `all ${formatCount(apps.length)} apps`;
  const seen =
    outcome === "failed"
      ? " Something else would fail: see above."
      : outcome === "warning"
        ? " See the warnings above."
        : "";
  return `Dry run, nothing was written. A backup would store ${who}${add}.${seen} It took ${time}.`;
}

/** A name stays as it is: names are case-sensitive. */
const capital = (text: string): string =>
  text.replace(/^(both|all) /, (word) => `${word[0]?.toUpperCase()}${word.slice(1)}`);

function doneOf(done: number, all: number): string {
  if (done === 0) return "no app was done";
  return all === done
    ? "all apps were done"
    : `${formatCount(done)} of ${counted(all, "app")} ${done === 1 ? "was" : "were"} done`;
}
