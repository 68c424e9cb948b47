import { resolve } from "node:path";
import { exits } from "../../base/errors/entry.ts";
import type { Holdfast } from "../../operations/context/holdfast.ts";
import { command, type Tools } from "../command.ts";
import type { Look } from "../render/look.ts";
import { exitOf } from "../exit.ts";
import { problemLines } from "../render/problems.ts";
import { startLines } from "../render/start.ts";

export const startCommand = command({
  name: "start",
  summary: "back up folders right now, and prove that they restore",
  description: [
    "Backs up, restores to scratch space and compares every file. Needs no configuration: restic is fetched where it is missing, and the snapshot goes to a repository in Holdfast's own home. Run it again to see what has changed.",
    "Then it stays as the daemon, unless --once is given, and backs the same folders up every night: see `holdfast serve`.",
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
  async run({ arguments: { paths }, options, cwd, open, watch, now, json, say, look, signal }) {
    const { start } = await import("../../operations/start/start.ts");
    const report = await withHoldfast(open, async (holdfast) => {
      const done = await start(
        holdfast,
        { paths: paths.map((path) => resolve(cwd, path)) },
        watch("Backing up and proving"),
      );
      const stays = !options.once && (done.outcome === "success" || done.outcome === "warning") && !signal.aborted;
      if (stays) await (await import("../../operations/start/keep.ts")).keepLookingAfter(holdfast, done);
      return { ...done, stays, program: holdfast.environment["npm_lifecycle_event"] === "start" };
    });
    const { problems } = report.report;
    const facts = { now, program: report.program ? "bin/holdfast" : "holdfast", once: !report.stays };
    const answer = {
      document: report,
      lines: (look: Look) => startLines(look, report, facts),
      problems: (look: Look) =>
        problemLines(
          look,
          problems.map((problem) => ({ problem })),
        ),
      exit: exitOf(report.outcome, problems),
    };
    if (!report.stays) return answer;
    if (json) say(JSON.stringify({ type: "report", ...report }));
    else for (const line of [...answer.lines(look()), ""]) say(line);
    const { isServed, serveHere } = await import("../serve.ts");
    const place = { open, say, look, json, signal, now };
    if (!(await isServed(place))) await serveHere(place);
    return { exit: exits.success };
  },
});

async function withHoldfast<T>(open: Tools["open"], work: (holdfast: Holdfast) => Promise<T>): Promise<T> {
  await using holdfast = await open(true);
  return await work(holdfast);
}
