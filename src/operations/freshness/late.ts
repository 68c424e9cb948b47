import type { Inventory } from "../../domain/declaration.ts";
import { isLate, watchedOf, type Freshness, type Watched } from "../../domain/freshness.ts";
import type { Progress } from "../../state/queries/schedules.ts";
import { backupKey } from "../schedule/scheduled.ts";

/** What the state knows: when each app's newest good snapshot came, and since when each app is looked after. */
export interface Known {
  good: readonly { app: string; destination: string; at: string }[];
  seen: ReadonlyMap<string, Progress>;
  /** Since when an app is looked after that no daemon has seen yet. */
  unseenSince?: Date;
}

export type Late = Watched & Freshness;

/** Every app that is late, in each destination in which it is. */
export function lateOnes(declared: Inventory, { good, seen, unseenSince }: Known, now: Date): Late[] {
  const newest = new Map(good.map(({ app, destination, at }) => [subjectOf(app, destination), at]));
  return watchedOf(declared).flatMap((watched): Late[] => {
    const at = newest.get(subjectOf(watched.app, watched.destination));
    const firstSeenAt = seen.get(backupKey(watched.app))?.firstSeenAt ?? unseenSince;
    const freshness = { goodAt: at === undefined ? undefined : new Date(at), firstSeenAt };
    return isLate(watched.expectedMs, freshness, now) ? [{ ...watched, ...freshness }] : [];
  });
}

/** How an app in a destination is called in alerts; names hold no spaces. */
export function subjectOf(app: string, destination: string): string {
  return `${app} ${destination}`;
}
