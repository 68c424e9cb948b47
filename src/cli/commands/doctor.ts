import { command } from "../command.ts";
import { exitOf } from "../exit.ts";
import { doctorLines } from "../render/doctor.ts";

export const doctorCommand = command({
  name: "doctor",
  summary: "what is installed, what can be reached, what would fail tonight",
  description: ["Reads only: it reaches every database and destination once, and changes nothing."],
  arguments: {},
  options: {},
  examples: [
    { line: "holdfast doctor", does: "all checks" },
    { line: "holdfast doctor --quiet", does: "only what is not well" },
  ],
  async run({ open, watch }) {
    const { doctor } = await import("../../operations/doctor/doctor.ts");
    await using holdfast = await open(false);
    const report = await doctor(holdfast, watch("Looking"));
    const unwell = { ...report, checks: report.checks.filter(({ status }) => status !== "ok") };
    return {
      document: report,
      lines: (look) => doctorLines(look, report),
      problems: (look) => (unwell.checks.length > 0 ? doctorLines(look, unwell) : []),
      exit: exitOf(report.outcome),
    };
  },
});
