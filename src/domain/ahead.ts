/** Clocks of one state may differ by so much; more, and a clock was wrong. */
export const aheadMs = 3_600_000;

/** Whether a time that was passing when it was written, in milliseconds, lies so far ahead that a clock was wrong. */
export function isAhead(time: number, now: Date): boolean {
  return time - now.getTime() > aheadMs;
}
