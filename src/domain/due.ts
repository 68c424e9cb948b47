import type { App, Policy } from "./app.ts";
import { fallsOn } from "./atoms/cron.ts";
import type { Inventory } from "./declaration.ts";

/** Whether a run of everything on the day of `date` (local time) includes the apps of this policy. */
export function dueOn(policy: Pick<Policy, "dueDaysOnly" | "schedule">, date: Date): boolean {
  if (policy.dueDaysOnly !== true || policy.schedule === undefined) return true;
  return fallsOn(policy.schedule, date);
}

/** The apps that a run of everything on the day of `date` includes. */
export function dueApps({ apps, policies }: Pick<Inventory, "apps" | "policies">, date: Date): App[] {
  return apps.filter((app) => {
    const policy = policies.find(({ name }) => name === app.policy);
    return policy === undefined || dueOn(policy, date);
  });
}
