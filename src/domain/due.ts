import type { Policy } from "./app.ts";
import { fallsOn } from "./atoms/cron.ts";

/** Whether a run of everything on the day of `date` (local time) includes the apps of this policy. */
export function dueOn(policy: Pick<Policy, "dueDaysOnly" | "schedule">, date: Date): boolean {
  if (policy.dueDaysOnly !== true || policy.schedule === undefined) return true;
  return fallsOn(policy.schedule, date);
}
