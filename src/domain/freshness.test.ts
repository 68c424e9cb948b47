import { describe, expect, it } from "vitest";
import type { Policy } from "./app.ts";
import { blackoutSchema } from "./atoms/blackout.ts";
import { expectedAgeMs, isLate } from "./freshness.ts";
import { policyName } from "./names.ts";

const hourMs = 3_600_000;

const policy: Policy = {
  name: policyName("default"),
  enabled: true,
  schedule: "0 2 * * *",
  blackout: [],
  jitterMs: 2 * hourMs,
  keep: {},
  destinations: [],
  skipUnchanged: true,
  origin: "a test",
};

describe("the expected age", () => {
  it("is the longest time between two runs, the jitter, the longest blackout and six hours", () => {
    const hours = (change: Partial<Policy>): number => expectedAgeMs({ ...policy, ...change }) / hourMs;
    expect(hours({})).toBe(24 + 2 + 6);
    expect(hours({ schedule: "0 3 * * 0", jitterMs: 0 })).toBe(168 + 6);
    expect(hours({ blackout: [blackoutSchema.parse("Mon-Fri 08:00-18:00")] })).toBe(24 + 2 + 10 + 6);
    expect(hours({ expectedAgeMs: 5 * hourMs })).toBe(5);
  });
});

describe("an app", () => {
  const now = new Date("2026-11-21T02:00Z");
  const ago = (hours: number): Date => new Date(now.getTime() - hours * hourMs);

  it("is late when its newest good snapshot is older, whenever it was first seen", () => {
    expect(isLate(24 * hourMs, { goodAt: ago(24), firstSeenAt: ago(99) }, now)).toBe(false);
    expect(isLate(24 * hourMs, { goodAt: ago(24.1), firstSeenAt: ago(1) }, now)).toBe(true);
  });

  it("without any is late by the time since it was first seen", () => {
    expect(isLate(24 * hourMs, { firstSeenAt: ago(24) }, now)).toBe(false);
    expect(isLate(24 * hourMs, { firstSeenAt: ago(25) }, now)).toBe(true);
    expect(isLate(24 * hourMs, {}, now)).toBe(true);
  });
});
