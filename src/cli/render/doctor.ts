import type { DoctorReport } from "../../operations/doctor/doctor.ts";
import { marks, paint, type Look, type Tone } from "./look.ts";
import { oneLine, pad, widthOf, wrap } from "./text.ts";

type Check = DoctorReport["checks"][number];

const looks: Record<Check["status"], { mark: string; tone: Tone }> = {
  ok: { mark: marks.good, tone: "good" },
  warning: { mark: marks.warning, tone: "warning" },
  failed: { mark: marks.failed, tone: "failed" },
};

/** Checks in their groups; below each that is not well, what to do; and last what would fail tonight. */
export function doctorLines(look: Look, report: DoctorReport): string[] {
  const areas = [...new Set(report.checks.map(({ area }) => area))];
  const left = Math.min(18, Math.max(0, ...report.checks.map(({ name }) => widthOf(oneLine(name)))));
  const groups = areas.flatMap((area) => [
    paint(look, "strong", area),
    ...report.checks.filter((check) => check.area === area).flatMap((check) => oneCheck(look, check, left)),
    "",
  ]);
  return [...groups, summary(look, report)];
}

function oneCheck(look: Look, check: Check, left: number): string[] {
  const { mark, tone } = looks[check.status];
  const room = look.columns - left - 6;
  const name = oneLine(check.name);
  const [first = "", ...more] = wrap(oneLine(check.detail), room);
  const inset = " ".repeat(left + 6);
  const hint = check.hint === undefined || check.hint === "" ? [] : wrap(oneLine(check.hint), room);
  // A longer name gets a line of its own, so that the details stay in their column.
  const head =
    widthOf(name) > left
      ? [`  ${paint(look, tone, mark)} ${name}`, `${inset}${first}`]
      : [`  ${paint(look, tone, mark)} ${pad(name, left)}  ${first}`];
  return [...head, ...more.map((line) => inset + line), ...hint.map((line) => inset + paint(look, "dim", line))];
}

function summary(look: Look, report: DoctorReport): string {
  const failed = report.checks.filter(({ status }) => status === "failed").length;
  const warned = report.checks.filter(({ status }) => status === "warning").length;
  if (failed > 0)
    return `${paint(look, "failed", marks.failed)} ${failed} of ${report.checks.length} checks failed: tonight's backup would not be whole.`;
  if (warned > 0)
    return `${paint(look, "warning", marks.warning)} Everything works; ${warned} of ${report.checks.length} checks ${warned === 1 ? "deserves" : "deserve"} a look.`;
  return `${paint(look, "good", marks.good)} All ${report.checks.length} checks are well: tonight's backup should be too.`;
}
