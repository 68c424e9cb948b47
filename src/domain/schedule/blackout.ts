import type { Blackout } from "../app.ts";
import { localZone } from "../atoms/timezone.ts";
import { firstInstant, wallTime, type WallTime } from "./local-time.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const weekMinutes = 7 * 24 * 60;
/** More than a week: what has no end in it has none. */
const longestMs = 8 * dayMs;

/** Whether a policy's schedule may start nothing at that moment. Without a zone, this machine's counts. */
export function inBlackout(windows: readonly Blackout[], zone: string | undefined, at: Date): boolean {
  if (windows.length === 0) return false;
  const wall = wallTime(zone ?? localZone(), at.getTime());
  return windows.some((window) => endOf(window, wall) !== undefined);
}

/** The first moment from `at` on in which the schedule may start something; undefined when there is none. */
export function blackoutEnds(windows: readonly Blackout[], zone: string, at: Date): Date | undefined {
  const begin = at.getTime();
  for (let moment = begin; moment - begin < longestMs;) {
    const wall = wallTime(zone, moment);
    const ends = windows.flatMap((window) => endOf(window, wall) ?? []);
    if (ends.length === 0) return new Date(moment);
    const end = Math.max(...ends);
    const first = firstInstant(zone, end);
    // While clocks show an hour for the second time, the first one of that end is over.
    moment = first > moment ? first : moment + (end - wall);
  }
  return undefined;
}

/** When the window that lasts at that time of the wall clock ends; undefined when it does not last. */
function endOf({ weekdays, fromMinute, toMinute }: Blackout, wall: WallTime): WallTime | undefined {
  const midnight = Math.floor(wall / dayMs) * dayMs;
  const lengthMs = ((toMinute <= fromMinute ? toMinute + dayMs / minuteMs : toMinute) - fromMinute) * minuteMs;
  for (const day of [midnight, midnight - dayMs]) {
    const begin = day + fromMinute * minuteMs;
    if (weekdays.includes(new Date(day).getUTCDay()) && wall >= begin && wall < begin + lengthMs)
      return begin + lengthMs;
  }
  return undefined;
}

/** How long the longest blackout of a week lasts, in milliseconds; infinite when it never ends. */
export function longestBlackoutMs(windows: readonly Blackout[]): number {
  if (windows.length === 0) return 0;
  const dark = Array.from({ length: weekMinutes }, (_, minute) =>
    windows.some((window) => endOf(window, minute * minuteMs) !== undefined),
  );
  const firstLight = dark.indexOf(false);
  if (firstLight === -1) return Number.POSITIVE_INFINITY;
  let [longest, length] = [0, 0];
  for (let step = 1; step <= weekMinutes; step++) {
    length = dark[(firstLight + step) % weekMinutes] === true ? length + 1 : 0;
    longest = Math.max(longest, length);
  }
  return longest * minuteMs;
}
