import { z } from "zod";

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const pattern = /^(?=\d)(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Milliseconds of a duration such as `90s`, `5m`, `1h30m` or `2d`; undefined when it is none. Zero is `0s` or `0`. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const found = pattern.exec(text);
  if (found === null) return undefined;
  const part = (group: number): number => Number(found[group] ?? 0);
  const total =
    part(1) * unitMs.w + part(2) * unitMs.d + part(3) * unitMs.h + part(4) * unitMs.m + part(5) * unitMs.s + part(6);
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The duration as `parseDuration` takes it: `1h30m`, `0s`. */
export function durationText(ms: number): string {
  let left = Math.round(ms);
  const parts = (["w", "d", "h", "m", "s", "ms"] as const).map((unit) => {
    const count = Math.floor(left / unitMs[unit]);
    left -= count * unitMs[unit];
    return count === 0 ? "" : `${count}${unit}`;
  });
  return parts.join("") || "0s";
}

/** A duration in a declaration; its value is in milliseconds. */
export const durationSchema = z
  .union([z.string(), z.literal(0).transform(String)])
  .transform((text, context): number => {
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    context.addIssue({ code: "custom", message: "a duration such as 90s, 5m, 1h30m or 2d" });
    return z.NEVER;
  })
  .meta({ title: "Duration", description: "A number and its unit: 90s, 5m, 1h30m, 2d." });

/** A duration for people: `0.4 s`, `12 s`, `2 min 13 s`, `1 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  const { s: second, m: minute, h: hour, d: day } = unitMs;
  if (ms < 9.95 * second) return `${(Math.max(ms, 0) / second).toFixed(1)} s`;
  if (ms < 59.5 * second) return `${Math.round(ms / second)} s`;
  if (ms < hour - second / 2) return two(Math.round(ms / second), 60, "min", "s");
  if (ms < day - minute / 2) return two(Math.round(ms / minute), 60, "h", "min");
  return two(Math.round(ms / hour), 24, "d", "h");
}

function two(total: number, per: number, large: string, small: string): string {
  const rest = total % per;
  return rest === 0 ? `${(total - rest) / per} ${large}` : `${(total - rest) / per} ${large} ${rest} ${small}`;
}
