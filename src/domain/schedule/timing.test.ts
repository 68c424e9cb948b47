import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blackoutSchema } from "../atoms/blackout.ts";
import { latestDue, nextDue, nextStart, timingOf } from "./timing.ts";
import type { Policy } from "../app.ts";
import { policyName } from "../names.ts";

const policy: Policy = {
  name: policyName("default"),
  enabled: true,
  schedule: "0 2 * * *",
  timezone: "Europe/Berlin",
  blackout: [],
  jitterMs: 2 * 3_600_000,
  keep: {},
  destinations: [],
  skipUnchanged: true,
  origin: "a test",
};

const starts = (change: Partial<Policy>, now: string): string | undefined => {
  const timing = timingOf({ ...policy, jitterMs: 0, ...change }, "immich", "UTC");
  return timing === undefined ? undefined : nextStart(timing, new Date(now))?.toISOString().slice(5, 16);
};

describe("the timing of an app", () => {
  it("lies between its newest due time and the next one, as late as its own jitter", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }),
        (app, at) => {
          const timing = timingOf(policy, app, "UTC");
          if (timing === undefined) throw new Error("none");
          const [now, plain] = [new Date(at), { ...timing, offsetMs: 0 }];
          const [latest, next] = [latestDue(timing, now)?.getTime() ?? 0, nextDue(timing, now)?.getTime() ?? 0];
          expect(latest).toBeLessThanOrEqual(at);
          expect(next).toBeGreaterThan(at);
          expect(nextDue(timing, new Date(latest))?.getTime()).toBe(next);
          const base = latest - timing.offsetMs;
          expect(latestDue(plain, new Date(base))?.getTime()).toBe(base);
        },
      ),
    );
  });

  it("is in the policy's zone, else in the one that is handed in", () => {
    expect(starts({}, "2026-11-20T12:00Z")).toBe("11-21T01:00");
    const { timezone: _, ...without } = policy;
    const timing = timingOf({ ...without, jitterMs: 0 }, "immich", "America/Santiago");
    expect(timing && nextStart(timing, new Date("2026-11-20T12:00Z"))?.toISOString()).toBe("2026-11-21T05:00:00.000Z");
  });

  it("is none when the policy starts nothing, or its day never comes, or it is always dark", () => {
    expect(starts({ enabled: false }, "2026-11-20T12:00Z")).toBe(undefined);
    expect(starts({ schedule: "0 0 30 2 *" }, "2026-11-20T12:00Z")).toBe(undefined);
    expect(starts({ blackout: [blackoutSchema.parse("00:00-24:00")] }, "2026-11-20T12:00Z")).toBe(undefined);
  });

  it("is the end of the blackout in which the next due time falls, or one that waits already", () => {
    const blackout = [blackoutSchema.parse("00:00-06:00")];
    expect(starts({ blackout }, "2026-11-20T12:00Z")).toBe("11-21T05:00");
    expect(starts({ blackout }, "2026-11-21T00:30Z")).toBe("11-21T05:00");
    expect(starts({ blackout }, "2026-11-21T03:00Z")).toBe("11-21T05:00");
    expect(starts({ blackout }, "2026-11-21T05:00Z")).toBe("11-22T05:00");
  });
});
