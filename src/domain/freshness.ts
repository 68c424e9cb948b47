import { isAhead } from "./ahead.ts";
import type { App, Policy } from "./app.ts";
import { longestGapMs } from "./atoms/cron.ts";
import type { Inventory } from "./declaration.ts";
import { withoutDisabled } from "./destination.ts";
import { longestBlackoutMs } from "./schedule/blackout.ts";

const dayMs = 24 * 3600 * 1000;
/** A run may take its time, and clocks are changed by an hour. */
const graceMs = 6 * 3600 * 1000;

/** How old the newest good snapshot of an app may be before it is late; without a schedule a day is expected. */
export function expectedAgeMs(policy: Policy | undefined): number {
  if (policy?.expectedAgeMs !== undefined) return policy.expectedAgeMs;
  const gap = policy?.schedule === undefined ? dayMs : longestGapMs(policy.schedule);
  return gap + (policy?.jitterMs ?? 0) + longestBlackoutMs(policy?.blackout ?? []) + graceMs;
}

/** An app in one of the destinations of its policy, and how old its newest good snapshot there may be. */
export interface Watched {
  app: App["name"];
  device: string;
  destination: string;
  expectedMs: number;
}

/** What freshness watches: what the schedule backs up, in every destination that is not disabled. */
export function watchedOf({ apps, policies, destinations }: Inventory): Watched[] {
  // Once for each policy: what a schedule promises is found by going through years of days.
  const promised = new Map(
    policies
      .filter(({ enabled, schedule }) => enabled && schedule !== undefined)
      .map((policy) => [
        policy.name,
        { expectedMs: expectedAgeMs(policy), wanted: withoutDisabled(policy.destinations, destinations) },
      ]),
  );
  return apps
    .filter(({ enabled }) => enabled)
    .flatMap((app) => {
      const { expectedMs, wanted } = promised.get(app.policy) ?? { expectedMs: 0, wanted: [] };
      return wanted.map((destination) => ({ app: app.name, device: app.device, destination, expectedMs }));
    });
}

/** What is known of an app in a destination. */
export interface Freshness {
  /** When the newest good snapshot was stored, or found to be current still. */
  goodAt?: Date | undefined;
  /** Since when the app is looked after there; of one that never was, nobody knows. */
  firstSeenAt?: Date | undefined;
}

/**
 * Whether an app is late in a destination: the one rule of `status`, the alarm, health and metrics. A snapshot of a time to
 * come is of a clock that was wrong, and counts for nothing.
 */
export function isLate(expectedMs: number, { goodAt, firstSeenAt }: Freshness, now: Date): boolean {
  const since = goodAt !== undefined && !isAhead(goodAt.getTime(), now) ? goodAt : firstSeenAt;
  return since === undefined || now.getTime() - since.getTime() > expectedMs;
}
