import { resolve } from "node:path";
import { command } from "../command.ts";
import { exitOf } from "../exit.ts";
import { problemLines } from "../render/problems.ts";
import { startLines } from "../render/start.ts";

export const startCommand = command({
  name: "start",
  summary: "back up folders right now, and prove that they restore",
  description: [
    "Backs up, restores to scratch space and compares every file. Needs no configuration: restic is fetched where it is missing, and the snapshot goes to a repository in Holdfast's own home. Run it again to see what has changed.",
  ],
  arguments: {
    paths: { kind: "many", value: "PATH", description: "folders to back up; none means one that every machine has" },
  },
  options: {
    once: { kind: "flag", description: "end after the report" },
    progress: { kind: "flag", description: "with --json: print events as JSON lines first" },
  },
  examples: [
    { line: "holdfast start /srv/photos", does: "back it up and prove that it comes back" },
    { line: "holdfast start --once", does: "with a folder that every machine has" },
  ],
  async run({ arguments: { paths }, cwd, open, watch, now }) {
    const { start } = await import("../../operations/start/start.ts");
    await using holdfast = await open(true);
    const report = await start(
      holdfast,
      { paths: paths.map((path) => resolve(cwd, path)) },
      watch("Backing up and proving"),
    );
    const { problems } = report.report;
    const program = holdfast.environment["npm_lifecycle_event"] === "start" ? "bin/holdfast" : "holdfast";
    return {
      document: report,
      lines: (look) => startLines(look, report, { now, program }),
      problems: (look) =>
        problemLines(
          look,
          problems.map((problem) => ({ problem })),
        ),
      exit: exitOf(report.outcome, problems),
    };
  },
});
