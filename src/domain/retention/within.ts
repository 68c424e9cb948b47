import type { StoredTime } from "./instant.ts";

export interface CalendarSpan {
  years: number;
  months: number;
  days: number;
  hours: number;
}

/** Reads `1y6m14d12h`. Undefined when nothing is asked for: absent, or zero throughout. */
export function parseSpan(text: string | undefined): CalendarSpan | undefined {
  const amount = (unit: string): number => Number(new RegExp(`(\\d+)${unit}`).exec(text ?? "")?.[1] ?? 0);
  const span = { years: amount("y"), months: amount("m"), days: amount("d"), hours: amount("h") };
  return Object.values(span).every((value) => value === 0) ? undefined : span;
}

/**
 * The instant that lies `span` before `time`, in nanoseconds: years, months and days go back on the calendar at that
 * time's own offset, and a day that a month lacks runs over into the next one, as in Go's AddDate.
 */
export function before(time: StoredTime, span: CalendarSpan): bigint {
  const wall = new Date(time.wall);
  wall.setUTCFullYear(
    wall.getUTCFullYear() - span.years,
    wall.getUTCMonth() - span.months,
    wall.getUTCDate() - span.days,
  );
  // Before the calendar that a Date can hold there is nothing to leave out.
  if (Number.isNaN(wall.getTime())) return beginning;
  const ms = BigInt(wall.getTime() - time.offsetMs) - BigInt(span.hours) * 3_600_000n;
  return ms * 1_000_000n + time.nanos;
}

/** Earlier than every snapshot. */
export const beginning = -(2n ** 63n);
