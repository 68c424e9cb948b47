import { dueApps } from "../../domain/due.ts";
import { command } from "../command.ts";
import { exitOf } from "../exit.ts";
import { backupLines, backupProblems } from "../render/backup.ts";
import { problemLines } from "../render/problems.ts";

export const backupCommand = command({
  name: "backup",
  summary: "back up apps to their destinations",
  description: [
    "Dumps the databases, stores files and dumps in every destination of the app's policy, then forgets old snapshots by that policy. Apps are taken side by side; one that fails holds up no other.",
  ],
  arguments: { apps: { kind: "many", value: "APP", description: "only these apps; none means all that are due" } },
  options: {
    dryRun: { kind: "flag", description: "read everything, write nothing" },
    destination: { kind: "values", value: "NAME", description: "only to this destination; may be repeated" },
    noRetain: { kind: "flag", description: "do not forget old snapshots afterwards" },
    noWait: {
      kind: "flag",
      description: "fail (exit 4) when an app is being backed up already, instead of following that run",
    },
    scheduled: { kind: "flag", description: "as a timer would: store nothing for an app of which nothing changed" },
    init: { kind: "flag", description: "create a repository anew where a used one is gone" },
    progress: { kind: "flag", description: "with --json: print events as JSON lines first" },
  },
  examples: [
    { line: "holdfast backup", does: "back up everything that is declared" },
    { line: "holdfast backup immich paperless", does: "only these two apps" },
    { line: "holdfast backup --dry-run", does: "show what would be stored and forgotten" },
    { line: "holdfast backup --scheduled --quiet", does: "in a timer or cron line: silent unless something is wrong" },
  ],
  async run({ arguments: { apps }, options, open, watch }) {
    const { backup } = await import("../../operations/backup/backup.ts");
    await using holdfast = await open(options.dryRun ? false : "unless-dry-run");
    const due = dueApps(holdfast.declared, holdfast.clock.now()).map(({ name }) => name);
    const expected = apps.length > 0 ? apps : due;
    const report = await backup(
      holdfast,
      {
        apps,
        requestedBy: options.scheduled ? "schedule" : "person",
        dryRun: options.dryRun,
        wait: !options.noWait,
        retain: !options.noRetain,
        ...(options.destination.length > 0 ? { only: options.destination } : {}),
        initialise: options.init,
      },
      watch(options.dryRun ? "Dry run" : "Backing up", expected),
    );
    const problems = backupProblems(report);
    return {
      document: report,
      lines: (look) => backupLines(look, report),
      problems: (look) => problemLines(look, problems),
      exit: exitOf(
        report.outcome,
        problems.map(({ problem }) => problem),
      ),
    };
  },
});
