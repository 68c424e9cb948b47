import { expect, it } from "vitest";
import { formatAge, formatCount, formatDuration, formatRoughly } from "./units.ts";

it("names durations in two parts at most", () => {
  expect([420, 12_000, 133_000, 120_000, 3_900_000, 273_600_000].map(formatDuration)).toEqual([
    "0.4 s",
    "12 s",
    "2 min 13 s",
    "2 min",
    "1 h 5 min",
    "3 d 4 h",
  ]);
});

it("never names sixty seconds or sixty minutes", () => {
  for (let ms = 0; ms < 7_400_000; ms += 977) expect(formatDuration(ms)).not.toMatch(/\b60 /);
  for (let ms = 0; ms < 7_400_000; ms += 977) expect(formatRoughly(ms)).not.toMatch(/\b60 /);
});

it("tells ages in one part, also those yet to come", () => {
  const now = new Date("2026-11-20T12:00:00Z");
  const ages = ["2026-11-20T11:59:30Z", "2026-11-20T09:00:00Z", "2026-11-15T12:00:00Z", "2026-11-20T15:00:00Z"];
  expect(ages.map((at) => formatAge(new Date(at), now))).toEqual(["just now", "3 h ago", "5 d ago", "in 3 h"]);
});

it("groups the digits of counts", () => {
  expect([7, 999, 12_410, 1_234_567, 12_345_678].map(formatCount)).toEqual([
    "7",
    "999",
    "12,410",
    "1,234,567",
    "12.3 M",
  ]);
});
