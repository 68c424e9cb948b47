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

/** Nodes on one state may have apps of the same name, each with due times of its own. Names hold no slash. */
export function backupKey({ name, device }: { name: string; device: string }): string {
  return `backup:${device}/${name}`;
}

/** Under it is remembered since when an app is to be stored in a destination. Names hold no spaces. */
export function freshKey({ name, device }: { name: string; device: string }, destination: string): string {
  return `fresh:${device}/${name} ${destination}`;
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
      return [{ key: backupKey(app), timing, app, destinations }];
    });
}
