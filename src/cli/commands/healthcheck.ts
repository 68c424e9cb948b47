import { exits } from "../../base/errors/entry.ts";
import { command } from "../command.ts";
import { healthLines, unwellLines } from "../render/health.ts";

export const healthcheckCommand = command({
  name: "healthcheck",
  summary: "whether backups come in as they should, for monitoring",
  description: [
    "Exit 0 when healthy, else 1. Where databases are declared, each needs a complete dump of the last 48 hours (`daemon.dump_max_age`); where none is, no app may be late.",
    "It reads the state alone, with or without a daemon, and changes nothing.",
  ],
  arguments: {},
  options: {},
  examples: [
    { line: "holdfast healthcheck", does: "one line, and what is wrong" },
    { line: "holdfast healthcheck --quiet", does: "only what is wrong" },
  ],
  async run({ open }) {
    const { backupHealth } = await import("../../operations/health/backups.ts");
    await using holdfast = await open(false);
    const health = await backupHealth(holdfast);
    return {
      document: health,
      lines: (look) => healthLines(look, health),
      problems: (look) => unwellLines(look, health),
      exit: health.healthy ? exits.success : exits.failed,
    };
  },
});
