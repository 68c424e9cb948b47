import type { App } from "../../domain/app.ts";
import { localZone } from "../../domain/atoms/timezone.ts";
import { withoutDisabled } from "../../domain/destination.ts";
import { timingOf, type Timing } from "../../domain/schedule/timing.ts";
import type { Holdfast } from "../context/holdfast.ts";

/** Something with due times, and the key under which it is remembered how far they have been seen to. */
export interface Scheduled {
  key: string;
  timing: Timing;
}

export interface ScheduledApp extends Scheduled {
  app: App;
  destinations: string[];
}

export function backupKey(app: string): string {
  return `backup:${app}`;
}

/** The apps that the schedule backs up, earlier waves first. An app without an enabled destination has nowhere to go. */
export function scheduledApps({ declared }: Pick<Holdfast, "declared">): ScheduledApp[] {
  const zone = localZone();
  const policies = new Map(
    declared.policies.map((policy) => [
      policy.name,
      { policy, destinations: withoutDisabled(policy.destinations, declared.destinations) },
    ]),
  );
  return declared.apps
    .filter(({ enabled }) => enabled)
    .flatMap((app): ScheduledApp[] => {
      const { policy, destinations = [] } = policies.get(app.policy) ?? {};
      const timing = policy === undefined ? undefined : timingOf(policy, app.name, zone);
      if (timing === undefined || destinations.length === 0) return [];
      return [{ key: backupKey(app.name), timing, app, destinations }];
    });
}
