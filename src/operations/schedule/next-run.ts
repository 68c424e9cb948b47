import type { App } from "../../domain/app.ts";
import { localZone } from "../../domain/atoms/timezone.ts";
import { withoutDisabled } from "../../domain/destination.ts";
import { nextStart, timingOf } from "../../domain/schedule/timing.ts";
import type { Holdfast } from "../context/holdfast.ts";

/** When the schedule backs the app up next; undefined when it does not. */
export function nextRunOf({ declared }: Pick<Holdfast, "declared">, app: App, now: Date): Date | undefined {
  const policy = declared.policies.find(({ name }) => name === app.policy);
  if (policy === undefined || !app.enabled) return undefined;
  if (withoutDisabled(policy.destinations, declared.destinations).length === 0) return undefined;
  const timing = timingOf(policy, app.name, localZone());
  return timing === undefined ? undefined : nextStart(timing, now);
}
