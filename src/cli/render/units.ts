export { formatDuration } from "../../domain/atoms/duration.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A duration with its larger part only, for narrow columns: `9 s`, `2 min`, `1 h`. */
export function formatRoughly(ms: number): string {
  if (ms < 59.5 * second) return `${Math.max(1, Math.round(ms / second))} s`;
  if (ms < 59.5 * minute) return `${Math.round(ms / minute)} min`;
  if (ms < 47.5 * hour) return `${Math.round(ms / hour)} h`;
  return `${Math.round(ms / day)} d`;
}

/** How long ago: `just now`, `3 h ago`, `2 d ago`; a time that is yet to come is `in 3 h`. */
export function formatAge(from: Date, now: Date): string {
  const ms = now.getTime() - from.getTime();
  if (Math.abs(ms) < minute) return "just now";
  return ms < 0 ? `in ${formatRoughly(-ms)}` : `${formatRoughly(ms)} ago`;
}

/** The local clock, to the minute: `2026-11-20 02:14`. */
export function formatTime(iso: string): string {
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, "0");
  const days = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${days} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `12,410`; from ten million on `12.4 M`. */
export function formatCount(count: number): string {
  if (count >= 10_000_000) return `${(count / 1_000_000).toFixed(1)} M`;
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 file`, `12,410 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
