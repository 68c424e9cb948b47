import type { Hook } from "../../domain/app.ts";
import type { BackupPlan, DatabaseStep } from "../../domain/plan/backup.ts";
import { paint, type Look } from "./look.ts";
import { problemLines } from "./problems.ts";
import { oneLine, pad, wrap } from "./text.ts";
import { counted } from "./units.ts";

const labelWidth = 9;

/** What a run would do, app by app, in the order in which it would happen. */
export function planLines(look: Look, plans: readonly BackupPlan[]): string[] {
  if (plans.length === 0) return ["Nothing is due."];
  return [
    ...plans.flatMap((plan) => [...onePlan(look, plan), ""]),
    `${counted(plans.length, "app")}. Nothing was done; \`holdfast backup\` does it.`,
  ];
}

function onePlan(look: Look, plan: BackupPlan): string[] {
  const { files } = plan;
  const rows: [label: string, values: string[]][] = [
    ["before", plan.before.map(hookText)],
    ["pin", plan.window.pin.map(databaseText)],
    [
      "dump",
      plan.dumps.map(
        (step) => databaseText(step) + (step.export === undefined ? "" : `, also to ${step.export.folder}`),
      ),
    ],
    ["files", files.paths],
    ["missing", files.missing],
    ["exclude", files.exclude],
    ["store to", plan.stores.map(({ destination }) => destination)],
    ["disabled", plan.disabled],
    ["after", plan.after.map(hookText)],
  ];
  return [
    `${paint(look, "strong", oneLine(plan.app))} ${paint(look, "dim", `on ${oneLine(plan.device)}`)}`,
    ...rows.flatMap(([label, values]) => row(look, label, values)),
    ...problemLines(
      look,
      plan.problems.map((problem) => ({ about: plan.app, problem })),
    ),
  ];
}

function row(look: Look, label: string, values: readonly string[]): string[] {
  const lines = values.flatMap((value) => wrap(oneLine(value), look.columns - labelWidth - 4));
  return lines.map((line, index) => `  ${paint(look, "dim", pad(index === 0 ? label : "", labelWidth))}  ${line}`);
}

const hookText = ({ command }: Hook): string => (typeof command === "string" ? command : command.join(" "));
const databaseText = ({ name, type }: DatabaseStep): string => `${name} (${type})`;
