/** The time, handed in so that tests can set it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** `date` in ISO 8601 with this machine's own offset: restic counts days by the offset stored in a snapshot. */
export function localIso(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const pad = (value: number): string => String(Math.trunc(Math.abs(value))).padStart(2, "0");
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  return `${local}${offset < 0 ? "-" : "+"}${pad(offset / 60)}:${pad(offset % 60)}`;
}
