import type { Blackout, Policy } from "../app.ts";
import { blackoutEnds, inBlackout } from "./blackout.ts";
import { dueTimes } from "./due-times.ts";
import { jitterOf } from "./jitter.ts";

/** When an app is backed up: its policy's schedule, and how much later than others of that policy. */
export interface Timing {
  /** Cron, five fields. */
  schedule: string;
  zone: string;
  offsetMs: number;
  blackout: readonly Blackout[];
}

/** The timing of an app; undefined when its policy starts nothing by itself. `zone` is that of policies that name none. */
export function timingOf(policy: Policy, app: string, zone: string): Timing | undefined {
  if (!policy.enabled || policy.schedule === undefined) return undefined;
  return {
    schedule: policy.schedule,
    zone: policy.timezone ?? zone,
    offsetMs: jitterOf(app, policy.jitterMs),
    blackout: policy.blackout,
  };
}

/** The newest due time that is not after `now`. */
export function latestDue({ schedule, zone, offsetMs }: Omit<Timing, "blackout">, now: Date): Date | undefined {
  const due = dueTimes(schedule, zone).latest(now.getTime() - offsetMs);
  return due === undefined ? undefined : new Date(due + offsetMs);
}

/** The first due time after `now`. */
export function nextDue({ schedule, zone, offsetMs }: Omit<Timing, "blackout">, now: Date): Date | undefined {
  const due = dueTimes(schedule, zone).next(now.getTime() - offsetMs);
  return due === undefined ? undefined : new Date(due + offsetMs);
}

/**
 * When the schedule starts the next run: at the next due time, or at the end of the blackout in which that falls. A due time
 * of the blackout that lasts now waits for its end, too. Undefined when there will be none.
 */
export function nextStart(timing: Timing, now: Date): Date | undefined {
  const { blackout, zone } = timing;
  const [latest, next] = [latestDue(timing, now), nextDue(timing, now)];
  if (latest !== undefined && inBlackout(blackout, zone, now)) {
    const end = blackoutEnds(blackout, zone, now);
    if (end?.getTime() === blackoutEnds(blackout, zone, latest)?.getTime()) return end;
  }
  return next === undefined ? undefined : blackoutEnds(blackout, zone, next);
}
