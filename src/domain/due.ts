import type { App, Policy } from "./app.ts";
import { certainCron, fallsOn } from "./atoms/cron.ts";
import type { Inventory } from "./declaration.ts";
import { wallTime } from "./schedule/local-time.ts";

/** Whether a run of everything on the day of `date`, in the policy's time zone, includes the apps of this policy. */
export function dueOn(policy: Pick<Policy, "dueDaysOnly" | "schedule" | "timezone">, date: Date): boolean {
  const { dueDaysOnly, schedule, timezone } = policy;
  if (dueDaysOnly !== true || schedule === undefined) return true;
  if (timezone === undefined) return fallsOn(schedule, date);
  return certainCron(schedule).fallsOn(wallTime(timezone, date.getTime()));
}

/** The apps that a run of everything on the day of `date` includes. */
export function dueApps({ apps, policies }: Pick<Inventory, "apps" | "policies">, date: Date): App[] {
  return apps.filter((app) => {
    const policy = policies.find(({ name }) => name === app.policy);
    return policy === undefined || dueOn(policy, date);
  });
}
