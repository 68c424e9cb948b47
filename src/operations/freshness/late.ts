import type { Inventory } from "../../domain/declaration.ts";
import { isLate, watchedOf, type Freshness, type Watched } from "../../domain/freshness.ts";
import type { Progress } from "../../state/queries/schedules.ts";
import type { NewestGood } from "../../state/queries/alerts.ts";
import { freshKey } from "../schedule/scheduled.ts";

/** What the state knows: when each app's newest good snapshot came, and since when it is looked after in a destination. */
export interface Known {
  good: readonly NewestGood[];
  seen: ReadonlyMap<string, Progress>;
  /** Since when what no daemon has seen yet is looked after. */
  unseenSince?: Date;
}

export type Late = Watched & Freshness;

/** Every app that is late, in each destination in which it is. */
export function lateOnes(declared: Inventory, { good, seen, unseenSince }: Known, now: Date): Late[] {
  const newest = new Map(good.map((one) => [subjectOf(one), one.at]));
  return watchedOf(declared).flatMap((watched): Late[] => {
    const { app: name, device, destination } = watched;
    const at = newest.get(subjectOf(watched));
    const firstSeenAt = seen.get(freshKey({ name, device }, destination))?.firstSeenAt ?? unseenSince;
    const freshness = { goodAt: at === undefined ? undefined : new Date(at), firstSeenAt };
    return isLate(watched.expectedMs, freshness, now) ? [{ ...watched, ...freshness }] : [];
  });
}

/** How a device's app in a destination is called in alerts; names hold no spaces and no slashes. */
export function subjectOf({ app, device, destination }: Omit<NewestGood, "at">): string {
  return `${device}/${app} ${destination}`;
}
