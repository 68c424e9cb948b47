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
