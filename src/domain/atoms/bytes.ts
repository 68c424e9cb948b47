import { z } from "zod";

/** Single letters are powers of 1024, as restic has them; kB, MB, GB, TB are powers of 1000. */
const units = new Map<string, number>([
  ["B", 1],
  ...["K", "M", "G", "T"].flatMap((letter, index): [string, number][] => [
    [letter, 1024 ** (index + 1)],
    [`${letter}iB`, 1024 ** (index + 1)],
    [letter === "K" ? "kB" : `${letter}B`, 1000 ** (index + 1)],
  ]),
]);

/** Bytes of a size such as `500MB`, `1.5 GiB` or `64K`; undefined when it is none, or has no unit. */
export function parseBytes(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text);
  const unit = units.get(found?.[2] ?? "");
  if (found === null || unit === undefined) return undefined;
  const bytes = Math.round(Number(found[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A rate in a declaration (`5MiB/s`; the `/s` may be left out); its value is in KiB per second, at least 1. */
export const rateSchema = z
  .string()
  .transform((text, context): number => {
    const bytes = parseBytes(text.replace(/ ?\/s$/, ""));
    if (bytes !== undefined && bytes >= 1024) return Math.round(bytes / 1024);
    context.addIssue({
      code: "custom",
      message: "a rate of at least 1KiB/s with its unit, such as 500KiB/s or 5MiB/s",
    });
    return z.NEVER;
  })
  .meta({ title: "Rate", description: "Bytes per second with their unit: 500KiB/s, 5MiB/s." });

/** A size for people, in powers of 1024: `0 B`, `812 B`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const steps = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = "B";
  for (const step of steps) {
    if (value < 1023.95) break;
    value /= 1024;
    unit = step;
  }
  return `${unit === "B" ? Math.round(value) : value.toFixed(1)} ${unit}`;
}
